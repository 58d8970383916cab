//! An event's picture, small enough for a phone and for the previews of links.

use std::collections::VecDeque;
use std::io::Cursor;
use std::sync::{LazyLock, Mutex};

use axum::body::{Bytes, to_bytes};
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use eventify::events::EventImageId;
use eventify::events::operations::event_image_file;
use eventify::kernel::error::{Error, Result, internal};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits};
use tokio::sync::Semaphore;

use super::visitor::{Visitor, id};

/// What previews of links show: so wide …
pub const WIDE: u32 = 1200;
/// … and so high.
pub const HIGH: u32 = 630;
const QUALITY: u8 = 78;
/// A small file can hold a picture that fills any memory.
const WIDEST: u32 = 16_384;
const MOST_BYTES: u64 = 320 << 20;
/// The largest file that is read.
const LARGEST: usize = 32 << 20;
/// How many are kept, each about 100 KB.
const KEPT: usize = 64;

/// One at a time in a process: decoded, a picture is large.
static WORKSHOP: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(1));
/// Those that were asked for last; an image never changes.
static SHELF: Mutex<VecDeque<(EventImageId, Bytes)>> = Mutex::new(VecDeque::new());

/// `GET /e/{slug}/cover/{image}`: for whoever sees the event, as the operation has it.
pub async fn show(visitor: Visitor, Path((_, image)): Path<(String, String)>) -> Response {
    let made = async {
        let image = id::<EventImageId>(&image)?;
        // Asked for each time: an event that is no longer public shows nothing.
        let (file, keeping) = match visitor.openly(event_image_file(image)).await {
            // Of a draft only its hosts see pictures.
            Err(error) if error.status() == 404 && visitor.user.is_some() => {
                (visitor.own(event_image_file(image)).await?, "private, no-store")
            }
            file => (file?, "public, max-age=86400"),
        };
        if let Some(kept) = kept(image) {
            return Ok((kept, keeping));
        }
        let _turn = WORKSHOP.acquire().await.map_err(fault)?;
        if let Some(kept) = kept(image) {
            return Ok((kept, keeping));
        }
        let source = to_bytes(file.response.into_body(), LARGEST).await.map_err(fault)?;
        let made = tokio::task::spawn_blocking(move || smaller(&source)).await.map_err(fault)??;
        keep(image, &made);
        Ok::<_, Error>((made, keeping))
    };
    match made.await {
        Ok((bytes, keeping)) => ([(CONTENT_TYPE, "image/jpeg"), (CACHE_CONTROL, keeping)], bytes).into_response(),
        Err(error) => visitor.refused(&error),
    }
}

fn kept(image: EventImageId) -> Option<Bytes> {
    let shelf = SHELF.lock().ok()?;
    shelf.iter().find(|(id, _)| *id == image).map(|(_, bytes)| bytes.clone())
}

fn keep(image: EventImageId, bytes: &Bytes) {
    if let Ok(mut shelf) = SHELF.lock() {
        shelf.truncate(KEPT - 1);
        shelf.push_front((image, bytes.clone()));
    }
}

fn fault(error: impl std::fmt::Display) -> Error {
    internal().internal(error)
}

/// Upright, cut to the size of a preview, and without anything but its pixels.
fn smaller(source: &[u8]) -> Result<Bytes> {
    let mut reader = ImageReader::new(Cursor::new(source)).with_guessed_format().map_err(fault)?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(WIDEST), Some(WIDEST));
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(fault)?;
    let turn = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(fault)?;
    picture.apply_orientation(turn);
    let picture = picture.resize_to_fill(WIDE, HIGH, FilterType::Triangle).into_rgb8();
    let mut made = Vec::new();
    JpegEncoder::new_with_quality(&mut made, QUALITY).encode_image(&picture).map_err(fault)?;
    Ok(made.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_picture_becomes_a_preview() {
        let mut source = Cursor::new(Vec::new());
        image::RgbImage::new(40, 90).write_to(&mut source, image::ImageFormat::Png).unwrap();
        let made = smaller(source.get_ref()).unwrap();
        let read = image::load_from_memory(&made).unwrap();
        assert_eq!((read.width(), read.height()), (WIDE, HIGH));
        assert!(smaller(b"no picture").is_err());
    }
}
