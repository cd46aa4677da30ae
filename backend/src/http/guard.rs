//! What holds for every request: a place in the house, a time limit, headers, one line in the log.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use itsm_widgets::wire::ProblemCode;
use tokio::sync::Semaphore;

use super::{App, HttpProblem};
use crate::store::Store;

static PLACES: Semaphore = Semaphore::const_new(1_024);

/// Turns away what is too much at once, and ends what takes too long.
pub(super) async fn guard<S: Store>(State(app): State<Arc<App<S>>>, request: Request, next: Next) -> Response {
    let Ok(_place) = PLACES.try_acquire() else {
        return HttpProblem::new(ProblemCode::Unavailable, "Too many requests at once.").retry_after(1).into_response();
    };
    let path = request.uri().path();
    let is_file = path.contains("/uploads/") || path.contains("/attachments/");
    let limit = if is_file { app.settings.upload_timeout } else { app.settings.request_timeout };
    let mut response = match tokio::time::timeout(Duration::from_secs(limit), next.run(request)).await {
        Ok(response) => response,
        Err(_) => HttpProblem::new(ProblemCode::Timeout, format!("Not finished within {limit} s.")).into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
    response
}

/// One line for each request: the route's template, not the address, which may hold keys and secrets.
pub(super) async fn log(request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let started = tokio::time::Instant::now();
    let response = next.run(request).await;
    let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(%method, route, status = response.status().as_u16(), millis, "answered");
    response
}
