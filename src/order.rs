//! The order of the areas: each may use those above it, none the other way round, so that a folder
//! can become a crate on the day compile time asks for it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// One line a layer. What stands in one line may use each other: the first is the house itself.
const LAYERS: &[&[&str]] = &[
    &["kernel", "access", "audit", "bus", "notify", "ops"],
    &["search", "views"],
    &["partners"],
    &["people"],
    &["webhooks"],
    &["events"],
    &["tickets"],
    // It looks at all the others, so it stays last.
    &["overview"],
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        match entry.is_dir() {
            true => sources(&entry, found),
            false => found.push(entry),
        }
    }
}

#[test]
fn areas_use_only_what_stands_before_them() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders: BTreeSet<String> = std::fs::read_dir(&source)
        .expect("the source")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let listed: BTreeSet<String> = LAYERS.iter().copied().flatten().map(|name| (*name).to_owned()).collect();
    assert_eq!(folders, listed, "every area has its place in LAYERS");
    for (layer, areas) in LAYERS.iter().enumerate() {
        let later: Vec<String> = LAYERS[layer + 1..].iter().copied().flatten().map(|a| format!("crate::{a}")).collect();
        for area in *areas {
            let mut files = Vec::new();
            sources(&source.join(area), &mut files);
            for file in files {
                let text = std::fs::read_to_string(&file).expect("a source file");
                let wrong = later.iter().find(|path| text.contains(path.as_str()));
                assert_eq!(wrong, None, "{} uses an area that comes after its own", file.display());
            }
        }
    }
}

#[test]
fn every_event_can_be_subscribed_to() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut found = 0;
    for file in files.iter().filter(|file| !file.ends_with("tests.rs") && !file.ends_with("order.rs")) {
        let text = std::fs::read_to_string(file).expect("a source file");
        for name in text.split("BusEvent for ").skip(1).map(|rest| rest.split([' ', '{']).next().unwrap_or(rest)) {
            let registered = format!("EventType::of::<{name}>(");
            assert!(text.contains(&registered), "{}: submit {registered}…) for it", file.display());
            found += 1;
        }
    }
    assert!(found >= 2, "only {found} impls: are events still declared as before?");
    // One of them is the macro's, for all that it declares.
    let declared = crate::kernel::outbox::EventType::all().len();
    assert!(declared >= 40, "only {declared} events can be subscribed to");
}
