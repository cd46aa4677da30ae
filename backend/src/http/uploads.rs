//! Files that travel with a submission, sent in pieces before it: tus 1.0 with the extensions creation and checksum.
//!
//! A file is named by its sender, by the header `Idempotency-Key`; beginning it again tells how much of it is here. Whoever
//! knows the name may go on with it: it is a UUID, and nobody is told it but who made it.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, TryStreamExt};
use itsm_widgets::domain::id::{AttachmentId, is_uuid};
use itsm_widgets::domain::media_type::{LOOKED_AT, shown_by};
use itsm_widgets::wire::upload::{
    PIECE_MEDIA_TYPE, TUS_RESUMABLE, TUS_VERSION, UPLOAD_CHECKSUM, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET,
};
use itsm_widgets::wire::{IDEMPOTENCY_KEY, Problem, ProblemCode};
use sha2::{Digest, Sha256};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::digest::hex_of_base64;
use super::submissions::read_body;
use super::{App, Caller, HttpProblem, Segment, Shared, put};
use crate::clock::now;
use crate::store::{Begun, Content, NewPiece, NewUpload, Store, Upload};

/// What a page of another origin must be allowed to send.
pub(super) const REQUEST_HEADERS: &[&str] =
    &[TUS_RESUMABLE, UPLOAD_CHECKSUM, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET];
/// A piece whose digest is announced is checked before any of it is kept, and has no more bytes than this.
const MAX_CHECKED: usize = 8 * 1024 * 1024;
/// Any other piece is kept in parts of so many bytes, so that a cut connection costs no more.
const PART: usize = 4 * 1024 * 1024;

/// The routes, where tus is spoken.
pub(super) fn routes<S: Store>() -> OpenApiRouter<Arc<App<S>>> {
    OpenApiRouter::new()
        .routes(routes!(begin_upload))
        .routes(routes!(how_far, append))
        .layer(axum::middleware::from_fn(speak_tus))
}

async fn speak_tus(request: Request, next: Next) -> Response {
    let version = request.headers().get(TUS_RESUMABLE).map(HeaderValue::as_bytes);
    let mut response = if version == Some(TUS_VERSION.as_bytes()) {
        next.run(request).await
    } else {
        let wrong = HttpProblem::new(ProblemCode::TusVersion, "Tus-Resumable: 1.0.0 is needed.");
        let mut response = wrong.into_response();
        put(response.headers_mut(), "Tus-Version", TUS_VERSION);
        response
    };
    put(response.headers_mut(), TUS_RESUMABLE, TUS_VERSION);
    response
}

/// Says what is spoken here, to whoever asks by `OPTIONS`; what a browser asks before a request is another question.
pub(super) async fn discover(State(limit): State<u64>, request: Request, next: Next) -> Response {
    let is_preflight = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if request.method() != Method::OPTIONS || is_preflight || request.uri().path() != "/api/v1/uploads" {
        return next.run(request).await;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    put(headers, TUS_RESUMABLE, TUS_VERSION);
    put(headers, "Tus-Version", TUS_VERSION);
    put(headers, "Tus-Extension", "creation,checksum");
    put(headers, "Tus-Checksum-Algorithm", "sha256");
    put(headers, "Tus-Max-Size", &limit.to_string());
    response
}

fn malformed(name: &str, what: &str) -> HttpProblem {
    HttpProblem::new(ProblemCode::Malformed, format!("{name}: {what}"))
}

fn number(headers: &HeaderMap, name: &str) -> Result<u64, HttpProblem> {
    let text = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number).ok_or_else(|| malformed(name, "a number of bytes is needed."))
}

/// The digest of the whole file, if the metadata say it.
fn announced(headers: &HeaderMap) -> Result<Option<String>, HttpProblem> {
    let Some(value) = headers.get(UPLOAD_METADATA) else { return Ok(None) };
    let text = value.to_str().map_err(|_| malformed(UPLOAD_METADATA, "words with Base 64 are needed."))?;
    let said = text.split(',').find_map(|pair| pair.trim().strip_prefix("sha256 "));
    said.map(|said| {
        hex_of_base64(said.trim()).ok_or_else(|| malformed(UPLOAD_METADATA, "sha256: 32 bytes are needed."))
    })
    .transpose()
}

/// The digest of the piece, if it is announced.
fn checksum(headers: &HeaderMap) -> Result<Option<String>, HttpProblem> {
    let Some(value) = headers.get(UPLOAD_CHECKSUM) else { return Ok(None) };
    let said =
        value.to_str().ok().and_then(|text| text.strip_prefix("sha256 ")).and_then(|said| hex_of_base64(said.trim()));
    said.map(Some).ok_or_else(|| malformed(UPLOAD_CHECKSUM, "sha256 and 32 bytes in Base 64 are needed."))
}

