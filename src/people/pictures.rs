//! Making pictures that can be shown of what was uploaded: upright, without metadata, in three sizes.

use std::io::Cursor;
use std::sync::{Arc, LazyLock};

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, RgbImage};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::events::ProfileUpdated;
use super::sql::{self, Rendering};
use super::{EndUserId, PictureId};
use crate::kernel::app::App;
use crate::kernel::error::{Error, Result, internal};
use crate::kernel::files;
use crate::kernel::jobs::Job;
use crate::kernel::outbox;
use crate::kernel::queues::Queue;
use crate::ops::handlers::{Failure, JobContext, JobHandler, Run};

/// Longest side of the picture itself, and of what is made of it.
const SIDES: [u32; 3] = [4096, 1280, 256];
/// What is read is at most so wide and high, and decoded takes at most so many bytes: a small file can
/// hold a picture that fills any memory.
const WIDEST: u32 = 16_384;
const MOST_BYTES: u64 = 320 << 20;
const QUALITY: u8 = 85;

/// One at a time in a process: decoded, a picture is large.
static WORKSHOP: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(1));

/// The media type, if it is one that is taken: JPEG, PNG or WebP.
pub fn sniff(head: &[u8]) -> Option<&'static str> {
    let kind = infer::get(head)?.mime_type();
    let whole = match kind {
        "image/png" => head.starts_with(b"\x89PNG\r\n\x1a\n") && head.get(12..16) == Some(b"IHDR"),
        "image/jpeg" => head.starts_with(b"\xff\xd8\xff") && head.get(3).is_some_and(|marker| *marker >= 0xc0),
        "image/webp" => head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP"),
        _ => false,
    };
    whole.then_some(kind)
}

/// Makes a picture of what was uploaded.
#[derive(Serialize, Deserialize)]
pub struct MakePicture {
    pub picture: PictureId,
}
impl Job for MakePicture {
    const TYPE: &'static str = "people.make_picture";
    const QUEUE: Queue = Queue::Media;
    const ATTEMPTS: i32 = 5;
}
inventory::submit!(JobHandler::of::<MakePicture>());

impl Run for MakePicture {
    async fn run(self, app: Arc<App>, context: JobContext) -> Result<(), Failure> {
        let source = sql::picture_source(&mut *app.reader.acquire().await?, self.picture).await?;
        // Done already, or removed meanwhile.
        let Some(source) = source else { return Ok(()) };
        let (Some(file), Some(key)) = (source.file_id, source.key) else { return Ok(()) };
        let bytes = match app.storage.read(&key).await? {
            Some(body) => axum::body::to_bytes(body, usize::MAX).await.map_err(|error| internal().internal(error))?,
            None => return Err(Failure::Never(internal().internal(format!("{key} is not in storage")))),
        };
        let rendered = {
            let _permit = WORKSHOP.acquire().await.map_err(|error| internal().internal(error))?;
            tokio::task::spawn_blocking(move || render(&bytes)).await.map_err(|error| internal().internal(error))?
        };
        let user = EndUserId(source.user_id);
        let request_id = context.request_id.unwrap_or_else(|| format!("job-{}", context.id));
        finish(&app, user, self.picture, rendered, &request_id).await?;
        files::discard(&app, file).await;
        Ok(())
    }
}

/// Stores what was made and notes it, in one transaction with the giving up of the source.
async fn finish(
    app: &App,
    user: EndUserId,
    id: PictureId,
    rendered: Option<Rendered>,
    request_id: &str,
) -> Result<(), Error> {
    let stored = match &rendered {
        Some(rendered) => Some(store(app, user, rendered).await?),
        None => None,
    };
    let now = app.clock.now();
    let mut tx = app.pool.begin().await?;
    if !sql::picture_lock_processing(&mut tx, id).await? {
        // Another worker was first, or the picture is gone: what was stored is the sweeper's.
        return Ok(());
    }
    let source = sql::picture_source(&mut tx, id).await?.and_then(|source| source.file_id);
    match (&stored, &rendered) {
        (Some(files), Some(rendered)) => {
            for file in files {
                if !files::keep(&mut tx, file.file_id, now).await? {
                    return Err(internal().internal("a rendering was swept before it was kept"));
                }
            }
            sql::picture_ready(&mut tx, id, files, rendered.size).await?;
        }
        _ => sql::picture_unreadable(&mut tx, id).await?,
    }
    files::release(&mut tx, source.as_slice()).await?;
    outbox::insert(&mut tx, request_id, &[outbox::Pending::new(&ProfileUpdated { user_id: user })]).await?;
    tx.commit().await?;
    Ok(())
}

