//! Pictures that people upload: told from other files, read as a whole within bounds, and made anew of
//! their pixels alone: upright, in the sizes that are wanted, without anything else the file held.

pub mod drawn;
mod layout;
pub mod shown;
mod webp;

use std::io::Cursor;

use axum::body::to_bytes;
use image::codecs::jpeg::JpegEncoder;
use image::error::ImageError;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};
use tokio::sync::Semaphore;

use super::app::App;
use super::error::{Error, Result, internal, invalid_input};

/// Most pixels of a picture, in millions.
const MEGAPIXELS: u64 = 40;
/// What decoding may take: that many pixels in three bytes each. A small file can hold a picture that
/// fills any memory, so this is asked before a byte is decoded.
const MOST_BYTES: u64 = MEGAPIXELS * 3_000_000;
/// What the decoder may take beside it, for colour profiles and the like.
const ASIDE: u64 = 16 << 20;
/// Longest side that is kept.
pub const LONGEST: u32 = 4096;
const QUALITY: u8 = 85;

/// One picture at a time in a process: decoded, it is large.
static WORKSHOP: Semaphore = Semaphore::const_new(1);
/// And one that is only looked at: whoever uploads does not wait for those who look.
static GALLERY: Semaphore = Semaphore::const_new(1);

/// The media type, if it is one that is taken: JPEG, PNG or WebP.
pub fn sniff(head: &[u8]) -> Option<&'static str> {
    // `infer` goes by the first few bytes; these say more about what is really there.
    let kind = infer::get(head)?.mime_type();
    let whole = match kind {
        "image/png" => head.starts_with(b"\x89PNG\r\n\x1a\n") && head.get(12..16) == Some(b"IHDR"),
        "image/jpeg" => head.starts_with(b"\xff\xd8\xff") && head.get(3).is_some_and(|marker| *marker >= 0xc0),
        "image/webp" => head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"),
        _ => false,
    };
    whole.then_some(kind)
}

/// Why a file is not taken for a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is cut off, broken, holds more than a picture, or never was one.
    NotWhole,
    /// It has too many pixels.
    TooLarge,
    /// It has not, but as it was saved it would take too much memory.
    TooHeavy,
}

impl Fault {
    fn text(self) -> String {
        match self {
            Fault::NotWhole => {
                "must be a whole picture: this file is broken, cut off or holds something else".to_owned()
            }
            Fault::TooLarge => format!("must have at most {MEGAPIXELS} megapixels: scale the picture down"),
            Fault::TooHeavy => {
                "takes too much memory to open as it was saved: save it as a plain (baseline) JPEG, or scale it down"
                    .to_owned()
            }
        }
    }
}

impl From<ImageError> for Fault {
    fn from(error: ImageError) -> Self {
        if matches!(error, ImageError::Limits(_)) { Fault::TooHeavy } else { Fault::NotWhole }
    }
}

/// What is made of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// The whole picture, no side longer than this.
    Within(u32),
    /// So wide and so high, cut where it has to be.
    Filled(u32, u32),
}

/// A picture made anew: JPEG in each of the shapes.
pub struct Made {
    /// In the order of the shapes.
    pub files: Vec<Vec<u8>>,
    /// Width and height of the first.
    pub size: (i32, i32),
}

/// Refuses an upload that is no whole picture or too large a one. It stands in storage under `key`.
pub async fn check(app: &App, key: &str) -> Result<()> {
    let checked = worked(app, key, |bytes| unpack(bytes).map(drop)).await?;
    let checked = checked.ok_or_else(|| internal().internal(format!("{key} is not in storage")))?;
    checked.map_err(|fault| invalid_input().field("file", fault.text()))
}

/// Makes the picture under `key` anew; nothing where no object is.
pub async fn render(app: &App, key: &str, shapes: &'static [Shape]) -> Result<Option<Result<Made, Fault>>> {
    worked(app, key, |bytes| make(bytes, shapes)).await
}

/// Slow work on one object, while no other picture of this process is worked at.
async fn worked<T: Send + 'static>(
    app: &App,
    key: &str,
    work: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<Option<T>> {
    worked_at(&WORKSHOP, app, key, work).await
}

async fn worked_at<T: Send + 'static>(
    workshop: &'static Semaphore,
    app: &App,
    key: &str,
    work: impl FnOnce(&[u8]) -> T + Send + 'static,
) -> Result<Option<T>> {
    // Whoever waits holds no file in memory. The work goes on, and keeps its place, if the caller goes away.
    let permit = workshop.acquire().await.map_err(failed)?;
    let Some(body) = app.storage.read(key).await? else { return Ok(None) };
    let bytes = to_bytes(body, usize::MAX).await.map_err(failed)?;
    let work = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work(&bytes)
    });
    Ok(Some(work.await.map_err(failed)?))
}

