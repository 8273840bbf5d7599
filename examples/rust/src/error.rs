//! error.rs: why something could not be done.
//! In: a status of libdim, with its `dim_error` where there is one.
//! Out: [`Error`], an error as Rust has them, with every number that libdim tells.

use std::borrow::Cow;
use std::error;
use std::ffi::{CStr, OsStr};
use std::fmt;
use std::io;
use std::mem;
use std::ops::Range;
use std::os::raw::{c_char, c_uint};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::slice;

use crate::{ffi, DimensionId};

/// What libdim, or this crate, answers.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of an error: `enum dim_status`, and what only Rust has to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// An argument is outside its documented range.
    Usage,
    /// The system refused; [`source`](error::Error::source) tells why.
    System,
    /// Out of memory.
    Memory,
    /// No such dimension, layer or published generation.
    NotFound,
    /// The file does not begin with the magic of a region.
    NotRegion,
    /// The bytes contradict the format, or each other.
    Damaged,
    /// A newer version of the format than the library knows.
    Version,
    /// More than the budget, the largest size or the number of snapshots allows.
    Limit,
    /// The volume has the dimension, and it is not loaded.
    NotLoaded,
    /// The kernel does not tell this process.
    Unknown,
    /// A content that is no UTF-8 was asked for as text; its bytes can be had.
    NotUtf8,
    /// A status that is newer than this crate.
    Other(u32),
}

impl Status {
    fn from_raw(status: c_uint) -> Status {
        match status {
            ffi::DIM_ERR_USAGE => Status::Usage,
            ffi::DIM_ERR_SYSTEM => Status::System,
            ffi::DIM_ERR_MEMORY => Status::Memory,
            ffi::DIM_ERR_NOT_FOUND => Status::NotFound,
            ffi::DIM_ERR_NOT_REGION => Status::NotRegion,
            ffi::DIM_ERR_DAMAGED => Status::Damaged,
            ffi::DIM_ERR_VERSION => Status::Version,
            ffi::DIM_ERR_LIMIT => Status::Limit,
            ffi::DIM_ERR_NOT_LOADED => Status::NotLoaded,
            ffi::DIM_ERR_UNKNOWN => Status::Unknown,
            other => Status::Other(other),
        }
    }
}

/// Why something could not be done, in all detail that is known.
pub struct Error {
    status: Status,
    details: Box<ffi::dim_error>,
    source: Option<io::Error>,
}

impl Error {
    /// What libdim filled in.
    pub(crate) fn from_details(details: ffi::dim_error) -> Error {
        Error {
            status: Status::from_raw(details.status),
            source: match details.system_errno {
                0 => None,
                number => Some(io::Error::from_raw_os_error(number)),
            },
            details: Box::new(details),
        }
    }

    /// What is known here, where libdim gives a status alone. A longer message is cut.
    pub(crate) fn new(status: Status, dimension: u32, layer: u32, message: &str) -> Error {
        let mut details = no_details();
        details.dimension_id = dimension;
        details.layer_id = layer;
        // The last byte stays NUL.
        let room = details.message.len() - 1;
        for (to, from) in details.message[..room].iter_mut().zip(message.bytes()) {
            *to = from as c_char;
        }
        Error {
            status,
            details: Box::new(details),
            source: None,
        }
    }

    /// What kind of error it is.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The dimension that it is about, where that is known.
    pub fn dimension(&self) -> Option<DimensionId> {
        Some(DimensionId(self.details.dimension_id)).filter(|id| id.0 != 0)
    }

    /// The layer of that dimension, where it is about one.
    pub fn layer(&self) -> Option<u32> {
        Some(self.details.layer_id).filter(|id| *id != 0)
    }

    /// The bytes of the file in question.
    pub fn bytes(&self) -> Option<Range<u64>> {
        let ffi::dim_error { offset, size, .. } = *self.details;
        Some(offset..offset.saturating_add(size)).filter(|_| size != 0)
    }

    /// For [`Status::Limit`]: what is allowed; bytes, unless the message says otherwise.
    pub fn limit(&self) -> u64 {
        self.details.limit
    }

    /// For [`Status::Limit`]: what would have been in use.
    pub fn usage(&self) -> u64 {
        self.details.usage
    }

    /// One line of English, without path and place.
    pub fn message(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(until_nul(&self.details.message))
    }

    /// The file or volume; a long path begins with "...".
    pub fn path(&self) -> Option<&Path> {
        match until_nul(&self.details.path) {
            [] => None,
            bytes => Some(Path::new(OsStr::from_bytes(bytes))),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line: [c_char; 1024] = [0; 1024];
        // SAFETY: `details` is initialised, its two strings end with NUL (libdim's do, and `new` leaves one), and `line`
        // is as long as is said; libdim writes no more than that, and ends it with NUL.
        unsafe { ffi::dim_error_format(&*self.details, line.as_mut_ptr(), line.len()) };
        f.write_str(&String::from_utf8_lossy(until_nul(&line)))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} ({self})", self.status)
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.source
            .as_ref()
            .map(|source| source as &(dyn error::Error + 'static))
    }
}

/// A `dim_error` for libdim to fill in.
pub(crate) fn no_details() -> ffi::dim_error {
    ffi::dim_error {
        status: ffi::DIM_OK,
        system_errno: 0,
        dimension_id: 0,
        layer_id: 0,
        offset: 0,
        size: 0,
        limit: 0,
        usage: 0,
        message: [0; 192],
        path: [0; 256],
        reserved: [0; 2],
    }
}

/// For functions of libdim that fill in a `dim_error` when they fail.
pub(crate) fn check_with(status: c_uint, details: ffi::dim_error) -> Result<()> {
    match status {
        ffi::DIM_OK => Ok(()),
        // The status is what the function says.
        status => Err(Error::from_details(ffi::dim_error { status, ..details })),
    }
}

/// For functions of libdim that give a status alone. What was asked for is known here.
pub(crate) fn check(status: c_uint, dimension: u32, layer: u32) -> Result<()> {
    if status == ffi::DIM_OK {
        return Ok(());
    }
    // SAFETY: dim_strerror takes any number and gives a constant text, which ends with NUL.
    let message = unsafe { CStr::from_ptr(ffi::dim_strerror(status)) };
    let status = Status::from_raw(status);
    Err(Error::new(status, dimension, layer, &message.to_string_lossy()))
}

/// The bytes before the first NUL, or all.
fn until_nul(text: &[c_char]) -> &[u8] {
    debug_assert_eq!(mem::size_of::<c_char>(), mem::size_of::<u8>());
    // SAFETY: c_char is i8 or u8, either of one byte, of which every pattern is a u8; the borrow stays that of `text`.
    let bytes = unsafe { slice::from_raw_parts(text.as_ptr() as *const u8, text.len()) };
    match bytes.iter().position(|byte| *byte == 0) {
        Some(end) => &bytes[..end],
        None => bytes,
    }
}
