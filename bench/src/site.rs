//! What a browser fetches before the first page is alive.

use std::collections::BTreeMap;
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

/// As they travel, for each part of the site whose page may be the first.
pub fn first_load(site: &Path) -> Vec<Row> {
    let names = std::fs::read(site.join("names.json")).ok();
    let Names { files, parts } = names.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
    let common: Vec<String> = COMMON.iter().filter_map(|name| files.get(*name).cloned()).collect();
    let size = |address: &str| size(site, address);
    if common.len() < COMMON.len() || size(&format!("{}.br", common[0])) == 0 {
        return vec![row("first load", "no optimised site: bin/release makes it", "", "")];
    }
    let part = |(name, files): (String, Vec<String>)| {
        let own = files.iter().map(|file| format!("/pkg/{file}.wasm"));
        let all: Vec<String> = common.iter().cloned().chain(own).collect();
        let raw: u64 = all.iter().map(|file| size(file)).sum();
        let brotli = |part: &dyn Fn(&&String) -> bool| -> u64 {
            all.iter().filter(part).map(|file| size(&format!("{file}.br"))).sum::<u64>() / 1000
        };
        let (whole, wasm) = (brotli(&|_| true), brotli(&|file| file.ends_with(".wasm")));
        let what = match name.as_str() {
            "way_in" => "first load of an invitation or a new password".to_owned(),
            name => format!("first load on a page of `{name}`"),
        };
        row(
            what,
            format!("{wasm} KB of WASM, brotli; {whole} KB with script and style ({} KB raw)", raw / 1000),
            "",
            "",
        )
    };
    parts.into_iter().map(part).chain([door(site, &files), live(site)]).collect()
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
