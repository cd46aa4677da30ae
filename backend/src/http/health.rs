//! For those who run the backend.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::wire::Problem;

use super::{HttpProblem, Shared};
use crate::store::Store;

/// Whether the process runs.
#[utoipa::path(get, path = "/health/live", tag = "operation", responses((status = 204, description = "It runs")))]
pub(super) async fn live() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Whether requests can be served: the database answers.
#[utoipa::path(get, path = "/health/ready", tag = "operation", responses(
    (status = 204, description = "They can"),
    (status = 503, description = "They cannot", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn ready<S: Store>(app: Shared<S>) -> Result<StatusCode, HttpProblem> {
    app.store.ping().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "operation", responses(
    (status = 200, description = "OpenAPI 3.1", body = Object),
))]
pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], super::openapi_document()).into_response()
}
