//! Forms and services on offer.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::id::FormId;
use itsm_widgets::domain::ticket::SubmissionKind;
use itsm_widgets::wire::{Problem, ProblemCode, ServiceDocument};
use serde::Serialize;
use utoipa::ToSchema;

use super::{HttpProblem, Segment, Shared};
use crate::definitions::Document;
use crate::store::Store;

/// One line of the list of forms.
#[derive(Serialize, ToSchema)]
pub(super) struct FormSummary {
    /// The form's name.
    id: FormId,
    /// The version on offer.
    version: u32,
    /// What kind of ticket it makes.
    kind: SubmissionKind,
    /// Its heading, in its own language.
    title: String,
}

/// The forms on offer.
#[utoipa::path(get, path = "/forms", tag = "catalogue", responses(
    (status = 200, description = "The forms on offer", body = Vec<FormSummary>),
    (status = 503, description = "Too busy", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn list_forms<S: Store>(app: Shared<S>) -> axum::Json<Vec<FormSummary>> {
    let summary = |form: &crate::definitions::OfferedForm| {
        let source = form.definition.source();
        FormSummary { id: source.id.clone(), version: source.version, kind: source.kind, title: source.title.clone() }
    };
    axum::Json(app.definitions.forms().map(summary).collect())
}

/// A form's definition: data schema, controls, rules and texts.
#[utoipa::path(get, path = "/forms/{id}", tag = "catalogue",
    params(("id" = String, Path, description = "The form's name"),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag of the version at hand")),
    responses(
    (status = 200, description = "The definition", body = Object, headers(("ETag" = String))),
    (status = 304, description = "The version at hand is current"),
    (status = 404, description = "No such form", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn read_form<S: Store>(
    app: Shared<S>,
    Segment(id): Segment,
    headers: HeaderMap,
) -> Result<Response, HttpProblem> {
    let form = app.definitions.form(&FormId::new(&*id));
    let form = form.ok_or_else(|| HttpProblem::new(ProblemCode::NotFound, format!("There is no form {id}.")))?;
    Ok(document(&form.document, &headers))
}

/// The services that tickets can be about.
#[utoipa::path(get, path = "/services", tag = "catalogue",
    params(("If-None-Match" = Option<String>, Header, description = "The entity tag of the version at hand")),
    responses(
    (status = 200, description = "The services", body = Vec<ServiceDocument>, headers(("ETag" = String))),
    (status = 304, description = "The version at hand is current"),
))]
pub(super) async fn list_services<S: Store>(app: Shared<S>, headers: HeaderMap) -> Response {
    document(app.definitions.services_document(), &headers)
}

fn document(document: &Document, headers: &HeaderMap) -> Response {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let current = known.split(',').any(|tag| tag.trim().trim_start_matches("W/") == document.etag || tag.trim() == "*");
    let mut response = if current {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], document.body.clone()).into_response()
    };
    if let Ok(etag) = HeaderValue::from_str(&document.etag) {
        response.headers_mut().insert(header::ETAG, etag);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
