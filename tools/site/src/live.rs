//! Live's service worker: which files are one version of the app, and what each must be.

use crate::Options;
use crate::assets::files_below;
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What only phones without a reader of codes need: not in the first load.
pub const LATER: [&str; 3] = ["decode.js", "zxing.js", "zxing_reader.wasm"];

/// Writes version and hashes into the worker, and the version into the page. Cheap, so it is always done.
pub fn seal(options: &Options) -> Result<bool> {
    let folder = options.out.join("live");
    let worker = options.public.join("live/sw.js");
    if !worker.exists() {
        return Ok(false);
    }
    let mut files = BTreeMap::new();
    for file in files_below(&folder)? {
        let name = file.strip_prefix(&folder)?.to_string_lossy().into_owned();
        if name != "sw.js" && name != "index.html" && !name.ends_with(".br") && !name.ends_with(".gz") {
            files.insert(format!("/live/{name}"), fs::read(&file)?);
        }
    }
    for name in ["live.js", "live_bg.wasm"] {
        files.insert(
            format!("/pkg/{name}"),
            fs::read(options.out.join("pkg").join(name)).with_context(|| name.to_owned())?,
        );
    }
    let page = fs::read_to_string(options.public.join("live/index.html"))?;
    files.insert("/live/".into(), page.clone().into_bytes());
    let all = files
        .iter()
        .fold(Sha256::new(), |all, (name, bytes)| all.chain_update(name).chain_update(Sha256::digest(bytes)));
    let version = hex(&all.finalize())[..12].to_owned();

    let page = replaced(&page, "content=\"dev\"", &format!("content=\"{version}\""))?;
    files.insert("/live/".into(), page.clone().into_bytes());
    let is_later = |name: &String| LATER.iter().any(|later| name.strip_prefix("/live/") == Some(*later));
    let hashes = |later: bool| -> Result<String> {
        let hashes: BTreeMap<&String, String> = files
            .iter()
            .filter(|(name, _)| is_later(name) == later)
            .map(|(name, bytes)| (name, hex(&Sha256::digest(bytes))))
            .collect();
        Ok(serde_json::to_string_pretty(&hashes)?)
    };
    let worker = fs::read_to_string(worker)?;
    let worker = replaced(&worker, "VERSION = 'dev'", &format!("VERSION = '{version}'"))?;
    let worker = replaced(&worker, "SHELL = {}", &format!("SHELL = {}", hashes(false)?))?;
    let worker = replaced(&worker, "LATER = {}", &format!("LATER = {}", hashes(true)?))?;
    let page_new = write_new(&folder.join("index.html"), &page)?;
    Ok(write_new(&folder.join("sw.js"), &worker)? || page_new)
}

fn replaced(text: &str, from: &str, to: &str) -> Result<String> {
    ensure!(text.matches(from).count() == 1, "`{from}` must stand once in Live's files");
    Ok(text.replace(from, to))
}

/// Leaves a file alone that is so already: what was compressed of it stays good.
fn write_new(file: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(false);
    }
    fs::write(file, text)?;
    for suffix in ["br", "gz"] {
        fs::remove_file(format!("{}.{suffix}", file.display())).ok();
    }
    Ok(true)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
