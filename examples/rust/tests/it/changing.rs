//! changing.rs: a volume over time: budget, refreshing, threads, traces.
//! In: volumes that are published to while they are read. Out: whoever reads sees one generation, whole.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use jessy::memory::MmapManager;
use jessy::{Advice, EventKind, Flag, Layer, Options, Region, Snapshot, Status, Volume};

use crate::{layer_id, poke, Place, D01, D02, D03};

fn three(name: &str, text: &str) -> Place {
    let place = Place::new(name);
    for dimension in [D01, D02, D03] {
        place.dimension(dimension, &[text, text]);
    }
    place.publish();
    place
}

#[test]
fn the_budget_holds_what_is_loaded() {
    let place = three("budget", "a");
    let size = std::fs::metadata(place.region(D01)).unwrap().len();
    let options = Options::new().flag(Flag::Lazy).memory_budget(2 * size + 1);
    let mut manager = MmapManager::open(place.volume(), &options).unwrap();
    let region_id = manager.load_dimension(D01).unwrap();
    assert_eq!(region_id.to_string(), "D01 of generation 1");
    assert_eq!(manager.load_dimension(D01).unwrap(), region_id);
    manager.load_dimension(D02).unwrap();
    let error = manager.load_dimension(D03).unwrap_err();
    assert_eq!((error.status(), error.dimension()), (Status::Limit, Some(D03)));
    assert_eq!((error.limit(), error.usage()), (2 * size + 1, 3 * size));
    for number in [3 * size, 2 * size + 1] {
        assert!(error.to_string().contains(&number.to_string()), "{error}");
    }

    let usage = manager.usage();
    assert_eq!((usage.budget, usage.loaded_size), (2 * size + 1, 2 * size));
    assert_eq!((usage.dimension_count, usage.loaded_count), (3, 2));
    // What a snapshot still holds is mapped, and is not in the budget.
    let before = manager.snapshot().clone();
    manager.unload_dimension(D01).unwrap();
    assert_eq!(manager.layer(layer_id(D01, 1)).unwrap_err().status(), Status::NotLoaded);
    manager.load_dimension(D03).unwrap();
    assert_eq!(
        (manager.usage().loaded_size, manager.usage().mapped_size),
        (2 * size, 3 * size)
    );
    assert_eq!(before.layer_context(layer_id(D01, 1)).unwrap().content, "a");
    drop(before);
    assert_eq!(
        (manager.usage().mapped_size, manager.usage().snapshot_count),
        (2 * size, 1)
    );
}

/// Ends the readers, also when their writer panics.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

#[test]
fn a_snapshot_is_one_generation_whatever_is_published() {
    let place = three("refresh", "former");
    let mut manager = MmapManager::open(place.volume(), &Options::new()).unwrap();
    assert!(!manager.refresh().unwrap());
    let former = manager.snapshot().clone();
    place.dimension(D01, &["latter"]).publish();
    assert!(manager.refresh().unwrap());
    assert!(!manager.refresh().unwrap());
    assert_eq!((former.serial(), manager.snapshot().serial()), (1, 2));
    let content = |snapshot: &Snapshot, dimension| {
        let context = snapshot.layer_context(layer_id(dimension, 1)).unwrap();
        (context.content.to_owned(), context.content.as_ptr())
    };
    assert_eq!(content(&former, D01).0, "former");
    assert_eq!(content(manager.snapshot(), D01).0, "latter");
    // What did not change is the same mapping.
    assert_eq!(content(&former, D02), content(manager.snapshot(), D02));

    // A snapshot needs no open volume, and a manager follows what others refresh.
    let other = manager.volume().clone();
    place.dimension(D01, &["last"]).publish();
    assert!(other.refresh().unwrap());
    assert_eq!(content(manager.snapshot(), D01).0, "latter");
    assert!(manager.refresh().unwrap());
    drop((manager, other));
    assert_eq!(content(&former, D01).0, "former");
}

#[test]
fn a_damaged_generation_is_refused_and_the_old_one_stays() {
    let place = three("refused", "sound");
    let mut manager = MmapManager::open(place.volume(), &Options::new()).unwrap();
    place.dimension(D02, &["broken"]).publish();
    poke(&place.region(D02), 16, |byte| *byte ^= 1);
    for _ in 0..2 {
        let error = manager.refresh().unwrap_err();
        assert_eq!((error.status(), error.dimension()), (Status::Damaged, Some(D02)));
        assert!(error.bytes().is_some());
        assert_eq!(error.path(), Some(place.region(D02).as_path()));
        assert_eq!(manager.load_layer_context(layer_id(D02, 1)).unwrap().content, "sound");
    }
    place.dimension(D02, &["mended"]).publish();
    assert!(manager.refresh().unwrap());
    assert_eq!(manager.load_layer_context(layer_id(D02, 1)).unwrap().content, "mended");
}

