//! What surveys come to, for those who have to know.

use axum::extract::Query;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::id::FormId;
use itsm_widgets::domain::survey::results::{Answered, Results, Span, results};
use itsm_widgets::domain::ticket::SubmissionKind;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::{Problem, ProblemCode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Caller, HttpProblem, Segment, Shared};
use crate::clock::now;
use crate::identity::Scope;
use crate::store::{Store, Ticket};

/// What is to be counted.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wanted {
    /// `week` or `month`: what a point of the trend is.
    #[param(value_type = Option<Span>)]
    by: Option<Span>,
    /// Answers that arrived then or later: RFC 3339.
    from: Option<String>,
    /// Answers that arrived before then: RFC 3339.
    to: Option<String>,
    /// Answers about this service only.
    service: Option<String>,
}

/// What a survey's answers come to. Below a least number of answers nothing is told but their number.
#[utoipa::path(get, path = "/surveys/{id}/results", tag = "satisfaction",
    params(("id" = String, Path, description = "The survey's name"), Wanted),
    responses(
    (status = 200, description = "The figures", body = Results),
    (status = 400, description = "A query that cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "No token, or one that is not valid", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The token has not the scope `analyst`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such survey", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn read_results<S: Store>(
    app: Shared<S>,
    caller: Caller,
    Segment(id): Segment,
    wanted: Result<Query<Wanted>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, HttpProblem> {
    caller.must_be(Scope::Analyst)?;
    let Query(wanted) =
        wanted.map_err(|error| HttpProblem::new(ProblemCode::Malformed, format!("the query: {error}")))?;
    let form = FormId::new(&*id);
    let survey = app.definitions.form(&form);
    let survey = survey.filter(|form| form.definition.source().kind == SubmissionKind::Satisfaction);
    let survey = survey.ok_or_else(|| HttpProblem::new(ProblemCode::NotFound, format!("There is no survey {id}.")))?;
    let from = instant("from", wanted.from.as_deref(), Timestamp::from_millis(0))?;
    let to = instant("to", wanted.to.as_deref(), now().shifted(1))?;
    let mut tickets = app.store.answers(&form, from, to).await?;
    if let Some(service) = &wanted.service {
        tickets.retain(|ticket| service_of(ticket) == Some(service));
    }
    let answered: Vec<_> = tickets.iter().map(answered).collect();
    let by = wanted.by.unwrap_or(Span::Week);
    let found = results(&survey.definition, &answered, None, by, app.settings.least_answers);
    let mut response = axum::Json(found).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

fn instant(name: &str, text: Option<&str>, otherwise: Timestamp) -> Result<Timestamp, HttpProblem> {
    let read = |text| {
        let wrong = || HttpProblem::new(ProblemCode::Malformed, format!("{name}: a time of RFC 3339 is needed."));
        Timestamp::parse_rfc3339(text).ok_or_else(wrong)
    };
    text.map_or(Ok(otherwise), read)
}

fn service_of(ticket: &Ticket) -> Option<&str> {
    ticket.body.service_id.as_ref().map(|id| id.as_str())
}

fn answered(ticket: &Ticket) -> Answered<'_> {
    let is_plain = ticket.body.context.app_version.starts_with("plain");
    Answered {
        at: ticket.received_at,
        service: service_of(ticket),
        channel: if is_plain { "plain form" } else { "widget" },
        answers: &ticket.body.answers,
    }
}