async fn store(app: &App, user: EndUserId, rendered: &Rendered) -> Result<[Rendering; 3]> {
    let folder = format!("pictures/{user}");
    let mut stored = Vec::with_capacity(SIDES.len());
    for bytes in &rendered.files {
        let now = app.clock.now();
        let (file_id, key) = files::begin(&mut *app.pool.acquire().await?, &folder, now).await?;
        let mut writer = app.storage.write(&key).await?;
        writer.add(bytes.clone().into()).await?;
        writer.finish().await?;
        stored.push(Rendering { file_id, key });
    }
    stored.try_into().map_err(|_| internal().internal("three sizes make three files"))
}

/// What was made of one upload.
pub struct Rendered {
    /// JPEG in each size, the largest first.
    pub files: [Vec<u8>; 3],
    /// Width and height of the largest.
    pub size: (i32, i32),
}

/// Decodes, turns upright, scales, encodes. Only pixels go through: whatever else the file held stays
/// behind. `None` where it cannot be read.
pub fn render(bytes: &[u8]) -> Option<Rendered> {
    let mut picture = decode(bytes)?;
    let mut rendered = Vec::with_capacity(SIDES.len());
    let mut size = None;
    for side in SIDES {
        if picture.width().max(picture.height()) > side {
            picture = picture.resize(side, side, FilterType::Lanczos3);
        }
        let (width, height) = (picture.width(), picture.height());
        size.get_or_insert((i32::try_from(width).ok()?, i32::try_from(height).ok()?));
        let mut out = Vec::new();
        JpegEncoder::new_with_quality(&mut out, QUALITY).encode_image(picture.as_rgb8()?).ok()?;
        rendered.push(out);
    }
    Some(Rendered { files: rendered.try_into().ok()?, size: size? })
}

fn decode(bytes: &[u8]) -> Option<DynamicImage> {
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(WIDEST), Some(WIDEST));
    limits.max_alloc = Some(MOST_BYTES);
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    if decoder.total_bytes() > MOST_BYTES {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    picture.apply_orientation(orientation);
    Some(DynamicImage::ImageRgb8(on_white(picture)))
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

#[cfg(test)]
mod tests {
    use image::{ImageFormat, Rgb, Rgba, RgbaImage};
    use proptest::prelude::*;

    use super::*;

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        picture.write_to(&mut out, format).unwrap();
        out.into_inner()
    }

    /// A JPEG, red at its left, with an EXIF block that says "turn it a quarter to the right" and where
    /// it was taken.
    fn photo() -> Vec<u8> {
        let pixels = RgbImage::from_fn(640, 320, |x, _| if x < 320 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) });
        let plain = encoded(&DynamicImage::ImageRgb8(pixels), ImageFormat::Jpeg);
        let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"GPS 12.9716 N 77.5946 E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&plain[..2], b"\xff\xe1", &length, &exif, &plain[2..]].concat()
    }

    fn contains(bytes: &[u8], what: &[u8]) -> bool {
        bytes.windows(what.len()).any(|window| window == what)
    }

    #[test]
    fn a_photo_is_upright_scaled_and_tells_nothing_else() {
        let photo = photo();
        assert!(contains(&photo, b"GPS 12.9716") && sniff(&photo) == Some("image/jpeg"));
        let rendered = render(&photo).expect("a picture");
        assert_eq!(rendered.size, (320, 640), "it stands");
        for (file, expected) in rendered.files.iter().zip([(320, 640), (320, 640), (128, 256)]) {
            assert!(!contains(file, b"GPS") && !contains(file, b"Exif"));
            let shown = image::load_from_memory(file).unwrap().into_rgb8();
            assert_eq!(shown.dimensions(), expected);
            let (top, bottom) = (shown.get_pixel(20, 10).0, shown.get_pixel(20, expected.1 - 10).0);
            assert!(top[0] > 200 && top[2] < 60 && bottom[2] > 200, "{top:?} {bottom:?}");
        }
    }

    #[test]
    fn what_shows_through_is_white_and_webp_is_read() {
        let clear = DynamicImage::ImageRgba8(RgbaImage::from_pixel(300, 200, Rgba([9, 9, 9, 0])));
        for format in [ImageFormat::Png, ImageFormat::WebP] {
            let bytes = encoded(&clear, format);
            assert!(sniff(&bytes).is_some());
            let rendered = render(&bytes).expect("a picture");
            let shown = image::load_from_memory(&rendered.files[2]).unwrap().into_rgb8();
            assert_eq!((shown.dimensions(), shown.get_pixel(5, 5).0), ((256, 171), [255, 255, 255]));
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        // 60,000 by 60,000 pixels in a header of a few bytes.
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0";
        assert!(sniff(png).is_some() && render(png).is_none());
        for other in [b"GIF89a".as_slice(), b"<svg xmlns=", b"%PDF-1.7", b""] {
            assert_eq!(sniff(other), None);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn broken_files_are_refused_quietly(cut in 2..4000_usize, at in 0..4000_usize, byte in any::<u8>()) {
            let mut bytes = photo();
            bytes.truncate(cut.min(bytes.len()));
            if let Some(slot) = bytes.get_mut(at) {
                *slot = byte;
            }
            let _ = render(&bytes);
        }
    }
}
