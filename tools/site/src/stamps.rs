//! Remembers what each step read, so that an unchanged step can be skipped.

use anyhow::Result;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

/// A step's name and the hash of everything it read, kept in a file *beside* the site, which is public.
pub struct Stamps {
    file: PathBuf,
    /// This program's own hash: a new version of it builds everything anew.
    tool: u64,
    steps: BTreeMap<String, u64>,
}

impl Stamps {
    pub fn open(site: &Path) -> Result<Self> {
        let file = site.with_extension("stamps");
        // Of a site that somebody has removed nothing is done.
        let kept = if site.exists() { std::fs::read_to_string(&file).unwrap_or_default() } else { String::new() };
        let steps = kept
            .lines()
            .filter_map(|line| line.split_once('='))
            .filter_map(|(step, hash)| Some((step.to_owned(), hash.parse().ok()?)))
            .collect();
        let tool = hash([std::fs::read(std::env::current_exe()?)?.as_slice()]);
        Ok(Self { file, tool, steps })
    }

    /// Is the step's input new? Its stamp is withdrawn until [`Stamps::finish`], so that a failed step runs again.
    pub fn begin(&mut self, step: &str, inputs: &[&[u8]], output: &Path) -> Result<Option<u64>> {
        let tool = self.tool.to_le_bytes();
        let now = hash(std::iter::once(tool.as_slice()).chain(inputs.iter().copied()));
        if self.steps.get(step) == Some(&now) && output.exists() {
            return Ok(None);
        }
        self.steps.remove(step);
        self.save()?;
        Ok(Some(now))
    }

    pub fn finish(&mut self, step: &str, hash: u64) {
        self.steps.insert(step.to_owned(), hash);
    }

    pub fn save(&self) -> Result<()> {
        let text: String = self.steps.iter().map(|(step, hash)| format!("{step}={hash}\n")).collect();
        Ok(std::fs::write(&self.file, text)?)
    }
}

fn hash<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        hasher.write_usize(part.len());
        hasher.write(part);
    }
    hasher.finish()
}
