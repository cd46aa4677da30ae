//! Files that travel with a submission: taken before the submission names them.

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::id::{AttachmentId, is_uuid};
use itsm_widgets::wire::{Problem, ProblemCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::submissions::sha256_of;
use super::{Caller, HttpProblem, Segment, Shared};
use crate::clock::now;
use crate::files::FileError;
use crate::store::{FileOutcome, Store, StoredFile};

/// The word that a file has arrived.
#[derive(Serialize, ToSchema)]
pub(super) struct FileReceipt {
    /// The file.
    id: AttachmentId,
    /// Bytes.
    size: u64,
    /// SHA-256 of the bytes, hex.
    sha256: String,
}

/// Takes a file. The same file again gives the same answer.
#[utoipa::path(put, path = "/attachments/{id}", tag = "submissions",
    params(("id" = String, Path, format = Uuid, description = "A UUID, made once for this file"),
        ("Content-Digest" = String, Header, description = "RFC 9530, `sha-256=:…:`")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
    (status = 201, description = "It is kept", body = FileReceipt),
    (status = 200, description = "It was kept before", body = FileReceipt),
    (status = 401, description = "A token that is not valid, or none where one is needed", body = Problem, content_type = "application/problem+json"),
    (status = 400, description = "No UUID, no digest, or another one than the body's", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long to arrive", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Another file of this name is here", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn put_attachment<S: Store>(
    app: Shared<S>,
    _: Caller,
    Segment(id): Segment,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpProblem> {
    if !is_uuid(&id) {
        return Err(HttpProblem::new(ProblemCode::Malformed, "id: a UUID is needed."));
    }
    let id = AttachmentId::new(id.to_ascii_lowercase());
    let announced = sha256_of(&headers)?
        .ok_or_else(|| HttpProblem::new(ProblemCode::Malformed, "Content-Digest: sha-256=:BASE64: is needed."))?;
    let limit = app.settings.max_attachment;
    let incoming = app.files.receive(body.into_data_stream(), limit).await.map_err(|error| match error {
        FileError::TooLarge => HttpProblem::new(ProblemCode::TooLarge, format!("A file has at most {limit} bytes.")),
        FileError::Interrupted => HttpProblem::new(ProblemCode::Malformed, "the body: it did not arrive whole."),
        FileError::Disk(error) => {
            tracing::error!(%error, "a file was not written");
            HttpProblem::new(ProblemCode::Unavailable, "The file was not kept.").retry_after(30)
        }
    })?;
    if incoming.sha256 != announced {
        return Err(HttpProblem::new(ProblemCode::DigestMismatch, "Content-Digest: the body has another SHA-256."));
    }
    let file = StoredFile { id, size: incoming.size, sha256: announced };
    // Bytes first, then the record: a record without bytes would be a lie.
    app.files.keep(incoming).await.map_err(|error| {
        tracing::error!(%error, "a file was not kept");
        HttpProblem::new(ProblemCode::Unavailable, "The file was not kept.").retry_after(30)
    })?;
    let status = match app.store.record_file(file.clone(), now()).await? {
        FileOutcome::Stored => StatusCode::CREATED,
        FileOutcome::Replayed => StatusCode::OK,
        FileOutcome::Differs => {
            return Err(HttpProblem::new(ProblemCode::KeyReused, "id: another file has this name."));
        }
    };
    Ok((status, axum::Json(FileReceipt { id: file.id, size: file.size, sha256: file.sha256 })).into_response())
}
