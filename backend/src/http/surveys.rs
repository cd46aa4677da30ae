//! What surveys come to, for those who have to know.

use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::id::{FormId, ServiceId};
use itsm_widgets::domain::survey::results::{Answered, Results, Span, results};
use itsm_widgets::domain::ticket::SubmissionKind;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::{Problem, ProblemCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::submissions::{read_body, require_json};
use super::{App, Caller, HttpProblem, Segment, Shared};
use crate::clock::now;
use crate::definitions::OfferedForm;
use crate::identity::Scope;
use crate::invitations::{Claims, Invitation};
use crate::store::{Store, Ticket};

/// What is to be counted.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wanted {
    /// `week` or `month`: what a point of the trend is.
    #[param(value_type = Option<Span>)]
    by: Option<Span>,
    /// Answers that arrived in the week or month of that time, or later: RFC 3339.
    from: Option<String>,
    /// Answers that arrived before the week or month of that time: RFC 3339.
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
    let survey = survey(&app, &id)?;
    let form = FormId::new(&*id);
    let by = wanted.by.unwrap_or(Span::Week);
    // Whole spans: from two questions whose times differ by one answer that answer would follow.
    let whole = |at| by.begin(at);
    let from = instant("from", wanted.from.as_deref())?.map_or(Timestamp::from_millis(0), whole);
    let to = instant("to", wanted.to.as_deref())?.map_or(now().shifted(1), whole);
    let mut tickets = app.store.answers(&form, from, to).await?;
    let all = tickets.len();
    if let Some(service) = &wanted.service {
        tickets.retain(|ticket| service_of(ticket) == Some(service));
    }
    let answered: Vec<_> = tickets.iter().map(answered).collect();
    let asked = app.store.asked(&form, wanted.service.as_deref(), from, to).await?;
    // What a filter leaves out must not follow from what it leaves in.
    let rest = u32::try_from(all - tickets.len()).unwrap_or(u32::MAX);
    let least = app.settings.least_answers;
    let told_from = if (1..least).contains(&rest) { u32::MAX } else { least };
    let found = Results { least, ..results(&survey.definition, &answered, Some(asked), by, told_from) };
    let mut response = axum::Json(found).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Whom to ask.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InvitationBody {
    /// The number of the ticket that it is about.
    ticket: Option<String>,
    /// The service that it is about.
    service_id: Option<String>,
    /// Days until it is over, 1 to 365.
    #[serde(default = "two_weeks")]
    #[schema(required = false, minimum = 1, maximum = 365)]
    days: i64,
    /// How those who are asked were chosen, in words.
    sample_rule: String,
    /// Of how many they were chosen.
    population: Option<u32>,
}

fn two_weeks() -> i64 {
    14
}

/// An invitation, signed.
#[derive(Serialize, ToSchema)]
pub(super) struct Signed {
    /// What its link has, for the element's attribute `invitation`.
    invitation: String,
    /// When it is over.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// Signs an invitation to a survey, and notes who was asked. Asked again, it signs another.
#[utoipa::path(post, path = "/surveys/{id}/invitations", tag = "satisfaction", request_body = InvitationBody,
    params(("id" = String, Path, description = "The survey's name")),
    responses(
    (status = 201, description = "The invitation", body = Signed),
    (status = 400, description = "No body of the documented shape", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "No token, or one that is not valid", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The token has not the scope `agent`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such survey, or nothing that signs", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long to arrive", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not application/json", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn invite<S: Store>(
    app: Shared<S>,
    caller: Caller,
    Segment(id): Segment,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpProblem> {
    caller.must_be(Scope::Agent)?;
    let survey = survey(&app, &id)?;
    let secret = app.settings.invitation_secret.as_ref();
    let secret = secret.ok_or_else(|| HttpProblem::new(ProblemCode::NotFound, "No invitations are signed here."))?;
    require_json(&headers)?;
    let bytes = read_body(body, app.settings.max_body).await?;
    let malformed = |reason: String| HttpProblem::new(ProblemCode::Malformed, reason);
    let body: InvitationBody = serde_json::from_slice(&bytes).map_err(|error| malformed(error.to_string()))?;
    if !(1..=365).contains(&body.days) {
        return Err(malformed("days: 1 to 365".to_owned()));
    }
    let form = survey.definition.id().clone();
    let claims = Claims::new(form, body.ticket, body.service_id.map(ServiceId::new), body.days);
    let expires_at = Timestamp::from_millis(claims.exp.saturating_mul(1_000));
    let invitation = secret.sign(&claims);
    let (sample_rule, population) = (body.sample_rule, body.population);
    app.store.invite(Invitation { claims, sample_rule, population, at: now() }).await?;
    let mut response = (StatusCode::CREATED, axum::Json(Signed { invitation, expires_at })).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// The survey of that name.
fn survey<'a, S>(app: &'a App<S>, id: &str) -> Result<&'a OfferedForm, HttpProblem> {
    let survey = app.definitions.form(&FormId::new(id));
    let survey = survey.filter(|form| form.definition.source().kind == SubmissionKind::Satisfaction);
    survey.ok_or_else(|| HttpProblem::new(ProblemCode::NotFound, format!("There is no survey {id}.")))
}

fn instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, HttpProblem> {
    let read = |text| {
        let wrong = || HttpProblem::new(ProblemCode::Malformed, format!("{name}: a time of RFC 3339 is needed."));
        Timestamp::parse_rfc3339(text).ok_or_else(wrong)
    };
    text.map(read).transpose()
}

fn service_of(ticket: &Ticket) -> Option<&str> {
    ticket.body.service_id.as_ref().map(|id| id.as_str())
}

fn answered(ticket: &Ticket) -> Answered<'_> {
    let is_plain = ticket.body.context.app_version.starts_with("plain");
    let channel = match (&ticket.body.invitation, is_plain) {
        (Some(_), _) => "invitation",
        (None, true) => "plain form",
        (None, false) => "widget",
    };
    Answered { at: ticket.received_at, service: service_of(ticket), channel, answers: &ticket.body.answers }
}
