"""libdim.py: what dim.h declares, for ctypes: enums, structs and functions. dim.py is what programs import.

In: libdim.so.0, or the file that LIBDIM names.
Out: the library. The structs and enums are those of dim.h; tests/python.bats holds them against the C compiler's view.
"""

import ctypes
import enum
import os
from ctypes import POINTER, c_char, c_char_p, c_double, c_int, c_size_t, c_uint32, c_uint64, c_void_p


class Status(enum.IntEnum):
    OK, USAGE, SYSTEM, MEMORY, NOT_FOUND, NOT_REGION, DAMAGED, VERSION, LIMIT, NOT_LOADED, UNKNOWN = range(11)


class Advice(enum.IntEnum):
    RANDOM, NORMAL, SEQUENTIAL, WILLNEED, HUGEPAGE = range(5)


class Flag(enum.IntFlag):
    LAZY, CHECK, PREFAULT, IN_MEMORY, KEEP_FILES, READS_ONCE = (1 << i for i in range(6))


class EventKind(enum.IntEnum):
    OPEN, LOAD, UNLOAD, REFRESH, REFUSE, CLOSE = range(1, 7)


class CSpan(ctypes.Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]


class CError(ctypes.Structure):
    _fields_ = [("status", c_int), ("system_errno", c_int), ("dimension_id", c_uint32), ("layer_id", c_uint32),
                ("offset", c_uint64), ("size", c_uint64), ("limit", c_uint64), ("usage", c_uint64),
                ("message", c_char * 192), ("path", c_char * 256), ("reserved", c_uint64 * 2)]


class CEvent(ctypes.Structure):
    _fields_ = [("kind", c_int), ("dimension_id", c_uint32), ("serial", c_uint64), ("size", c_uint64),
                ("nanoseconds", c_uint64), ("path", c_char_p), ("error", POINTER(CError))]


Trace = ctypes.CFUNCTYPE(None, c_void_p, POINTER(CEvent))


class COptions(ctypes.Structure):
    _fields_ = [("max_region_size", c_uint64), ("memory_budget", c_uint64), ("dimensions", POINTER(c_uint32)),
                ("dimension_count", c_size_t), ("flags", c_uint32), ("advice", c_uint32), ("trace", Trace),
                ("trace_context", c_void_p), ("prove", c_void_p), ("prove_context", c_void_p),
                ("reserved", c_uint64 * 4)]


class CUsage(ctypes.Structure):
    _fields_ = [("budget", c_uint64), ("loaded_size", c_uint64), ("mapped_size", c_uint64), ("serial", c_uint64),
                ("dimension_count", c_uint32), ("loaded_count", c_uint32), ("snapshot_count", c_uint32),
                ("reserved", c_uint32 * 5)]


class CCursor(ctypes.Structure):
    _fields_ = [("pointers", c_void_p * 4), ("numbers", c_uint64 * 6)]


STRUCTS = {"dim_span": CSpan, "dim_error": CError, "dim_event": CEvent, "dim_options": COptions, "dim_usage": CUsage,
           "dim_cursor": CCursor}
ENUMS = {"DIM_ERR_": Status, "DIM_ADVICE_": Advice, "DIM_": Flag, "DIM_EVENT_": EventKind}


def load():
    """The library, with the types of what dim.py calls."""
    lib = ctypes.CDLL(os.environ.get("LIBDIM") or "libdim.so.0")
    pointer, error, span, u32 = POINTER(c_void_p), POINTER(CError), POINTER(CSpan), POINTER(c_uint32)
    for name, result, *arguments in (
        ("version", c_char_p),
        ("strerror", c_char_p, c_int),
        ("error_format", c_size_t, error, c_char_p, c_size_t),
        ("volume_open", c_int, c_char_p, POINTER(COptions), pointer, error),
        ("volume_close", None, c_void_p),
        ("volume_acquire", c_void_p, c_void_p),
        ("volume_load", c_int, c_void_p, c_uint32, error),
        ("volume_unload", c_int, c_void_p, c_uint32, error),
        ("volume_refresh", c_int, c_void_p, POINTER(ctypes.c_bool), error),
        ("volume_usage", None, c_void_p, POINTER(CUsage)),
        ("snapshot_release", None, c_void_p),
        ("snapshot_serial", c_uint64, c_void_p),
        ("snapshot_count", c_size_t, c_void_p),
        ("snapshot_dimension_at", c_uint32, c_void_p, c_size_t),
        ("snapshot_region", c_int, c_void_p, c_uint32, pointer),
        ("snapshot_layer", c_int, c_void_p, c_uint32, c_uint32, pointer, pointer),
        ("snapshot_find_keyword", None, c_void_p, c_char_p, c_size_t, POINTER(CCursor)),
        ("snapshot_find_frequency", None, c_void_p, c_double, c_double, POINTER(CCursor)),
        ("snapshot_find_prefix", None, c_void_p, c_char_p, c_size_t, POINTER(CCursor)),
        ("cursor_next_layer", c_int, POINTER(CCursor), pointer, pointer),
        ("cursor_next_keyword", c_int, POINTER(CCursor), span),
        ("region_dimension_id", c_uint32, c_void_p),
        ("region_layer_count", c_uint32, c_void_p),
        ("region_name", c_int, c_void_p, span),
        ("region_description", c_int, c_void_p, span),
        ("region_layer", c_int, c_void_p, c_uint32, pointer),
        ("region_layer_at", c_int, c_void_p, c_uint32, pointer),
        ("layer_id", c_uint32, c_void_p),
        ("layer_frequency", c_double, c_void_p),
        ("layer_keyword_count", c_uint32, c_void_p),
        ("layer_digest", c_void_p, c_void_p),
        ("layer_content", c_int, c_void_p, c_void_p, span),
        ("layer_title", c_int, c_void_p, c_void_p, span),
        ("layer_keyword", c_int, c_void_p, c_void_p, c_uint32, span),
    ):
        function = getattr(lib, "dim_" + name)
        function.restype, function.argtypes = result, arguments
    return lib
