//! Layers of text from the volumes that dimc publishes: a safe, thin face of the C library libdim.
//!
//! ```no_run
//! use jessy::memory::MmapManager;
//! use jessy::{DimensionId, LayerId};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let mut manager = MmapManager::new(280)?; // 280MB total
//!     let region_id = manager.load_dimension(DimensionId(1))?;
//!     let context = manager.load_layer_context(LayerId { dimension: DimensionId(1), layer: 1, })?;
//!     println!("Content: {}", context.content);
//!     println!("Region: {region_id}");
//!     Ok(())
//! }
//! ```
//!
//! - [`memory::MmapManager`]: a volume and one owner, who loads dimensions and reads layers.
//! - [`Volume`] and [`Snapshot`]: the same for many threads. Each takes a snapshot for a request, or for a batch, and reads
//!   it without a lock, while one of them refreshes.
//!
//! Nothing is copied: a content is a `&str` or `&[u8]` inside the mapped file, and borrows the snapshot that keeps it
//! mapped. Bytes that contradict the format give an [`Error`], never a panic.
//!
//! # Who may write
//!
//! A published file is never written to again: dimc publishes new ones. This crate rests on that, like everything that
//! maps files: whoever overwrites one in place changes text under its readers, which Rust takes for impossible, and
//! whoever cuts one short raises SIGBUS in them. Mount the volume read-only; or open it with [`Flag::InMemory`], which
//! reads from sealed copies.

#![deny(unsafe_op_in_unsafe_fn)]
#![warn(clippy::undocumented_unsafe_blocks, missing_docs)]

use std::fmt;

mod error;
pub mod ffi;
pub mod memory;
mod options;
mod region;
mod snapshot;
mod volume;

pub use error::{Error, Result, Status};
pub use options::{Advice, Event, EventKind, Flag, Options};
pub use region::{Keywords, Layer, LayerContext, Layers, Region};
pub use snapshot::{FoundKeywords, FoundLayers, Snapshot};
pub use volume::{Usage, Volume};

/// The number of a dimension, as in D01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DimensionId(pub u32);

/// The number of a layer in its dimension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LayerId {
    /// The dimension.
    pub dimension: DimensionId,
    /// The layer, as `layer_id` in its source.
    pub layer: u32,
}

/// A dimension as one generation has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub struct RegionId {
    /// The dimension.
    pub dimension: DimensionId,
    /// The generation, as [`Snapshot::serial`] counts.
    pub serial: u64,
}

impl From<RegionId> for DimensionId {
    fn from(id: RegionId) -> DimensionId {
        id.dimension
    }
}

impl fmt::Display for DimensionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "D{:02}", self.0)
    }
}

impl fmt::Display for LayerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.dimension, self.layer)
    }
}

impl fmt::Display for RegionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of generation {}", self.dimension, self.serial)
    }
}

/// The version of libdim that is in use.
pub fn library_version() -> &'static str {
    // SAFETY: a constant text of libdim, which ends with NUL and is never unloaded.
    let version = unsafe { std::ffi::CStr::from_ptr(ffi::dim_version()) };
    version.to_str().unwrap_or("unknown")
}
