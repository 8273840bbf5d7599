//! volume.rs: a volume over time, for all threads of a program.
//! In: a path, or the environment, and [`Options`].
//! Out: [`Snapshot`]s; and loading, unloading and refreshing, of which those who hold a snapshot notice nothing.

use std::ffi::CString;
use std::fmt;
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use crate::error::{check_with, no_details, Error, Result, Status};
use crate::options::{is_telling, KeptTrace, Options};
use crate::{ffi, DimensionId, Snapshot};

/// A volume over time. Its clones are the same volume: give each thread one. It is closed with the last of them.
#[derive(Clone)]
pub struct Volume {
    open: Arc<Open>,
}

struct Open {
    raw: NonNull<ffi::dim_volume>,
    // Dropped after drop() below has closed the volume, which tells the trace of it.
    _trace: Option<KeptTrace>,
}

// SAFETY: dim.h, Threads: a volume may be used by any number of threads at once, also while one of them changes it. Only
// dim_volume_close is for the last one, and drop() runs when nobody else is left. The trace is Send and Sync by its type.
unsafe impl Send for Open {}
// SAFETY: as above.
unsafe impl Sync for Open {}

impl Drop for Open {
    fn drop(&mut self) {
        // SAFETY: dim_volume_open gave it, and nobody else has it any more. Snapshots need no open volume.
        unsafe { ffi::dim_volume_close(self.raw.as_ptr()) };
    }
}

/// What a volume has in use at a moment (`struct dim_usage`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// [`Options::memory_budget`]; 0: no limit.
    pub budget: u64,
    /// Bytes that the generation in use has mapped; they count against the budget.
    pub loaded_size: u64,
    /// The same with what only older snapshots still hold.
    pub mapped_size: u64,
    /// Of the generation in use.
    pub serial: u64,
    /// Dimensions that are selected.
    pub dimension_count: u32,
    /// Dimensions that are loaded.
    pub loaded_count: u32,
    /// Snapshots that are alive: the one in use, and older ones that are held.
    pub snapshot_count: u32,
}

impl Volume {
    /// Opens the published generation of the volume at `path`, the directory that holds `consciousness/`.
    pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<Volume> {
        let path = CString::new(path.as_ref().as_os_str().as_bytes())
            .map_err(|_| Error::new(Status::Usage, 0, 0, "a path has no NUL in it"))?;
        Volume::open_raw(Some(&path), options)
    }

    /// Opens the volume that the environment names: MMAP_BASE_PATH, else data/mmap. MMAP_MAX_SIZE counts where the options
    /// give no size.
    ///
    /// libdim reads the environment by getenv(3), like the rest of libc: nobody may change it meanwhile.
    pub fn from_env(options: &Options) -> Result<Volume> {
        Volume::open_raw(None, options)
    }

    fn open_raw(path: Option<&CString>, options: &Options) -> Result<Volume> {
        let path: *const c_char = path.map_or(ptr::null(), |path| path.as_ptr());
        let trace = options.keep_trace();
        let raw_options = options.as_raw(trace.as_ref());
        let mut raw = ptr::null_mut();
        let mut details = no_details();
        refuse_in_trace()?;
        // SAFETY: the path is NULL or ends with NUL; the options point to what `options` and `trace` own, and libdim keeps
        // no pointer of them but the trace's, which `Open` keeps for as long as the volume.
        let status = unsafe { ffi::dim_volume_open(path, &raw_options, &mut raw, &mut details) };
        check_with(status, details)?;
        match NonNull::new(raw) {
            Some(raw) => Ok(Volume {
                open: Arc::new(Open { raw, _trace: trace }),
            }),
            None => Err(Error::new(Status::Other(status), 0, 0, "libdim gave no volume")),
        }
    }

    fn raw(&self) -> *mut ffi::dim_volume {
        self.open.raw.as_ptr()
    }

    /// The generation in use, held until the snapshot and its clones are dropped. Waits for nobody.
    ///
    /// # Panics
    /// In a trace.
    pub fn snapshot(&self) -> Snapshot {
        assert!(!is_telling(), "{IN_TRACE}");
        // SAFETY: the volume is open. A snapshot that was just acquired is released by its one owner.
        unsafe { Snapshot::from_raw(ffi::dim_volume_acquire(self.raw())) }
    }

    /// Maps a dimension. Snapshots that are taken afterwards have it.
    pub fn load(&self, dimension: DimensionId) -> Result<()> {
        refuse_in_trace()?;
        let mut details = no_details();
        // SAFETY: the volume is open, and the error the callee's for the call.
        let status = unsafe { ffi::dim_volume_load(self.raw(), dimension.0, &mut details) };
        check_with(status, details)
    }

    /// Takes a dimension out of the snapshots that are taken afterwards, and its size off the budget.
    pub fn unload(&self, dimension: DimensionId) -> Result<()> {
        refuse_in_trace()?;
        let mut details = no_details();
        // SAFETY: as in load().
        let status = unsafe { ffi::dim_volume_unload(self.raw(), dimension.0, &mut details) };
        check_with(status, details)
    }

    /// Follows what is published; whether another generation is in use now. On any error the old one stays in use.
    pub fn refresh(&self) -> Result<bool> {
        refuse_in_trace()?;
        let mut details = no_details();
        let mut is_changed = false;
        // SAFETY: as in load(); bool is C's.
        let status = unsafe { ffi::dim_volume_refresh(self.raw(), &mut is_changed, &mut details) };
        check_with(status, details)?;
        Ok(is_changed)
    }

    /// What is in use at this moment.
    ///
    /// # Panics
    /// In a trace.
    pub fn usage(&self) -> Usage {
        assert!(!is_telling(), "{IN_TRACE}");
        let mut usage = ffi::dim_usage::default();
        // SAFETY: the volume is open, and `usage` the callee's for the call.
        unsafe { ffi::dim_volume_usage(self.raw(), &mut usage) };
        Usage {
            budget: usage.budget,
            loaded_size: usage.loaded_size,
            mapped_size: usage.mapped_size,
            serial: usage.serial,
            dimension_count: usage.dimension_count,
            loaded_count: usage.loaded_count,
            snapshot_count: usage.snapshot_count,
        }
    }
}

impl fmt::Debug for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Volume").field("raw", &self.open.raw).finish()
    }
}

const IN_TRACE: &str = "a trace cannot call a volume: it is locked";

/// The volume would wait for itself.
fn refuse_in_trace() -> Result<()> {
    if is_telling() {
        return Err(Error::new(Status::Usage, 0, 0, IN_TRACE));
    }
    Ok(())
}
