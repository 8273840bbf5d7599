//! memory.rs: a volume in the hands of one owner.
//! In: a budget; then the dimensions that are wanted.
//! Out: layers, borrowed from the manager; the compiler sees that none is in use when the manager changes.

use std::path::Path;

use crate::error::{Error, Result, Status};
use crate::options::{Flag, Options};
use crate::region::{Layer, LayerContext};
use crate::{DimensionId, LayerId, RegionId, Snapshot, Usage, Volume};

/// A [`Volume`] together with the [`Snapshot`] of it that its owner reads.
///
/// Loading, unloading and refreshing take `&mut self`, for they replace the snapshot; so this compiles:
///
/// ```no_run
/// # use jessy::{memory::MmapManager, DimensionId, LayerId};
/// # let id = LayerId { dimension: DimensionId(1), layer: 1 };
/// # let mut manager = MmapManager::new(280)?;
/// let context = manager.load_layer_context(id)?;
/// println!("{}", context.content);
/// manager.refresh()?;
/// # Ok::<(), jessy::Error>(())
/// ```
///
/// and this, where a context would outlive its generation, does not:
///
/// ```compile_fail,E0502
/// # use jessy::{memory::MmapManager, DimensionId, LayerId};
/// # let id = LayerId { dimension: DimensionId(1), layer: 1 };
/// # let mut manager = MmapManager::new(280)?;
/// let context = manager.load_layer_context(id)?;
/// manager.refresh()?;
/// println!("{}", context.content);
/// # Ok::<(), jessy::Error>(())
/// ```
///
/// Other threads have clones of [`volume`](MmapManager::volume), or of [`snapshot`](MmapManager::snapshot). What they
/// change is seen here after the next call that changes something.
#[derive(Debug)]
pub struct MmapManager {
    volume: Volume,
    snapshot: Snapshot,
}

impl MmapManager {
    /// The volume that the environment names (MMAP_BASE_PATH, else data/mmap), with nothing loaded yet. The dimensions
    /// that will be loaded may map so many MiB together.
    pub fn new(megabytes: u64) -> Result<MmapManager> {
        // For libdim, 0 is no limit.
        match megabytes.checked_mul(1 << 20) {
            None | Some(0) => Err(Error::new(Status::Usage, 0, 0, "a budget is 1 MiB to 16 EiB")),
            Some(bytes) => MmapManager::from_env(&Options::new().flag(Flag::Lazy).memory_budget(bytes)),
        }
    }

    /// The volume at `path`, the directory that holds `consciousness/`.
    pub fn open(path: impl AsRef<Path>, options: &Options) -> Result<MmapManager> {
        Volume::open(path, options).map(MmapManager::of)
    }

    /// The volume that the environment names.
    pub fn from_env(options: &Options) -> Result<MmapManager> {
        Volume::from_env(options).map(MmapManager::of)
    }

    /// A manager of a volume that others may have, too.
    pub fn of(volume: Volume) -> MmapManager {
        let snapshot = volume.snapshot();
        MmapManager { volume, snapshot }
    }

    /// Maps a dimension, if that has not happened yet. [`Status::Limit`]: past the budget.
    pub fn load_dimension(&mut self, dimension: DimensionId) -> Result<RegionId> {
        self.volume.load(dimension)?;
        self.snapshot = self.volume.snapshot();
        // Another thread may have been quicker to unload it.
        self.snapshot.region(dimension)?;
        Ok(RegionId {
            dimension,
            serial: self.snapshot.serial(),
        })
    }

    /// Lets go of a dimension, and takes its size off the budget.
    pub fn unload_dimension(&mut self, dimension: DimensionId) -> Result<()> {
        self.volume.unload(dimension)?;
        self.snapshot = self.volume.snapshot();
        Ok(())
    }

    /// Follows what is published; whether this manager reads another generation now. After an error it reads the old one.
    pub fn refresh(&mut self) -> Result<bool> {
        self.volume.refresh()?;
        let before = self.snapshot.serial();
        self.snapshot = self.volume.snapshot();
        Ok(self.snapshot.serial() != before)
    }

    /// A layer of a loaded dimension, with its content as text. [`Status::NotUtf8`]: it is none; see [`Layer::bytes`].
    pub fn load_layer_context(&self, id: LayerId) -> Result<LayerContext<'_>> {
        self.snapshot.layer_context(id)
    }

    /// A layer of a loaded dimension.
    pub fn layer(&self, id: LayerId) -> Result<Layer<'_>> {
        self.snapshot.layer(id)
    }

    /// What is read here: regions, searches. A clone of it stays valid when the manager changes.
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// What clones are made of, for other threads.
    pub fn volume(&self) -> &Volume {
        &self.volume
    }

    /// What the volume has in use.
    pub fn usage(&self) -> Usage {
        self.volume.usage()
    }
}
