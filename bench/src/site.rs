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
            "way_in" => "first load, signing in".to_owned(),
            name => format!("first load on a page of `{name}`"),
        };
        let aim = if name == "way_in" { "aim: WASM below 300 KB brotli" } else { "" };
        row(
            what,
            format!("{wasm} KB of WASM, brotli; {whole} KB with script and style ({} KB raw)", raw / 1000),
            "",
            aim,
        )
    };
    parts.into_iter().map(part).collect()
}