fn answer(status: StatusCode, upload: &Upload) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    put(headers, UPLOAD_OFFSET, &upload.arrived.to_string());
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn not_here() -> HttpProblem {
    HttpProblem::new(ProblemCode::NotFound, "There is no such upload; it may be begun anew.")
}

fn name_of(id: &str) -> Result<AttachmentId, HttpProblem> {
    if is_uuid(id) { Ok(AttachmentId::new(id.to_ascii_lowercase())) } else { Err(not_here()) }
}

/// Begins to send a file; of one that was begun before, it says how much is here.
#[utoipa::path(post, path = "/uploads", tag = "submissions",
    params(("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Length" = u64, Header, description = "Bytes of the file"),
        ("Upload-Metadata" = Option<String>, Header, description = "`sha256` and the digest of the file in Base 64; other words are passed over"),
        ("Idempotency-Key" = Option<String>, Header, format = Uuid, description = "A UUID that names the file; made here if there is none")),
    responses(
    (status = 201, description = "It is expected", headers(("Location" = String), ("Upload-Offset" = u64), ("Tus-Resumable" = String))),
    (status = 200, description = "It was begun before", headers(("Location" = String), ("Upload-Offset" = u64), ("Tus-Resumable" = String))),
    (status = 400, description = "A header that cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "A token that is not valid, or none where one is needed", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "Not tus 1.0.0", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Another file of this name was begun before", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn begin_upload<S: Store>(
    app: Shared<S>,
    _: Caller,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let size = number(&headers, UPLOAD_LENGTH)?;
    let limit = app.settings.max_attachment;
    if size > limit {
        return Err(HttpProblem::new(ProblemCode::TooLarge, format!("A file has at most {limit} bytes.")));
    }
    let id = match headers.get(IDEMPOTENCY_KEY) {
        Some(key) => super::submissions::key_of(key.to_str().unwrap_or_default())?.to_string(),
        None => uuid::Uuid::now_v7().to_string(),
    };
    let new = NewUpload { id: AttachmentId::new(id), size, announced: announced(&headers)? };
    let (status, mut upload) = match app.store.begin_upload(new, now()).await? {
        Begun::New(upload) => (StatusCode::CREATED, upload),
        Begun::Known(upload) => (StatusCode::OK, upload),
        Begun::Differs => {
            return Err(HttpProblem::new(ProblemCode::KeyReused, "Idempotency-Key: another file has this name."));
        }
    };
    if upload.size == 0 && upload.content.is_none() {
        upload = keep(&app, &upload, Bytes::new()).await?;
    }
    let mut response = answer(status, &upload);
    put(response.headers_mut(), "Location", &format!("/api/v1/uploads/{}", upload.id));
    Ok(response)
}

/// Says how much of a file is here.
#[utoipa::path(head, path = "/uploads/{id}", tag = "submissions",
    params(("id" = String, Path, format = Uuid, description = "The file"), ("Tus-Resumable" = String, Header, description = "1.0.0")),
    responses(
    (status = 200, description = "So much", headers(("Upload-Offset" = u64), ("Upload-Length" = u64), ("Tus-Resumable" = String))),
    (status = 401, description = "A token that is not valid, or none where one is needed"),
    (status = 404, description = "No such upload"),
    (status = 412, description = "Not tus 1.0.0"),
    (status = 503, description = "Not now"),
))]
pub(super) async fn how_far<S: Store>(
    app: Shared<S>,
    _: Caller,
    Segment(id): Segment,
) -> Result<Response, HttpProblem> {
    let upload = app.store.upload(&name_of(&id)?).await?.ok_or_else(not_here)?;
    let mut response = answer(StatusCode::OK, &upload);
    put(response.headers_mut(), UPLOAD_LENGTH, &upload.size.to_string());
    Ok(response)
}

