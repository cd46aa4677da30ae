//! WebP (RFC 9649, section 2): chunks of a name, a length and contents, in one that holds them all.

use super::{only_orientation, orientation};

/// The flags of what an extended picture has: Exif, and XMP.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;
/// The picture, what is not opaque of it, its movement and its colours.
const BELONG: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// What stays.
pub(super) fn picture(file: &[u8]) -> Option<Vec<u8>> {
    let (b"RIFF", contents, _) = next(file)? else { return None };
    let mut rest = contents.strip_prefix(b"WEBP")?;
    let (mut kept, mut flags_at, mut up) = (b"WEBP".to_vec(), None, None);
    while let Some((name, contents, whole)) = next(rest) {
        rest = &rest[whole.len()..];
        if name == b"EXIF" {
            up = up.or_else(|| orientation(contents));
        }
        if BELONG.contains(&name) {
            if name == b"VP8X" && !contents.is_empty() {
                flags_at = Some(kept.len() + 8);
            }
            kept.extend(chunk(name, contents));
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

/// The next chunk: its name, its contents, and all of it; of one that is cut off, what there is.
fn next(file: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let name = file.first_chunk()?;
    let length = u32::from_le_bytes(file.get(4..8)?.first_chunk().copied()?);
    let end = usize::try_from(length).ok()?.saturating_add(8).min(file.len());
    // Of an odd length, a byte follows that counts to nothing.
    let whole = &file[..end.next_multiple_of(2).min(file.len())];
    Some((name, &file[8..end], whole))
}

fn chunk(name: &[u8; 4], contents: &[u8]) -> Vec<u8> {
    let length = u32::try_from(contents.len()).unwrap_or(u32::MAX).to_le_bytes();
    let mut chunk = [&name[..], &length, contents].concat();
    chunk.resize(chunk.len().next_multiple_of(2), 0);
    chunk
}
