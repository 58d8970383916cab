//! Names that hold the hash of what is in the file (`eventify.3f0c….css`): a browser keeps such a file for ever, and never
//! takes one build's file for another's. What is called how stands in `names.json`, for the server.

use crate::Options;
use crate::assets::{files_below, scripts, write_new};
use crate::frontend::{SCRIPT, SPLIT_LOADER, SPLIT_MANIFEST};
use anyhow::{Context, Result, ensure};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// So many of a hash's digits tell files apart.
const DIGITS: usize = 16;

/// Puts what was made into the site, and takes out what earlier builds left there. Says whether anything is new.
pub fn publish(options: &Options) -> Result<(Names, bool)> {
    let mut made = BTreeMap::new();
    for file in files_below(&options.made())? {
        let name = file.strip_prefix(options.made())?.to_string_lossy().into_owned();
        ensure!(!name.contains('/'), "{name}: a file in a folder has no name yet, and its importer would not find it");
        made.insert(name, fs::read(&file)?);
    }
    let names = Names::of(made, scripts(options)?)?;
    names.write(&options.out)?;
    let json = serde_json::to_string(&json!({ "files": names.addresses, "parts": names.parts }))?;
    let is_new = write_new(&options.out.join("names.json"), &json)?;
    Ok((names, is_new))
}

/// The files of a site, by their names.
#[derive(Default)]
pub struct Names {
    /// The address with the hash, by the one without.
    addresses: BTreeMap<String, String>,
    /// What lies there.
    files: BTreeMap<String, Vec<u8>>,
    /// The files each part needs, without folder and ending: Leptos puts them into the page.
    parts: BTreeMap<String, Vec<String>>,
}

impl Names {
    /// Names what was made (by file name) and scripts (by address). A file's hash comes after the names in it: the parts
    /// are first, then those that load them.
    fn of(mut made: BTreeMap<String, Vec<u8>>, scripts: BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let mut names = Names::default();
        let manifest = made.remove(SPLIT_MANIFEST);
        let loading = made.remove(SPLIT_LOADER).and_then(|loader| Some((loader, made.remove(SCRIPT)?)));
        for (name, bytes) in made {
            names.add(&in_pkg(&name), &hash(&bytes), bytes);
        }
        for (address, bytes) in scripts {
            names.add(&address, &hash(&bytes), bytes);
        }
        if let Some((loader, script)) = loading {
            names.add_loading(&String::from_utf8(loader)?, &String::from_utf8(script)?)?;
        }
        let manifest: BTreeMap<String, Vec<String>> = match manifest {
            Some(manifest) => serde_json::from_slice(&manifest)?,
            None => BTreeMap::new(),
        };
        for (part, files) in manifest {
            let files = files.iter().map(|file| {
                let name = names.beside(&format!("{file}.wasm"))?;
                Ok(name.trim_end_matches(".wasm").to_owned())
            });
            let files = files.collect::<Result<_>>()?;
            names.parts.insert(part, files);
        }
        Ok(names)
    }

    fn add(&mut self, address: &str, hash: &str, bytes: Vec<u8>) {
        let (stem, ending) = address.rsplit_once('.').unwrap_or((address, ""));
        let named = format!("{stem}.{hash}.{ending}");
        self.addresses.insert(address.to_owned(), named.clone());
        self.files.insert(named, bytes);
    }

    /// The loader of the parts and the main module's script import each other: both bear the hash of both.
    fn add_loading(&mut self, loader: &str, script: &str) -> Result<()> {
        let loader = self.with_parts(loader)?;
        let both = hash(&[loader.as_bytes(), script.as_bytes()].concat());
        for name in [SPLIT_LOADER, SCRIPT] {
            self.add(&in_pkg(name), &both, Vec::new());
        }
        // The script's table of imports calls the loader as the WASM does: that stays.
        for (name, text, other) in [(SPLIT_LOADER, loader.as_str(), SCRIPT), (SCRIPT, script, SPLIT_LOADER)] {
            let import = format!("from \"./{other}\"");
            ensure!(text.contains(&import), "{name} does not import {other}");
            let text = text.replace(&import, &format!("from \"./{}\"", self.beside(other)?));
            self.files.insert(self.address(&in_pkg(name))?.to_owned(), text.into_bytes());
        }
        Ok(())
    }

