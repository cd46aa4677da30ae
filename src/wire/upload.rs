//! The words of tus 1.0 for files that are sent in pieces: core, creation and checksum.
//! <https://tus.io/protocols/resumable-upload>

/// The version of the protocol that is spoken; in every request and answer.
pub const TUS_RESUMABLE: &str = "Tus-Resumable";
/// The only version.
pub const TUS_VERSION: &str = "1.0.0";
/// Bytes of the whole file.
pub const UPLOAD_LENGTH: &str = "Upload-Length";
/// Where the next piece begins, which is how much has arrived.
pub const UPLOAD_OFFSET: &str = "Upload-Offset";
/// What is said of the file before: words with Base 64. `sha256` is the digest of all of its bytes.
pub const UPLOAD_METADATA: &str = "Upload-Metadata";
/// The digest of a piece: `sha256` and Base 64.
pub const UPLOAD_CHECKSUM: &str = "Upload-Checksum";
/// The media type of a piece.
pub const PIECE_MEDIA_TYPE: &str = "application/offset+octet-stream";
/// The status that says: the piece does not have the announced digest.
pub const CHECKSUM_MISMATCH: u16 = 460;