/// Adds a piece where the file ends so far.
#[utoipa::path(patch, path = "/uploads/{id}", tag = "submissions",
    params(("id" = String, Path, format = Uuid, description = "The file"),
        ("Tus-Resumable" = String, Header, description = "1.0.0"),
        ("Upload-Offset" = u64, Header, description = "Where the piece begins"),
        ("Upload-Checksum" = Option<String>, Header, description = "`sha256` and the digest of the piece in Base 64; such a piece has at most 8 MiB")),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
    (status = 204, description = "It is kept", headers(("Upload-Offset" = u64), ("Tus-Resumable" = String))),
    (status = 400, description = "A header that cannot be read, or a body that did not arrive whole", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "A token that is not valid, or none where one is needed", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such upload", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long to arrive", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "The file does not end there", body = Problem, content_type = "application/problem+json"),
    (status = 412, description = "Not tus 1.0.0", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "More than the file was to have", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not application/offset+octet-stream", body = Problem, content_type = "application/problem+json"),
    (status = 460, description = "The piece, or the file that it completes, has another digest", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn append<S: Store>(
    app: Shared<S>,
    _: Caller,
    Segment(id): Segment,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpProblem> {
    if headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes) != Some(PIECE_MEDIA_TYPE.as_bytes()) {
        return Err(HttpProblem::new(ProblemCode::MediaType, format!("Content-Type: {PIECE_MEDIA_TYPE} is needed.")));
    }
    let start = number(&headers, UPLOAD_OFFSET)?;
    let checksum = checksum(&headers)?;
    let mut upload = app.store.upload(&name_of(&id)?).await?.ok_or_else(not_here)?;
    if start != upload.arrived {
        return Err(ends_elsewhere(&upload));
    }
    let left = usize::try_from(upload.size - upload.arrived).unwrap_or(usize::MAX);
    if let Some(checksum) = checksum {
        let bytes = read_body(body, left.min(MAX_CHECKED)).await?;
        if hex::encode(Sha256::digest(&bytes)) != checksum {
            return Err(HttpProblem::new(ProblemCode::ChecksumMismatch, "Upload-Checksum: the piece has another."));
        }
        if !bytes.is_empty() {
            upload = keep(&app, &upload, bytes.into()).await?;
        }
    } else {
        upload = keep_as_it_comes(&app, upload, body, left).await?;
    }
    Ok(answer(StatusCode::NO_CONTENT, &upload))
}

fn ends_elsewhere(upload: &Upload) -> HttpProblem {
    HttpProblem::new(ProblemCode::UploadOffset, format!("Upload-Offset: {} bytes are here.", upload.arrived))
}

/// Keeps what arrives, also of a body that is cut short.
async fn keep_as_it_comes<S: Store>(
    app: &App<S>,
    mut upload: Upload,
    body: Body,
    left: usize,
) -> Result<Upload, HttpProblem> {
    let (mut body, mut part, mut taken) = (body.into_data_stream(), Vec::new(), 0);
    loop {
        let next = body.next().await;
        let ends = !matches!(next, Some(Ok(_)));
        if let Some(Ok(bytes)) = &next {
            taken += bytes.len();
            if taken > left {
                return Err(HttpProblem::new(ProblemCode::TooLarge, format!("The file has {} bytes.", upload.size)));
            }
            part.extend_from_slice(bytes);
        }
        if !part.is_empty() && (ends || part.len() >= PART) {
            upload = keep(app, &upload, std::mem::take(&mut part).into()).await?;
        }
        match next {
            Some(Ok(_)) => {}
            Some(Err(_)) => return Err(malformed("the body", "it did not arrive whole.")),
            None => return Ok(upload),
        }
    }
}

/// Keeps the next bytes of a file: the object first, then its record, since a record without bytes would be a lie.
async fn keep<S: Store>(app: &App<S>, upload: &Upload, bytes: Bytes) -> Result<Upload, HttpProblem> {
    let size = bytes.len() as u64;
    let content = if upload.arrived + size == upload.size { Some(content(app, upload, &bytes).await?) } else { None };
    if let (Some(content), Some(announced)) = (&content, &upload.announced)
        && content.sha256 != *announced
    {
        // None of it can be trusted, and it begins anew.
        for object in app.store.give_up_upload(&upload.id).await? {
            app.files.delete(&object).await.map_err(not_kept)?;
        }
        return Err(HttpProblem::new(ProblemCode::ChecksumMismatch, "Upload-Metadata: the file has another SHA-256."));
    }
    let object = if bytes.is_empty() { String::new() } else { app.files.put(bytes).await.map_err(not_kept)? };
    let piece = NewPiece { upload: upload.id.clone(), start: upload.arrived, size, object: object.clone(), content };
    if let Some(upload) = app.store.append(piece, now()).await? {
        return Ok(upload);
    }
    if !object.is_empty() {
        app.files.delete(&object).await.map_err(not_kept)?;
    }
    // Somebody else was quicker.
    Err(app.store.upload(&upload.id).await?.map_or_else(not_here, |upload| ends_elsewhere(&upload)))
}

/// What the file is, once `last` is added to it.
async fn content<S: Store>(app: &App<S>, upload: &Upload, last: &Bytes) -> Result<Content, HttpProblem> {
    let (mut digest, mut beginning) = (Sha256::new(), Vec::new());
    let mut look = |bytes: &[u8]| {
        digest.update(bytes);
        beginning.extend_from_slice(&bytes[..bytes.len().min(LOOKED_AT - beginning.len())]);
    };
    let mut pieces = std::pin::pin!(app.files.read(upload.objects.clone()));
    while let Some(bytes) = pieces.try_next().await.map_err(not_kept)? {
        look(&bytes);
    }
    look(last);
    Ok(Content { sha256: hex::encode(digest.finalize()), media_type: shown_by(&beginning).map(str::to_owned) })
}

fn not_kept(error: object_store::Error) -> HttpProblem {
    tracing::error!(%error, "the object store failed");
    HttpProblem::new(ProblemCode::Unavailable, "The piece was not kept.").retry_after(30)
}
