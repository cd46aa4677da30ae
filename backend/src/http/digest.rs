//! SHA-256 as headers have it: Base 64, here and there in a field of its own.

use axum::http::HeaderMap;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use itsm_widgets::wire::{CONTENT_DIGEST, ProblemCode};

use super::HttpProblem;

/// A SHA-256 in Base 64, as hex.
pub(super) fn hex_of_base64(text: &str) -> Option<String> {
    STANDARD.decode(text).ok().filter(|bytes| bytes.len() == 32).map(hex::encode)
}

/// The SHA-256 that `Content-Digest` announces (RFC 9530, section 2), hex.
pub(super) fn announced(headers: &HeaderMap) -> Result<Option<String>, HttpProblem> {
    let Some(value) = headers.get(CONTENT_DIGEST) else { return Ok(None) };
    let wrong = || HttpProblem::new(ProblemCode::Malformed, "Content-Digest: sha-256=:BASE64: is needed.");
    let text = value.to_str().map_err(|_| wrong())?;
    let Some(member) = text.split(',').map(str::trim).find_map(|member| member.strip_prefix("sha-256=")) else {
        return Ok(None);
    };
    let inner = member.strip_prefix(':').and_then(|rest| rest.strip_suffix(':')).ok_or_else(wrong)?;
    hex_of_base64(inner).map(Some).ok_or_else(wrong)
}

/// The value of `Content-Digest` for a SHA-256 given in hex.
pub(super) fn field(sha256: &str) -> String {
    format!("sha-256=:{}:", STANDARD.encode(hex::decode(sha256).unwrap_or_default()))
}
