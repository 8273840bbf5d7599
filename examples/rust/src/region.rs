//! region.rs: the region of a dimension, its layers, and what they say.
//! In: a region of a snapshot that is borrowed.
//! Out: text and bytes where they are mapped, never copied, as long as the snapshot is borrowed.

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::os::raw::c_uint;
use std::ptr::{self, NonNull};
use std::slice;
use std::str;

use crate::error::{check, check_with, no_details, Error, Result, Status};
use crate::{ffi, DimensionId, LayerId, Snapshot};

/// The region of a dimension that is loaded.
#[derive(Clone, Copy)]
pub struct Region<'s> {
    raw: NonNull<ffi::dim_region>,
    snapshot: PhantomData<&'s Snapshot>,
}

/// A layer of a region.
#[derive(Clone, Copy)]
pub struct Layer<'s> {
    raw: NonNull<ffi::dim_layer>,
    region: Region<'s>,
}

// SAFETY: a region is immutable, and reading it takes no lock and writes nothing (dim.h, Threads).
unsafe impl Send for Region<'_> {}
// SAFETY: as above.
unsafe impl Sync for Region<'_> {}
// SAFETY: a layer is a record in a region's mapping, which is only read.
unsafe impl Send for Layer<'_> {}
// SAFETY: as above.
unsafe impl Sync for Layer<'_> {}

/// The bytes that a function of libdim gives as a span.
///
/// # Safety
/// After DIM_OK, the span is bytes of a snapshot that is borrowed for `'s`.
unsafe fn bytes<'s>(dimension: u32, layer: u32, give: impl FnOnce(*mut ffi::dim_span) -> c_uint) -> Result<&'s [u8]> {
    let mut span = ffi::dim_span {
        data: ptr::null(),
        size: 0,
    };
    check(give(&mut span), dimension, layer)?;
    // SAFETY: after DIM_OK, data is not NULL, also where size is 0, and libdim has checked that the span is inside its
    // mapping, which is smaller than isize::MAX and read-only; how long it lives is the caller's promise.
    Ok(unsafe { slice::from_raw_parts(span.data as *const u8, span.size) })
}

/// The same as text. The format knows no other than UTF-8.
///
/// # Safety
/// As for `bytes`.
pub(crate) unsafe fn text<'s>(
    dimension: u32,
    layer: u32,
    give: impl FnOnce(*mut ffi::dim_span) -> c_uint,
) -> Result<&'s str> {
    // SAFETY: the caller's promise.
    let bytes = unsafe { bytes(dimension, layer, give) }?;
    str::from_utf8(bytes).map_err(|_| Error::new(Status::Damaged, dimension, layer, "a string is not UTF-8"))
}

