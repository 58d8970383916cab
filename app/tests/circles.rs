//! No file of the pages or of the kit uses one that uses it, over however many others: read in their sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Files by the path of their module.
type Modules = BTreeMap<Vec<String>, String>;

/// Every file below a folder, by the path of its module; crates in it begin anew.
fn modules(folder: &Path, at: &[String], found: &mut Modules) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        let stem = entry.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let below = || [at, std::slice::from_ref(&stem)].concat();
        if entry.is_dir() {
            modules(&entry, &below(), found);
        } else if entry.extension().is_some_and(|kind| kind == "rs") {
            let path = if matches!(stem.as_str(), "mod" | "lib") { at.to_vec() } else { below() };
            let text = fs::read_to_string(&entry).expect("a source file");
            // What only the tests of a file use is no part of how it is built.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default();
            let text: String =
                text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            // Of a crate in the folder the module's own file counts, not what stands around it.
            found.entry(path).and_modify(|known| known.push_str(&text)).or_insert(text);
        }
    }
}

/// The paths of a list of imports, `{…}` spelt out.
fn spelt(list: &str) -> Vec<String> {
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for letter in list.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if letter == ',' && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(letter);
        }
    }
    parts.push(part);
    let mut paths = Vec::new();
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        match part.split_once('{') {
            Some((before, inner)) => {
                let inner = inner.rsplit_once('}').map_or(inner, |(inner, _)| inner);
                paths.extend(spelt(inner).iter().map(|rest| format!("{before}{rest}")));
            }
            None => paths.push(part.to_owned()),
        }
    }
    paths
}

/// What a file names of others: paths that begin with `crate` or `super`.
fn named(text: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for begin in ["crate::", "super::"] {
        for (at, _) in text.match_indices(begin) {
            if text[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '_' | ':' | '$')) {
                continue;
            }
            let rest = &text[at..];
            let end = rest
                .find(|letter: char| !(letter.is_alphanumeric() || matches!(letter, '_' | ':')))
                .unwrap_or(rest.len());
            // A list in braces belongs to an import, and ends with it.
            match rest[end..].starts_with('{') && rest[..end].ends_with("::") {
                true => paths.extend(spelt(rest.split(';').next().unwrap_or_default())),
                false => paths.push(rest[..end].to_owned()),
            }
        }
    }
    paths
}

/// The module that a path leads to, as seen from a file.
fn leads_to(path: &str, from: &[String], modules: &Modules) -> Option<Vec<String>> {
    let mut at = Vec::new();
    for (n, part) in path.split("::").map(|part| part.split(" as ").next().unwrap_or(part).trim()).enumerate() {
        match part {
            "crate" => at.clear(),
            "super" if n == 0 => at = from[..from.len().checked_sub(1)?].to_vec(),
            "super" => at.truncate(at.len().checked_sub(1)?),
            "self" => {}
            name => {
                let below = [at.as_slice(), &[name.to_owned()]].concat();
                if !modules.contains_key(&below) {
                    break;
                }
                at = below;
            }
        }
    }
    (at != from && !at.is_empty()).then_some(at)
}

#[test]
fn no_two_files_use_each_other() {
    let mut all = Modules::new();
    modules(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &[], &mut all);
    assert!(all.len() >= 150, "only {} files: do the pages still stand there?", all.len());
    let mut uses: BTreeMap<&[String], BTreeSet<Vec<String>>> = BTreeMap::new();
    for (from, text) in &all {
        let to = named(text).iter().filter_map(|path| leads_to(path, from, &all)).collect();
        uses.insert(from, to);
    }
    let links: usize = uses.values().map(BTreeSet::len).sum();
    assert!(links >= 500, "only {links} uses were understood");
    // Whoever uses nothing that is left is taken away, until what is left uses each other.
    let mut left = uses;
    loop {
        let names: BTreeSet<Vec<String>> = left.keys().map(|name| name.to_vec()).collect();
        let used: BTreeSet<Vec<String>> = left.values().flatten().cloned().collect();
        let before = left.len();
        left.retain(|name, to| {
            to.retain(|to| names.contains(to));
            !to.is_empty() && used.contains(*name)
        });
        if left.len() == before {
            break;
        }
    }
    let shown: Vec<_> = left
        .iter()
        .map(|(from, to)| {
            format!("{} uses {}", from.join("::"), to.iter().map(|to| to.join("::")).collect::<Vec<_>>().join(", "))
        })
        .collect();
    assert!(left.is_empty(), "files that use each other, or stand between such:\n{}", shown.join("\n"));
}
