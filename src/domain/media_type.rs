//! What a file is, by its content and not by its name.

/// How many bytes of its beginning are looked at.
pub const LOOKED_AT: usize = 8_192;

/// The media type that the first bytes of a file show; `None` if they show none, as those of a text do.
pub fn shown_by(beginning: &[u8]) -> Option<&'static str> {
    // Every text may begin as a page or a script; none is ever shown as one.
    infer::get(beginning).map(|kind| kind.mime_type()).filter(|kind| !kind.starts_with("text/"))
}

/// Whether files of that media type can be told by their beginning, so that one which shows nothing is none.
pub fn is_shown(media_type: &str) -> bool {
    let family = media_type.split('/').next().unwrap_or_default();
    media_type == "application/pdf" || ["image", "audio", "video"].contains(&family) && media_type != "image/svg+xml"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_content_counts() {
        for (bytes, expected) in [
            (&b"\x89PNG\r\n\x1a\n"[..], Some("image/png")),
            (b"\xff\xd8\xff\xe0", Some("image/jpeg")),
            (b"GIF89a", Some("image/gif")),
            (b"%PDF-1.7", Some("application/pdf")),
            (b"MZ\x90\0", Some("application/vnd.microsoft.portable-executable")),
            (b"<!DOCTYPE html><script>", None),
            (b"a line of a log", None),
            (b"", None),
        ] {
            assert_eq!(shown_by(bytes), expected, "{bytes:?}");
        }
        assert!(is_shown("image/png") && is_shown("application/pdf"));
        assert!(!is_shown("text/plain") && !is_shown("image/svg+xml") && !is_shown(""));
    }
}
