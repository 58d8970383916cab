//! What a browser fetches before the first page is alive.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crate::{Row, row};

/// What every page needs: script, WASM, loader of the parts and stylesheet.
const COMMON: [&str; 4] = ["/pkg/eventify.js", "/pkg/eventify_bg.wasm", "/pkg/__wasm_split.js", "/pkg/eventify.css"];

/// What the site's files are called.
#[derive(Default, Deserialize)]
struct Names {
    /// With the hash, by the name without.
    files: BTreeMap<String, String>,
    /// What each part needs, without folder and ending.
    parts: BTreeMap<String, Vec<String>>,
}

/// How large what lies at an address is.
fn size(site: &Path, address: &str) -> u64 {
    std::fs::metadata(site.join(address.trim_start_matches('/'))).map_or(0, |m| m.len())
}

/// Pages that are said one by one, with their bundles.
const PAGES: &[(&str, &[&str])] = &[
    ("first load of an invitation or a new password", &["way_in"]),
    ("first load of the overview", &["overview"]),
    ("first load of the list of events", &["events"]),
    ("first load of an event", &["event", "event_overview"]),
    ("first load of an event's guests", &["event", "event_guests"]),
    ("first load of a plan", &["plan"]),
    ("first load of the live board", &["live_board"]),
    ("first load of payments", &["payments"]),
    ("first load of the team", &["team"]),
    ("first load of the audit log", &["audit"]),
];

/// As they travel: pages of which each may be the first.
pub fn first_load(site: &Path) -> Vec<Row> {
    let names = std::fs::read(site.join("names.json")).ok();
    let Names { files, parts } = names.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let common: Vec<String> = COMMON.iter().filter_map(|name| files.get(*name).cloned()).collect();
    let size = |address: &str| size(site, address);
    if common.len() < COMMON.len() || size(&format!("{}.br", common[0])) == 0 {
        return vec![row("first load", "no optimised site: bin/release makes it", "", "")];
    }
    // What the bundles need, each file once.
    let all = |bundles: &[&str]| -> BTreeSet<String> {
        let own = bundles.iter().filter_map(|name| parts.get(*name)).flatten();
        own.map(|file| format!("/pkg/{file}.wasm")).chain(common.iter().cloned()).collect()
    };
    let brotli = |files: &BTreeSet<String>| files.iter().map(|file| size(&format!("{file}.br"))).sum::<u64>() / 1000;
    let mut rows: Vec<Row> = PAGES
        .iter()
        .map(|(what, bundles)| {
            let files = all(bundles);
            let wasm = brotli(&files.iter().filter(|file| file.ends_with(".wasm")).cloned().collect());
            let raw = files.iter().map(|file| size(file)).sum::<u64>() / 1000;
            let count = files.len();
            let says = format!("{} KB in {count} files, brotli ({wasm} KB WASM; {raw} KB raw)", brotli(&files));
            row(*what, says, "", "aim: below 350 KB, an event 420")
        })
        .collect();
    // A tab's bundle is named after its page's, and is never there alone.
    let page_of = |name: &str| {
        parts.keys().find(|page| name.strip_prefix(page.as_str()).is_some_and(|rest| rest.starts_with('_')))
    };
    let behind = parts.keys().filter(|name| *name != "way_in" && !parts.keys().any(|tab| page_of(tab) == Some(*name)));
    let mut loads: Vec<(u64, &String)> =
        behind.map(|name| (brotli(&all(&[name, page_of(name).unwrap_or(name)])), name)).collect();
    loads.sort();
    if let (Some((least, first)), Some((most, last)), Some((middle, _))) =
        (loads.first(), loads.last(), loads.get(loads.len() / 2))
    {
        let says = format!("{least} KB (`{first}`) to {most} KB (`{last}`), {middle} KB in the middle, brotli");
        rows.push(row(format!("first load of all {} bundles behind the door", loads.len()), says, "", ""));
    }
    rows.extend([door(site, &files), live(site)]);
    rows
}

/// Signing in: a form, its script and the stylesheet.
fn door(site: &Path, files: &BTreeMap<String, String>) -> Row {
    let own = ["/door.js", "/pkg/eventify.css"].iter().filter_map(|name| files.get(*name));
    let bytes: u64 = own.map(|address| size(site, &format!("{address}.br"))).sum();
    row(
        "first load, signing in",
        format!("{} KB of script and style, brotli; no WASM", bytes / 1000),
        "",
        "aim: below 40 KB",
    )
}

/// What a phone fetches before Live opens: all that its worker keeps, pictures included.
fn live(site: &Path) -> Row {
    let worker = std::fs::read_to_string(site.join("live/sw.js")).unwrap_or_default();
    // The worker names them: `const SHELL = { "/live/": "…hash…", … };`
    let shell = worker.split_once("SHELL = ").and_then(|(_, rest)| Some(rest.split_once(';')?.0)).unwrap_or("{}");
    let files: BTreeMap<String, String> = serde_json::from_str(shell).unwrap_or_default();
    let size = |address: &String| {
        let file =
            format!("{}{}", address.trim_start_matches('/'), if address.ends_with('/') { "index.html" } else { "" });
        let [packed, raw] =
            [format!("{file}.br"), file].map(|file| std::fs::metadata(site.join(file)).map(|m| m.len()));
        packed.or(raw).unwrap_or(0)
    };
    let bytes: u64 = files.keys().map(size).sum();
    row("first load of Live", format!("{} KB in {} files, brotli", bytes / 1000, files.len()), "", "aim: below 250 KB")
}
