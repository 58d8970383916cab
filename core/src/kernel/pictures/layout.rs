//! How a picture's file is laid out: whether all of it is there, and what decoding it takes. Decoders are
//! lenient: some make a picture of half a file, and one file can say two sizes.

use image::ImageFormat;

/// What is known of a file before it is decoded.
pub struct Layout {
    pub format: ImageFormat,
    /// Width and height, where the file says them apart from what the decoder goes by.
    pub size: Option<(u32, u32)>,
    /// What decoding takes beside the picture, in half bytes a pixel.
    pub scratch: u64,
}

/// Nothing where the file is not one whole still picture.
pub fn read(bytes: &[u8]) -> Option<Layout> {
    match super::sniff(bytes)? {
        "image/jpeg" => jpeg(bytes),
        "image/png" => png(bytes),
        _ => webp(bytes),
    }
}

/// Ends with its last chunk: nothing else stands behind the picture.
fn png(bytes: &[u8]) -> Option<Layout> {
    const END: &[u8] = b"\0\0\0\0IEND\xaeB`\x82";
    bytes.ends_with(END).then_some(Layout { format: ImageFormat::Png, size: None, scratch: 0 })
}

fn word(bytes: &[u8], at: usize) -> Option<usize> {
    let two = bytes.get(at..at + 2)?;
    Some(usize::from(u16::from_be_bytes([two[0], two[1]])))
}

/// From segment to segment up to the end of the picture. Cameras write more behind that, a short film for
/// instance; it stays behind.
fn jpeg(bytes: &[u8]) -> Option<Layout> {
    let (mut at, mut frame, mut layout) = (2, None, None);
    loop {
        let (0xff, marker) = (*bytes.get(at)?, *bytes.get(at + 1)?) else { return None };
        match marker {
            0xff => at += 1,
            0x01 | 0xd0..=0xd7 => at += 2,
            0xd9 => return layout,
            _ => {
                let next = at + 2 + word(bytes, at + 2)?;
                let segment = bytes.get(at + 4..next)?;
                at = next;
                if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
                    // A file of two pictures would have the decoder choose.
                    if frame.replace((marker, segment)).is_some() {
                        return None;
                    }
                }
                if marker == 0xda {
                    layout = layout.or(Some(first_scan(frame?, segment)?));
                    at = behind_scan(bytes, at)?;
                }
            }
        }
    }
}

/// Where the pixels of a scan end: at the next marker.
fn behind_scan(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match bytes.get(at + 1)? {
            0 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            _ => return Some(at),
        }
    }
}

/// What frame and first scan say. Where a scan does not hold all of the picture, every scan's coefficients
/// are kept, two bytes each.
fn first_scan((marker, frame): (u8, &[u8]), scan: &[u8]) -> Option<Layout> {
    let (height, width, parts) = (word(frame, 1)?, word(frame, 3)?, usize::from(*frame.get(5)?));
    let all_at_once = usize::from(*scan.first()?) == parts && !matches!(marker, 0xc2 | 0xc6 | 0xca | 0xce);
    let sampling: Vec<u64> = frame
        .get(6..6 + 3 * parts)?
        .chunks_exact(3)
        .map(|part| u64::from(part[1] >> 4) * u64::from(part[1] & 15))
        .collect();
    let (sum, most) = (sampling.iter().sum::<u64>(), *sampling.iter().max()?);
    let scratch = if all_at_once { 0 } else { (4 * sum).div_ceil(most.max(1)) };
    let size = (u32::try_from(width).ok()?, u32::try_from(height).ok()?);
    Some(Layout { format: ImageFormat::Jpeg, size: Some(size), scratch })
}

/// One still picture and nothing behind it. The picture's own chunk says its size once more.
fn webp(bytes: &[u8]) -> Option<Layout> {
    let long = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let even = |length: u32| usize::try_from(length).ok().map(|length| length + length % 2);
    if even(long(4)?)? + 8 != bytes.len() + bytes.len() % 2 {
        return None;
    }
    let (mut at, mut size) = (12, None);
    while at < bytes.len() {
        let (kind, data) = (bytes.get(at..at + 4)?, at + 8);
        let own = match kind {
            b"VP8 " => Some((long(data + 6)? & 0x3fff, long(data + 6)? >> 16 & 0x3fff)),
            b"VP8L" => Some(((long(data + 1)? & 0x3fff) + 1, (long(data + 1)? >> 14 & 0x3fff) + 1)),
            b"ANIM" | b"ANMF" => return None,
            _ => None,
        };
        if own.is_some() && std::mem::replace(&mut size, own).is_some() {
            return None;
        }
        at = data + even(long(at + 4)?)?;
    }
    // Without loss it is decoded with four bytes a pixel, whatever comes of it.
    size.map(|size| Layout { format: ImageFormat::WebP, size: Some(size), scratch: 10 })
}
