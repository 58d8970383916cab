//! Splitting and wasm-bindgen.

use crate::Options;
use crate::stamps::Stamps;
use crate::{groups, shared};
use anyhow::{Context, Result, anyhow, bail};
use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;
use wasm_bindgen_cli_support::Bindgen;

/// What the page starts.
pub const SCRIPT: &str = "eventify.js";
/// The loader of the lazy parts.
pub const SPLIT_LOADER: &str = "__wasm_split.js";
/// Says which files a lazy route needs, to preload them from the server-rendered page.
pub const SPLIT_MANIFEST: &str = "__wasm_split_manifest.json";
/// Calls into lazy code import from this module until they are split: its name tells that a file has lazy routes.
const SPLIT_MARKER: &[u8] = b"__wasm_split_placeholder__";

/// Makes all entries. Says whether there was anything to do.
pub fn build(options: &Options, stamps: &mut Stamps) -> Result<bool> {
    let wasm = options
        .entries
        .iter()
        .map(|(_, file)| fs::read(file).with_context(|| format!("reading {}", file.display())))
        .collect::<Result<Vec<_>>>()?;
    let mode: &[u8] = if options.release { b"release" } else { b"debug" };
    let first = options.first.as_deref().unwrap_or_default();
    let mut inputs = vec![mode, first.as_bytes()];
    for ((name, _), bytes) in options.entries.iter().zip(&wasm) {
        inputs.extend([name.as_bytes(), bytes.as_slice()]);
    }
    let pkg = options.made();
    let Some(hash) = stamps.begin("frontend", &inputs, &pkg.join("eventify_bg.wasm"))? else {
        return Ok(false);
    };
    clear(&pkg)?;
    for (index, ((name, _), bytes)) in options.entries.iter().zip(wasm).enumerate() {
        entry(name, bytes, &pkg, options, index == 0)?;
    }
    stamps.finish("frontend", hash);
    Ok(true)
}

