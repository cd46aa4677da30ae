//! What a picture says beside the picture: where and when it was taken, by whom, with what. It goes before anybody is
//! given the picture; which side is up stays.

use exif::{In, Tag, Value};
use img_parts::jpeg::{Jpeg, markers};
use img_parts::png::Png;
use img_parts::webp::WebP;
use img_parts::{Bytes, ImageEXIF};

/// Media types of pictures whose traces are known.
const KNOWN: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Whether traces can be taken out of files of that media type.
pub fn is_known(media_type: &str) -> bool {
    KNOWN.contains(&media_type)
}

/// The picture `bytes` without its traces. What is no whole picture of that kind stays as it is.
pub fn without_traces(media_type: &str, bytes: Bytes) -> Bytes {
    let cleaned = match media_type {
        "image/jpeg" => jpeg(bytes.clone()),
        "image/png" => png(bytes.clone()),
        "image/webp" => webp(bytes.clone()),
        _ => None,
    };
    cleaned.unwrap_or(bytes)
}

/// What stays of a JPEG file: the picture, its colours, and which side is up. What cameras append to it does not.
fn jpeg(bytes: Bytes) -> Option<Bytes> {
    let end = end_of_picture(&bytes)?;
    let mut jpeg = Jpeg::from_bytes(bytes.slice(..end)).ok()?;
    let up = orientation(jpeg.exif());
    jpeg.segments_mut().retain(|segment| match segment.marker() {
        markers::APP0 => segment.contents().starts_with(b"JFIF\0"),
        markers::APP14 => true,
        markers::APP2 => segment.contents().starts_with(b"ICC_PROFILE\0"),
        markers::COM => false,
        marker => !(markers::APP0..=markers::APP15).contains(&marker),
    });
    if let Some(up) = up {
        jpeg.set_exif(Some(only_orientation(up)));
    }
    Some(jpeg.encoder().bytes())
}

/// Where in a JPEG file the picture ends (ITU-T T.81, annex B): after the marker that says so.
fn end_of_picture(file: &[u8]) -> Option<usize> {
    // After the marker that begins it.
    let mut at = 2;
    loop {
        match (file.get(at)?, file.get(at + 1)) {
            (0xff, Some(&markers::EOI)) => return Some(at + 2),
            // A byte of the picture, or a restart.
            (0xff, Some(0x00 | 0xd0..=0xd7)) => at += 2,
            // A segment.
            (0xff, Some(0x01..=0xfe)) => {
                let length = u16::from_be_bytes([*file.get(at + 2)?, *file.get(at + 3)?]);
                at += 2 + usize::from(length);
            }
            _ => at += 1,
        }
    }
}

fn png(bytes: Bytes) -> Option<Bytes> {
    let mut png = Png::from_bytes(bytes).ok()?;
    let up = orientation(png.exif());
    for kind in [*b"eXIf", *b"tEXt", *b"zTXt", *b"iTXt", *b"tIME"] {
        png.remove_chunks_by_type(kind);
    }
    if let Some(up) = up {
        png.set_exif(Some(only_orientation(up)));
    }
    Some(png.encoder().bytes())
}

fn webp(bytes: Bytes) -> Option<Bytes> {
    let mut webp = WebP::from_bytes(bytes).ok()?;
    let up = orientation(webp.exif());
    webp.remove_chunks_by_id(*b"XMP ");
    webp.set_exif(up.map(only_orientation));
    Some(webp.encoder().bytes())
}

/// Which side is up, unless it is the usual one: 2 to 8 (Exif 3.0, tag 0x0112).
fn orientation(exif: Option<Bytes>) -> Option<u16> {
    let exif = exif::Reader::new().read_raw(exif?.to_vec()).ok()?;
    match &exif.get_field(Tag::Orientation, In::PRIMARY)?.value {
        Value::Short(found) => found.first().copied().filter(|up| (2..=8).contains(up)),
        _ => None,
    }
}

