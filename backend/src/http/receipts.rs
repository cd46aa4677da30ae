//! What an anonymous requester sees of one ticket, under a secret link.

use axum::extract::Query;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::form::Answers;
use itsm_widgets::domain::id::{FormId, ServiceId, SubmissionKey};
use itsm_widgets::domain::ticket::{Priority, SubmissionKind};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::submissions::key_at;
use super::{HttpProblem, Segment, Shared};
use crate::clock::now;
use crate::store::Store;

/// One ticket, as its requester sees it.
#[derive(Serialize, ToSchema)]
pub(super) struct TicketView {
    key: SubmissionKey,
    number: String,
    kind: SubmissionKind,
    summary: String,
    form: FormId,
    #[serde(skip_serializing_if = "Option::is_none")]
    service_id: Option<ServiceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<u8>)]
    priority: Option<Priority>,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    withdrawn_at: Option<Timestamp>,
    /// The answers, as long as they can be changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    answers: Option<Answers>,
}

/// The secret part of the link.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Secret {
    /// What the receipt's link says.
    #[serde(default)]
    secret: String,
}

/// Reads one ticket by the secret link of its receipt.
#[utoipa::path(get, path = "/receipts/{key}", tag = "submissions",
    params(("key" = String, Path, format = Uuid, description = "The submission's key"), Secret),
    responses(
    (status = 200, description = "The ticket", body = TicketView),
    (status = 400, description = "No key", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "Not this link", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn read_receipt<S: Store>(
    app: Shared<S>,
    Segment(key): Segment,
    secret: Result<Query<Secret>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, HttpProblem> {
    let key = key_at("the address", &key)?;
    let Query(secret) = secret.map_err(|_| HttpProblem::new(ProblemCode::Malformed, "secret: it cannot be read."))?;
    let ticket = app.store.ticket(&key).await?;
    // Digests are compared, so that the time it takes tells nothing of the secret; an unknown key looks like a wrong one.
    let fits = |expected: &str| Sha256::digest(expected) == Sha256::digest(&secret.secret);
    let ticket = ticket.filter(|ticket| fits(&ticket.read_secret));
    let ticket = ticket.ok_or_else(|| HttpProblem::new(ProblemCode::LinkInvalid, "This link opens no ticket."))?;
    let view = TicketView {
        key: ticket.key,
        number: ticket.number,
        kind: ticket.kind,
        summary: ticket.summary,
        form: ticket.body.form.id,
        service_id: ticket.body.service_id,
        priority: ticket.priority,
        received_at: ticket.received_at,
        withdrawn_at: ticket.withdrawn_at,
        answers: ticket.editable_until.filter(|until| now() <= *until).map(|_| ticket.body.answers),
    };
    let mut response = axum::Json(view).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