    /// The loader, which asks for the parts by their names.
    fn with_parts(&self, loader: &str) -> Result<String> {
        const BEGIN: &str = "new URL(\"./";
        let mut pieces = loader.split(BEGIN);
        let mut named = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, rest) = piece.split_once('"').context("an address without an end in the loader")?;
            named += &format!("{BEGIN}{}\"{rest}", self.beside(name)?);
        }
        Ok(named)
    }

    /// What a file of `pkg` is called by those beside it.
    fn beside(&self, name: &str) -> Result<&str> {
        let address = self.address(&in_pkg(name))?;
        Ok(address.trim_start_matches("/pkg/"))
    }

    /// The address with the hash.
    pub fn address(&self, address: &str) -> Result<&str> {
        self.addresses.get(address).map(String::as_str).with_context(|| format!("{address} was not made"))
    }

    /// What lies at an address with a hash.
    pub fn file(&self, address: &str) -> Result<&[u8]> {
        self.files.get(address).map(Vec::as_slice).with_context(|| format!("{address} is not of this site"))
    }

    /// Leaves files alone that are there already: what was compressed of them stays good.
    fn write(&self, site: &Path) -> Result<()> {
        for (address, bytes) in &self.files {
            let file = site.join(address.trim_start_matches('/'));
            // One that was cut off while it was written is another.
            if !fs::metadata(&file).is_ok_and(|there| there.len() == bytes.len() as u64) {
                fs::write(&file, bytes).with_context(|| format!("writing {}", file.display()))?;
            }
        }
        for file in files_below(site)? {
            let address = format!("/{}", file.strip_prefix(site)?.to_string_lossy());
            let plain = [".br", ".gz"].iter().find_map(|end| address.strip_suffix(end)).unwrap_or(&address);
            if (plain.starts_with("/pkg/") || has_hash(plain)) && !self.files.contains_key(plain) {
                fs::remove_file(file)?;
            }
        }
        Ok(())
    }
}

fn in_pkg(name: &str) -> String {
    format!("/pkg/{name}")
}

