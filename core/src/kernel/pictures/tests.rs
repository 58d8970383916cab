use image::{ImageFormat, Rgb, Rgba, RgbaImage};
use proptest::prelude::*;

use super::*;

const SHAPES: &[Shape] = &[Shape::Within(4096), Shape::Within(1280), Shape::Within(256)];

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

/// A chunk of a PNG.
fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = u32::MAX;
    for byte in kind.iter().chain(data) {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xedb8_8320 & (sum & 1).wrapping_neg());
        }
    }
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length, kind.as_slice(), data, &(!sum).to_be_bytes()].concat()
}

/// A PNG that says it is so large, with nothing much in it.
fn said(width: u32, height: u32, depth: u8, colours: u8) -> Vec<u8> {
    let head = [&width.to_be_bytes(), &height.to_be_bytes(), [depth, colours, 0, 0, 0].as_slice()].concat();
    let data = b"\x78\x9c\x63\0\0\0\x01\0\x01";
    [b"\x89PNG\r\n\x1a\n".as_slice(), &chunk(b"IHDR", &head), &chunk(b"IDAT", data), &chunk(b"IEND", b"")].concat()
}

#[test]
fn a_photo_is_upright_scaled_and_tells_nothing_else() {
    // As phones write them: a short film behind the picture.
    let photo = [photo(), b"<script>a film</script>".to_vec()].concat();
    assert!(contains(&photo, b"GPS 12.9716") && sniff(&photo) == Some("image/jpeg"));
    let made = make(&photo, SHAPES).expect("a picture");
    assert_eq!(made.size, (320, 640), "it stands");
    for (file, expected) in made.files.iter().zip([(320, 640), (320, 640), (128, 256)]) {
        assert!(!contains(file, b"GPS") && !contains(file, b"Exif") && !contains(file, b"script"));
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
        let made = make(&bytes, SHAPES).expect("a picture");
        let shown = image::load_from_memory(&made.files[2]).unwrap().into_rgb8();
        assert_eq!((shown.dimensions(), shown.get_pixel(5, 5).0), ((256, 171), [255, 255, 255]));
    }
}

#[test]
fn as_webp_a_picture_is_smaller_and_tells_nothing_else() {
    let bytes = photo();
    let file = webp::encode(&decode(&bytes).unwrap().into_rgb8()).unwrap();
    assert_eq!(sniff(&file), Some("image/webp"));
    assert!(!contains(&file, b"GPS") && !contains(&file, b"EXIF"));
    let shown = image::load_from_memory(&file).unwrap().into_rgb8();
    assert_eq!(shown.dimensions(), (320, 640), "it stands");
    // Of more colours than a drawing has.
    let wave = |at: u32, by: f32| ((at as f32 / by).sin() * 100.0 + 120.0) as u8;
    let meadow = RgbImage::from_fn(800, 420, |x, y| Rgb([wave(x + y, 41.0), wave(x * 3 + y, 97.0), wave(x, 13.0)]));
    let smaller = webp::encode(&meadow).unwrap();
    let larger = jpeg(&DynamicImage::ImageRgb8(meadow)).unwrap();
    assert!(smaller.len() * 4 < larger.len() * 3, "{} and {} bytes", smaller.len(), larger.len());
}

#[test]
fn any_picture_fills_a_preview_and_the_largest_are_scaled_down() {
    let tall = encoded(&DynamicImage::ImageRgb8(RgbImage::new(40, 90)), ImageFormat::Png);
    let made = make(&tall, &[Shape::Filled(1200, 630)]).unwrap();
    assert_eq!(made.size, (1200, 630));
    let long = encoded(&DynamicImage::ImageRgb8(RgbImage::new(9000, 3)), ImageFormat::Png);
    assert_eq!(make(&long, SHAPES).unwrap().size, (4096, 1));
}

#[test]
fn a_bomb_is_not_unpacked() {
    for (width, height, depth, colours, expected) in [
        (16_384, 16_384, 16, 6, Fault::TooLarge),
        (8_192, 8_192, 16, 6, Fault::TooLarge),
        (8_192, 8_192, 8, 2, Fault::TooLarge),
        (60_000, 60_000, 8, 2, Fault::TooLarge),
        // Few pixels, but eight bytes or four each.
        (4_500, 4_500, 16, 6, Fault::TooHeavy),
        (6_400, 4_800, 8, 6, Fault::TooHeavy),
    ] {
        let fault = make(&said(width, height, depth, colours), SHAPES).err();
        assert_eq!(fault, Some(expected), "{width} by {height}, {depth} bit");
    }
    assert!(make(&said(i32::MAX as u32, i32::MAX as u32, 8, 2), SHAPES).is_err());
    let progressive = |marker: u8| {
        // 5,000 by 5,000 in three parts, and a scan of one of them.
        let frame = b"\0\x11\x08\x13\x88\x13\x88\x03\x01\x11\0\x02\x11\0\x03\x11\0";
        [b"\xff\xd8\xff".as_slice(), &[marker], frame, b"\xff\xda\0\x08\x01\x01\0\0\x3f\0\0\xff\xd9"].concat()
    };
    for marker in [0xc0, 0xc2] {
        let layout = layout::read(&progressive(marker)).expect("a layout");
        assert_eq!((layout.size, layout.scratch), (Some((5000, 5000)), 12), "coefficients of three parts are kept");
    }
    // 25 megapixels: a plain JPEG of them may be taken, and this one is told to be one.
    let fault = make(&progressive(0xc2), SHAPES).err().expect("too heavy");
    assert_eq!(fault, Fault::TooHeavy);
    assert!(fault.text().contains("baseline") && !fault.text().contains("megapixels"));
}

#[test]
fn what_is_not_a_whole_picture_is_refused() {
    let picture = DynamicImage::ImageRgb8(RgbImage::from_fn(64, 64, |x, y| Rgb([x as u8, y as u8, 0])));
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP] {
        let whole = encoded(&picture, format);
        assert!(make(&whole, SHAPES).is_ok(), "{format:?}");
        for cut in [40, whole.len() / 2, whole.len() - 3] {
            assert_eq!(make(&whole[..cut], SHAPES).err(), Some(Fault::NotWhole), "{format:?} cut at {cut}");
        }
    }
    for (what, file) in [
        ("a page behind it", [encoded(&picture, ImageFormat::Png), b"<script>alert(1)</script>".to_vec()].concat()),
        ("a page behind it", [encoded(&picture, ImageFormat::WebP), b"<script>alert(1)</script>".to_vec()].concat()),
        ("a page for a picture", b"\xff\xd8\xff\xe0<script>alert(1)</script>".to_vec()),
        ("no size", said(0, 0, 8, 2)),
        ("no pixels", said(64, 64, 8, 2)),
    ] {
        assert_eq!(make(&file, SHAPES).err(), Some(Fault::NotWhole), "{what}");
    }
    for other in [b"GIF89a".as_slice(), b"<svg xmlns=", b"%PDF-1.7", b""] {
        assert_eq!(sniff(other), None);
    }
}

#[test]
fn a_webp_says_one_size() {
    let small = encoded(&DynamicImage::ImageRgb8(RgbImage::new(10, 10)), ImageFormat::WebP);
    let at = small.windows(4).position(|four| four == b"VP8L").expect("a picture's chunk");
    // Its frame says ten by ten, its picture says sixteen thousand.
    let mut lying = small.clone();
    lying[at + 9..at + 13].copy_from_slice(&0x0fff_ffff_u32.to_le_bytes());
    assert!(make(&small, SHAPES).is_ok() && make(&lying, SHAPES).is_err());
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
        let _ = make(&bytes, SHAPES);
    }
}
