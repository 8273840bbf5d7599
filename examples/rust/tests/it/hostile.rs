//! hostile.rs: regions that are not what they should be.
//! In: one region, with every byte of its metadata changed, one at a time. Out: errors or answers, and never a panic.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::panic::{self, AssertUnwindSafe};

use jessy::{Flag, Options, Result, Snapshot, Status, Volume};

use crate::{Place, D01};

/// Asks for everything. What was found before an error counts for nothing.
fn walk(snapshot: &Snapshot) -> Result<usize> {
    let mut size = 0;
    for region in snapshot.regions() {
        size += region.name()?.len() + region.description()?.map_or(0, str::len);
        region.created_at()?;
        region.updated_at()?;
        region.frequency_range()?;
        for layer in region.layers() {
            let layer = layer?;
            size += layer.title()?.map_or(0, str::len) + layer.bytes()?.len();
            for keyword in layer.keywords() {
                size += keyword?.len();
            }
            match layer.content() {
                Err(error) if error.status() != Status::NotUtf8 => return Err(error),
                _ => {}
            }
        }
    }
    for layer in snapshot.find_keyword("all").chain(snapshot.find_frequency(0.0..=10.0)) {
        size += layer?.context().map_or(0, |context| context.content.len());
    }
    for keyword in snapshot.find_prefix("") {
        size += keyword?.len();
    }
    Ok(size)
}

#[test]
fn no_byte_of_a_region_makes_it_panic() {
    let place = Place::new("hostile");
    place.dimension(D01, &["first", "second"]).publish();
    let path = place.region(D01);
    let sound = fs::read(&path).unwrap();
    // A published file is read-only; a copy of it is not.
    fs::remove_file(&path).unwrap();
    fs::write(&path, &sound).unwrap();
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    // The contents are the last two pages; before them the metadata end, but for zeros.
    let metadata = &sound[..sound.len() - 2 * 4096];
    let end = metadata.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let options = Options::new().flag(Flag::InMemory);
    let (mut whole, mut refused, mut damaged) = (0, 0, 0);
    for at in 0..end {
        for change in [0x01, 0x80, 0xff] {
            file.write_all_at(&[sound[at] ^ change], at as u64).unwrap();
            let outcome = panic::catch_unwind(AssertUnwindSafe(|| match Volume::open(place.volume(), &options) {
                Ok(volume) => (true, walk(&volume.snapshot())),
                Err(error) => (false, Err(error)),
            }));
            match outcome {
                Ok((_, Ok(_))) => whole += 1,
                Ok((is_open, Err(error))) => {
                    assert!(!error.to_string().is_empty() && !error.message().is_empty());
                    *(if is_open { &mut damaged } else { &mut refused }) += 1;
                }
                Err(_) => panic!("byte {at} changed by {change:#x}"),
            }
        }
        file.write_all_at(&sound[at..=at], at as u64).unwrap();
    }
    // All three were met; else nothing was proven.
    assert!(whole > 0 && refused > 0 && damaged > 0, "{whole} {refused} {damaged}");
    println!("{whole} whole, {refused} refused, {damaged} damaged");
}
