//! What a browser fetches before the first page is alive.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Row, row};

/// What every page needs: script, WASM, loader of the parts and stylesheet.
const COMMON: [&str; 4] = ["eventify.js", "eventify_bg.wasm", "__wasm_split.______________________.js", "eventify.css"];

/// As they travel, for each part of the site whose page may be the first.
pub fn first_load(site: &Path) -> Vec<Row> {
    let pkg = site.join("pkg");
    let size = |name: &str| std::fs::metadata(pkg.join(name)).map_or(0, |m| m.len());
    let parts: Option<BTreeMap<String, Vec<String>>> = std::fs::read(pkg.join("__wasm_split_manifest.json"))
        .ok()
        .and_then(|manifest| serde_json::from_slice(&manifest).ok());
    let Some(parts) = parts.filter(|_| size("eventify_bg.wasm.br") > 0) else {
        return vec![row("first load", "no optimised site: bin/release makes it", "", "")];
    };
    let part = |(name, files): (String, Vec<String>)| {
        let own = files.iter().map(|file| format!("{file}.wasm"));
        let all: Vec<String> = COMMON.map(str::to_owned).into_iter().chain(own).collect();
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
    parts.into_iter().map(part).chain([door(site), live(site)]).collect()
}

/// Signing in: a form, its script and the stylesheet.
fn door(site: &Path) -> Row {
    let files = ["door.js.br", "pkg/eventify.css.br"];
    let bytes: u64 = files.iter().map(|file| std::fs::metadata(site.join(file)).map_or(0, |m| m.len())).sum();
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
