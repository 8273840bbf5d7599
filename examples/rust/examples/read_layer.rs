//! read_layer.rs: the shortest program that reads a layer.
//! In: the volume that the environment names: MMAP_BASE_PATH, else data/mmap.
//! Out: the text of D01's first layer on stdout, and what is mapped on stderr; or why not, and status 1.

use jessy::memory::MmapManager;
use jessy::{DimensionId, LayerId};

// The lines of the specification stand as they were written there.
#[rustfmt::skip]
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut manager = MmapManager::new(280)?; // 280MB total
    let region_id = manager.load_dimension(DimensionId(1))?;
    let context = manager.load_layer_context(LayerId { dimension: DimensionId(1), layer: 1, })?;
    println!("Content: {}", context.content);

    let usage = manager.usage();
    eprintln!("{region_id}: {} of {} bytes", usage.loaded_size, usage.budget);
    Ok(())
}
