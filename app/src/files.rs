//! The site's files by name. `tools/site` puts the hash of each one's contents into its address, so that browsers keep it
//! for ever, and says in `names.json` which address is whose.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use leptos::WasmSplitManifest;
use leptos::prelude::ArcStoredValue;
use serde::Deserialize;

/// The folder of what the pages are made of.
const FOLDER: &str = "/pkg";
const SCRIPT: &str = "/pkg/eventify.js";
const WASM: &str = "/pkg/eventify_bg.wasm";
const LOADER: &str = "/pkg/__wasm_split.js";
/// The bundle behind the door.
const FIRST: &str = "overview";

/// Where each file is.
#[derive(Default)]
pub struct Files {
    addresses: BTreeMap<String, String>,
    kept: HashSet<String>,
    parts: HashMap<String, Vec<String>>,
    /// The parts as Leptos reads them, to have the page fetch its own beforehand.
    split: WasmSplitManifest,
}

#[derive(Default, Deserialize)]
struct Names {
    files: BTreeMap<String, String>,
    parts: HashMap<String, Vec<String>>,
}

impl Files {
    /// Reads the names of a site; none where there is no site.
    pub fn read(site: &Path) -> Files {
        let names = std::fs::read(site.join("names.json")).ok();
        let Names { files, parts } = names.and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default();
        let loader = files.get(LOADER).and_then(|address| address.rsplit('/').next()).unwrap_or_default();
        let split = (FOLDER.to_owned(), parts.clone(), loader.to_owned());
        Files {
            kept: files.values().cloned().collect(),
            split: WasmSplitManifest(ArcStoredValue::new(split)),
            addresses: files,
            parts,
        }
    }

    /// Whether the browser's half is there: a site can be read before it comes alive.
    pub fn are_whole(&self) -> bool {
        self.addresses.contains_key(SCRIPT)
    }

    /// Where a file is that `name` (`/pkg/eventify.css`) calls without its hash.
    pub fn address<'a>(&'a self, name: &'a str) -> &'a str {
        self.addresses.get(name).map_or(name, String::as_str)
    }

    /// Whether a file with its hash is here: what is there never changes.
    pub fn keeps(&self, address: &str) -> bool {
        self.kept.contains(address)
    }

    /// Script and WASM of every page.
    pub(crate) fn main(&self) -> [&str; 2] {
        [SCRIPT, WASM].map(|name| self.address(name))
    }

    pub(crate) fn split(&self) -> Option<WasmSplitManifest> {
        self.addresses.contains_key(LOADER).then(|| self.split.clone())
    }

    /// What the first page behind the door needs.
    pub(crate) fn behind_the_door(&self) -> String {
        let own = self.parts.get(FIRST).into_iter().flatten().map(|file| format!("{FOLDER}/{file}.wasm"));
        let all: Vec<String> = self.main().map(str::to_owned).into_iter().chain(own).collect();
        all.join(" ")
    }

    /// The scripts that pages ask for when they need them.
    pub(crate) fn scripts(&self) -> String {
        let all = self.addresses.iter().filter(|(name, _)| name.ends_with(".js") && name.rfind('/') == Some(0));
        all.map(|(_, address)| address.as_str()).collect::<Vec<_>>().join(" ")
    }
}
