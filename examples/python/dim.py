"""dim.py: libdim for Python, by ctypes: volumes, snapshots and layers, the contents as views of the mapped files.

In: libdim.so.0, or the file that LIBDIM names; the path of a volume.
Out: memoryviews, read-only and not copied, that keep their snapshot; or an Error with all that libdim says.

    with dim.Volume("data/mmap") as volume:
        with volume.snapshot() as snapshot:
            print(snapshot.layer(1, 3).text)

Lifetimes. Whatever comes from a snapshot keeps it: a view stays valid after the snapshot, and the volume, were closed
or refreshed, until nobody has it any more. Then, and not before, the old files are unmapped.

Threads. A Volume, a Snapshot and what comes from them may be used by any number of threads. libdim is called without
the interpreter's lock.

Hazard. A file that somebody truncates while it is mapped ends the process with SIGBUS where the lost pages are touched.
dimc never does that. Where others may: Volume(..., in_memory=True).
"""

import ctypes
import os
from collections import namedtuple
from ctypes import byref, c_char, c_uint32, c_void_p

import libdim
from libdim import Advice, CCursor, CError, COptions, CSpan, CUsage, EventKind, Flag, Status

__all__ = ["Advice", "Damaged", "Dimension", "Error", "Event", "EventKind", "Layer", "LimitReached", "NewerVersion",
           "NotFound", "NotLoaded", "Snapshot", "Status", "Usage", "Volume", "version"]

_lib = libdim.load()
version = _lib.dim_version().decode()

# --- errors -----------------------------------------------------------------------------------------------------------


class Error(Exception):
    """What libdim says: status, message, path, dimension_id, layer_id, offset, size, limit, usage, system_errno."""

    def __init__(self, details):
        line = ctypes.create_string_buffer(1024)
        _lib.dim_error_format(byref(details), line, len(line))
        super().__init__(line.value.decode("utf-8", "replace"))
        self.status = Status(details.status)
        self.message = details.message.decode("utf-8", "replace")
        self.path = os.fsdecode(details.path)
        for name in ("system_errno", "dimension_id", "layer_id", "offset", "size", "limit", "usage"):
            setattr(self, name, getattr(details, name))


class NotFound(Error, LookupError):
    """No such dimension, layer or published generation."""


class NotLoaded(Error, LookupError):
    """The volume has the dimension, and it is not loaded: Volume.load."""


class Damaged(Error):
    """The bytes contradict the format, each other or their digest; or they are no region at all."""


class NewerVersion(Error):
    """A region of a newer version of the format than this library knows."""


class LimitReached(Error):
    """More than the budget or max_region_size: `limit` bytes are allowed, `usage` would have been in use."""


_CLASSES = {Status.NOT_FOUND: NotFound, Status.NOT_LOADED: NotLoaded, Status.DAMAGED: Damaged,
            Status.NOT_REGION: Damaged, Status.VERSION: NewerVersion, Status.LIMIT: LimitReached}


def _exception(details):
    return _CLASSES.get(details.status, Error)(details)


def _check(status, dimension_id=0, layer_id=0):
    """Raises for what is told by a status alone."""
    if status != 0:
        raise _exception(CError(status=status, dimension_id=dimension_id, layer_id=layer_id,
                                message=_lib.dim_strerror(status)))


def _id(number):
    """ctypes would cut it to 32 bits, and find another layer."""
    if not 0 <= number < 1 << 32:
        raise ValueError("%d is no id" % number)
    return number


# --- lifetimes --------------------------------------------------------------------------------------------------------


class _Handle:
    """A pointer of libdim's. Given back when the last object that has this one is gone, never while a call uses it."""

    __slots__ = ("pointer", "give_back", "keeps")

    def __init__(self, pointer, give_back, keeps=None):
        self.pointer, self.give_back, self.keeps = pointer, give_back, keeps

    def __del__(self):
        self.give_back(self.pointer)


def _view(handle, span):
    array = (c_char * span.size).from_address(span.data)
    array.handle = handle  # a memoryview keeps what it is a view of, and that the snapshot
    return memoryview(array).toreadonly().cast("B")


def _text(span):
    """Of names, titles and keywords, which are UTF-8, or the region is damaged."""
    try:
        return ctypes.string_at(span.data, span.size).decode()
    except UnicodeDecodeError:
        raise _exception(CError(status=Status.DAMAGED, message=b"a string is not UTF-8")) from None


# --- volumes ----------------------------------------------------------------------------------------------------------

