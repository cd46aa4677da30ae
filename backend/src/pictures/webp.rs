//! WebP (RFC 9649, section 2): chunks of a name, a length and contents, in one that holds them all.

use super::{only_orientation, orientation};

/// The flags of what an extended picture has: Exif, and XMP.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
/// The picture, what is not opaque of it, its movement and its colours.
const BELONG: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// What stays.
pub(super) fn picture(file: &[u8]) -> Option<Vec<u8>> {
    let (b"RIFF", contents) = next(file)?.split_name() else { return None };
    let mut rest = contents.strip_prefix(b"WEBP")?;
    let (mut kept, mut flags_at, mut up) = (b"WEBP".to_vec(), None, None);
    while let Some(found) = next(rest) {
        rest = &rest[found.whole.len()..];
        if &found.name == b"EXIF" {
            up = up.or_else(|| orientation(found.contents));
        }
        if BELONG.contains(&&found.name) {
            if &found.name == b"VP8X" && !found.contents.is_empty() {
                flags_at = Some(kept.len() + 8);
            }
            kept.extend(chunk(&found.name, found.contents));
        }
    }
    if let Some(at) = flags_at {
        kept[at] &= !(HAS_EXIF | HAS_XMP);
        if let Some(up) = up {
            kept[at] |= HAS_EXIF;
            kept.extend(chunk(b"EXIF", &only_orientation(up)));
        }
    }
    Some(chunk(b"RIFF", &kept))
}

struct Chunk<'a> {
    name: [u8; 4],
    contents: &'a [u8],
    whole: &'a [u8],
}

impl<'a> Chunk<'a> {
    fn split_name(&self) -> (&[u8; 4], &'a [u8]) {
        (&self.name, self.contents)
    }
}

/// The next chunk; of one that is cut off, what there is.
fn next(file: &[u8]) -> Option<Chunk<'_>> {
    let name = file.first_chunk().copied()?;
    let length = u32::from_le_bytes(file.get(4..8)?.first_chunk().copied()?);
    let end = usize::try_from(length).ok()?.saturating_add(8).min(file.len());
    // Of an odd length, a byte follows that counts to nothing.
    let whole = &file[..end.next_multiple_of(2).min(file.len())];
    Some(Chunk { name, contents: &file[8..end], whole })
}

fn chunk(name: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut chunk = [&name[..], &length, contents].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}
