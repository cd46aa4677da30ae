//! Files of tickets, for those who work on them: handed out to be kept, never to be shown.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::TryStreamExt;
use itsm_widgets::domain::id::AttachmentId;
use itsm_widgets::wire::{CONTENT_DIGEST, Problem, ProblemCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::{Caller, HttpProblem, Segment, Shared, digest, put};
use crate::identity::Scope;
use crate::pictures;
use crate::store::Store;

/// What stands for itself in an extended value (RFC 8187, section 3.2.1).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+');

/// Reads a ticket's file; for agents. Pictures come without what they say beside the picture: place, time, maker.
#[utoipa::path(get, path = "/attachments/{id}", tag = "submissions",
    params(("id" = String, Path, format = Uuid, description = "The file")),
    responses(
    (status = 200, description = "Its bytes, to be kept and not to be shown", body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 401, description = "No token, or one that is not valid", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The token has not the scope `agent`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No ticket has such a file", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn read_attachment<S: Store>(
    app: Shared<S>,
    caller: Caller,
    Segment(id): Segment,
) -> Result<Response, HttpProblem> {
    caller.must_be(Scope::Agent)?;
    let nothing = || HttpProblem::new(ProblemCode::NotFound, "No ticket has such a file.");
    let id = AttachmentId::new(id.to_ascii_lowercase());
    let upload = app.store.upload(&id).await?.ok_or_else(nothing)?;
    let (Some(key), Some(content)) = (upload.ticket, upload.content) else { return Err(nothing()) };
    let ticket = app.store.ticket(&key).await?.ok_or_else(nothing)?;
    let file = ticket.body.attachments.iter().find(|file| file.id == id).ok_or_else(nothing)?;
    let pieces = app.files.read(upload.objects);
    let (body, size, sha256) = match content.media_type.filter(|media_type| pictures::is_known(media_type)) {
        // A picture is small enough, or it would not have been taken.
        Some(media_type) => {
            let whole: Vec<Bytes> = pieces.try_collect().await.map_err(not_read)?;
            let cleaned = pictures::without_traces(&media_type, whole.concat());
            let (size, sha256) = (cleaned.len() as u64, hex::encode(Sha256::digest(&cleaned)));
            (Body::from(cleaned), size, sha256)
        }
        None => (Body::from_stream(pieces), upload.size, content.sha256),
    };
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; sandbox"));
    put(headers, "Content-Disposition", &disposition(&file.name));
    put(headers, CONTENT_DIGEST, &digest::field(&sha256));
    Ok(response)
}

fn not_read(error: object_store::Error) -> HttpProblem {
    tracing::error!(%error, "the object store failed");
    HttpProblem::new(ProblemCode::Unavailable, "The file cannot be read now.").retry_after(30)
}

/// `Content-Disposition` (RFC 6266) for a file that its sender called `name`: without folders, control characters, and
/// those that turn the direction of reading, by which `gpj.exe` looks like a picture.
fn disposition(name: &str) -> String {
    let is_harmless = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last.chars().filter(is_harmless).take(150).collect();
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let name = if name.is_empty() { "file" } else { name };
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-._ ".contains(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_is_a_name_and_nothing_else() {
        for (name, expected) in [
            ("a b.png", r#"filename="a b.png"; filename*=UTF-8''a%20b.png"#),
            ("../../etc/passwd", r#"filename="passwd"; filename*=UTF-8''passwd"#),
            ("C:\\x\\y.txt", r#"filename="y.txt"; filename*=UTF-8''y.txt"#),
            ("a\"; filename=\"b.html", r#"filename="a__ filename__b.html""#),
            ("photo\u{202e}gpj.exe", r#"filename="photogpj.exe""#),
            ("a\r\nSet-Cookie: x", r#"filename="aSet-Cookie_ x""#),
            ("..", r#"filename="file""#),
            ("Bücher.pdf", r#"filename="B_cher.pdf"; filename*=UTF-8''B%C3%BCcher.pdf"#),
        ] {
            let found = disposition(name);
            assert!(found.starts_with(&format!("attachment; {expected}")), "{name:?}: {found}");
            assert!(axum::http::HeaderValue::from_str(&found).is_ok());
        }
    }
}
