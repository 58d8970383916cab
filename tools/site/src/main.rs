//! Builds the folder that the server serves (`target/site`): splits the frontend's WASM at its lazy routes, runs
//! wasm-bindgen, joins the styles, copies the public files, names what pages ask for by its contents and, for a release,
//! compresses everything beforehand.
//!
//! It exists because cargo-leptos takes over twelve minutes to install, more than Eventify itself takes to build.
//! Every step is skipped while the bytes it read last time are the same.

mod assets;
mod compress;
mod frontend;
mod groups;
mod live;
mod names;
mod shared;
mod stamps;

use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::time::Instant;

const USAGE: &str = "\
site build [--release] [--out DIR] [--style DIR] [--public DIR] [--first PART] [--wasm FILE [--also NAME=FILE]...]

  --wasm FILE        the compiled frontend; becomes pkg/eventify.js and pkg/eventify_bg.wasm, as all names below with
                     the contents' hash before the ending; without it only styles and public files are made, with
                     which pages read already
  --also NAME=FILE   one more entry (live: Eventify Live); becomes pkg/NAME.js and pkg/NAME_bg.wasm
  --out DIR          the site's folder [target/site]
  --style DIR        its *.css, in the order of their names, become pkg/eventify.css [style]
  --public DIR       copied to the site's root [public]: scripts by their contents' hash, all else as it is
  --first PART       the lazy part met first: what it shares with others is in the main module
  --release          drop names and debug data, write .br and .gz beside each file, print first-load sizes";

/// What the command line asked for.
pub struct Options {
    release: bool,
    /// Name and compiled file of each entry; the first is the Command Center's.
    entries: Vec<(String, PathBuf)>,
    out: PathBuf,
    style: PathBuf,
    public: PathBuf,
    /// The lazy part that is met before all others.
    first: Option<String>,
}

impl Options {
    /// Where files lie beside the site until they get their names.
    fn made(&self) -> PathBuf {
        self.out.with_extension("made")
    }
}

fn parse() -> Result<Options> {
    use lexopt::prelude::*;
    let mut options = Options {
        release: false,
        entries: Vec::new(),
        out: "target/site".into(),
        style: "style".into(),
        public: "public".into(),
        first: None,
    };
    let mut args = lexopt::Parser::from_env();
    let mut command = None;
    while let Some(arg) = args.next()? {
        match arg {
            Long("release") => options.release = true,
            Long("wasm") => options.entries.insert(0, ("eventify".into(), args.value()?.into())),
            Long("also") => {
                let value = args.value()?.string()?;
                let (name, file) = value.split_once('=').context("--also wants NAME=FILE")?;
                options.entries.push((name.into(), file.into()));
            }
            Long("out") => options.out = args.value()?.into(),
            Long("style") => options.style = args.value()?.into(),
            Long("first") => options.first = Some(args.value()?.string()?),
            Long("public") => options.public = args.value()?.into(),
            Short('h') | Long("help") => {
                println!("{USAGE}");
                std::process::exit(0);
            }
            Value(value) if command.is_none() => command = Some(value.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if command.as_deref() != Some("build") {
        bail!("{USAGE}");
    }
    Ok(options)
}

fn main() -> Result<()> {
    let start = Instant::now();
    let options = parse()?;
    let mut stamps = stamps::Stamps::open(&options.out)?;
    for folder in [options.made(), options.out.join("pkg")] {
        std::fs::create_dir_all(folder)?;
    }
    let mut done = Vec::new();
    let whole = !options.entries.is_empty();
    if whole && frontend::build(&options, &mut stamps)? {
        done.push("frontend");
    }
    if assets::join_styles(&options, &mut stamps)? {
        done.push("styles");
    }
    if assets::copy_public(&options, &mut stamps)? {
        done.push("public files");
    }
    let (names, named) = names::publish(&options)?;
    if named {
        done.push("names");
    }
    if whole && live::seal(&options, &names)? {
        done.push("Live's worker");
    }
    if options.release {
        compress::folder(&options.out)?;
        compress::print_first_load(&options.out)?;
    }
    stamps.save()?;
    let done = if done.is_empty() { "nothing changed".to_owned() } else { format!("built {}", done.join(", ")) };
    println!("site: {done} ({:.1} s) in {}", start.elapsed().as_secs_f32(), options.out.display());
    Ok(())
}
