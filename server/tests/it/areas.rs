//! What the walks over everything need to know of an area: it stands beside the area's own tests, and is collected here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use eventify::kernel::areas::Area;
use eventify::kernel::registry::operations;
use futures::future::LocalBoxFuture;
use reqwest::Method;
use serde_json::Value;

use crate::support::{Person, Site};

/// A write of each kind, ready to be sent: its name, method, path and body.
pub type Write = (&'static str, Method, String, Option<Value>);

/// Where writes are made ready: `tag` tells what they make from what others made before.
pub struct Harness<'s> {
    pub site: &'s Site,
    pub admin: &'s Person,
    pub tag: &'s str,
    pub out: &'s mut Vec<Write>,
}

/// Makes an area's writes ready.
pub type Ready = for<'s> fn(Harness<'s>) -> LocalBoxFuture<'s, ()>;

/// Adds a write; with the body `null` it has none.
pub fn add(out: &mut Vec<Write>, name: &'static str, method: Method, path: String, body: Value) {
    let body = if body.is_null() { None } else { Some(body) };
    out.push((name, method, path, body));
}

/// What the walks know of an area; register with `inventory::submit!`.
pub struct AreaTests {
    /// Where its writes stand among the others, and what makes them ready.
    pub writes: (u8, Ready),
    /// Staff writes that the faults leave out, each with its reason.
    pub not_cut: &'static [(&'static str, &'static str)],
    /// Where a record stands that a path names: the path up to its last parameter, and SQL for what its parameters are. A
    /// path without one fails the walks.
    pub records: &'static [(&'static str, &'static str)],
    /// The tables and columns that the specifications name.
    pub tables: &'static [(&'static str, &'static str)],
    /// Operations none of whose texts can hold markup, each with what it takes instead.
    pub takes_no_markup: &'static [(&'static str, &'static str)],
    /// What the page of its records is under, where that is not what their operations are under.
    pub elsewhere: &'static [(&'static str, &'static str)],
}
inventory::collect!(AreaTests);

impl AreaTests {
    /// Nothing but writes.
    pub const fn writes(place: u8, ready: Ready) -> Self {
        Self { writes: (place, ready), not_cut: &[], records: &[], tables: &[], takes_no_markup: &[], elsewhere: &[] }
    }

    /// All of them, in order.
    pub fn all() -> Vec<&'static AreaTests> {
        let mut all: Vec<_> = inventory::iter::<AreaTests>().collect();
        all.sort_by_key(|area| area.writes.0);
        all
    }
}

/// Areas that keep to themselves: each with how files of its own tests begin, and the words that nobody says but who
/// names it or one of its things.
const TO_THEMSELVES: &[(&str, &str, &[&str])] = &[(
    "webhooks",
    "webhook",
    &[
        "mod webhooks",
        "area-webhooks",
        "crate::webhooks",
        "eventify::webhooks",
        "\"webhooks",
        "\"webhook.",
        "\"/webhooks",
        "'/webhooks",
        "webhook_endpoint",
        "webhook_deliver",
        "webhook_disabled",
    ],
)];

/// Files that say one of those words and touch nothing of the area's own, each with what it means there.
const OTHERWISE: &[(&str, &str)] = &[
    ("core/src/kernel/openapi/mod.rs", "OpenAPI calls so what is sent to others"),
    ("core/src/kernel/openapi/webhooks.rs", "OpenAPI calls so what is sent to others"),
    ("server/tests/it/openapi.rs", "OpenAPI calls so what is sent to others"),
    ("src/finance/sql/mod.rs", "what a payment provider sends us"),
    ("src/finance/operations/mod.rs", "what a payment provider sends us"),
    ("src/order.rs", "OpenAPI calls so what is sent to others"),
    ("server/tests/it/two_versions.rs", "an endpoint gets what both versions send"),
    ("bench/src/queues.rs", "ten thousand of its messages wait before a code"),
    ("server/tests/it/queues.rs", "ten thousand of its messages wait before a code"),
    ("server/tests/it/secrets.rs", "no secret of any kind stands in the database"),
];

/// So many files outside its own an area may touch: `Cargo.toml`, `lib.rs`, two of the app, the tests' `main.rs`, a migration.
const MOST: usize = 6;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match entry.is_dir() {
            true if ["node_modules", "artifacts", "target"].contains(&name.as_str()) => {}
            true => files(&entry, found),
            false => found.push(entry),
        }
    }
}

#[test]
fn an_area_touches_no_more_than_six_files_outside_its_own() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for folder in ["core", "src", "app", "server", "gate", "operation", "frontend", "end2end", "migrations", "bench"] {
        files(&top.join(folder), &mut found);
    }
    found.push(top.join("Cargo.toml"));
    for (area, own, things) in TO_THEMSELVES {
        let mut touched = Vec::new();
        for file in &found {
            let path = file.strip_prefix(&top).expect("within").to_string_lossy().into_owned();
            let is_own = path.starts_with(&format!("src/{area}/")) || path.starts_with(&format!("app/src/{area}/"));
            let of_tests = path.starts_with("server/tests/it/") || path.starts_with("end2end/");
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            if is_own || of_tests && name.starts_with(own) || path.ends_with("it/areas.rs") {
                continue;
            }
            let Ok(text) = std::fs::read_to_string(file) else { continue };
            // Migrations are of the day they were made on: one more for an area is one file.
            let place = if path.starts_with("migrations/") { "migrations".to_owned() } else { path };
            let otherwise = OTHERWISE.iter().any(|(file, _)| *file == place);
            if !otherwise && !touched.contains(&place) && things.iter().any(|thing| text.contains(thing)) {
                touched.push(place);
            }
        }
        assert!(touched.len() <= MOST, "{area} is in {}: {touched:#?}", touched.len());
        assert!(touched.len() > 2, "{area} is nowhere: are its things still called so? {touched:?}");
    }
}

#[test]
fn every_area_says_what_it_is_about_and_what_a_field_means_is_said_once() {
    for operation in operations() {
        let known = Area::all().filter(|area| area.name == operation.area()).count();
        assert_eq!(known, 1, "{} is of {}", operation.id, operation.area());
    }
    let house = include_str!("../../../core/src/kernel/openapi/fields.tsv");
    let mut seen = BTreeSet::new();
    for name in Area::all().map(|area| area.fields).chain([house]).flat_map(str::lines) {
        let name = name.split('\t').next().unwrap_or_default();
        assert!(seen.insert(name), "{name} is described twice");
    }
    let mut steps: Vec<u8> = Area::all().filter_map(|area| area.demo).map(|(step, _)| step).collect();
    steps.sort_unstable();
    assert!(steps.len() >= 11 && steps.is_sorted_by(|a, b| a < b), "{steps:?}");
}
