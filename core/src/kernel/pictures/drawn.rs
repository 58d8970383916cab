//! Covers drawn by code: two colours and a pattern that follow from a text, the same every time. The patterns are plain
//! and repeat, so that a picture of them is small in every size.

use image::Rgb;

use crate::kernel::crypto::sha256;

const WIDTH: usize = 1200;
const HEIGHT: usize = 630;
/// How much of a pixel the pattern fills is told by its corners.
const SHADES: u8 = 4;

/// A PNG of a ground, a motif, and three shades between them.
pub fn cover(text: &str) -> Vec<u8> {
    let hash = sha256(&[b"cover", text.as_bytes()]);
    let hue = f32::from(hash[29]) * 360.0 / 256.0;
    // Deep, pale or full.
    let (ground, motif) = match hash[25] % 3 {
        0 => (colour(hue, 0.24), colour(hue + 24.0, 0.74)),
        1 => (colour(hue, 0.88), colour(hue + 24.0, 0.36)),
        _ => (colour(hue, 0.46), colour(hue + 140.0, 0.88)),
    };
    let is_motif: fn(f32, f32) -> bool = match hash[24] % 7 {
        0 => seats,
        1 => sunrise,
        2 => waves,
        3 => dots,
        4 => hills,
        5 => arches,
        _ => bars,
    };
    // Into memory, of a picture that is there: nothing can fail.
    png_of(&shades(is_motif), &palette(ground, motif)).unwrap_or_default()
}

/// How many corners of each pixel are of the motif, row by row.
fn shades(is_motif: fn(f32, f32) -> bool) -> Vec<Vec<u8>> {
    let side = |at: usize| f32::from(u16::try_from(at).unwrap_or(u16::MAX)) / 2.0;
    let corners = |y: usize| -> Vec<u8> { (0..=WIDTH).map(|x| u8::from(is_motif(side(x), side(y)))).collect() };
    let rows: Vec<Vec<u8>> = (0..=HEIGHT).map(corners).collect();
    let of_two = |pair: &[Vec<u8>]| -> Vec<u8> {
        let (above, below) = (&pair[0], &pair[1]);
        (0..WIDTH).map(|x| above[x] + above[x + 1] + below[x] + below[x + 1]).collect()
    };
    rows.windows(2).map(of_two).collect()
}

/// The colour of each shade.
fn palette(ground: Rgb<u8>, motif: Rgb<u8>) -> Vec<u8> {
    let of = |shade: u8| {
        let mixed = move |(ground, motif): (&u8, &u8)| {
            let (from, to, part) = (u16::from(*ground), u16::from(*motif), u16::from(shade));
            u8::try_from((from * (u16::from(SHADES) - part) + to * part) / u16::from(SHADES)).unwrap_or(u8::MAX)
        };
        ground.0.iter().zip(&motif.0).map(mixed).collect::<Vec<u8>>()
    };
    (0..=SHADES).flat_map(of).collect()
}

/// Four bits a pixel.
fn png_of(rows: &[Vec<u8>], palette: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let packed: Vec<u8> = rows.iter().flat_map(|row| row.chunks(2).map(|two| two[0] << 4 | two[1])).collect();
    let mut out = Vec::new();
    let (width, height) = (u32::try_from(WIDTH).unwrap_or(u32::MAX), u32::try_from(HEIGHT).unwrap_or(u32::MAX));
    let mut encoder = png::Encoder::new(&mut out, width, height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Four);
    encoder.set_palette(palette);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.write_header()?.write_image_data(&packed)?;
    Ok(out)
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

/// Rows of seats on both sides of an aisle, before a stage.
fn seats(x: f32, y: f32) -> bool {
    let is_stage = y > 250.0 && (x - 300.0).abs() < 180.0;
    let is_aisle = (x - 300.0).abs() < 30.0;
    let is_seat = x % 30.0 > 5.0 && x % 30.0 < 25.0 && y % 30.0 > 5.0 && y % 30.0 < 25.0;
    is_stage && y < 300.0 || y < 210.0 && !is_aisle && is_seat
}

/// A sun and its rings, over the edge.
fn sunrise(x: f32, y: f32) -> bool {
    let away = (x - 300.0).hypot(315.0 - y);
    away < 90.0 || away % 90.0 < 30.0
}

/// Water.
fn waves(x: f32, y: f32) -> bool {
    // As wide as a whole number of pixels in every size.
    (y + 12.0 * (x * std::f32::consts::TAU / 300.0).sin()).rem_euclid(60.0) < 26.0
}

/// What a loud room looks like.
fn bars(x: f32, y: f32) -> bool {
    let bar = (x / 30.0).floor();
    let high = 60.0 + 180.0 * (bar * 1.7).sin().abs();
    x % 30.0 < 18.0 && (y - 157.0).abs() < high / 2.0
}

/// Lights on a string, each second row between those above.
fn dots(x: f32, y: f32) -> bool {
    let row = (y / 45.0).floor();
    let along = if row % 2.0 == 0.0 { x } else { x + 30.0 };
    (along % 60.0 - 30.0).hypot(y % 45.0 - 22.5) < 13.0
}

/// A moon over two hills.
fn hills(x: f32, y: f32) -> bool {
    let near = 235.0 + 40.0 * (x * std::f32::consts::TAU / 600.0).sin();
    let far = 195.0 - 45.0 * (x * std::f32::consts::TAU / 450.0).cos();
    let is_moon = (x - 430.0).hypot(y - 85.0) < 48.0;
    is_moon || y > near || y > far && y < near - 16.0
}

/// Windows of a hall, one beside the other.
fn arches(x: f32, y: f32) -> bool {
    let (across, down) = ((x % 75.0 - 37.5).abs(), y % 105.0);
    down > 45.0 && down < 93.0 && across < 27.0 || across.hypot(down - 45.0) < 27.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::pictures::{Shape, decode, shaped, webp};

    #[test]
    fn a_cover_is_small_the_same_every_time_and_no_other_s() {
        let one = cover("Monsoon Jazz on the Terrace");
        assert_eq!(one, cover("Monsoon Jazz on the Terrace"));
        assert_ne!(one, cover("Riverside Food Weekend"));
        let picture = image::load_from_memory(&one).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (1200, 630));
    }

    #[test]
    fn each_pattern_is_small_in_every_size() {
        let patterns = [
            ("seats", seats as fn(f32, f32) -> bool),
            ("sunrise", sunrise),
            ("waves", waves),
            ("bars", bars),
            ("dots", dots),
            ("hills", hills),
            ("arches", arches),
        ];
        for (name, is_motif) in patterns {
            let (ground, motif) = (colour(200.0, 0.24), colour(224.0, 0.74));
            let file = png_of(&shades(is_motif), &palette(ground, motif)).expect("a picture");
            assert!(file.len() < 40_000, "{name}: {} bytes as a PNG", file.len());
            for (width, most) in [(160, 4_000), (320, 8_000), (480, 12_000), (800, 18_000), (1200, 24_000)] {
                let picture = shaped(decode(&file).expect("a picture"), Shape::Filled(width, width * 21 / 40));
                let bytes = webp::encode(&picture.into_rgb8()).expect("is encoded").len();
                assert!(bytes < most, "{name}, {width} wide: {bytes} bytes");
            }
        }
    }
}
