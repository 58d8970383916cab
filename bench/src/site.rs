//! What a browser fetches before the first page is alive.

use std::path::Path;

use crate::{Row, row};

/// Script, WASM, loader of the lazy parts and stylesheet, as they travel.
pub fn first_load(site: &Path) -> Vec<Row> {
    let pkg = site.join("pkg");
    let files = ["eventify.js", "eventify_bg.wasm", "__wasm_split.______________________.js", "eventify.css"];
    let size = |name: &str| std::fs::metadata(pkg.join(name)).map_or(0, |m| m.len());
    let raw: u64 = files.iter().map(|f| size(f)).sum();
    let brotli: u64 = files.iter().map(|f| size(&format!("{f}.br"))).sum();
    if brotli == 0 {
        return vec![row("WASM first load", "no optimised site: bin/release makes it", "", "")];
    }
    let text = format!("{} KB brotli ({} KB raw)", brotli / 1000, raw / 1000);
    vec![row("first load: script, WASM, stylesheet", text, "", "aim: below 300 KB brotli")]
}
