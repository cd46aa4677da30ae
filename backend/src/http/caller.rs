//! Who asks, for every handler that wants to know.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use itsm_widgets::wire::ProblemCode;

use super::{App, HttpProblem};
use crate::identity::{Identity, Scope};

/// Who asks: a person whose token was checked, or nobody in particular. Where no keys are set up tokens are not looked
/// at. A handler that may answer without knowing takes it as a `Result`.
pub(crate) struct Caller(pub(crate) Option<Identity>);

impl Caller {
    /// The person's name at the issuer.
    pub(crate) fn subject(&self) -> Option<&str> {
        self.0.as_ref().map(|identity| identity.subject.as_str())
    }

    /// Refuses whoever has not that scope.
    pub(crate) fn must_be(&self, scope: Scope) -> Result<(), HttpProblem> {
        match &self.0 {
            Some(identity) if identity.scopes.contains(&scope) => Ok(()),
            Some(_) => {
                Err(HttpProblem::new(ProblemCode::Forbidden, format!("The scope {} is needed.", scope.as_str())))
            }
            None => Err(HttpProblem::new(ProblemCode::SignInNeeded, "Authorization: a bearer token is needed.")),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<Arc<App<S>>> for Caller {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App<S>>) -> Result<Self, HttpProblem> {
        let Some(identities) = &app.identities else { return Ok(Self(None)) };
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) if identities.are_required() => {
                Err(HttpProblem::new(ProblemCode::SignInNeeded, "Authorization: a bearer token is needed."))
            }
            (None, _) => Ok(Self(None)),
            (Some(value), None) => match identities.of_header(value.as_bytes()).await {
                Ok(identity) => Ok(Self(Some(identity))),
                Err(error) => Err(HttpProblem::new(ProblemCode::TokenInvalid, format!("Authorization: {error}."))),
            },
            (Some(_), Some(_)) => {
                Err(HttpProblem::new(ProblemCode::TokenInvalid, "Authorization: there is more than one."))
            }
        }
    }
}