fn some_text(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Where nothing was given, libdim says that it is not found.
fn given<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.status() == Status::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl<'s> Region<'s> {
    /// # Safety
    /// A region of a snapshot that is borrowed for `'s`.
    pub(crate) unsafe fn from_raw(raw: NonNull<ffi::dim_region>) -> Region<'s> {
        Region {
            raw,
            snapshot: PhantomData,
        }
    }

    fn raw(self) -> *const ffi::dim_region {
        self.raw.as_ptr()
    }

    /// Its dimension.
    pub fn dimension(self) -> DimensionId {
        // SAFETY: here and in all of this file: a region is valid as long as its snapshot is borrowed, which is `'s`.
        DimensionId(unsafe { ffi::dim_region_dimension_id(self.raw()) })
    }

    /// The number of layers.
    pub fn layer_count(self) -> u32 {
        // SAFETY: the region is valid.
        unsafe { ffi::dim_region_layer_count(self.raw()) }
    }

    /// Bytes that are mapped.
    pub fn file_size(self) -> u64 {
        // SAFETY: the region is valid.
        unsafe { ffi::dim_region_file_size(self.raw()) }
    }

    /// The region digest, as the header states it.
    pub fn checksum(self) -> &'s [u8; 32] {
        // SAFETY: the region is valid; libdim gives 32 bytes of its mapping, never NULL.
        unsafe { &*(ffi::dim_region_checksum(self.raw()) as *const [u8; 32]) }
    }

    /// The name of the dimension.
    pub fn name(self) -> Result<&'s str> {
        // SAFETY: the region is valid, and so are its spans.
        unsafe { text(self.dimension().0, 0, |span| ffi::dim_region_name(self.raw(), span)) }
    }

    /// Its description, where the author gave one.
    pub fn description(self) -> Result<Option<&'s str>> {
        // SAFETY: the region is valid, and so are its spans.
        unsafe {
            text(self.dimension().0, 0, |span| {
                ffi::dim_region_description(self.raw(), span)
            })
        }
        .map(some_text)
    }

    /// When it was made, in seconds since 1970, where the author says so.
    pub fn created_at(self) -> Result<Option<i64>> {
        let mut seconds = 0;
        // SAFETY: the region is valid, and `seconds` the callee's for the call.
        let status = unsafe { ffi::dim_region_created_at(self.raw(), &mut seconds) };
        given(check(status, self.dimension().0, 0).map(|()| seconds))
    }

    /// When it was last changed, as [`created_at`](Region::created_at).
    pub fn updated_at(self) -> Result<Option<i64>> {
        let mut seconds = 0;
        // SAFETY: the region is valid, and `seconds` the callee's for the call.
        let status = unsafe { ffi::dim_region_updated_at(self.raw(), &mut seconds) };
        given(check(status, self.dimension().0, 0).map(|()| seconds))
    }

    /// The band that the author set for all layers, in Hz.
    pub fn frequency_range(self) -> Result<Option<(f64, f64)>> {
        let (mut low, mut high) = (0.0, 0.0);
        // SAFETY: the region is valid, and both numbers are the callee's for the call.
        let status = unsafe { ffi::dim_region_frequency_range(self.raw(), &mut low, &mut high) };
        given(check(status, self.dimension().0, 0).map(|()| (low, high)))
    }

    /// Proves all metadata at once. Contents are not read.
    pub fn check(self) -> Result<()> {
        let mut details = no_details();
        // SAFETY: the region is valid, and the error the callee's for the call.
        let status = unsafe { ffi::dim_region_check(self.raw(), &mut details) };
        check_with(status, details)
    }

    /// The layer with this id.
    pub fn layer(self, layer: u32) -> Result<Layer<'s>> {
        let mut raw = ptr::null();
        // SAFETY: the region is valid, and `raw` the callee's for the call.
        let status = unsafe { ffi::dim_region_layer(self.raw(), layer, &mut raw) };
        check(status, self.dimension().0, layer)?;
        // SAFETY: after DIM_OK, a layer of this region, and not NULL.
        Ok(unsafe { Layer::from_raw(self, NonNull::new_unchecked(raw as *mut _)) })
    }

    /// All layers, by id.
    pub fn layers(self) -> Layers<'s> {
        Layers {
            region: self,
            positions: 0..self.layer_count(),
        }
    }
}

impl fmt::Debug for Region<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({}, {} layers)", self.dimension(), self.layer_count())
    }
}

/// The layers of a region, by id.
#[derive(Clone, Debug)]
pub struct Layers<'s> {
    region: Region<'s>,
    positions: std::ops::Range<u32>,
}

impl<'s> Iterator for Layers<'s> {
    type Item = Result<Layer<'s>>;

    fn next(&mut self) -> Option<Self::Item> {
        let position = self.positions.next()?;
        let mut raw = ptr::null();
        // SAFETY: the region is valid, and `raw` the callee's for the call.
        let status = unsafe { ffi::dim_region_layer_at(self.region.raw(), position, &mut raw) };
        if let Err(error) = check(status, self.region.dimension().0, 0) {
            return Some(Err(error));
        }
        // SAFETY: after DIM_OK, a layer of this region, and not NULL.
        Some(Ok(unsafe {
            Layer::from_raw(self.region, NonNull::new_unchecked(raw as *mut _))
        }))
    }
}

impl FusedIterator for Layers<'_> {}

impl<'s> Layer<'s> {
    /// # Safety
    /// A layer of this region.
    pub(crate) unsafe fn from_raw(region: Region<'s>, raw: NonNull<ffi::dim_layer>) -> Layer<'s> {
        Layer { raw, region }
    }

    fn raw(self) -> *const ffi::dim_layer {
        self.raw.as_ptr()
    }

    /// Its region.
    pub fn region(self) -> Region<'s> {
        self.region
    }

