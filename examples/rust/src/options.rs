//! options.rs: how a volume is opened, and what it tells while it is in use.
//! In: the caller's choices, one after the other.
//! Out: a `dim_options`; and [`Event`]s, from libdim's trace to the caller's closure.

use std::cell::Cell;
use std::ffi::{CStr, OsStr};
use std::fmt;
use std::mem;
use std::os::raw::c_void;
use std::os::unix::ffi::OsStrExt;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use crate::{ffi, DimensionId, Error};

/// A choice of how regions are opened (`enum dim_open_flag`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum Flag {
    /// Map a dimension when it is asked for, and not when the volume is opened.
    Lazy = ffi::DIM_LAZY,
    /// Prove all metadata of whatever is mapped.
    Check = ffi::DIM_CHECK,
    /// Bring every page in before the call returns.
    Prefault = ffi::DIM_PREFAULT,
    /// Copy files into sealed memory: whoever cuts or overwrites a file later reaches no reader.
    InMemory = ffi::DIM_IN_MEMORY,
}

/// What the kernel is told about how a mapping will be read (`enum dim_advice`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum Advice {
    /// A touch reads the page that is touched and no other.
    #[default]
    Random = ffi::DIM_ADVICE_RANDOM,
    /// The kernel's read-ahead.
    Normal = ffi::DIM_ADVICE_NORMAL,
    /// From the beginning to the end.
    Sequential = ffi::DIM_ADVICE_SEQUENTIAL,
    /// Reading all of it begins at once, in the background.
    WillNeed = ffi::DIM_ADVICE_WILLNEED,
    /// In huge pages where the file system and the kernel can.
    HugePage = ffi::DIM_ADVICE_HUGEPAGE,
}

