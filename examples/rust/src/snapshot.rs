//! snapshot.rs: one generation of a volume, held.
//! In: what [`Volume::snapshot`](crate::Volume::snapshot) acquired.
//! Out: regions, layers and searches, all of them borrowed from the snapshot.

use std::ffi::c_void;
use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::ops::RangeInclusive;
use std::ptr::{self, NonNull};
use std::str;
use std::sync::Arc;

use crate::error::{check, Result, Status};
use crate::region::{text, Layer, LayerContext, Region};
use crate::{ffi, DimensionId, LayerId};

/// One generation of a volume with the dimensions that were loaded: immutable, whatever happens to the volume, or is
/// published, meanwhile. Clones share it; the last one lets go of it. Reading takes no lock and writes nothing.
///
/// What comes from a snapshot is borrowed from it. This compiles:
///
/// ```no_run
/// # use jessy::{DimensionId, LayerId, Options, Volume};
/// # let id = LayerId { dimension: DimensionId(1), layer: 1 };
/// # let volume = Volume::open("data/mmap", &Options::new())?;
/// let snapshot = volume.snapshot();
/// let context = snapshot.layer_context(id)?;
/// println!("{}", context.content);
/// drop(snapshot);
/// # Ok::<(), jessy::Error>(())
/// ```
///
/// and this, where the snapshot goes first, does not:
///
/// ```compile_fail,E0505
/// # use jessy::{DimensionId, LayerId, Options, Volume};
/// # let id = LayerId { dimension: DimensionId(1), layer: 1 };
/// # let volume = Volume::open("data/mmap", &Options::new())?;
/// let snapshot = volume.snapshot();
/// let context = snapshot.layer_context(id)?;
/// drop(snapshot);
/// println!("{}", context.content);
/// # Ok::<(), jessy::Error>(())
/// ```
#[derive(Clone)]
pub struct Snapshot {
    held: Arc<Held>,
}

struct Held(NonNull<ffi::dim_snapshot>);

// SAFETY: a snapshot is immutable, may be read by any number of threads and released by any of them (dim.h, Threads).
unsafe impl Send for Held {}
// SAFETY: as above.
unsafe impl Sync for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: it was acquired once and is released once. All that came from it borrows a `Snapshot`, which is gone.
        unsafe { ffi::dim_snapshot_release(self.0.as_ptr()) };
    }
}

impl Snapshot {
    /// # Safety
    /// dim_volume_acquire gave it just now; it is this snapshot's to release.
    pub(crate) unsafe fn from_raw(raw: *const ffi::dim_snapshot) -> Snapshot {
        let raw = NonNull::new(raw as *mut ffi::dim_snapshot).expect("dim_volume_acquire never gives NULL");
        Snapshot {
            held: Arc::new(Held(raw)),
        }
    }

    fn raw(&self) -> *const ffi::dim_snapshot {
        self.held.0.as_ptr()
    }

    /// 1 for the generation that the volume was opened with, one more for each that came into use.
    pub fn serial(&self) -> u64 {
        // SAFETY: the snapshot is held.
        unsafe { ffi::dim_snapshot_serial(self.raw()) }
    }

    /// The dimensions of the generation, loaded or not, ascending.
    pub fn dimensions(&self) -> impl Iterator<Item = DimensionId> + '_ {
        // SAFETY: the snapshot is held.
        let count = unsafe { ffi::dim_snapshot_count(self.raw()) };
        (0..count).map(move |position| {
            // SAFETY: `self` is borrowed, so that it is still held; libdim takes any position.
            let id = unsafe { ffi::dim_snapshot_dimension_at(self.raw(), position) };
            DimensionId(id)
        })
    }

    /// The regions of the dimensions that are loaded, ascending.
    pub fn regions(&self) -> impl Iterator<Item = Region<'_>> + '_ {
        // SAFETY: the snapshot is held.
        let count = unsafe { ffi::dim_snapshot_count(self.raw()) };
        (0..count).filter_map(move |position| {
            // SAFETY: `self` is borrowed, so that it is still held; libdim takes any position.
            let raw = unsafe { ffi::dim_snapshot_region_at(self.raw(), position) };
            let raw = NonNull::new(raw as *mut ffi::dim_region)?;
            // SAFETY: a region of this snapshot, valid as long as `self` is borrowed.
            Some(unsafe { Region::from_raw(raw) })
        })
    }

    /// The region of a dimension. [`Status::NotFound`]: the volume has none; [`Status::NotLoaded`]: load it.
    pub fn region(&self, dimension: impl Into<DimensionId>) -> Result<Region<'_>> {
        let dimension = dimension.into();
        let mut raw = ptr::null();
        // SAFETY: the snapshot is held, and `raw` the callee's for the call.
        let status = unsafe { ffi::dim_snapshot_region(self.raw(), dimension.0, &mut raw) };
        check(status, dimension.0, 0)?;
        // SAFETY: after DIM_OK, a region of this snapshot, valid as long as `self` is borrowed.
        Ok(unsafe { Region::from_raw(NonNull::new_unchecked(raw as *mut _)) })
    }

    /// A layer, in one step.
    pub fn layer(&self, id: LayerId) -> Result<Layer<'_>> {
        let mut region = ptr::null();
        let mut layer = ptr::null();
        // SAFETY: the snapshot is held, and the pointers are the callee's for the call.
        let status = unsafe { ffi::dim_snapshot_layer(self.raw(), id.dimension.0, id.layer, &mut region, &mut layer) };
        check(status, id.dimension.0, id.layer)?;
        // SAFETY: after DIM_OK, a region of this snapshot and a layer of that region.
        Ok(unsafe { layer_from_raw(region, layer) })
    }

    /// A layer with its content, which must be UTF-8, else [`Status::NotUtf8`]: [`Layer::bytes`] gives it nevertheless.
    pub fn layer_context(&self, id: LayerId) -> Result<LayerContext<'_>> {
        self.layer(id)?.context()
    }

    /// The layers that have exactly this keyword, in all loaded dimensions, by dimension and layer.
    pub fn find_keyword<'k>(&self, keyword: &'k str) -> FoundLayers<'_, 'k> {
        let mut cursor = no_cursor();
        // SAFETY: the snapshot is held; both it and the keyword outlive the cursor, by the lifetimes of `FoundLayers`.
        unsafe {
            ffi::dim_snapshot_find_keyword(
                self.raw(),
                keyword.as_ptr() as *const c_void,
                keyword.len(),
                &mut cursor,
            )
        };
        FoundLayers(cursor, PhantomData)
    }

    /// The layers of these frequencies, in Hz, in all loaded dimensions, by frequency, dimension and layer.
    pub fn find_frequency(&self, range: RangeInclusive<f64>) -> FoundLayers<'_, 'static> {
        let mut cursor = no_cursor();
        // SAFETY: the snapshot is held, and outlives the cursor; libdim takes any two numbers.
        unsafe { ffi::dim_snapshot_find_frequency(self.raw(), *range.start(), *range.end(), &mut cursor) };
        FoundLayers(cursor, PhantomData)
    }

    /// The different keywords that begin with `prefix` (empty: all), in the order of their bytes.
    pub fn find_prefix<'k>(&self, prefix: &'k str) -> FoundKeywords<'_, 'k> {
        let mut cursor = no_cursor();
        // SAFETY: as in find_keyword().
        unsafe {
            ffi::dim_snapshot_find_prefix(self.raw(), prefix.as_ptr() as *const c_void, prefix.len(), &mut cursor)
        };
        FoundKeywords(cursor, PhantomData)
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions: Vec<_> = self.dimensions().collect();
        f.debug_struct("Snapshot")
            .field("serial", &self.serial())
            .field("dimensions", &dimensions)
            .finish()
    }
}