/// Removes what an earlier run left, such as parts of lazy routes that are no more; the styles have their own step.
fn clear(pkg: &Path) -> Result<()> {
    for file in fs::read_dir(pkg)? {
        let path = file?.path();
        if path.is_dir() {
            fs::remove_dir_all(&path)?;
        } else if !path.file_name().is_some_and(|name| name.to_string_lossy().contains(".css")) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn entry(name: &str, mut wasm: Vec<u8>, pkg: &Path, options: &Options, may_split: bool) -> Result<()> {
    let release = options.release;
    let splits = contains(&wasm, SPLIT_MARKER);
    if splits && !may_split {
        bail!("{name}: only the first entry may have lazy routes (the loader's file name is fixed)");
    }
    if splits {
        wasm = split(name, &wasm, pkg, options)?;
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .web(true)?
        .input_bytes(name, wasm)
        .out_name(name)
        .typescript(false)
        .debug(!release)
        .keep_debug(false)
        // The parts link to the main module by the linker's own exports (stack pointer, function table).
        .keep_lld_exports(splits)
        .demangle(!splits && !release)
        .remove_name_section(release)
        .remove_producers_section(release);
    bindgen.generate(pkg).with_context(|| format!("wasm-bindgen on {name}"))?;
    let file = pkg.join(format!("{name}_bg.wasm"));
    if splits {
        let constants = gather_constants(pkg)?;
        fs::write(&file, shared::with_constants(&shared::unexport(&fs::read(&file)?)?, &constants)?)?;
    }
    if release {
        fs::write(&file, without_custom_sections(&fs::read(&file)?)?)?;
    }
    Ok(())
}

/// Splits twice: what the first part shares with others after the first time is kept in the main module the second
/// time. What the others share without it then becomes a few files.
fn split(name: &str, wasm: &[u8], pkg: &Path, options: &Options) -> Result<Vec<u8>> {
    split_once(name, wasm, pkg, false)?;
    let mut in_main = HashSet::new();
    for (file, parts) in groups::sharers(&fs::read_to_string(pkg.join(SPLIT_LOADER))?) {
        let file = pkg.join(file).with_extension("wasm");
        if !file.exists() {
            continue;
        }
        if options.first.as_ref().is_none_or(|first| parts.contains(first)) {
            in_main.extend(shared::functions(&fs::read(&file)?)?);
        }
        fs::remove_file(file)?;
    }
    let main = split_once(name, &shared::export(wasm, &in_main)?, pkg, options.release)?;
    if let Some(first) = &options.first {
        join_shared(first, pkg, options.release)?;
    }
    Ok(main)
}

/// Joins the files that parts share without the first one.
fn join_shared(first: &String, pkg: &Path, release: bool) -> Result<()> {
    let (loader_file, manifest_file) = (pkg.join(SPLIT_LOADER), pkg.join(SPLIT_MANIFEST));
    let loader = fs::read_to_string(&loader_file)?;
    let path = |name: &str| pkg.join(name).with_extension("wasm");
    let mut shared = Vec::new();
    for (name, parts) in groups::sharers(&loader) {
        if path(&name).exists() && !parts.contains(first) {
            shared.push(groups::Shared { wasm: fs::read(path(&name))?, name, parts });
        }
    }
    let groups = groups::grouped(shared)?;
    for group in groups.iter().filter(|group| group.files.len() > 1) {
        let mut joined = groups::join(group.files.iter().map(|file| file.wasm.as_slice()))?;
        if release {
            joined = without_custom_sections(&joined)?;
        }
        for file in &group.files {
            fs::remove_file(path(&file.name))?;
        }
        fs::write(path(&group.name), joined)?;
    }
    fs::write(loader_file, groups::in_loader(&loader, &groups)?)?;
    let mut manifest: BTreeMap<String, Vec<String>> = serde_json::from_slice(&fs::read(&manifest_file)?)?;
    for files in manifest.values_mut() {
        let named = groups::of_groups(files.iter().map(String::as_str), &groups);
        *files = named.into_iter().map(str::to_owned).collect();
    }
    Ok(fs::write(manifest_file, serde_json::to_vec(&manifest)?)?)
}

/// Takes the constants out of files that hold nothing else, and those files out of the loader and the manifest.
fn gather_constants(pkg: &Path) -> Result<Vec<shared::Constant>> {
    let (loader_file, manifest_file) = (pkg.join(SPLIT_LOADER), pkg.join(SPLIT_MANIFEST));
    let mut loader = fs::read_to_string(&loader_file)?;
    let mut manifest: BTreeMap<String, Vec<String>> = serde_json::from_slice(&fs::read(&manifest_file)?)?;
    let mut all = Vec::new();
    for file in fs::read_dir(pkg)? {
        let file = file?.path();
        let name = file.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.starts_with("chunk_") {
            continue;
        }
        let Some(constants) = shared::constants(&fs::read(&file)?)? else { continue };
        let begin = format!("const __{name} = ");
        let Some((before, rest)) = loader.split_once(&begin) else { continue };
        let Some((_, after)) = rest.split_once(", []);") else { continue };
        loader = format!("{before}{begin}() => {{}};{after}");
        manifest.values_mut().for_each(|files| files.retain(|file| *file != name));
        all.extend(constants);
        fs::remove_file(file)?;
    }
    fs::write(loader_file, loader)?;
    fs::write(manifest_file, serde_json::to_vec(&manifest)?)?;
    Ok(all)
}

/// Writes one file for each lazy part, their loader and their manifest; returns the main module.
fn split_once(name: &str, wasm: &[u8], pkg: &Path, release: bool) -> Result<Vec<u8>> {
    let main_out = pkg.join("main.wasm");
    let loader = format!("./{SPLIT_LOADER}");
    let main_module = format!("./{name}.js");
    let mut options = wasm_split_cli_support::Options::new(wasm);
    options.output_dir = pkg;
    options.main_out_path = &main_out;
    options.link_name = &loader;
    options.main_module = &main_module;
    let parts = wasm_split_cli_support::transform(options).map_err(|error: eyre::Report| {
        anyhow!("splitting {name}: {error:#} (the frontend must be linked with --emit-relocs, see .cargo/config.toml)")
    })?;
    if release {
        for part in &parts.split_modules {
            fs::write(part, without_custom_sections(&fs::read(part)?)?)?;
        }
    }
    fs::write(pkg.join(SPLIT_MANIFEST), serde_json::to_vec(&parts.prefetch_map)?)?;
    let main = fs::read(&main_out)?;
    fs::remove_file(&main_out)?;
    Ok(main)
}

/// Drops names, the linker's relocations and the like: nothing in a browser reads them, and they are half of a
/// file's bytes.
fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>> {
    let (header, mut rest) = wasm.split_at_checked(8).context("a WASM file has a header of 8 bytes")?;
    let mut kept = header.to_vec();
    while !rest.is_empty() {
        let (size, prefix) = leb128(&rest[1..]).context("a section without a size")?;
        let end = 1 + prefix + size;
        let section = rest.get(..end).context("a section is cut off")?;
        if section[0] != 0 {
            kept.extend_from_slice(section);
        }
        rest = &rest[end..];
    }
    Ok(kept)
}

/// The number in WASM's variable-length encoding and how many bytes it took.
fn leb128(bytes: &[u8]) -> Option<(usize, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn custom_sections_go_and_the_others_stay() {
        let header = *b"\0asm\x01\0\0\0";
        let custom = [0u8, 5, 4, b'n', b'a', b'm', b'e'];
        let types = [1u8, 1, 0];
        let wasm = [header.as_slice(), &custom, &types, &custom].concat();
        assert_eq!(without_custom_sections(&wasm).unwrap(), [header.as_slice(), &types].concat());
        assert!(without_custom_sections(&[header.as_slice(), &[1, 9, 0]].concat()).is_err());
    }

    #[test]
    fn numbers_of_several_bytes() {
        assert_eq!(leb128(&[0xe5, 0x8e, 0x26, 1]), Some((624_485, 3)));
        assert_eq!(leb128(&[0x80]), None);
    }
}