/// A TIFF structure of one field.
fn only_orientation(up: u16) -> Bytes {
    let [high, low] = up.to_be_bytes();
    // Byte order, 42, where the directory is; how many fields, the field, and that no directory follows.
    let mut tiff = vec![b'M', b'M', 0, 42, 0, 0, 0, 8];
    tiff.extend([0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, high, low, 0, 0, 0, 0, 0, 0]);
    tiff.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A segment or, with a length before it, a chunk.
    fn segment(marker: u8, contents: &[u8]) -> Vec<u8> {
        let length = u16::try_from(contents.len() + 2).expect("a short one").to_be_bytes();
        [&[0xff, marker], &length[..], contents].concat()
    }

    /// Exif of a camera: a place, a maker, and that the picture lies on its side.
    fn camera() -> Vec<u8> {
        let mut tiff = vec![b'M', b'M', 0, 42, 0, 0, 0, 8, 0, 2];
        tiff.extend([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]);
        tiff.extend([0x01, 0x0f, 0, 2, 0, 0, 0, 9, 0, 0, 0, 38]);
        tiff.extend([0, 0, 0, 0]);
        tiff.extend(b"CANARY 7\0");
        tiff
    }

    fn picture() -> Vec<u8> {
        [
            vec![0xff, 0xd8],
            segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0"),
            segment(0xe1, &[b"Exif\0\0", &camera()[..]].concat()),
            segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x>CANARY</x>"),
            segment(0xe2, b"ICC_PROFILE\0\x01\x01colours"),
            segment(0xed, b"Photoshop 3.0\0CANARY"),
            segment(0xfe, b"CANARY"),
            segment(0xdb, &[1; 65]),
            segment(0xda, &[1, 1, 0, 0, 63, 0]),
            // A scan with an escaped byte and a restart, tables, another scan.
            vec![0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56],
            segment(0xc4, &[0xff, 0xd9, 3]),
            segment(0xda, &[1, 1, 0, 0, 63, 0]),
            vec![0x78, 0xff, 0xd9],
            // What telephones append.
            b"\0\0\0\x18ftypmp42 CANARY".to_vec(),
        ]
        .concat()
    }

    fn has(bytes: &[u8], word: &[u8]) -> bool {
        bytes.windows(word.len()).any(|part| part == word)
    }

    #[test]
    fn a_jpeg_keeps_its_picture_its_colours_and_its_side() {
        let before = picture();
        let after = without_traces("image/jpeg", before.clone().into());
        assert!(has(&before, b"CANARY") && !has(&after, b"CANARY"));
        assert!(has(&after, b"colours") && has(&after, &[1; 65]) && has(&after, &[0x12, 0xff, 0x00, 0x34]));
        assert!(after.ends_with(&[0x78, 0xff, 0xd9]));
        assert_eq!(orientation(Jpeg::from_bytes(after.clone()).expect("a picture").exif()), Some(6));
        assert_eq!(without_traces("image/jpeg", after.clone()), after, "once is enough");
    }

    #[test]
    fn a_png_and_a_webp_do_too() {
        let chunk = |kind: &[u8; 4], contents: &[u8]| img_parts::png::PngChunk::new(*kind, contents.to_vec().into());
        let mut png = Png::from_bytes(Bytes::from_static(b"\x89PNG\r\n\x1a\n")).expect("an empty one");
        let chunks = [
            chunk(b"IHDR", &[0; 13]),
            chunk(b"eXIf", &camera()),
            chunk(b"tEXt", b"Author\0CANARY"),
            chunk(b"IDAT", b"picture"),
            chunk(b"IEND", b""),
        ];
        png.chunks_mut().extend(chunks);
        let after = without_traces("image/png", png.encoder().bytes());
        assert!(!has(&after, b"CANARY") && has(&after, b"picture"));
        assert_eq!(orientation(Png::from_bytes(after).expect("a picture").exif()), Some(6));

        let riff = |id: &[u8; 4], contents: &[u8]| {
            let mut chunk = [&id[..], &u32::try_from(contents.len()).expect("short").to_le_bytes(), contents].concat();
            chunk.resize(chunk.len().next_multiple_of(2), 0);
            chunk
        };
        let vp8x = [0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let inside = [
            b"WEBP".to_vec(),
            riff(b"VP8X", &vp8x),
            riff(b"VP8 ", b"\x50\x5a\x00\x9d\x01\x2a\x01\x00\x01\x00"),
            riff(b"EXIF", &camera()),
            riff(b"XMP ", b"CANARY"),
        ];
        let before = riff(b"RIFF", &inside.concat());
        let after = without_traces("image/webp", before.clone().into());
        assert!(has(&before, b"CANARY") && !has(&after, b"CANARY"));
        assert_eq!(orientation(WebP::from_bytes(after).expect("a picture").exif()), Some(6));
    }

    proptest! {
        #[test]
        fn nothing_brings_it_down(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..400, kind in 0usize..3) {
            without_traces(KNOWN[kind], bytes.clone().into());
            let mut broken = picture();
            broken.truncate(cut);
            broken.extend(bytes);
            without_traces(KNOWN[kind], broken.into());
        }
    }
}