fn no_cursor() -> ffi::dim_cursor {
    ffi::dim_cursor {
        pointers: [ptr::null(); 4],
        numbers: [0; 6],
    }
}

/// # Safety
/// libdim gave both with DIM_OK: a region of a snapshot that is borrowed for `'s`, and a layer of that region.
unsafe fn layer_from_raw<'s>(region: *const ffi::dim_region, layer: *const ffi::dim_layer) -> Layer<'s> {
    // SAFETY: after DIM_OK neither is NULL; the rest is the caller's promise.
    unsafe {
        let region = Region::from_raw(NonNull::new_unchecked(region as *mut _));
        Layer::from_raw(region, NonNull::new_unchecked(layer as *mut _))
    }
}

/// Layers that a search finds, one after the other, in constant memory. Ends after an error. The layers live as long as
/// the snapshot, not as the keyword.
pub struct FoundLayers<'s, 'k>(ffi::dim_cursor, PhantomData<(&'s Snapshot, &'k str)>);

/// Keywords that a search finds, as [`FoundLayers`]; but after one that is no UTF-8, which is an error, others may follow.
pub struct FoundKeywords<'s, 'k>(ffi::dim_cursor, PhantomData<(&'s Snapshot, &'k str)>);

// SAFETY: a cursor holds nothing; it points into a snapshot and to a keyword, both of which any thread may read.
unsafe impl Send for FoundLayers<'_, '_> {}
// SAFETY: as above; what changes a cursor takes it as `&mut`.
unsafe impl Sync for FoundLayers<'_, '_> {}
// SAFETY: as for FoundLayers.
unsafe impl Send for FoundKeywords<'_, '_> {}
// SAFETY: as for FoundLayers.
unsafe impl Sync for FoundKeywords<'_, '_> {}

impl<'s> Iterator for FoundLayers<'s, '_> {
    type Item = Result<Layer<'s>>;

    fn next(&mut self) -> Option<Self::Item> {
        let (mut region, mut layer) = (ptr::null(), ptr::null());
        // SAFETY: a search of this kind began with this cursor, which may be moved; snapshot and keyword are borrowed.
        let status = unsafe { ffi::dim_cursor_next_layer(&mut self.0, &mut region, &mut layer) };
        match status {
            // SAFETY: libdim gave both, of the snapshot that is borrowed for `'s`.
            ffi::DIM_OK => Some(Ok(unsafe { layer_from_raw(region, layer) })),
            // A cursor stays at its end.
            ffi::DIM_ERR_NOT_FOUND => None,
            status => check(status, 0, 0).err().map(Err),
        }
    }
}

impl<'s> Iterator for FoundKeywords<'s, '_> {
    type Item = Result<&'s str>;

    fn next(&mut self) -> Option<Self::Item> {
        let cursor = &mut self.0;
        // SAFETY: as for FoundLayers; a keyword is a span of the snapshot that is borrowed for `'s`.
        let found = unsafe { text(0, 0, |span| ffi::dim_cursor_next_keyword(cursor, span)) };
        match found {
            Err(error) if error.status() == Status::NotFound => None,
            found => Some(found),
        }
    }
}

impl FusedIterator for FoundLayers<'_, '_> {}
impl FusedIterator for FoundKeywords<'_, '_> {}