Usage = namedtuple("Usage", [name for name, _ in CUsage._fields_ if name != "reserved"])
Event = namedtuple("Event", "kind dimension_id serial size nanoseconds path error")


def _traced(function):
    def call(_, event):
        e = event.contents
        function(Event(EventKind(e.kind), e.dimension_id, e.serial, e.size, e.nanoseconds, os.fsdecode(e.path),
                       _exception(e.error.contents) if e.error else None))
    return libdim.Trace(call)


class Volume:
    """A volume over time. Without a path, MMAP_BASE_PATH of the environment tells, else it is data/mmap.

    dimensions: only these ids. memory_budget, max_region_size: in bytes. trace: called with an Event for whatever the
    volume does; it must not use the volume. The others are the flags and the advice of dim_region.h.
    """

    def __init__(self, path=None, *, dimensions=None, memory_budget=0, max_region_size=0, lazy=False, check=False,
                 prefault=False, in_memory=False, advice=Advice.RANDOM, trace=None):
        for number in (memory_budget, max_region_size):
            if not 0 <= number < 1 << 64:
                raise ValueError("%d is no number of bytes" % number)
        options = COptions(memory_budget=memory_budget, max_region_size=max_region_size, advice=advice)
        options.flags = (lazy * Flag.LAZY | check * Flag.CHECK | prefault * Flag.PREFAULT | in_memory * Flag.IN_MEMORY)
        if dimensions is not None:
            ids = [_id(number) for number in dimensions]
            options.dimensions, options.dimension_count = (c_uint32 * len(ids))(*ids), len(ids)
        if trace is not None:
            options.trace = _traced(trace)
        pointer, details = c_void_p(), CError()
        if _lib.dim_volume_open(None if path is None else os.fsencode(path), byref(options), byref(pointer),
                                byref(details)):
            raise _exception(details)
        self._handle = _Handle(pointer, _lib.dim_volume_close, options)

    def _open(self):
        handle = self._handle
        if handle is None:
            raise ValueError("the volume is closed")
        return handle

    def _call(self, function, *arguments):
        handle, details = self._open(), CError()
        if function(handle.pointer, *arguments, byref(details)):
            raise _exception(details)

    def load(self, dimension_id):
        """Maps a dimension; snapshots taken afterwards have it."""
        self._call(_lib.dim_volume_load, _id(dimension_id))

    def unload(self, dimension_id):
        """Takes a dimension out of the snapshots that are taken afterwards, and off the budget."""
        self._call(_lib.dim_volume_unload, _id(dimension_id))

    def refresh(self):
        """Follows what is published. True: there was something new. On an error, the old generation stays in use."""
        changed = ctypes.c_bool(False)
        self._call(_lib.dim_volume_refresh, byref(changed))
        return changed.value

    def usage(self):
        handle, usage = self._open(), CUsage()
        _lib.dim_volume_usage(handle.pointer, byref(usage))
        return Usage(*(getattr(usage, name) for name in Usage._fields))

    def snapshot(self):
        """The generation in use, as it is now."""
        handle = self._open()
        return Snapshot(_Handle(_lib.dim_volume_acquire(handle.pointer), _lib.dim_snapshot_release))

    def close(self):
        """Snapshots, layers and views stay valid. A call that another thread is in ends first."""
        self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


# --- snapshots --------------------------------------------------------------------------------------------------------


