//! ffi.rs: what this crate uses of dim.h and dim_region.h, as C has it.
//! In: libdim. Out: its structs, constants and functions; nothing here is safer than in C.
//!
//! tests/abi.rs holds every struct and every constant to the headers. Enums of C are integers here: a newer library may
//! say what this crate does not know.

#![allow(non_camel_case_types, missing_docs)]

use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_int, c_uint, c_void};

/// Something of libdim that only pointers lead to: neither made, moved nor looked at by Rust.
macro_rules! opaque {
    ($($name:ident)*) => {$(
        #[repr(C)]
        pub struct $name {
            _bytes: [u8; 0],
            _marker: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )*};
}
opaque!(dim_volume dim_snapshot dim_region dim_layer);

/// Constants of one enum, and a list of them for tests/abi.rs.
macro_rules! constants {
    ($list:ident: $($name:ident = $value:expr;)*) => {
        $(pub const $name: c_uint = $value;)*
        pub const $list: &[(&str, c_uint)] = &[$((stringify!($name), $name)),*];
    };
}

constants! { STATUSES:
    DIM_OK = 0;
    DIM_ERR_USAGE = 1;
    DIM_ERR_SYSTEM = 2;
    DIM_ERR_MEMORY = 3;
    DIM_ERR_NOT_FOUND = 4;
    DIM_ERR_NOT_REGION = 5;
    DIM_ERR_DAMAGED = 6;
    DIM_ERR_VERSION = 7;
    DIM_ERR_LIMIT = 8;
    DIM_ERR_NOT_LOADED = 9;
    DIM_ERR_UNKNOWN = 10;
}

constants! { ADVICES:
    DIM_ADVICE_RANDOM = 0;
    DIM_ADVICE_NORMAL = 1;
    DIM_ADVICE_SEQUENTIAL = 2;
    DIM_ADVICE_WILLNEED = 3;
    DIM_ADVICE_HUGEPAGE = 4;
}

constants! { FLAGS:
    DIM_LAZY = 1;
    DIM_CHECK = 2;
    DIM_PREFAULT = 4;
    DIM_IN_MEMORY = 8;
    DIM_KEEP_FILES = 16;
    DIM_READS_ONCE = 32;
}

constants! { EVENTS:
    DIM_EVENT_OPEN = 1;
    DIM_EVENT_LOAD = 2;
    DIM_EVENT_UNLOAD = 3;
    DIM_EVENT_REFRESH = 4;
    DIM_EVENT_REFUSE = 5;
    DIM_EVENT_CLOSE = 6;
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct dim_error {
    pub status: c_uint,
    pub system_errno: c_int,
    pub dimension_id: u32,
    pub layer_id: u32,
    pub offset: u64,
    pub size: u64,
    pub limit: u64,
    pub usage: u64,
    pub message: [c_char; 192],
    pub path: [c_char; 256],
    pub reserved: [u64; 2],
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct dim_span {
    pub data: *const c_char,
    pub size: usize,
}

pub type dim_trace = Option<unsafe extern "C" fn(context: *mut c_void, event: *const dim_event)>;
pub type dim_prove =
    Option<unsafe extern "C" fn(context: *mut c_void, region: *const dim_region, ret_error: *mut dim_error) -> c_uint>;

#[repr(C)]
pub struct dim_options {
    pub max_region_size: u64,
    pub memory_budget: u64,
    pub dimensions: *const u32,
    pub dimension_count: usize,
    pub flags: u32,
    pub advice: u32,
    pub trace: dim_trace,
    pub trace_context: *mut c_void,
    pub prove: dim_prove,
    pub prove_context: *mut c_void,
    pub reserved: [u64; 4],
}

#[repr(C)]
pub struct dim_event {
    pub kind: c_uint,
    pub dimension_id: u32,
    pub serial: u64,
    pub size: u64,
    pub nanoseconds: u64,
    pub path: *const c_char,
    pub error: *const dim_error,
}

#[repr(C)]
#[derive(Default)]
pub struct dim_usage {
    pub budget: u64,
    pub loaded_size: u64,
    pub mapped_size: u64,
    pub serial: u64,
    pub dimension_count: u32,
    pub loaded_count: u32,
    pub snapshot_count: u32,
    pub reserved: [u32; 5],
}

#[repr(C)]
pub struct dim_cursor {
    pub pointers: [*const c_void; 4],
    pub numbers: [u64; 6],
}

extern "C" {
    pub fn dim_error_format(error: *const dim_error, buffer: *mut c_char, size: usize) -> usize;
    pub fn dim_strerror(status: c_uint) -> *const c_char;
    pub fn dim_version() -> *const c_char;

    pub fn dim_volume_open(
        path: *const c_char,
        options: *const dim_options,
        ret_volume: *mut *mut dim_volume,
        ret_error: *mut dim_error,
    ) -> c_uint;
    pub fn dim_volume_close(volume: *mut dim_volume);
    pub fn dim_volume_acquire(volume: *mut dim_volume) -> *const dim_snapshot;
    pub fn dim_volume_load(volume: *mut dim_volume, dimension_id: u32, ret_error: *mut dim_error) -> c_uint;
    pub fn dim_volume_unload(volume: *mut dim_volume, dimension_id: u32, ret_error: *mut dim_error) -> c_uint;
    pub fn dim_volume_refresh(volume: *mut dim_volume, ret_changed: *mut bool, ret_error: *mut dim_error) -> c_uint;
    pub fn dim_volume_usage(volume: *mut dim_volume, ret_usage: *mut dim_usage);

    pub fn dim_snapshot_release(snapshot: *const dim_snapshot);
    pub fn dim_snapshot_serial(snapshot: *const dim_snapshot) -> u64;
    pub fn dim_snapshot_count(snapshot: *const dim_snapshot) -> usize;
    pub fn dim_snapshot_dimension_at(snapshot: *const dim_snapshot, position: usize) -> u32;
    pub fn dim_snapshot_region_at(snapshot: *const dim_snapshot, position: usize) -> *const dim_region;
    pub fn dim_snapshot_region(
        snapshot: *const dim_snapshot,
        dimension_id: u32,
        ret_region: *mut *const dim_region,
    ) -> c_uint;
    pub fn dim_snapshot_layer(
        snapshot: *const dim_snapshot,
        dimension_id: u32,
        layer_id: u32,
        ret_region: *mut *const dim_region,
        ret_layer: *mut *const dim_layer,
    ) -> c_uint;
    pub fn dim_snapshot_find_keyword(
        snapshot: *const dim_snapshot,
        bytes: *const c_void,
        size: usize,
        ret_cursor: *mut dim_cursor,
    );
    pub fn dim_snapshot_find_frequency(snapshot: *const dim_snapshot, low: f64, high: f64, ret_cursor: *mut dim_cursor);
    pub fn dim_snapshot_find_prefix(
        snapshot: *const dim_snapshot,
        bytes: *const c_void,
        size: usize,
        ret_cursor: *mut dim_cursor,
    );
    pub fn dim_cursor_next_layer(
        cursor: *mut dim_cursor,
        ret_region: *mut *const dim_region,
        ret_layer: *mut *const dim_layer,
    ) -> c_uint;
    pub fn dim_cursor_next_keyword(cursor: *mut dim_cursor, ret_keyword: *mut dim_span) -> c_uint;

    pub fn dim_region_check(region: *const dim_region, ret_error: *mut dim_error) -> c_uint;
    pub fn dim_region_dimension_id(region: *const dim_region) -> u32;
    pub fn dim_region_layer_count(region: *const dim_region) -> u32;
    pub fn dim_region_file_size(region: *const dim_region) -> u64;
    pub fn dim_region_checksum(region: *const dim_region) -> *const u8;
    pub fn dim_region_name(region: *const dim_region, ret_name: *mut dim_span) -> c_uint;
    pub fn dim_region_description(region: *const dim_region, ret_description: *mut dim_span) -> c_uint;
    pub fn dim_region_created_at(region: *const dim_region, ret_seconds: *mut i64) -> c_uint;
    pub fn dim_region_updated_at(region: *const dim_region, ret_seconds: *mut i64) -> c_uint;
    pub fn dim_region_frequency_range(region: *const dim_region, ret_low: *mut f64, ret_high: *mut f64) -> c_uint;
    pub fn dim_region_layer(region: *const dim_region, layer_id: u32, ret_layer: *mut *const dim_layer) -> c_uint;
    pub fn dim_region_layer_at(region: *const dim_region, position: u32, ret_layer: *mut *const dim_layer) -> c_uint;

    pub fn dim_layer_id(layer: *const dim_layer) -> u32;
    pub fn dim_layer_frequency(layer: *const dim_layer) -> f64;
    pub fn dim_layer_keyword_count(layer: *const dim_layer) -> u32;
    pub fn dim_layer_digest(layer: *const dim_layer) -> *const u8;
    pub fn dim_layer_content(region: *const dim_region, layer: *const dim_layer, ret_content: *mut dim_span) -> c_uint;
    pub fn dim_layer_title(region: *const dim_region, layer: *const dim_layer, ret_title: *mut dim_span) -> c_uint;
    pub fn dim_layer_keyword(
        region: *const dim_region,
        layer: *const dim_layer,
        index: u32,
        ret_keyword: *mut dim_span,
    ) -> c_uint;
}