fn failed(error: impl std::fmt::Display) -> Error {
    internal().internal(error)
}

/// Decodes, turns upright, scales, encodes. Only pixels go through. The shapes come largest first.
pub fn make(bytes: &[u8], shapes: &[Shape]) -> Result<Made, Fault> {
    let mut picture = decode(bytes)?;
    let mut files = Vec::with_capacity(shapes.len());
    let mut size = None;
    for shape in shapes {
        picture = shaped(picture, *shape);
        let side = |side: u32| i32::try_from(side).unwrap_or(i32::MAX);
        size.get_or_insert((side(picture.width()), side(picture.height())));
        files.push(jpeg(&picture)?);
    }
    Ok(Made { files, size: size.unwrap_or_default() })
}

fn shaped(picture: DynamicImage, shape: Shape) -> DynamicImage {
    match shape {
        Shape::Within(side) if picture.width().max(picture.height()) > side => {
            picture.resize(side, side, FilterType::Lanczos3)
        }
        Shape::Within(_) => picture,
        Shape::Filled(width, height) => picture.resize_to_fill(width, height, FilterType::Triangle),
    }
}

fn jpeg(picture: &DynamicImage) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::new();
    JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(picture)?;
    Ok(out)
}

/// The picture as the file has it, and how it is to be turned.
fn unpack(bytes: &[u8]) -> Result<(DynamicImage, Orientation), Fault> {
    let layout = layout::read(bytes).ok_or(Fault::NotWhole)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), layout.format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(ASIDE);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if layout.size.is_some_and(|size| size != (width, height)) {
        return Err(Fault::NotWhole);
    }
    let pixels = u64::from(width) * u64::from(height);
    let scratch = pixels.saturating_mul(layout.scratch).div_ceil(2);
    if pixels > MEGAPIXELS * 1_000_000 {
        return Err(Fault::TooLarge);
    }
    if decoder.total_bytes().saturating_add(scratch) > MOST_BYTES {
        return Err(Fault::TooHeavy);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder)?, orientation))
}

/// The picture, upright, no side longer than [`LONGEST`].
fn decode(bytes: &[u8]) -> Result<DynamicImage, Fault> {
    let (mut picture, orientation) = unpack(bytes)?;
    let (width, height) = (picture.width(), picture.height());
    // Scaled down before all else: this way needs no memory but its result's.
    if width.max(height) > LONGEST {
        let longest = u64::from(width.max(height));
        let scaled = |side: u32| (u64::from(side) * u64::from(LONGEST) + longest / 2) / longest;
        let side = |side: u32| u32::try_from(scaled(side)).unwrap_or(LONGEST).max(1);
        picture = picture.thumbnail_exact(side(width), side(height));
    }
    let mut picture = DynamicImage::ImageRgb8(on_white(picture));
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// JPEG knows no transparency: what shows through is white.
fn on_white(picture: DynamicImage) -> RgbImage {
    if !picture.color().has_alpha() {
        return picture.into_rgb8();
    }
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [r, g, b, alpha] = picture.get_pixel(x, y).0;
        let alpha = u16::from(alpha);
        let over = |c: u8| u8::try_from((u16::from(c) * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX);
        image::Rgb([over(r), over(g), over(b)])
    })
}

/// A QR code as a PNG, black on white with its quiet margin, eight pixels a module.
pub fn qr_png(text: &str) -> Result<Vec<u8>> {
    const MODULE: u32 = 8;
    const MARGIN: u32 = 4;
    let code = qrcode::QrCode::new(text.as_bytes()).map_err(failed)?;
    let width = u32::try_from(code.width()).map_err(failed)?;
    let dark = |x: u32, y: u32| {
        let at = |side: u32| (side / MODULE).checked_sub(MARGIN).filter(|at| *at < width);
        at(x).zip(at(y)).is_some_and(|(x, y)| code[(x as usize, y as usize)] == qrcode::Color::Dark)
    };
    let side = (width + 2 * MARGIN) * MODULE;
    let picture = image::GrayImage::from_fn(side, side, |x, y| image::Luma([if dark(x, y) { 0 } else { 255 }]));
    let mut out = Cursor::new(Vec::new());
    DynamicImage::ImageLuma8(picture).write_to(&mut out, image::ImageFormat::Png).map_err(failed)?;
    Ok(out.into_inner())
}

#[cfg(test)]
mod tests;