    /// Its dimension and number.
    pub fn id(self) -> LayerId {
        LayerId {
            dimension: self.region.dimension(),
            // SAFETY: here and below: a layer is valid as long as its region is.
            layer: unsafe { ffi::dim_layer_id(self.raw()) },
        }
    }

    /// Its frequency, in Hz.
    pub fn frequency(self) -> f64 {
        // SAFETY: the layer is valid.
        unsafe { ffi::dim_layer_frequency(self.raw()) }
    }

    /// SHA-256 of the content, as the record states it.
    pub fn digest(self) -> &'s [u8; 32] {
        // SAFETY: the layer is valid; libdim gives 32 bytes of its record, never NULL.
        unsafe { &*(ffi::dim_layer_digest(self.raw()) as *const [u8; 32]) }
    }

    /// The title, where there is one.
    pub fn title(self) -> Result<Option<&'s str>> {
        let LayerId { dimension, layer } = self.id();
        // SAFETY: region and layer are valid, and so are their spans.
        unsafe {
            text(dimension.0, layer, |span| {
                ffi::dim_layer_title(self.region.raw(), self.raw(), span)
            })
        }
        .map(some_text)
    }

    /// The content, whatever its bytes are. Touches none of them.
    pub fn bytes(self) -> Result<&'s [u8]> {
        let LayerId { dimension, layer } = self.id();
        // SAFETY: region and layer are valid, and so are their spans.
        unsafe {
            bytes(dimension.0, layer, |span| {
                ffi::dim_layer_content(self.region.raw(), self.raw(), span)
            })
        }
    }

    /// The content as text, in its place: reads it once, to see that it is UTF-8. Else [`Status::NotUtf8`]; then
    /// `String::from_utf8_lossy(layer.bytes()?)` makes something readable of it.
    pub fn content(self) -> Result<&'s str> {
        let LayerId { dimension, layer } = self.id();
        str::from_utf8(self.bytes()?).map_err(|error| {
            let message = format!("the content is not UTF-8: {error}");
            Error::new(Status::NotUtf8, dimension.0, layer, &message)
        })
    }

    /// The layer together with its content as text.
    pub fn context(self) -> Result<LayerContext<'s>> {
        Ok(LayerContext {
            id: self.id(),
            title: self.title()?,
            frequency: self.frequency(),
            content: self.content()?,
            layer: self,
        })
    }

    /// The keywords, in the author's order. Ends after an error.
    pub fn keywords(self) -> Keywords<'s> {
        // SAFETY: the layer is valid.
        let count = unsafe { ffi::dim_layer_keyword_count(self.raw()) };
        Keywords {
            layer: self,
            indices: 0..count,
        }
    }
}

impl fmt::Debug for Layer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Layer({})", self.id())
    }
}

/// The keywords of a layer.
#[derive(Clone, Debug)]
pub struct Keywords<'s> {
    layer: Layer<'s>,
    indices: std::ops::Range<u32>,
}

impl<'s> Iterator for Keywords<'s> {
    type Item = Result<&'s str>;

    fn next(&mut self) -> Option<Self::Item> {
        let index = self.indices.next()?;
        let LayerId { dimension, layer } = self.layer.id();
        let (region, raw) = (self.layer.region.raw(), self.layer.raw());
        // SAFETY: region and layer are valid, and so are their spans.
        let keyword = unsafe {
            text(dimension.0, layer, |span| {
                ffi::dim_layer_keyword(region, raw, index, span)
            })
        };
        if keyword.is_err() {
            self.indices = 0..0;
        }
        Some(keyword)
    }
}

impl FusedIterator for Keywords<'_> {}

/// A layer with its content as text, borrowed from a [`Snapshot`] or a [`MmapManager`](crate::memory::MmapManager).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LayerContext<'s> {
    /// Its dimension and number.
    pub id: LayerId,
    /// Its title, where there is one.
    pub title: Option<&'s str>,
    /// Its frequency, in Hz.
    pub frequency: f64,
    /// The text, where it is mapped.
    pub content: &'s str,
    /// The layer itself: keywords, digest, region.
    pub layer: Layer<'s>,
}
