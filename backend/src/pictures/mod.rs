//! What a picture says beside the picture: where and when it was taken, by whom, with what. It goes before anybody is
//! given the picture; which side is up stays.
//!
//! Each kind is taken apart into the parts that its format names, and put together of those that belong to the picture.
//! What is of no known part goes, and so does what follows the place from which on a file cannot be read.

mod jpeg;
mod png;
mod webp;

use exif::{In, Tag, Value};

/// Media types of pictures whose traces are known.
const KNOWN: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Whether traces can be taken out of files of that media type.
pub fn is_known(media_type: &str) -> bool {
    KNOWN.contains(&media_type)
}

/// The picture `file` without its traces. What does not even begin as that kind does is none, and stays as it is.
pub fn without_traces(media_type: &str, file: Vec<u8>) -> Vec<u8> {
    let cleaned = match media_type {
        "image/jpeg" => jpeg::picture(&file),
        "image/png" => png::picture(&file),
        "image/webp" => webp::picture(&file),
        _ => None,
    };
    cleaned.unwrap_or(file)
}

/// Which side is up, unless it is the usual one: 2 to 8 (Exif 3.0, tag 0x0112).
fn orientation(exif: &[u8]) -> Option<u16> {
    let exif = exif::Reader::new().read_raw(exif.to_vec()).ok()?;
    match &exif.get_field(Tag::Orientation, In::PRIMARY)?.value {
        Value::Short(found) => found.first().copied().filter(|up| (2..=8).contains(up)),
        _ => None,
    }
}

/// A TIFF structure of one field.
fn only_orientation(up: u16) -> Vec<u8> {
    let [high, low] = up.to_be_bytes();
    // Byte order, 42, where the directory is; how many fields, the field, and that no directory follows.
    let mut tiff = vec![b'M', b'M', 0, 42, 0, 0, 0, 8];
    tiff.extend([0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, high, low, 0, 0, 0, 0, 0, 0]);
    tiff
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

    /// The Exif of a JPEG file, if it has any.
    fn exif_of(jpeg: &[u8]) -> Option<&[u8]> {
        let at = jpeg.windows(6).position(|part| part == b"Exif\0\0")?;
        Some(&jpeg[at + 6..])
    }

    #[test]
    fn a_jpeg_keeps_its_picture_its_colours_and_its_side() {
        let before = picture();
        let after = without_traces("image/jpeg", before.clone());
        assert!(has(&before, b"CANARY") && !has(&after, b"CANARY"));
        assert!(has(&after, b"colours") && has(&after, &[1; 65]));
        assert!(has(&after, &[0x12, 0xff, 0x00, 0x34, 0xff, 0xd0, 0x56]));
        assert!(after.starts_with(&[0xff, 0xd8, 0xff, 0xe0]) && after.ends_with(&[0x78, 0xff, 0xd9]));
        assert_eq!(orientation(exif_of(&after).expect("Exif")), Some(6));
        assert_eq!(without_traces("image/jpeg", after.clone()), after, "once is enough");
    }

    #[test]
    fn a_jpeg_keeps_no_traces_wherever_they_are() {
        // It ends too early, or never.
        let no_end = picture().split(|byte| *byte == 0x78).next().expect("a part").to_vec();
        for file in [no_end, [&picture()[..120], b"\xff\xe1\xff\xffCANARY"].concat()] {
            assert!(!has(&without_traces("image/jpeg", file), b"CANARY"));
        }
        let small = segment(0xe0, b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x02CANARY");
        let between = [
            &[0xff, 0xd8][..],
            &small,
            // Bytes that fill, and bytes that are nothing.
            b"CANARY\xff\xff",
            &segment(0xda, &[1, 1, 0, 0, 63, 0]),
            &[0x12, 0x34],
            &segment(0xe1, b"CANARY"),
            &segment(0xf7, b"CANARY"),
            &segment(0xda, &[1, 1, 0, 0, 63, 0]),
            &[0x56, 0xff, 0xd9],
        ];
        let after = without_traces("image/jpeg", between.concat());
        assert!(!has(&after, b"CANARY"));
        assert!(has(&after, b"JFIF") && has(&after, &[0x12, 0x34, 0xff, 0xda]) && after.ends_with(&[0x56, 0xff, 0xd9]));
    }

    #[test]
    fn a_png_does_too_and_its_checksums_need_not_be_right() {
        let chunk = |kind: &[u8; 4], contents: &[u8]| {
            [&u32::try_from(contents.len()).expect("short").to_be_bytes()[..], kind, contents, b"sum?"].concat()
        };
        let before = [
            b"\x89PNG\r\n\x1a\n".to_vec(),
            chunk(b"IHDR", &[0; 13]),
            chunk(b"eXIf", &camera()),
            chunk(b"tEXt", b"Author\0CANARY"),
            chunk(b"seCr", b"CANARY"),
            chunk(b"gAMA", b"much"),
            chunk(b"IDAT", b"picture"),
            chunk(b"IEND", b""),
            b"CANARY".to_vec(),
        ]
        .concat();
        let after = without_traces("image/png", before.clone());
        assert!(has(&before, b"CANARY") && !has(&after, b"CANARY"));
        assert!(has(&after, b"picture") && has(&after, b"much") && after.ends_with(b"IENDsum?"));
        let at = after.windows(4).position(|part| part == b"eXIf").expect("a side");
        assert_eq!(orientation(&after[at + 4..]), Some(6));
        assert_eq!(without_traces("image/png", after.clone()), after, "once is enough");
    }

    #[test]
    fn a_webp_does_too() {
        let riff = |id: &[u8; 4], contents: &[u8]| {
            let mut chunk = [&id[..], &u32::try_from(contents.len()).expect("short").to_le_bytes(), contents].concat();
            chunk.resize(chunk.len().next_multiple_of(2), 0);
            chunk
        };
        let inside = [
            b"WEBP".to_vec(),
            riff(b"VP8X", &[0x0c, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            riff(b"VP8 ", b"\x50\x5a\x00\x9d\x01\x2a\x01\x00\x01\x00"),
            riff(b"EXIF", &camera()),
            riff(b"XMP ", b"CANARY"),
            riff(b"else", b"CANARY"),
        ];
        let before = [riff(b"RIFF", &inside.concat()), b"CANARY".to_vec()].concat();
        let after = without_traces("image/webp", before.clone());
        assert!(has(&before, b"CANARY") && !has(&after, b"CANARY") && has(&after, b"\x9d\x01\x2a"));
        let at = after.windows(4).position(|part| part == b"EXIF").expect("a side");
        assert_eq!(orientation(&after[at + 8..]), Some(6));
        let flags = after.windows(4).position(|part| part == b"VP8X").expect("flags") + 8;
        assert_eq!(after[flags], 0x08, "Exif, and no XMP");
        assert_eq!(without_traces("image/webp", after.clone()), after, "once is enough");
    }

    proptest! {
        #[test]
        fn nothing_brings_it_down(bytes in prop::collection::vec(any::<u8>(), 0..200), cut in 0usize..400, kind in 0usize..3) {
            without_traces(KNOWN[kind], bytes.clone());
            let mut broken = picture();
            broken.truncate(cut);
            broken.extend(bytes);
            without_traces(KNOWN[kind], broken);
        }
    }
}
