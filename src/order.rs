//! What holds for all areas: read in their sources, and in what they declare. In what order they use each other says each
//! one's `Cargo.toml`; Cargo refuses circles.

use std::path::{Path, PathBuf};

/// Where areas stand.
const FOLDERS: [&str; 2] = ["core/src", "src"];

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

/// The events that the committed document names: what must not get lost.
fn committed_events() -> Vec<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    let text = std::fs::read_to_string(file).expect("openapi.json");
    let webhooks = text.split("\n  \"webhooks\": {\n").nth(1).expect("webhooks");
    let names = webhooks.lines().take_while(|line| line.starts_with("    "));
    names.filter_map(|line| Some(line.strip_prefix("    \"")?.split('"').next()?.to_owned())).collect()
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
    assert_eq!(found, 2, "are events still declared as before?");
    // One of them is the macro's, for all that it declares.
    let declared: Vec<&str> = crate::kernel::outbox::EventType::all().iter().map(|event| event.kind).collect();
    assert_eq!(declared, committed_events(), "what openapi.json has can be subscribed to");
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
    let mut places: Vec<_> = inventory::iter::<crate::kernel::error::Codes>().map(|list| list.place).collect();
    places.sort_unstable();
    assert!(places.is_sorted_by(|a, b| a < b), "two lists stand at one place: {places:?}");
}

#[test]
fn no_two_areas_say_who_sees_an_event() {
    let mut prefixes: Vec<_> = inventory::iter::<crate::bus::EventAudience>().map(|one| one.prefix).collect();
    prefixes.sort_unstable();
    assert!(prefixes.len() >= 25, "only {} kinds of events are seen by more than the bus's readers", prefixes.len());
    assert!(prefixes.windows(2).all(|pair| !pair[1].starts_with(pair[0])), "{prefixes:?}");
}