#[test]
fn threads_read_one_generation_each_time_while_another_refreshes() {
    const GENERATIONS: u64 = 6;
    let place = three("threads", "1");
    let volume = Volume::open(place.volume(), &Options::new()).unwrap();
    let ended = AtomicBool::new(false);
    let seen: Vec<AtomicU64> = (0..3).map(|_| AtomicU64::new(0)).collect();
    thread::scope(|scope| {
        let _ending = Ending(&ended);
        let mut readers = Vec::new();
        for last in &seen {
            let (volume, ended) = (volume.clone(), &ended);
            readers.push(scope.spawn(move || loop {
                let is_last = ended.load(Ordering::Acquire);
                let snapshot = volume.snapshot();
                let serial = snapshot.serial();
                for layer in snapshot.find_keyword("all") {
                    assert_eq!(layer.unwrap().content().unwrap(), serial.to_string());
                }
                assert_eq!(snapshot.find_keyword("all").count(), 6);
                assert!(last.swap(serial, Ordering::Release) <= serial);
                if is_last {
                    break;
                }
            }));
        }
        for generation in 2..=GENERATIONS {
            let text = generation.to_string();
            for dimension in [D01, D02, D03] {
                place.dimension(dimension, &[&text, &text]);
            }
            place.publish();
            assert!(volume.refresh().unwrap());
            // Every generation is met by somebody.
            while seen.iter().all(|last| last.load(Ordering::Acquire) < generation) {
                assert!(
                    !readers.iter().any(|reader| reader.is_finished()),
                    "a reader has failed"
                );
                thread::yield_now();
            }
        }
    });
    assert!(seen.iter().all(|last| last.load(Ordering::Acquire) == GENERATIONS));
    assert_eq!(volume.usage().snapshot_count, 1);
}

#[test]
fn what_may_cross_threads_says_so() {
    fn crosses<T: Send + Sync>() {}
    crosses::<(
        Volume,
        MmapManager,
        Snapshot,
        Region<'_>,
        Layer<'_>,
        jessy::LayerContext<'_>,
    )>();
    crosses::<(
        jessy::FoundLayers<'_, '_>,
        jessy::FoundKeywords<'_, '_>,
        Options,
        jessy::Error,
    )>();
}

#[test]
fn a_trace_tells_what_happened_and_cannot_disturb_it() {
    let place = three("trace", "a");
    let told = Arc::new(Mutex::new(Vec::new()));
    let callee: Arc<Mutex<Option<Volume>>> = Arc::default();
    let options = {
        let (told, callee) = (Arc::clone(&told), Arc::clone(&callee));
        Options::new()
            .flag(Flag::Lazy)
            .flag(Flag::Check)
            .flag(Flag::Prefault)
            .flag(Flag::InMemory)
            .advice(Advice::WillNeed)
            .dimensions([D03, D01])
            .trace(move |event| {
                // A volume that called itself would wait for ever.
                let again = callee
                    .lock()
                    .unwrap()
                    .as_ref()
                    .map(|volume: &Volume| volume.refresh().unwrap_err().status());
                let status = event.error.as_ref().map(|error| error.status());
                told.lock()
                    .unwrap()
                    .push((event.kind, event.dimension, event.serial, status, again));
                assert!(event.path.ends_with("trace/volume") && event.to_string().contains("generation"));
                assert_ne!(event.kind, EventKind::Unload, "a panic that ends here");
            })
    };
    let volume = Volume::open(place.volume(), &options).unwrap();
    *callee.lock().unwrap() = Some(volume.clone());
    volume.load(D01).unwrap();
    volume.unload(D01).unwrap();
    assert_eq!(volume.load(D02).unwrap_err().status(), Status::NotFound);
    assert_eq!(volume.usage().dimension_count, 2);
    place.dimension(D01, &["b"]).publish();
    assert!(volume.refresh().unwrap());
    let clone = callee.lock().unwrap().take();
    drop(clone);
    let kept = volume.snapshot();
    drop((volume, options));
    let usage = Some(Status::Usage);
    assert_eq!(
        *told.lock().unwrap(),
        [
            (EventKind::Open, None, 1, None, None),
            (EventKind::Load, Some(D01), 1, None, usage),
            (EventKind::Unload, Some(D01), 1, None, usage),
            (EventKind::Refuse, Some(D02), 1, Some(Status::NotFound), usage),
            (EventKind::Refresh, None, 2, None, usage),
            (EventKind::Close, None, 2, None, None),
        ]
    );
    // The closure is gone with the volume, the snapshot is not.
    assert_eq!(Arc::strong_count(&told), 1);
    assert_eq!(kept.dimensions().collect::<Vec<_>>(), [D01, D03]);
}
