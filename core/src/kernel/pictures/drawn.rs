//! Covers drawn by code: two colours and a pattern that follow from a text, the same every time.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, Rgb, RgbImage};

use crate::kernel::crypto::sha256;

/// Drawn small, and enlarged: a pattern loses nothing by it.
const WIDTH: u32 = 600;
const HEIGHT: u32 = 315;

/// A JPEG of twice these sides.
pub fn cover(text: &str) -> Vec<u8> {
    let hash = sha256(&[b"cover", text.as_bytes()]);
    let hue = f32::from(hash[0]) * 360.0 / 256.0;
    let (ground, motif) = match hash[1] % 2 {
        0 => (colour(hue, 0.24), colour(hue + 24.0, 0.74)),
        _ => (colour(hue, 0.88), colour(hue + 24.0, 0.36)),
    };
    let is_motif: fn(f32, f32) -> bool = match hash[2] % 4 {
        0 => seats,
        1 => sunrise,
        2 => waves,
        _ => bars,
    };
    let side = |at: u32| f32::from(u16::try_from(at).unwrap_or(u16::MAX));
    let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| if is_motif(side(x), side(y)) { motif } else { ground });
    let picture = DynamicImage::ImageRgb8(picture).resize_exact(WIDTH * 2, HEIGHT * 2, FilterType::CatmullRom);
    let mut out = Cursor::new(Vec::new());
    // Into memory, of a picture that is there: nothing can fail.
    let _ = JpegEncoder::new_with_quality(&mut out, 82).encode_image(&picture);
    out.into_inner()
}

/// A hue at half its strength, so light.
fn colour(hue: f32, light: f32) -> Rgb<u8> {
    let strength = 0.5 * (1.0 - (2.0 * light - 1.0).abs());
    let part = |turn: f32| {
        let at = (hue / 30.0 + turn) % 12.0;
        let share = light - strength * (at - 3.0).min(9.0 - at).clamp(-1.0, 1.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 255")]
        let byte = (share.clamp(0.0, 1.0) * 255.0) as u8;
        byte
    };
    Rgb([part(0.0), part(8.0), part(4.0)])
}

/// Rows of seats around a stage.
fn seats(x: f32, y: f32) -> bool {
    let (across, down) = (x - 300.0, 345.0 - y);
    let away = across.hypot(down);
    let row = (away / 26.0).floor();
    let along = across.atan2(down) * row * 26.0 / 24.0;
    let (dx, dy) = ((along - along.floor() - 0.5) * 24.0, away - row * 26.0 - 13.0);
    row > 2.0 && dx.abs() < 8.0 && dy.abs() < 8.0
}

/// A sun and its rings, over the edge.
fn sunrise(x: f32, y: f32) -> bool {
    let away = (x - 300.0).hypot(315.0 - y);
    away < 84.0 || away % 42.0 < 18.0
}

/// Water.
fn waves(x: f32, y: f32) -> bool {
    (y + 12.0 * (x / 48.0).sin()) % 45.0 < 20.0
}

/// What a loud room looks like.
fn bars(x: f32, y: f32) -> bool {
    let bar = (x / 30.0).floor();
    let high = 60.0 + 180.0 * (bar * 1.7).sin().abs();
    x % 30.0 < 18.0 && (y - 157.0).abs() < high / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cover_is_small_the_same_every_time_and_no_other_s() {
        let one = cover("Monsoon Jazz on the Terrace");
        assert_eq!(one, cover("Monsoon Jazz on the Terrace"));
        assert_ne!(one, cover("Riverside Food Weekend"));
        assert!(one.len() < 200_000, "{}", one.len());
        let picture = image::load_from_memory(&one).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (1200, 630));
    }
}
