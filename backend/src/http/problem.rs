//! Every error as RFC 9457 problem details.

use std::any::Any;

use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::wire::{Problem, ProblemCode};

use crate::store::StoreError;

/// A problem on its way out.
#[derive(Debug)]
pub(crate) struct HttpProblem(pub(crate) Box<Problem>);

impl HttpProblem {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self(Box::new(Problem::new(code, detail)))
    }

    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }
}

impl IntoResponse for HttpProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, serde_json::to_string(&self.0).unwrap_or_default()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            let is_wrong = self.0.is(ProblemCode::TokenInvalid);
            let challenge = if is_wrong { r#"Bearer error="invalid_token""# } else { "Bearer" };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        if let Some(seconds) = self.0.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for HttpProblem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stopping => Self::new(ProblemCode::Unavailable, "The backend is stopping.").retry_after(2),
            StoreError::Database(_) | StoreError::Migration(_) | StoreError::Corrupt(_) => {
                tracing::error!(%error, "the store failed");
                Self::new(ProblemCode::Unavailable, "The database did not take it. Nothing was accepted.")
                    .retry_after(5)
            }
        }
    }
}

pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> HttpProblem {
    HttpProblem::new(ProblemCode::MethodNotAllowed, format!("{method} is not for {}.", uri.path()))
}

pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    HttpProblem::new(ProblemCode::Internal, "The request was not finished.").into_response()
}
