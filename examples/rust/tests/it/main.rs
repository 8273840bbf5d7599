//! main.rs: the tests of this crate, as one program; and the volumes that they look at.
//! In: dimc, in the PATH or as $DIMC, which publishes; libdim's headers, for abi.rs.
//! Out: passes, or says what is not as it should be. Every test works in a directory of its own, below Cargo's.

mod abi;
mod changing;
mod hostile;
mod reading;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use jessy::{DimensionId, LayerId};

pub const D01: DimensionId = DimensionId(1);
pub const D02: DimensionId = DimensionId(2);
pub const D03: DimensionId = DimensionId(3);

pub fn layer_id(dimension: DimensionId, layer: u32) -> LayerId {
    LayerId { dimension, layer }
}

/// A directory of one test: sources, and the volume that is made of them.
pub struct Place(PathBuf);

impl Place {
    pub fn new(name: &str) -> Place {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Place(path)
    }

    pub fn volume(&self) -> PathBuf {
        self.0.join("volume")
    }

    pub fn region(&self, dimension: DimensionId) -> PathBuf {
        self.volume().join(format!("consciousness/{dimension}/region.mmap"))
    }

    /// Writes a source file; the directories are made.
    pub fn source(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Place {
        let path = self.0.join("src").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// A dimension with one layer for each text.
    pub fn dimension(&self, dimension: DimensionId, texts: &[&str]) -> &Place {
        let folder = format!("{dimension}");
        let head = format!("dimension_id: {}\nname: Name of {dimension}\n", dimension.0);
        self.source(&format!("{folder}/dimension.yaml"), head);
        let layers = texts.iter().enumerate().map(|(at, text)| {
            let id = at + 1;
            format!("---\nlayer_id: {id}\nfrequency: {id}.5\nkeywords: [all, {dimension}-{id}]\ncontent: {text}\n")
        });
        self.source(&format!("{folder}/layers.yaml"), layers.collect::<String>())
    }

    pub fn publish(&self) -> &Place {
        let dimc = env::var_os("DIMC").unwrap_or_else(|| "dimc".into());
        // A path is that from here, and not from where it runs.
        let dimc = fs::canonicalize(&dimc).map_or(dimc, OsString::from);
        let output = Command::new(&dimc)
            .args(["compile", "-q", "--no-sync", "src", "-o", "volume"])
            .current_dir(&self.0)
            .output()
            .unwrap_or_else(|error| panic!("{dimc:?}: {error}; put dimc into the PATH, or set DIMC"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self
    }
}

/// Overwrites bytes of a published file, as nobody may.
pub fn poke(path: &PathBuf, offset: usize, change: impl FnOnce(&mut u8)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes[offset]);
    // Published files are read-only; whoever owns the directory may replace them.
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}
