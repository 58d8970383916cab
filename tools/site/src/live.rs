//! Live's service worker: which files are one version of the app, and what each must be.

use crate::Options;
use crate::assets::{files_below, write_new};
use crate::names::{Names, hex};
use anyhow::{Result, ensure};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;

/// What only phones without a reader of codes need: not in the first load.
pub const LATER: [&str; 3] = ["decode.js", "zxing.js", "zxing_reader.wasm"];

/// The app itself, as the script that starts it calls it.
const APP: [&str; 2] = ["/pkg/live.js", "/pkg/live_bg.wasm"];

/// Writes the app's addresses into the script that starts it, version and hashes into the worker, and the version into
/// the page. Cheap, so it is always done.
pub fn seal(options: &Options, names: &Names) -> Result<bool> {
    let folder = options.out.join("live");
    let worker = options.public.join("live/sw.js");
    if !worker.exists() {
        return Ok(false);
    }
    let mut files = BTreeMap::new();
    let mut boot = fs::read_to_string(options.public.join("live/boot.js"))?;
    for file in APP {
        let address = names.address(file)?;
        boot = replaced(&boot, &format!("'{file}'"), &format!("'{address}'"))?;
        files.insert(address.to_owned(), names.file(address)?.to_vec());
    }
    write_new(&folder.join("boot.js"), &boot)?;
    for file in files_below(&folder)? {
        let name = file.strip_prefix(&folder)?.to_string_lossy().into_owned();
        if name != "sw.js" && name != "index.html" && !name.ends_with(".br") && !name.ends_with(".gz") {
            files.insert(format!("/live/{name}"), fs::read(&file)?);
        }
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
