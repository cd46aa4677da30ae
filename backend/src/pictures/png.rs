//! PNG (third edition, section 5): chunks of a length, a name, contents and a checksum.

use super::{only_orientation, orientation};

const HEAD: &[u8] = b"\x89PNG\r\n\x1a\n";
/// What says something of the picture beside the picture itself: colours, transparency, size, movement.
const BELONG: [&[u8; 4]; 16] = [
    b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP", b"mDCV", b"cLLI", b"sBIT", b"bKGD", b"hIST", b"pHYs",
    b"sPLT", b"acTL", b"fcTL", b"fdAT",
];

/// What stays, up to the chunk that ends the picture.
pub(super) fn picture(file: &[u8]) -> Option<Vec<u8>> {
    let mut rest = file.strip_prefix(HEAD)?;
    let (mut kept, mut up, mut after_head) = (HEAD.to_vec(), None, HEAD.len());
    while let Some((name, contents, whole)) = next(rest) {
        rest = &rest[whole.len()..];
        if name == b"eXIf" {
            up = up.or_else(|| orientation(contents));
        }
        // A small letter first: the picture can do without it.
        if name[0].is_ascii_uppercase() || BELONG.iter().any(|belongs| name == &belongs[..]) {
            kept.extend(whole);
        }
        match name {
            b"IHDR" => after_head = kept.len(),
            b"IEND" => break,
            _ => {}
        }
    }
    if let Some(up) = up {
        kept.splice(after_head..after_head, chunk(b"eXIf", &only_orientation(up)));
    }
    Some(kept)
}

/// The next chunk: its name, its contents, and all of it. Whether its checksum is right is for whoever shows it.
fn next(file: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = u32::from_be_bytes(file.first_chunk().copied()?);
    let end = usize::try_from(length).ok()?.checked_add(8)?;
    Some((file.get(4..8)?, file.get(8..end)?, file.get(..end + 4)?))
}

fn chunk(name: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let named = [&name[..], contents].concat();
    let length = u32::try_from(contents.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&length[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
}
