//! The order of the areas: each may use those above it, none the other way round, so that a folder
//! can move to a crate when compile time asks for it, as those of `core` did.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where areas stand: the first are a crate of their own.
const FOLDERS: [&str; 2] = ["core/src", "src"];

/// One line a layer. What stands in one line may use each other: the first is the house itself.
const LAYERS: &[&[&str]] = &[
    // core/src
    &["kernel", "access", "audit", "bus", "notify", "ops", "organisation"],
    &["search", "views"],
    // src
    &["partners"],
    &["people"],
    &["webhooks"],
    &["events"],
    &["tickets"],
    &["gate"],
    &["planning"],
    &["finance"],
    &["notifications"],
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

fn folders() -> impl Iterator<Item = PathBuf> {
    FOLDERS.iter().map(|folder| Path::new(env!("CARGO_MANIFEST_DIR")).join(folder))
}

#[test]
fn areas_use_only_what_stands_before_them() {
    let areas: BTreeMap<String, PathBuf> = folders()
        .flat_map(|folder| std::fs::read_dir(folder).expect("the source"))
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()))
        .collect();
    let listed: BTreeSet<String> = LAYERS.iter().copied().flatten().map(|name| (*name).to_owned()).collect();
    assert_eq!(areas.keys().cloned().collect::<BTreeSet<_>>(), listed, "every area has its place in LAYERS");
    for (layer, names) in LAYERS.iter().enumerate() {
        let later: Vec<String> = LAYERS[layer + 1..].iter().copied().flatten().map(|a| format!("crate::{a}")).collect();
        for area in *names {
            let mut files = Vec::new();
            sources(&areas[*area], &mut files);
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
    folders().for_each(|folder| sources(&folder, &mut files));
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

#[test]
fn every_error_code_is_in_the_catalogue() {
    let mut files = Vec::new();
    folders().for_each(|folder| sources(&folder, &mut files));
    let known = |code: &str| crate::kernel::error::catalogue().iter().any(|known| known.code == code);
    let mut found = 0;
    for file in files.iter().filter(|file| !file.ends_with("tests.rs") && !file.ends_with("order.rs")) {
        let text = std::fs::read_to_string(file).expect("a source file");
        for code in text.split("Error::new(\"").skip(1).map(|rest| rest.split('"').next().unwrap_or(rest)) {
            assert!(known(code), "{}: {code} is not in /api/errors", file.display());
            found += 1;
        }
    }
    for constraint in inventory::iter::<operation::Constraint>() {
        assert!(known(constraint.code), "{}: {} is not in /api/errors", constraint.name, constraint.code);
        found += 1;
    }
    assert!(found >= 20, "only {found} codes: are errors still made as before?");
}

#[test]
fn every_code_stands_once_in_the_catalogue() {
    let mut codes: Vec<_> = crate::kernel::error::catalogue().iter().map(|known| known.code).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all, "two codes are the same word");
    assert!(all >= 72, "only {all} codes");
    let mut places: Vec<_> = inventory::iter::<crate::kernel::error::Codes>().map(|list| list.place).collect();
    places.sort_unstable();
    assert!(places.is_sorted_by(|a, b| a < b), "two lists stand at one place: {places:?}");
}

#[test]
fn no_two_areas_say_who_sees_an_event() {
    let mut prefixes: Vec<_> = inventory::iter::<crate::bus::Audience>().map(|one| one.prefix).collect();
    prefixes.sort_unstable();
    assert!(prefixes.len() >= 25, "only {} kinds of events are seen by more than the bus's readers", prefixes.len());
    assert!(prefixes.windows(2).all(|pair| !pair[1].starts_with(pair[0])), "{prefixes:?}");
}