class Snapshot:
    """One generation of a volume with the dimensions that were loaded; immutable. Iterates over them."""

    def __init__(self, handle):
        self._handle = handle

    def _open(self):
        handle = self._handle
        if handle is None:
            raise ValueError("the snapshot is closed")
        return handle

    @property
    def serial(self):
        return _lib.dim_snapshot_serial(self._open().pointer)

    @property
    def dimensions(self):
        """The ids of all dimensions, loaded or not."""
        handle = self._open()
        return [_lib.dim_snapshot_dimension_at(handle.pointer, i)
                for i in range(_lib.dim_snapshot_count(handle.pointer))]

    def dimension(self, dimension_id):
        handle, region = self._open(), c_void_p()
        _check(_lib.dim_snapshot_region(handle.pointer, _id(dimension_id), byref(region)), dimension_id)
        return Dimension(handle, region)

    def layer(self, dimension_id, layer_id):
        handle, region, layer = self._open(), c_void_p(), c_void_p()
        _check(_lib.dim_snapshot_layer(handle.pointer, _id(dimension_id), _id(layer_id), byref(region), byref(layer)),
               dimension_id, layer_id)
        return Layer(handle, region, layer)

    def __iter__(self):
        for dimension_id in self.dimensions:
            try:
                yield self.dimension(dimension_id)
            except NotLoaded:
                pass

    def find(self, keyword):
        """The layers that have exactly this keyword, by dimension and id."""
        key = keyword.encode()
        return self._layers(_lib.dim_snapshot_find_keyword, key, len(key))

    def frequency(self, low=0.0, high=float("inf")):
        """The layers with low <= frequency <= high, by frequency."""
        return self._layers(_lib.dim_snapshot_find_frequency, low, high)

    def prefix(self, prefix=""):
        """The different keywords that begin so, in the order of their bytes."""
        key = prefix.encode()
        return self._keywords(self._open(), key)

    def _layers(self, search, *arguments):
        return self._layers_of(self._open(), search, *arguments)

    # Generators keep the handle, and `arguments` the bytes of the key: libdim reads them until the search ends.
    @staticmethod
    def _layers_of(handle, search, *arguments):
        cursor, region, layer = CCursor(), c_void_p(), c_void_p()
        search(handle.pointer, *arguments, byref(cursor))
        while True:
            status = _lib.dim_cursor_next_layer(byref(cursor), byref(region), byref(layer))
            if status == Status.NOT_FOUND:
                return
            _check(status)
            yield Layer(handle, c_void_p(region.value), c_void_p(layer.value))

    @staticmethod
    def _keywords(handle, key):
        cursor, span = CCursor(), CSpan()
        _lib.dim_snapshot_find_prefix(handle.pointer, key, len(key), byref(cursor))
        while True:
            status = _lib.dim_cursor_next_keyword(byref(cursor), byref(span))
            if status == Status.NOT_FOUND:
                return
            _check(status)
            yield _text(span)

    def close(self):
        """What came from the snapshot stays valid, and keeps it mapped."""
        self._handle = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Dimension:
    """A loaded dimension of a snapshot. Iterates over its layers, by id."""

    __slots__ = ("_handle", "_region")

    def __init__(self, handle, region):
        self._handle, self._region = handle, region

    def _string(self, function):
        span = CSpan()
        _check(function(self._region, byref(span)), self.id)
        return _text(span)

    @property
    def id(self):
        return _lib.dim_region_dimension_id(self._region)

    @property
    def name(self):
        return self._string(_lib.dim_region_name)

    @property
    def description(self):
        return self._string(_lib.dim_region_description)

    def layer(self, layer_id):
        layer = c_void_p()
        _check(_lib.dim_region_layer(self._region, _id(layer_id), byref(layer)), self.id, layer_id)
        return Layer(self._handle, self._region, layer)

    def __len__(self):
        return _lib.dim_region_layer_count(self._region)

    def __iter__(self):
        for position in range(len(self)):
            layer = c_void_p()
            _check(_lib.dim_region_layer_at(self._region, position, byref(layer)), self.id)
            yield Layer(self._handle, self._region, layer)


class Layer:
    """A layer, read where it is mapped."""

    __slots__ = ("_handle", "_region", "_layer", "dimension_id", "id", "frequency")

    def __init__(self, handle, region, layer):
        self._handle, self._region, self._layer = handle, region, layer
        self.dimension_id = _lib.dim_region_dimension_id(region)
        self.id = _lib.dim_layer_id(layer)
        self.frequency = _lib.dim_layer_frequency(layer)

    def _span(self, function, *arguments):
        span = CSpan()
        _check(function(self._region, self._layer, *arguments, byref(span)), self.dimension_id, self.id)
        return span

    @property
    def content(self):
        """The content, byte for byte: a read-only memoryview of the mapping, which it keeps."""
        return _view(self._handle, self._span(_lib.dim_layer_content))

    @property
    def text(self):
        """The content, decoded into a string of its own."""
        return str(self.content, "utf-8")

    @property
    def title(self):
        return _text(self._span(_lib.dim_layer_title))

    @property
    def keywords(self):
        return [_text(self._span(_lib.dim_layer_keyword, i))
                for i in range(_lib.dim_layer_keyword_count(self._layer))]

    @property
    def digest(self):
        """SHA-256 of the content, 32 bytes, as the region states it."""
        return ctypes.string_at(_lib.dim_layer_digest(self._layer), 32)

    def __repr__(self):
        return "<Layer D%02d/%d>" % (self.dimension_id, self.id)
