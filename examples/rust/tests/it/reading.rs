//! reading.rs: what a snapshot gives, and how it says that there is nothing.
//! In: small volumes. Out: text, bytes and numbers as the sources have them; errors with all that is known.

use std::error::Error as _;

use jessy::memory::MmapManager;
use jessy::{Flag, Options, Snapshot, Status, Volume};

use crate::{layer_id, Place, D01, D02, D03};

fn emotion(name: &str) -> Place {
    let place = Place::new(name);
    let head = "dimension_id: 1\nname: Emotion\ndescription: What is felt.\ncreated_at: 1970-01-01T00:01:00Z\n\
                frequency_range: [0.1, 4.5]\n";
    place.source("D01/dimension.yaml", head);
    place.source(
        "D01/layers.yaml",
        "layer_id: 1\ntitle: Été\nfrequency: 1.5\nkeywords: [joy, été]\ncontent: Joy is bright.\n---\n\
         layer_id: 7\nfrequency: 0.5\nkeywords: [grief, joy]\ncontent_file: bytes\n",
    );
    place.source("D01/bytes", b"caf\xc3\xa9 \xff\0end");
    place.dimension(D02, &["Attention selects.", "Memory keeps."]).publish();
    place
}

#[test]
fn all_that_the_sources_say_is_there() {
    let place = emotion("all");
    let volume = Volume::open(place.volume(), &Options::new()).unwrap();
    let snapshot = volume.snapshot();
    assert_eq!(snapshot.dimensions().collect::<Vec<_>>(), [D01, D02]);
    assert_eq!(
        snapshot.regions().map(|region| region.dimension()).collect::<Vec<_>>(),
        [D01, D02]
    );

    let region = snapshot.region(D01).unwrap();
    region.check().unwrap();
    assert_eq!(region.name().unwrap(), "Emotion");
    assert_eq!(region.description().unwrap(), Some("What is felt."));
    assert_eq!(region.created_at().unwrap(), Some(60));
    assert_eq!(region.updated_at().unwrap(), None);
    assert_eq!(region.frequency_range().unwrap(), Some((0.1, 4.5)));
    let file = std::fs::read(place.region(D01)).unwrap();
    assert_eq!(region.file_size(), file.len() as u64);
    assert_eq!(region.checksum()[..], file[24..56]);
    let other = snapshot.region(D02).unwrap();
    assert_eq!(
        (other.description().unwrap(), other.frequency_range().unwrap()),
        (None, None)
    );

    let layers: Vec<_> = region.layers().map(Result::unwrap).collect();
    assert_eq!(
        layers.iter().map(|layer| layer.id()).collect::<Vec<_>>(),
        [layer_id(D01, 1), layer_id(D01, 7)]
    );
    assert_eq!(
        (layers[0].title().unwrap(), layers[1].title().unwrap()),
        (Some("Été"), None)
    );
    assert_eq!((layers[0].frequency(), layers[1].frequency()), (1.5, 0.5));
    assert_eq!(
        layers[0].keywords().map(Result::unwrap).collect::<Vec<_>>(),
        ["joy", "été"]
    );
    assert_ne!(layers[0].digest(), layers[1].digest());
    assert_eq!(region.layer(7).unwrap().bytes().unwrap(), layers[1].bytes().unwrap());

    let context = layers[0].context().unwrap();
    assert_eq!(
        (context.id, context.title, context.frequency),
        (layer_id(D01, 1), Some("Été"), 1.5)
    );
    assert_eq!(context.content, "Joy is bright.");
    // The same bytes, in the same place.
    assert_eq!(context.content.as_bytes().as_ptr(), layers[0].bytes().unwrap().as_ptr());
}

#[test]
fn a_content_that_is_no_text_is_bytes() {
    let place = emotion("bytes");
    let manager = MmapManager::open(place.volume(), &Options::new()).unwrap();
    let layer = manager.layer(layer_id(D01, 7)).unwrap();
    assert_eq!(layer.bytes().unwrap(), b"caf\xc3\xa9 \xff\0end");
    let error = manager.load_layer_context(layer_id(D01, 7)).unwrap_err();
    assert_eq!(
        (error.status(), error.dimension(), error.layer()),
        (Status::NotUtf8, Some(D01), Some(7))
    );
    assert!(error.message().contains("from index 6"), "{error}");
    assert_eq!(layer.content().unwrap_err().status(), Status::NotUtf8);
}

