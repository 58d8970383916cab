//! Styles and public files.

use crate::Options;
use crate::stamps::Stamps;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A service worker: at another address it would be another one.
const PUSH_WORKER: &str = "push-worker.js";

/// Joins `style/*.css` in the order of their names (`10-tokens.css`, `20-base.css` …) into `eventify.css`.
pub fn join_styles(options: &Options, stamps: &mut Stamps) -> Result<bool> {
    let mut files = files_below(&options.style)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "css"));
    let mut css = String::new();
    for file in &files {
        css += &fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        css.push('\n');
    }
    let target = options.made().join("eventify.css");
    let Some(hash) = stamps.begin("styles", &[css.as_bytes()], &target)? else { return Ok(false) };
    fs::write(&target, css)?;
    stamps.finish("styles", hash);
    Ok(true)
}

/// The scripts pages ask for, by their addresses.
pub fn scripts(options: &Options) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut scripts = BTreeMap::new();
    for file in files_below(&options.public)?.into_iter().filter(|file| is_script(options, file)) {
        scripts.insert(format!("/{}", file.strip_prefix(&options.public)?.display()), fs::read(&file)?);
    }
    Ok(scripts)
}

/// Scripts at the root, but for the one the browser knows by its address.
fn is_script(options: &Options, file: &Path) -> bool {
    file.parent() == Some(options.public.as_path())
        && file.extension().is_some_and(|extension| extension == "js")
        && file.file_name().is_some_and(|name| name != PUSH_WORKER)
}

/// Makes the site's root hold the public files that keep their names, and removes those that are public no more.
pub fn copy_public(options: &Options, stamps: &mut Stamps) -> Result<bool> {
    let mut contents = Vec::new();
    for file in files_below(&options.public)?.into_iter().filter(|file| !is_script(options, file)) {
        let name = file.strip_prefix(&options.public)?.to_owned();
        contents.push((name, fs::read(&file)?));
    }
    let inputs: Vec<&[u8]> =
        contents.iter().flat_map(|(name, bytes)| [name.as_os_str().as_encoded_bytes(), bytes.as_slice()]).collect();
    let Some(hash) = stamps.begin("public", &inputs, &options.out)? else { return Ok(false) };
    for entry in fs::read_dir(&options.out)? {
        let path = entry?.path();
        if path.is_dir() && path.file_name().is_some_and(|name| name == "pkg") {
            continue;
        }
        if path.is_dir() { fs::remove_dir_all(&path)? } else { fs::remove_file(&path)? }
    }
    for (name, bytes) in &contents {
        let target = options.out.join(name);
        fs::create_dir_all(target.parent().context("a public file lies in a folder")?)?;
        fs::write(target, bytes)?;
    }
    stamps.finish("public", hash);
    Ok(true)
}

/// Leaves a file alone that is so already: what was compressed of it stays good.
pub fn write_new(file: &Path, text: &str) -> Result<bool> {
    if fs::read_to_string(file).is_ok_and(|old| old == text) {
        return Ok(false);
    }
    fs::write(file, text)?;
    for suffix in ["br", "gz"] {
        fs::remove_file(format!("{}.{suffix}", file.display())).ok();
    }
    Ok(true)
}

/// All files below a folder, sorted by path; none when there is no such folder. Hidden files are left out.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b".")) {
                continue;
            }
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}
