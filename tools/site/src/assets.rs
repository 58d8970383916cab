//! Styles and public files.

use crate::Options;
use crate::stamps::Stamps;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Joins `style/*.css` in the order of their names (`10-tokens.css`, `20-base.css` …) into `pkg/eventify.css`.
pub fn join_styles(options: &Options, stamps: &mut Stamps) -> Result<bool> {
    let mut files = files_below(&options.style)?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "css"));
    let mut css = String::new();
    for file in &files {
        css += &fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
        css.push('\n');
    }
    let target = options.out.join("pkg/eventify.css");
    let Some(hash) = stamps.begin("styles", &[css.as_bytes()], &target)? else { return Ok(false) };
    fs::write(&target, css)?;
    // What an earlier release build compressed must not be served in its place.
    for suffix in ["css.br", "css.gz"] {
        fs::remove_file(target.with_extension(suffix)).ok();
    }
    stamps.finish("styles", hash);
    Ok(true)
}

/// Makes the site's root hold the public files, and removes those that are public no more.
pub fn copy_public(options: &Options, stamps: &mut Stamps) -> Result<bool> {
    let mut contents = Vec::new();
    for file in files_below(&options.public)? {
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