fn found(snapshot: &Snapshot, keyword: &str) -> Vec<String> {
    snapshot
        .find_keyword(keyword)
        .map(|layer| layer.unwrap().id().to_string())
        .collect()
}

#[test]
fn searches_go_through_all_loaded_dimensions() {
    let place = emotion("searches");
    let volume = Volume::open(place.volume(), &Options::new()).unwrap();
    let snapshot = volume.snapshot();
    assert_eq!(found(&snapshot, "joy"), ["D01/1", "D01/7"]);
    assert_eq!(found(&snapshot, "all"), ["D02/1", "D02/2"]);
    assert!(found(&snapshot, "jo").is_empty() && found(&snapshot, "").is_empty());

    let by_frequency = |range| -> Vec<_> {
        snapshot
            .find_frequency(range)
            .map(|l| l.unwrap().id().to_string())
            .collect()
    };
    assert_eq!(by_frequency(0.5..=1.5), ["D01/7", "D01/1", "D02/1"]);
    assert_eq!(by_frequency(1.6..=f64::INFINITY), ["D02/2"]);
    assert!(by_frequency(f64::NAN..=2.0).is_empty());

    let keywords: Vec<_> = snapshot.find_prefix("").map(Result::unwrap).collect();
    assert_eq!(keywords, ["D02-1", "D02-2", "all", "grief", "joy", "été"]);
    // What was found lives as long as the snapshot, not as the key.
    let kept = {
        let key = String::from("D02");
        (
            snapshot.find_prefix(&key).last().unwrap().unwrap(),
            snapshot.find_keyword("été").next().unwrap().unwrap(),
        )
    };
    assert_eq!((kept.0, kept.1.title().unwrap()), ("D02-2", Some("Été")));

    let mut search = snapshot.find_keyword("grief");
    assert!(search.next().is_some() && search.next().is_none() && search.next().is_none());
    volume.unload(D02).unwrap();
    assert!(found(&volume.snapshot(), "all").is_empty());
}

#[test]
fn what_is_not_there_is_refused_with_its_name() {
    let place = emotion("missing");
    let mut manager = MmapManager::open(place.volume(), &Options::new().flag(Flag::Lazy)).unwrap();
    let error = manager.load_dimension(D03).unwrap_err();
    assert_eq!(
        (error.status(), error.dimension(), error.layer()),
        (Status::NotFound, Some(D03), None)
    );
    assert_eq!(error.path(), Some(place.volume().as_path()));
    assert!(
        error
            .to_string()
            .ends_with(": D03: the volume does not have this dimension"),
        "{error}"
    );

    let error = manager.load_layer_context(layer_id(D01, 1)).unwrap_err();
    assert_eq!((error.status(), error.dimension()), (Status::NotLoaded, Some(D01)));
    assert_eq!(manager.snapshot().regions().count(), 0);
    manager.load_dimension(D01).unwrap();
    let error = manager.load_layer_context(layer_id(D01, 3)).unwrap_err();
    assert_eq!(
        (error.status(), error.layer(), error.to_string().as_str()),
        (Status::NotFound, Some(3), "D01/3: not found")
    );

    let refused = |path: &std::path::Path, options: &Options| Volume::open(path, options).unwrap_err();
    let nowhere = refused(&place.0.join("nowhere"), &Options::new());
    assert_eq!(nowhere.status(), Status::NotFound);
    let file = refused(&place.0.join("src/D01/bytes"), &Options::new());
    assert_eq!(file.status(), Status::System);
    let reason = file.source().unwrap().downcast_ref::<std::io::Error>().unwrap();
    assert_eq!(reason.raw_os_error(), Some(20), "{reason}"); // ENOTDIR
    assert_eq!(refused("a\0b".as_ref(), &Options::new()).status(), Status::Usage);
    let options = Options::new().dimensions([D01, D03]);
    let error = refused(&place.volume(), &options);
    assert_eq!((error.status(), error.dimension()), (Status::NotFound, Some(D03)));
    let options = Options::new().dimensions([]);
    assert_eq!(refused(&place.volume(), &options).status(), Status::Usage);
    assert_eq!(
        refused(&place.volume(), &Options::new().max_region_size(1000)).status(),
        Status::Limit
    );
    assert_eq!(MmapManager::new(0).unwrap_err().status(), Status::Usage);
    assert_eq!(MmapManager::new(u64::MAX).unwrap_err().status(), Status::Usage);
}