/// What a volume tells about itself goes to one of these.
pub(crate) type Trace = Arc<dyn Fn(&Event<'_>) + Send + Sync>;

/// How to open a volume. The default: all dimensions, at once, without a budget.
///
/// ```
/// use jessy::{DimensionId, Flag, Options};
///
/// let options = Options::new()
///     .flag(Flag::Lazy)
///     .memory_budget(64 << 20)
///     .dimensions([DimensionId(1), DimensionId(7)])
///     .trace(|event| eprintln!("{event}"));
/// # let _ = options;
/// ```
#[derive(Clone, Default)]
#[must_use]
pub struct Options {
    flags: u32,
    advice: Advice,
    max_region_size: u64,
    memory_budget: u64,
    dimensions: Option<Vec<u32>>,
    trace: Option<Trace>,
}

impl Options {
    /// The default.
    pub fn new() -> Options {
        Options::default()
    }

    /// One flag more.
    pub fn flag(mut self, flag: Flag) -> Options {
        self.flags |= flag as u32;
        self
    }

    /// What the kernel is told.
    pub fn advice(mut self, advice: Advice) -> Options {
        self.advice = advice;
        self
    }

    /// Refuse larger region files; bytes. 0: what MMAP_MAX_SIZE says where the environment names the volume, else 10 MiB.
    pub fn max_region_size(mut self, bytes: u64) -> Options {
        self.max_region_size = bytes;
        self
    }

    /// What the loaded dimensions may map together; bytes. 0: no limit.
    pub fn memory_budget(mut self, bytes: u64) -> Options {
        self.memory_budget = bytes;
        self
    }

    /// These dimensions alone, which must be there.
    pub fn dimensions(mut self, dimensions: impl IntoIterator<Item = DimensionId>) -> Options {
        self.dimensions = Some(dimensions.into_iter().map(|id| id.0).collect());
        self
    }

    /// Calls the closure for every [`Event`], on the thread that caused it. The volume is locked meanwhile: whoever calls
    /// the volume from here is refused with [`Status::Usage`](crate::Status::Usage), or panics where a method cannot
    /// refuse. A panic of the closure ends here, after its message.
    pub fn trace(mut self, trace: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Options {
        self.trace = Some(Arc::new(trace));
        self
    }

    /// The closure in a place of its own, which libdim is given a pointer to.
    pub(crate) fn keep_trace(&self) -> Option<KeptTrace> {
        let trace = self.trace.as_ref()?;
        Some(KeptTrace(Box::into_raw(Box::new(Arc::clone(trace)))))
    }

    /// For libdim, which copies the dimensions; valid as long as `self` and `trace` are.
    pub(crate) fn as_raw(&self, trace: Option<&KeptTrace>) -> ffi::dim_options {
        ffi::dim_options {
            max_region_size: self.max_region_size,
            memory_budget: self.memory_budget,
            dimensions: self.dimensions.as_ref().map_or(ptr::null(), |ids| ids.as_ptr()),
            dimension_count: self.dimensions.as_ref().map_or(0, Vec::len),
            flags: self.flags,
            advice: self.advice as u32,
            trace: trace.map(|_| tell as unsafe extern "C" fn(_, _)),
            trace_context: trace.map_or(ptr::null_mut(), |kept| kept.0.cast()),
            prove: None,
            prove_context: ptr::null_mut(),
            reserved: [0; 4],
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("flags", &self.flags)
            .field("advice", &self.advice)
            .field("max_region_size", &self.max_region_size)
            .field("memory_budget", &self.memory_budget)
            .field("dimensions", &self.dimensions)
            .field("trace", &self.trace.is_some())
            .finish()
    }
}

/// What a volume did (`enum dim_event_kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EventKind {
    /// The volume was opened.
    Open,
    /// A region was mapped, or copied into memory.
    Load,
    /// A dimension left the volume; snapshots may still hold it.
    Unload,
    /// Another generation is in use.
    Refresh,
    /// Opening, loading or refreshing failed; what was in use stays in use.
    Refuse,
    /// The volume was closed.
    Close,
    /// Something that is newer than this crate.
    Other(u32),
}

/// What a volume did, for logs and metrics.
#[derive(Debug)]
#[non_exhaustive]
pub struct Event<'a> {
    /// What it did.
    pub kind: EventKind,
    /// To which dimension; `None`: to all of the volume.
    pub dimension: Option<DimensionId>,
    /// Of the generation, as [`Snapshot::serial`](crate::Snapshot::serial) counts.
    pub serial: u64,
    /// Bytes that were mapped or unmapped, or that the generation has mapped.
    pub size: u64,
    /// How long it took.
    pub duration: Duration,
    /// Of the volume.
    pub path: &'a Path,
    /// Why, for [`EventKind::Refuse`].
    pub error: Option<Error>,
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {:?}", self.path.display(), self.kind)?;
        if let Some(dimension) = self.dimension {
            write!(f, " {dimension}")?;
        }
        write!(
            f,
            ", generation {}, {} bytes, {:?}",
            self.serial, self.size, self.duration
        )?;
        match &self.error {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

/// A closure that libdim holds a pointer to. Its place never changes, and it goes away with this.
pub(crate) struct KeptTrace(*mut Trace);

impl Drop for KeptTrace {
    fn drop(&mut self) {
        // SAFETY: the pointer came from Box::into_raw and is given back once, here. Whoever owns this drops it after the
        // volume was closed, or was never opened; libdim calls no trace after that.
        drop(unsafe { Box::from_raw(self.0) });
    }
}

thread_local! {
    // clippy of 1.63 takes it for a constant.
    #[allow(clippy::declare_interior_mutable_const)]
    static IS_TELLING: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is in a trace, and a volume is locked.
pub(crate) fn is_telling() -> bool {
    IS_TELLING.with(Cell::get)
}

/// The trace that libdim calls.
///
/// # Safety
/// `context` is that of a `KeptTrace` which is alive, and `event` one of libdim's, valid until this returns.
unsafe extern "C" fn tell(context: *mut c_void, event: *const ffi::dim_event) {
    // SAFETY: as above. A `Trace` is Sync, so that several threads may call it.
    let (trace, event) = unsafe { (&*(context as *const Trace), &*event) };
    let outer = IS_TELLING.with(|is_telling| is_telling.replace(true));
    // Nothing may unwind into C.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: the path of an event is never NULL, ends with NUL, and lives as long as the event.
        let path = unsafe { CStr::from_ptr(event.path) };
        // SAFETY: an error is NULL or lives as long as the event.
        let error = unsafe { event.error.as_ref() };
        trace(&Event {
            kind: match event.kind {
                ffi::DIM_EVENT_OPEN => EventKind::Open,
                ffi::DIM_EVENT_LOAD => EventKind::Load,
                ffi::DIM_EVENT_UNLOAD => EventKind::Unload,
                ffi::DIM_EVENT_REFRESH => EventKind::Refresh,
                ffi::DIM_EVENT_REFUSE => EventKind::Refuse,
                ffi::DIM_EVENT_CLOSE => EventKind::Close,
                other => EventKind::Other(other),
            },
            dimension: Some(DimensionId(event.dimension_id)).filter(|id| id.0 != 0),
            serial: event.serial,
            size: event.size,
            duration: Duration::from_nanos(event.nanoseconds),
            path: Path::new(OsStr::from_bytes(path.to_bytes())),
            error: error.copied().map(Error::from_details),
        });
    }));
    IS_TELLING.with(|is_telling| is_telling.set(outer));
    // Dropping what a panic carries could panic again.
    if let Err(payload) = outcome {
        mem::forget(payload);
    }
}
