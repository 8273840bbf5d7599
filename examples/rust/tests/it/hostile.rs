//! hostile.rs: regions that are not what they should be.
//! In: one region, with every byte of its metadata changed, one at a time. Out: errors or answers, and never a panic.

use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::panic::{self, AssertUnwindSafe};

use jessy::{Flag, Options, Result, Snapshot, Status, Volume};

use crate::{Place, D01};

/// All of them, or the error, which is the last answer.
fn all<T>(mut answers: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut good = Vec::new();
    while let Some(answer) = answers.next() {
        match answer {
            Ok(answer) => good.push(answer),
            Err(error) => {
                assert!(answers.next().is_none());
                return Err(error);
            }
        }
    }
    Ok(good)
}

/// Asks the regions for everything, as long as there is no error.
fn walk(snapshot: &Snapshot) -> Result<()> {
    for region in snapshot.regions() {
        region.name()?;
        region.description()?;
        region.created_at()?;
        region.updated_at()?;
        region.frequency_range()?;
        for layer in all(region.layers())? {
            layer.title()?;
            layer.bytes()?;
            all(layer.keywords())?;
            match layer.context() {
                Err(error) if error.status() != Status::NotUtf8 => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

fn search(snapshot: &Snapshot) -> [Result<usize>; 3] {
    [
        all(snapshot.find_keyword("all")).map(|found| found.len()),
        all(snapshot.find_frequency(0.0..=10.0)).map(|found| found.len()),
        snapshot.find_prefix("").map(|keyword| keyword.map(str::len)).sum(),
    ]
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
    let (mut whole, mut refused, mut damaged, mut lost) = (0, 0, 0, [0; 3]);
    for at in 0..end {
        for change in [0x01, 0x80, 0xff] {
            file.write_all_at(&[sound[at] ^ change], at as u64).unwrap();
            let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
                let snapshot = Volume::open(place.volume(), &options).map(|volume| volume.snapshot());
                snapshot.map(|snapshot| (walk(&snapshot), search(&snapshot)))
            }));
            match outcome.unwrap_or_else(|_| panic!("byte {at} changed by {change:#x}")) {
                Err(error) => {
                    assert!(!error.to_string().is_empty() && !error.message().is_empty());
                    refused += 1;
                }
                Ok((walked, searched)) => {
                    *(if walked.is_ok() { &mut whole } else { &mut damaged }) += 1;
                    for (lost, found) in lost.iter_mut().zip(searched) {
                        *lost += usize::from(found.is_err());
                    }
                }
            }
        }
        file.write_all_at(&sound[at..=at], at as u64).unwrap();
    }
    println!("{whole} whole, {refused} refused, {damaged} damaged; searches that met damage: {lost:?}");
    // All of it was met; else nothing was proven.
    assert!(whole > 0 && refused > 0 && damaged > 0 && !lost.contains(&0));
}
