//! WebP of a picture's pixels.

use std::collections::HashSet;

use image::RgbImage;

use super::Fault;

/// Looks as a JPEG of quality 85 does, at about two thirds of its bytes.
const QUALITY: f32 = 78.0;
/// How hard it is tried to make a drawing small without loss.
const EFFORT: f32 = 75.0;
/// A picture of fewer colours was drawn, and its edges may be smaller without loss.
const COLOURS: usize = 1024;

/// The smaller one of what is possible.
pub fn encode(picture: &RgbImage) -> Result<Vec<u8>, Fault> {
    let encoder = webp::Encoder::from_rgb(picture.as_raw(), picture.width(), picture.height());
    let file = |lossless, quality| {
        let file = encoder.encode_simple(lossless, quality).map_err(|_| Fault::NotWhole)?;
        Ok::<_, Fault>(file.to_vec())
    };
    let lossy = file(false, QUALITY)?;
    if !is_drawing(picture) {
        return Ok(lossy);
    }
    let exact = file(true, EFFORT)?;
    Ok(if exact.len() < lossy.len() { exact } else { lossy })
}

fn is_drawing(picture: &RgbImage) -> bool {
    let mut colours = HashSet::new();
    picture.pixels().all(|pixel| {
        colours.insert(pixel.0);
        colours.len() < COLOURS
    })
}
