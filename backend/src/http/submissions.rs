//! Submissions: taken once, under a key of the submitter's.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::form::{Definition, Field, FieldKind, MAX_BYTES_OF_ALL, Submission, errors_of_submitted};
use itsm_widgets::domain::id::{FieldId, SubmissionKey, is_uuid};
use itsm_widgets::domain::ticket::{Priority, Receipt, SubmissionKind};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::{
    IDEMPOTENCY_KEY, IDEMPOTENCY_REPLAYED, Problem, ProblemCode, ProblemField, SubmissionBody, WIRE_VERSION,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::{App, Caller, HttpProblem, Segment, Shared, digest, put};
use crate::clock::now;
use crate::definitions::takes_file;
use crate::documents;
use crate::invitations::Claims;
use crate::patterns::RegexPatterns;
use crate::store::{NewTicket, Outcome, Store};

/// An edited request names the keys it was sent under before; nobody edits so often.
const MAX_SUPERSEDES: usize = 100;
/// Characters: service desks number in ways of their own.
const LONGEST_NUMBER: usize = 100;

/// Takes a submission. The same key with the same body gives the first answer again.
#[utoipa::path(post, path = "/submissions", tag = "submissions", request_body = SubmissionBody,
    params(("Idempotency-Key" = String, Header, format = Uuid, description = "A UUID, made once for this submission"),
        ("Content-Digest" = Option<String>, Header, description = "RFC 9530, `sha-256=:…:`")),
    responses(
    (status = 201, description = "There is a ticket now", body = Receipt, headers(("Location" = String))),
    (status = 200, description = "There was one before, of the same key and body; or answers were changed", body = Receipt, headers(("Idempotency-Replayed" = String))),
    (status = 401, description = "A token that is not valid, or none where one is needed", body = Problem, content_type = "application/problem+json"),
    (status = 400, description = "No key, or no body of the documented shape", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long to arrive", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "An earlier key of the same submission has made a ticket", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "The key was withdrawn or replaced", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not application/json", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "Answers that do not fit, a reused key, a missing attachment", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn submit<S: Store>(
    app: Shared<S>,
    caller: Result<Caller, HttpProblem>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpProblem> {
    require_json(&headers)?;
    let bytes = read_body(body, app.settings.max_body).await?;
    let fingerprint = hex::encode(Sha256::digest(&bytes));
    check_digest(&headers, &fingerprint)?;
    let key = key_of(headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).unwrap_or_default())?;
    let (caller, accepted) = match caller {
        Ok(caller) => {
            let accepted = accept_bytes(&app, &caller, None, key.clone(), fingerprint.clone(), bytes).await;
            (caller, accepted)
        }
        // Who was invited needs no sign-in.
        Err(problem) if problem.0.is(ProblemCode::SignInNeeded) => {
            let nobody = Caller(None);
            let accepted = accept_bytes(&app, &nobody, Some(problem), key.clone(), fingerprint.clone(), bytes).await;
            (nobody, accepted)
        }
        Err(problem) => (Caller(None), Err(problem)),
    };
    let outcome = match accepted {
        Ok(outcome) => outcome,
        // What was answered before is answered again, even if it would be refused today.
        Err(problem) => app.store.look_up(&key, &fingerprint).await?.ok_or(problem)?,
    };
    respond(outcome, caller.subject())
}

/// Reads and accepts a body; `uninvited` is the problem if it answers no invitation.
async fn accept_bytes<S: Store>(
    app: &App<S>,
    caller: &Caller,
    uninvited: Option<HttpProblem>,
    key: SubmissionKey,
    fingerprint: String,
    bytes: Vec<u8>,
) -> Result<Outcome, HttpProblem> {
    let document = String::from_utf8(bytes).map_err(|_| malformed("the body", "not UTF-8"))?;
    let mut body: SubmissionBody =
        documents::read(&document).map_err(|error| malformed("the body", &error.to_string()))?;
    if let Some(problem) = uninvited.filter(|_| body.invitation.is_none()) {
        return Err(problem);
    }
    // Keys are compared as they are kept.
    for superseded in &mut body.supersedes {
        *superseded = SubmissionKey::new(superseded.as_str().to_ascii_lowercase());
    }
    body.revises = body.revises.map(|key| SubmissionKey::new(key.as_str().to_ascii_lowercase()));
    if body.supersedes.contains(&key) || body.revises.as_ref() == Some(&key) {
        return Err(refused("#/supersedes", "A submission cannot take its own place."));
    }
    accept(app, caller, key, fingerprint, document, body).await
}

/// Checks `body` by the form it names, and makes a ticket of it.
pub(super) async fn accept<S: Store>(
    app: &App<S>,
    caller: &Caller,
    key: SubmissionKey,
    fingerprint: String,
    document: String,
    body: SubmissionBody,
) -> Result<Outcome, HttpProblem> {
    let definition = definition_of(app, &body).await?;
    let submission = check_body(app, &definition, &body)?;
    check_files(app, &definition, &body).await?;
    let invitation = match &body.invitation {
        Some(token) => Some(invited(app, token, &body)?.id),
        None => None,
    };
    let new = NewTicket {
        invitation,
        summary: submission.summary(&definition).chars().take(200).collect(),
        priority: body.impact.zip(body.urgency).map(|(impact, urgency)| Priority::of(impact, urgency)),
        key,
        fingerprint,
        document,
        body,
        read_secret: uuid::Uuid::new_v4().simple().to_string(),
        received_at: now(),
        subject: caller.subject().map(str::to_owned),
        forward: app.settings.relay.is_some(),
        editable_until: editable_until(&definition),
        answer_by: answer_by(app, &definition),
    };
    let outcome = app.store.accept(new).await?;
    if app.settings.relay.is_some() {
        app.word.say();
    }
    Ok(outcome)
}

/// What an invitation says, if it is ours and invites to this.
fn invited<S>(app: &App<S>, token: &str, body: &SubmissionBody) -> Result<Claims, HttpProblem> {
    let claims = app.settings.invitation_secret.as_ref().and_then(|secret| secret.open(token, now()));
    let claims = claims.filter(|claims| claims.fit(body));
    claims.ok_or_else(|| HttpProblem::new(ProblemCode::InvitationInvalid, "This link is not valid, or is over."))
}

/// Until when what has just arrived can be changed: answers of a survey, for as long as its definition says.
fn editable_until(definition: &Definition) -> Option<Timestamp> {
    let source = definition.source();
    let minutes = source.edit_minutes.filter(|_| source.kind == SubmissionKind::Satisfaction)?;
    Some(now().shifted(i64::from(minutes) * 60_000))
}

/// Until when a complaint that has just arrived is to be acknowledged.
fn answer_by<S>(app: &App<S>, definition: &Definition) -> Option<Timestamp> {
    let is_complaint = definition.source().kind == SubmissionKind::Complaint;
    is_complaint.then(|| app.definitions.complaint_rules().answer_by(now()))
}

/// The form that was filled in: today's, or an earlier version of it.
async fn definition_of<S: Store>(app: &App<S>, body: &SubmissionBody) -> Result<Definition, HttpProblem> {
    let offered = app.definitions.form(&body.form.id);
    if let Some(form) = offered.filter(|form| form.definition.source().version == body.form.version) {
        return Ok(form.definition.clone());
    }
    let document = app.store.form(&body.form.id, body.form.version).await?;
    let source = document.and_then(|text| serde_json::from_str(&text).ok());
    source.and_then(|source| Definition::parse(source).ok()).ok_or_else(|| {
        let form = &body.form;
        refused("#/form", format!("There is no version {} of a form {}.", form.version, form.id))
    })
}

fn check_body<S>(app: &App<S>, definition: &Definition, body: &SubmissionBody) -> Result<Submission, HttpProblem> {
    if body.v != WIRE_VERSION {
        return Err(refused("#/v", format!("Only version {WIRE_VERSION} is understood.")));
    }
    if body.kind != definition.source().kind {
        return Err(refused("#/kind", "The form makes tickets of another kind."));
    }
    if let Some(errors) = errors_of_submitted(definition, &body.answers, &RegexPatterns) {
        let fields = errors.iter().map(|(field, error)| ProblemField::answer(field, error.clone()));
        let mut problem = HttpProblem::new(
            ProblemCode::InvalidAnswers,
            format!("Answers that do not fit the form: {}.", errors.count()),
        );
        problem.0.errors = fields.collect();
        return Err(problem);
    }
    let submission = Submission::of(definition, body.answers.clone());
    if let Some(service) = body.service_id.as_ref().filter(|service| !app.definitions.has_service(service)) {
        let named_it =
            |field: &&Field| field.kind == FieldKind::Service && body.answers.text(&field.id) == service.as_str();
        let field = definition.fields().iter().find(named_it).filter(|_| !service.as_str().is_empty());
        return Err(match field {
            Some(field) => unknown_service(&field.id),
            None => refused("#/service_id", format!("There is no service {service}.")),
        });
    }
    let meant = (&submission.impact, &submission.urgency, &submission.requester);
    if meant != (&body.impact, &body.urgency, &body.requester) || submission.occurred_at != body.occurred_at {
        return Err(refused("#/answers", "impact, urgency, requester and occurred_at must be what the answers say."));
    }
    if submission.service.is_some() && submission.service != body.service_id {
        return Err(refused("#/service_id", "It must be the service that the answers name."));
    }
    let named: Vec<_> = body.attachments.iter().map(|file| file.id.clone()).collect();
    if named != submission.attachments {
        return Err(refused("#/attachments", "They must be those that the answers name, in the same order."));
    }
    if let Some(wrong) = body.supersedes.iter().chain(&body.revises).find(|key| !is_uuid(key.as_str())) {
        return Err(refused("#/supersedes", format!("{wrong} is no UUID.")));
    }
    if body.revises.is_some() && body.kind != SubmissionKind::Satisfaction {
        return Err(refused("#/revises", "Only answers of a survey can be changed."));
    }
    if body.ticket.as_ref().is_some_and(|ticket| ticket.is_empty() || ticket.chars().count() > LONGEST_NUMBER) {
        return Err(refused("#/ticket", format!("A ticket's number has 1 to {LONGEST_NUMBER} characters.")));
    }
    if body.supersedes.len() > MAX_SUPERSEDES {
        return Err(refused("#/supersedes", format!("At most {MAX_SUPERSEDES} keys are taken.")));
    }
    Ok(submission)
}

/// Refuses files that the form does not ask for: their content counts, whatever they are called.
async fn check_files<S: Store>(
    app: &App<S>,
    definition: &Definition,
    body: &SubmissionBody,
) -> Result<(), HttpProblem> {
    if body.attachments.iter().fold(0u64, |sum, file| sum.saturating_add(file.size)) > MAX_BYTES_OF_ALL {
        return Err(refused("#/attachments", format!("All files together may have {MAX_BYTES_OF_ALL} bytes.")));
    }
    for (index, file) in body.attachments.iter().enumerate() {
        let upload = app.store.upload(&file.id).await?;
        let shown = upload.and_then(|upload| upload.content).and_then(|content| content.media_type);
        if !takes_file(definition, file, shown.as_deref()) {
            return Err(refused(&format!("#/attachments/{index}"), "The form takes no file of this type and size."));
        }
    }
    Ok(())
}

fn unknown_service(field: &FieldId) -> HttpProblem {
    let mut problem = HttpProblem::new(ProblemCode::InvalidAnswers, "Answers that do not fit the form: 1.");
    problem.0.errors = vec![ProblemField::answer(field, itsm_widgets::domain::form::FieldError::NotAnOption)];
    problem
}

fn refused(pointer: &str, detail: impl Into<String>) -> HttpProblem {
    let detail = detail.into();
    let mut problem = HttpProblem::new(ProblemCode::InvalidAnswers, format!("{pointer}: {detail}"));
    let error = itsm_widgets::domain::form::FieldError::Other { detail };
    problem.0.errors = vec![ProblemField { pointer: pointer.to_owned(), error }];
    problem
}

fn malformed(place: &str, reason: &str) -> HttpProblem {
    HttpProblem::new(ProblemCode::Malformed, format!("{place}: {reason}"))
}

/// What an outcome is on the wire, for `subject`.
fn respond(outcome: Outcome, subject: Option<&str>) -> Result<Response, HttpProblem> {
    let (status, ticket, replayed) = match outcome {
        Outcome::Created(ticket) => (StatusCode::CREATED, ticket, false),
        Outcome::Replayed(ticket) => (StatusCode::OK, ticket, true),
        Outcome::Revised(ticket) => (StatusCode::OK, ticket, false),
        other => return Err(refusal_of(other, subject)),
    };
    let receipt = ticket.receipt_for(subject);
    let mut response = (status, axum::Json(&receipt)).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(link) = receipt.read_link.as_deref().filter(|_| !replayed) {
        put(headers, "Location", &format!("/api/v1/{link}"));
    }
    if replayed {
        put(headers, IDEMPOTENCY_REPLAYED, "true");
    }
    Ok(response)
}

/// The problem that an outcome other than a ticket is.
pub(super) fn refusal_of(outcome: Outcome, subject: Option<&str>) -> HttpProblem {
    match outcome {
        Outcome::AlreadySubmitted(ticket) => {
            let mut problem =
                HttpProblem::new(ProblemCode::AlreadySubmitted, format!("It is ticket {}.", ticket.number));
            problem.0.receipt = Some(ticket.receipt_for(subject));
            problem
        }
        Outcome::EditClosed => HttpProblem::new(
            ProblemCode::EditClosed,
            "These answers cannot be changed any more. What you sent first counts.",
        ),
        Outcome::KeyReused => {
            HttpProblem::new(ProblemCode::KeyReused, "Idempotency-Key: it came with another body before.")
        }
        Outcome::Withdrawn => {
            HttpProblem::new(ProblemCode::Withdrawn, "Idempotency-Key: it was withdrawn or replaced by a later one.")
        }
        Outcome::AttachmentMissing(id) => HttpProblem::new(
            ProblemCode::AttachmentMissing,
            format!("attachments: {id} is not here, or not as described."),
        ),
        Outcome::Created(_) | Outcome::Replayed(_) | Outcome::Revised(_) => {
            HttpProblem::new(ProblemCode::Internal, "A ticket is no problem.")
        }
    }
}

/// What became of a withdrawal.
#[derive(Serialize, ToSchema)]
pub(super) struct Withdrawal {
    /// The key.
    key: SubmissionKey,
    /// The ticket's number, if there was a ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<String>,
}

/// Takes a submission back. An unknown key can never make a ticket from then on.
#[utoipa::path(post, path = "/submissions/{key}/withdraw", tag = "submissions",
    params(("key" = String, Path, format = Uuid, description = "The submission's key")),
    responses(
    (status = 200, description = "It is withdrawn", body = Withdrawal),
    (status = 401, description = "A token that is not valid, or none where one is needed", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "Somebody else submitted it", body = Problem, content_type = "application/problem+json"),
    (status = 400, description = "No key", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn withdraw<S: Store>(
    app: Shared<S>,
    caller: Caller,
    Segment(key): Segment,
) -> Result<axum::Json<Withdrawal>, HttpProblem> {
    let key = key_at("the address", &key)?;
    let whose = app.store.ticket(&key).await?.and_then(|ticket| ticket.subject);
    if whose.is_some_and(|whose| caller.subject() != Some(&*whose)) {
        return Err(HttpProblem::new(ProblemCode::NotYours, "Only who submitted it can take it back."));
    }
    let number = app.store.withdraw(&key, now()).await?.map(|ticket| ticket.number);
    Ok(axum::Json(Withdrawal { key, number }))
}

/// Reads a key: a UUID, in quotes or not (the draft's form is a quoted string).
pub(super) fn key_of(text: &str) -> Result<SubmissionKey, HttpProblem> {
    key_at("Idempotency-Key", text.trim().trim_matches('"'))
}

/// Reads a key that stands at `place`.
pub(super) fn key_at(place: &str, text: &str) -> Result<SubmissionKey, HttpProblem> {
    if is_uuid(text) {
        Ok(SubmissionKey::new(text.to_ascii_lowercase()))
    } else {
        Err(HttpProblem::new(ProblemCode::KeyMissing, format!("{place}: a UUID is needed.")))
    }
}

pub(super) fn require_json(headers: &HeaderMap) -> Result<(), HttpProblem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next().is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json")) {
        Ok(())
    } else {
        Err(HttpProblem::new(ProblemCode::MediaType, "Content-Type: application/json is needed."))
    }
}

/// Refuses a body that is not what its digest announces. A digest by another algorithm says nothing.
fn check_digest(headers: &HeaderMap, sha256: &str) -> Result<(), HttpProblem> {
    match digest::announced(headers)? {
        Some(announced) if announced != sha256 => {
            Err(HttpProblem::new(ProblemCode::DigestMismatch, "Content-Digest: the body has another SHA-256."))
        }
        _ => Ok(()),
    }
}

pub(super) async fn read_body(body: Body, limit: usize) -> Result<Vec<u8>, HttpProblem> {
    match axum::body::to_bytes(body, limit).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) if is_too_large(&error) => {
            Err(HttpProblem::new(ProblemCode::TooLarge, format!("A body has at most {limit} bytes.")))
        }
        Err(_) => Err(malformed("the body", "it did not arrive whole")),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        if error.to_string().contains("length limit exceeded") {
            return true;
        }
        source = error.source();
    }
    false
}