fn has_hash(address: &str) -> bool {
    let hash = address.rsplit('.').nth(1).unwrap_or_default();
    hash.len() == DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn hash(bytes: &[u8]) -> String {
    let mut hash = hex(&Sha256::digest(bytes));
    hash.truncate(DIGITS);
    hash
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOADER: &str = "\
import { initSync } from \"./eventify.js\";
const __shared = makeLoad(() => fetch(new URL(\"./shared.wasm\", import.meta.url)), []);
const __chunk_9 = __shared;
const __split_own = makeLoad(() => fetch(new URL(\"./split_own.wasm\", import.meta.url)), [__shared]);
";
    const SCRIPT_TEXT: &str = "\
import * as import1 from \"./__wasm_split.js\"
import * as import2 from \"./__wasm_split.js\"
const imports = { \"./__wasm_split.js\": import1 };
";

    fn made(shared: &str, own: &str, styles: &str) -> BTreeMap<String, Vec<u8>> {
        [
            ("shared.wasm", shared),
            ("split_own.wasm", own),
            ("eventify_bg.wasm", "main"),
            ("eventify.css", styles),
            (SPLIT_LOADER, LOADER),
            (SCRIPT, SCRIPT_TEXT),
            (SPLIT_MANIFEST, r#"{"own":["shared","split_own"]}"#),
        ]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
        .into()
    }

    fn named(shared: &str, own: &str, styles: &str) -> Names {
        Names::of(made(shared, own, styles), [("/door.js".to_owned(), b"knock".to_vec())].into()).unwrap()
    }

    fn text<'a>(names: &'a Names, address: &str) -> &'a str {
        std::str::from_utf8(names.file(names.address(address).unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn each_file_bears_its_hash_and_is_asked_for_by_it() {
        let names = named("shared", "own", "css");
        assert_eq!(names.address("/door.js").unwrap(), format!("/door.{}.js", hash(b"knock")));
        assert_eq!(names.address("/pkg/eventify.css").unwrap(), format!("/pkg/eventify.{}.css", hash(b"css")));
        assert!(names.addresses.values().all(|address| has_hash(address)) && !has_hash("/pkg/eventify_bg.wasm"));
        let [shared, own] = ["shared", "own"].map(|part| hash(part.as_bytes()));
        assert_eq!(names.parts["own"], [format!("shared.{shared}"), format!("split_own.{own}")]);

        let loader = text(&names, "/pkg/__wasm_split.js");
        for part in [format!("\"./shared.{shared}.wasm\""), format!("\"./split_own.{own}.wasm\"")] {
            assert!(loader.contains(&part), "{loader}");
        }
        let (script_at, loader_at) = (names.beside(SCRIPT).unwrap(), names.beside(SPLIT_LOADER).unwrap());
        assert!(loader.contains(&format!("from \"./{script_at}\"")), "{loader}");
        let script = text(&names, "/pkg/eventify.js");
        assert_eq!(script.matches(&format!("from \"./{loader_at}\"")).count(), 2, "{script}");
        assert!(script.contains("{ \"./__wasm_split.js\": import1 }"), "as the WASM calls it: {script}");
        assert!(names.address("/pkg/chunk_9.wasm").is_err());
    }

    #[test]
    fn what_changed_has_another_name_and_whatever_names_it() {
        let (before, after) = (named("shared", "own", "css"), named("shared", "another", "css"));
        let other: Vec<&str> = before
            .addresses
            .iter()
            .filter(|(address, named)| after.addresses[*address] != **named)
            .map(|(address, _)| address.as_str())
            .collect();
        assert_eq!(other, ["/pkg/__wasm_split.js", "/pkg/eventify.js", "/pkg/split_own.wasm"]);
    }

    #[test]
    fn a_loader_that_asks_for_what_was_not_made_is_refused() {
        let mut made = made("shared", "own", "css");
        made.remove("shared.wasm");
        assert!(Names::of(made, BTreeMap::new()).is_err());
    }

    #[test]
    fn the_site_holds_this_build_alone_and_unchanged_files_are_left_alone() {
        let site = std::env::temp_dir().join(format!("eventify-names-{}", std::process::id()));
        fs::create_dir_all(site.join("pkg")).unwrap();
        fs::write(site.join("robots.txt"), "stays").unwrap();
        named("shared", "own", "css").write(&site).unwrap();
        let shared =
            site.join(named("shared", "own", "css").address("/pkg/shared.wasm").unwrap().trim_start_matches('/'));
        let written = fs::metadata(&shared).unwrap().modified().unwrap();
        fs::write(format!("{}.br", shared.display()), "packed").unwrap();
        let old =
            site.join(named("shared", "own", "css").address("/pkg/eventify.css").unwrap().trim_start_matches('/'));
        fs::write(format!("{}.br", old.display()), "packed").unwrap();

        let after = named("shared", "own", "other styles");
        after.write(&site).unwrap();
        assert_eq!(fs::metadata(&shared).unwrap().modified().unwrap(), written);
        let mut there: Vec<String> = files_below(&site)
            .unwrap()
            .iter()
            .map(|file| format!("/{}", file.strip_prefix(&site).unwrap().display()))
            .collect();
        let mut wanted: Vec<String> = after.files.keys().cloned().collect();
        wanted.extend(["/robots.txt".to_owned(), format!("{}.br", after.address("/pkg/shared.wasm").unwrap())]);
        wanted.sort();
        fs::remove_dir_all(&site).unwrap();
        there.sort();
        assert_eq!(there, wanted);
    }
}
