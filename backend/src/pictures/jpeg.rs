//! JPEG (ITU-T T.81, annex B): segments behind markers, and scans behind some of them.

use super::{only_orientation, orientation};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;

/// What stays: the picture, its colours, and which side is up. What comes after its end does not.
pub(super) fn picture(file: &[u8]) -> Option<Vec<u8>> {
    let mut rest = file.strip_prefix(&[0xff, SOI])?;
    let (mut kept, mut up) = (vec![0xff, SOI], None);
    while let Some((marker, contents, after)) = next(rest) {
        rest = after;
        match marker {
            EOI => {
                kept.extend([0xff, EOI]);
                break;
            }
            APP0 => kept.extend(without_small_picture(contents).map(|it| segment(marker, &it)).unwrap_or_default()),
            APP1 => up = up.or_else(|| orientation(contents.strip_prefix(b"Exif\0\0")?)),
            SOS => {
                kept.extend(segment(marker, contents));
                let scan = &rest[..scan_length(rest)];
                kept.extend(scan);
                rest = &rest[scan.len()..];
            }
            marker if belongs(marker, contents) => kept.extend(segment(marker, contents)),
            _ => {}
        }
    }
    if let Some(up) = up {
        let exif = segment(APP1, &[b"Exif\0\0", &only_orientation(up)[..]].concat());
        // JFIF wants to be first.
        let at = if kept.get(3) == Some(&APP0) { 4 + length_at(&kept[4..])? } else { 2 };
        kept.splice(at..at, exif);
    }
    Some(kept)
}

/// The next marker with what its segment holds, and what comes after it; nothing once that cannot be told.
fn next(mut file: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    loop {
        // Before a marker may be any number of bytes to fill; what is no marker at all belongs to nothing.
        let at = file.windows(2).position(|pair| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff))?;
        let (marker, after) = (file[at + 1], &file[at + 2..]);
        match marker {
            EOI => return Some((marker, &[], after)),
            // Those have no segment, and no place outside of a scan.
            0x01 | 0xd0..=0xd8 => file = after,
            _ => {
                let length = length_at(after)?;
                return Some((marker, after.get(2..length)?, &after[length..]));
            }
        }
    }
}

/// How long a segment is: that counts its length, and not its marker.
fn length_at(segment: &[u8]) -> Option<usize> {
    Some(usize::from(u16::from_be_bytes([*segment.first()?, *segment.get(1)?])))
}

fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
    // It was as long when it was read, or is made here.
    let length = u16::try_from(contents.len() + 2).unwrap_or(u16::MAX);
    [&[0xff, marker], &length.to_be_bytes()[..], contents].concat()
}

/// Up to the next marker: within a scan are escaped bytes and restarts.
fn scan_length(file: &[u8]) -> usize {
    let is_marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xff | 0xd0..=0xd7);
    file.windows(2).position(is_marker).unwrap_or(file.len())
}

/// Frames and tables of the picture, colours by their profile, and how Adobe has mixed them.
fn belongs(marker: u8, contents: &[u8]) -> bool {
    match marker {
        0xc0..=0xcf | 0xdb..=0xdf => true,
        APP2 => contents.starts_with(b"ICC_PROFILE\0"),
        APP14 => contents.starts_with(b"Adobe"),
        _ => false,
    }
}

/// The head that JFIF demands (ITU-T T.871, 10.1), without the small picture that it may hold: of another cut, perhaps.
fn without_small_picture(contents: &[u8]) -> Option<Vec<u8>> {
    let head = contents.get(..12).filter(|head| head.starts_with(b"JFIF\0"))?;
    Some([head, &[0, 0]].concat())
}
