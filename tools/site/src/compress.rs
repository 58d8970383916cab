//! Compression beforehand: a release is compressed once, at the highest level, and not on every request.

use crate::assets::files_below;
use anyhow::Result;
use rayon::prelude::*;
use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What gains from compression; pictures and fonts are compressed already.
const TEXT: [&str; 9] = ["css", "html", "js", "json", "map", "svg", "txt", "wasm", "webmanifest"];

/// Writes `.br` and `.gz` beside each file that has none as new as itself.
pub fn folder(site: &Path) -> Result<()> {
    let files = files_below(site)?;
    files.par_iter().filter(|file| is_text(file)).try_for_each(|file| {
        let (br, gz) = (with_suffix(file, "br"), with_suffix(file, "gz"));
        if modified(&br) >= modified(file) && modified(&gz) >= modified(file) {
            return Ok(());
        }
        let bytes = fs::read(file)?;
        let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        let mut packed = Vec::new();
        brotli::BrotliCompress(&mut bytes.as_slice(), &mut packed, &parameters)?;
        fs::write(br, packed)?;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        gzip.write_all(&bytes)?;
        fs::write(gz, gzip.finish()?)?;
        anyhow::Ok(())
    })
}

/// Prints what a browser fetches before the first page lives, and how large the lazy parts are.
pub fn print_first_load(site: &Path) -> Result<()> {
    let pkg = site.join("pkg");
    let (mut lazy, mut total) = (Vec::new(), (0, 0));
    println!("{:42} {:>10} {:>10}", "first load", "bytes", "brotli");
    for file in files_below(&pkg)?.iter().filter(|file| is_text(file)) {
        let name = file.strip_prefix(&pkg)?.display().to_string();
        let sizes = (fs::metadata(file)?.len(), fs::metadata(with_suffix(file, "br"))?.len());
        if name.starts_with("live") {
            continue;
        }
        if !name.starts_with("eventify") && !name.starts_with("__wasm_split") {
            lazy.push((name, sizes));
            continue;
        }
        println!("  {name:40} {:>10} {:>10}", sizes.0, sizes.1);
        total = (total.0 + sizes.0, total.1 + sizes.1);
    }
    println!("  {:40} {:>10} {:>10}", "together", total.0, total.1);
    if !lazy.is_empty() {
        println!("when asked for");
    }
    for (name, (raw, brotli)) in lazy {
        println!("  {name:40.40} {raw:>10} {brotli:>10}");
    }
    print_live(site)
}

/// The same for Live: all that is fetched before it opens, pictures included.
fn print_live(site: &Path) -> Result<()> {
    let mut total = (0, 0);
    let of_pkg = files_below(&site.join("pkg"))?.into_iter().filter(|file| name_of(file).starts_with("live"));
    let mut files: Vec<PathBuf> = files_below(&site.join("live"))?.into_iter().chain(of_pkg).collect();
    files.retain(|file| file.extension().is_none_or(|extension| extension != "br" && extension != "gz"));
    let later = |file: &PathBuf| crate::live::LATER.contains(&name_of(file).as_str());
    println!("{:42} {:>10} {:>10}", "Live, first load", "bytes", "brotli");
    for file in files.iter().filter(|file| !later(file)) {
        let raw = fs::metadata(file)?.len();
        let packed = if is_text(file) { fs::metadata(with_suffix(file, "br"))?.len() } else { raw };
        println!("  {:40} {raw:>10} {packed:>10}", name_of(file));
        total = (total.0 + raw, total.1 + packed);
    }
    println!("  {:40} {:>10} {:>10}", "together", total.0, total.1);
    Ok(())
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_text(file: &Path) -> bool {
    file.extension().and_then(OsStr::to_str).is_some_and(|extension| TEXT.contains(&extension))
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(suffix);
    name.into()
}

/// When the file was last written; long ago when there is none.
fn modified(file: &Path) -> SystemTime {
    fs::metadata(file).and_then(|metadata| metadata.modified()).unwrap_or(SystemTime::UNIX_EPOCH)
}
