//! Complaints: the register, what is done with one, and the page on which its complainant sees how it stands.

use axum::body::Body;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::complaint::{Action, ComplaintState, Done, Outcome};
use itsm_widgets::domain::id::SubmissionKey;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::{IDEMPOTENCY_KEY, Problem, ProblemCode};
use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};

use super::plain::{check_form_encoded, check_origin, html_page};
use super::submissions::{key_of, read_body, require_json};
use super::{App, Caller, HttpProblem, Segment, Shared};
use crate::clock::now;
use crate::identity::Scope;
use crate::store::{Acted, ComplaintEvent, ComplaintRecord, Store};

/// Characters that are said to an action.
const LONGEST_WORDS: usize = 4_000;

/// A complaint as those see it who work on it.
#[derive(Serialize, ToSchema)]
pub(super) struct ComplaintView {
    number: String,
    summary: String,
    service_id: Option<String>,
    /// The number of the ticket that it is about.
    ticket: Option<String>,
    state: ComplaintState,
    /// How many rungs of the ladder it has gone up.
    level: usize,
    /// Whether something that was promised is late.
    late: bool,
    outcome: Option<Outcome>,
    /// What the complainant said of the handling, the last time.
    satisfied: Option<bool>,
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// Until when it was to be acknowledged.
    #[schema(value_type = String, format = DateTime)]
    acknowledge_by: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    acknowledged_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    closed_at: Option<Timestamp>,
    /// Whom it goes to, and when.
    ladder: Vec<RungView>,
    /// What was done, the earliest first.
    events: Vec<EventView>,
}

/// A rung of the ladder.
#[derive(Serialize, ToSchema)]
pub(super) struct RungView {
    title: String,
    /// When it is their turn, without an outcome before.
    #[schema(value_type = String, format = DateTime)]
    turn_at: Timestamp,
    /// Whether it has gone there.
    reached: bool,
}

/// Something that was done.
#[derive(Serialize, ToSchema)]
pub(super) struct EventView {
    action: &'static str,
    outcome: Option<Outcome>,
    satisfied: Option<bool>,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who did it, as their token said; nobody for the complainant.
    by: Option<String>,
    words: String,
}

fn view<S>(app: &App<S>, record: &ComplaintRecord) -> ComplaintView {
    let rules = app.definitions.complaint_rules();
    let (complaint, ticket) = (record.now(&rules), &record.ticket);
    let rung = |(at, rung): (usize, &itsm_widgets::domain::complaint::Rung)| RungView {
        title: rung.title.clone(),
        turn_at: complaint.turn_of(rung),
        reached: at < complaint.level,
    };
    ComplaintView {
        number: ticket.number.clone(),
        summary: ticket.summary.clone(),
        service_id: ticket.body.service_id.as_ref().map(ToString::to_string),
        ticket: ticket.body.ticket.clone(),
        state: complaint.state,
        level: complaint.level,
        late: complaint.is_late(&rules, now()),
        outcome: complaint.outcome,
        satisfied: complaint.satisfied,
        received_at: ticket.received_at,
        acknowledge_by: complaint.answer_by,
        acknowledged_at: complaint.acknowledged,
        closed_at: complaint.closed,
        ladder: rules.ladder.iter().enumerate().map(rung).collect(),
        events: record.events.iter().map(event_view).collect(),
    }
}

fn event_view(event: &ComplaintEvent) -> EventView {
    let (action, outcome, satisfied) = match event.done.action {
        Action::Acknowledge => ("acknowledge", None, None),
        Action::Escalate => ("escalate", None, None),
        Action::Resolve(outcome) => ("resolve", Some(outcome), None),
        Action::Verdict { satisfied } => ("verdict", None, Some(satisfied)),
    };
    let (by, words) = (event.by.clone(), event.words.clone());
    EventView { action, outcome, satisfied, at: event.done.at, by, words }
}

/// Which complaints.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wanted {
    /// Those that stand there.
    #[param(value_type = Option<ComplaintState>)]
    state: Option<ComplaintState>,
    /// Those about this service.
    service: Option<String>,
    /// Those with which something that was promised is late, or not.
    late: Option<bool>,
}

/// The register of complaints, the oldest first.
#[utoipa::path(get, path = "/complaints", tag = "complaints", params(Wanted), responses(
    (status = 200, description = "The complaints", body = Vec<ComplaintView>),
    (status = 400, description = "A query that cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "No token, or one that is not valid", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The token has not the scope `agent`", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn list_complaints<S: Store>(
    app: Shared<S>,
    caller: Caller,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, HttpProblem> {
    caller.must_be(Scope::Agent)?;
    let Query(wanted) = wanted.map_err(|error| malformed(&error))?;
    let mut views: Vec<_> = app.store.complaints().await?.iter().map(|record| view(&app, record)).collect();
    views.retain(|view| {
        wanted.state.is_none_or(|state| view.state == state)
            && wanted.late.is_none_or(|late| view.late == late)
            && (wanted.service.is_none() || view.service_id == wanted.service)
    });
    Ok(private(axum::Json(views)))
}

/// One complaint.
#[utoipa::path(get, path = "/complaints/{number}", tag = "complaints",
    params(("number" = String, Path, description = "Its number")),
    responses(
    (status = 200, description = "The complaint", body = ComplaintView),
    (status = 401, description = "No token, or one that is not valid", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The token has not the scope `agent`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such complaint", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn read_complaint<S: Store>(
    app: Shared<S>,
    caller: Caller,
    Segment(number): Segment,
) -> Result<Response, HttpProblem> {
    caller.must_be(Scope::Agent)?;
    let record = app.store.complaint(&number).await?.ok_or_else(|| unknown(&number))?;
    Ok(private(axum::Json(view(&app, &record))))
}

/// What an agent does.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AgentAction {
    Acknowledge,
    Escalate,
    Resolve,
}

/// Something that is to be done with a complaint.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionBody {
    action: AgentAction,
    /// What came out; with `resolve`.
    outcome: Option<Outcome>,
    /// What is said to it; the complainant reads it.
    #[serde(default)]
    #[schema(required = false)]
    words: String,
}

/// Does something with a complaint. The same key does it once.
#[utoipa::path(post, path = "/complaints/{number}/actions", tag = "complaints", request_body = ActionBody,
    params(("number" = String, Path, description = "Its number"),
        ("Idempotency-Key" = String, Header, format = Uuid, description = "A UUID, made once for this action")),
    responses(
    (status = 200, description = "The complaint as it stands now", body = ComplaintView),
    (status = 400, description = "No key, or no body of the documented shape", body = Problem, content_type = "application/problem+json"),
    (status = 401, description = "No token, or one that is not valid", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The token has not the scope `agent`", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such complaint", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long to arrive", body = Problem, content_type = "application/problem+json"),
    (status = 409, description = "It cannot be done now", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not application/json", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A reused key", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn act_on_complaint<S: Store>(
    app: Shared<S>,
    caller: Caller,
    Segment(number): Segment,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpProblem> {
    caller.must_be(Scope::Agent)?;
    require_json(&headers)?;
    let bytes = read_body(body, app.settings.max_body).await?;
    let key = key_of(headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).unwrap_or_default())?;
    let body: ActionBody = serde_json::from_slice(&bytes).map_err(|error| malformed(&error))?;
    let action = match (body.action, body.outcome) {
        (AgentAction::Acknowledge, None) => Action::Acknowledge,
        (AgentAction::Escalate, None) => Action::Escalate,
        (AgentAction::Resolve, Some(outcome)) => Action::Resolve(outcome),
        _ => return Err(malformed(&"outcome goes with resolve, and with nothing else")),
    };
    if body.words.chars().count() > LONGEST_WORDS {
        return Err(malformed(&format!("words: at most {LONGEST_WORDS} characters")));
    }
    let by = caller.subject().map(str::to_owned);
    let event = new_event(key, action, by, body.words);
    match app.store.act(&number, event, &app.definitions.complaint_rules()).await? {
        Acted::Done(record) => Ok(private(axum::Json(view(&app, &record)))),
        Acted::NotNow(record) => {
            let state = view(&app, &record).state.as_str();
            Err(HttpProblem::new(ProblemCode::NotNow, format!("The complaint is {state}.")))
        }
        Acted::KeyReused => Err(key_reused()),
        Acted::Unknown => Err(unknown(&number)),
    }
}

/// Something that is to be done now.
fn new_event(key: SubmissionKey, action: Action, by: Option<String>, words: String) -> ComplaintEvent {
    ComplaintEvent { key, done: Done { action, at: now() }, by, words, state: ComplaintState::Received, level: 0 }
}

fn key_reused() -> HttpProblem {
    HttpProblem::new(ProblemCode::KeyReused, "Idempotency-Key: it came with something else before.")
}

/// The secret part of the link.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Secret {
    /// What the receipt has.
    secret: String,
}

/// The page on which a complainant sees how it stands, and says what they think of the handling.
#[utoipa::path(get, path = "/complaints/{number}/status", tag = "complaints",
    params(("number" = String, Path, description = "Its number"), Secret),
    responses(
    (status = 200, description = "The page", body = String, content_type = "text/html"),
    (status = 400, description = "No secret", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The link is not valid", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn show_status<S: Store>(
    app: Shared<S>,
    Segment(number): Segment,
    secret: Result<Query<Secret>, QueryRejection>,
) -> Result<Response, HttpProblem> {
    let (record, secret) = opened(&app, &number, secret).await?;
    Ok(page(&app, &record, &secret, None))
}

/// Takes a complainant's verdict; answers with the page.
#[utoipa::path(post, path = "/complaints/{number}/status", tag = "complaints",
    params(("number" = String, Path, description = "Its number"), Secret),
    request_body(content = Verdict, content_type = "application/x-www-form-urlencoded"),
    responses(
    (status = 200, description = "The page", body = String, content_type = "text/html"),
    (status = 400, description = "A body that cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "The link is not valid, or it came from a page of an origin that may not", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long to arrive", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not form-encoded", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "A reused key", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn take_verdict<S: Store>(
    app: Shared<S>,
    Segment(number): Segment,
    secret: Result<Query<Secret>, QueryRejection>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpProblem> {
    let (_, secret) = opened(&app, &number, secret).await?;
    check_origin(&headers, &app.settings.allow_origins)?;
    check_form_encoded(&headers)?;
    let bytes = read_body(body, app.settings.max_body).await?;
    let said: Verdict = serde_urlencoded::from_bytes(&bytes).map_err(|error| malformed(&error))?;
    let satisfied = match said.satisfied.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(malformed(&"satisfied: yes or no")),
    };
    let key = key_of(&said.idempotency_key)?;
    let words: String = said.words.replace("\r\n", "\n").chars().take(LONGEST_WORDS).collect();
    let event = new_event(key, Action::Verdict { satisfied }, None, words);
    match app.store.act(&number, event, &app.definitions.complaint_rules()).await? {
        Acted::Done(record) => Ok(page(&app, &record, &secret, Some("Thank you, we have what you say."))),
        Acted::NotNow(record) => {
            Ok(page(&app, &record, &secret, Some("There is no outcome now that you could say something of.")))
        }
        Acted::KeyReused => Err(key_reused()),
        Acted::Unknown => Err(unknown(&number)),
    }
}

/// What a complainant says of the handling.
#[derive(Deserialize, ToSchema)]
pub(super) struct Verdict {
    /// `yes` or `no`.
    satisfied: String,
    /// Their words.
    #[serde(default)]
    #[schema(required = false)]
    words: String,
    /// A UUID, made once for this verdict.
    #[schema(format = Uuid)]
    idempotency_key: String,
}

/// The complaint that the link opens. Digests are compared, so that the time it takes tells nothing of the secret.
async fn opened<S: Store>(
    app: &App<S>,
    number: &str,
    secret: Result<Query<Secret>, QueryRejection>,
) -> Result<(ComplaintRecord, String), HttpProblem> {
    let Query(Secret { secret }) = secret.map_err(|_| malformed(&"secret: it cannot be read"))?;
    let fits = |expected: &str| Sha256::digest(expected) == Sha256::digest(&secret);
    let record = app.store.complaint(number).await?.filter(|record| fits(&record.ticket.read_secret));
    let record = record.ok_or_else(|| HttpProblem::new(ProblemCode::LinkInvalid, "This link opens no complaint."))?;
    Ok((record, secret))
}

fn malformed(reason: &dyn std::fmt::Display) -> HttpProblem {
    HttpProblem::new(ProblemCode::Malformed, reason.to_string())
}

fn unknown(number: &str) -> HttpProblem {
    HttpProblem::new(ProblemCode::NotFound, format!("There is no complaint {number}."))
}

fn private(answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn page<S>(app: &App<S>, record: &ComplaintRecord, secret: &str, notice: Option<&str>) -> Response {
    let view = view(app, record);
    let title = format!("Your complaint {}", view.number);
    let stands = match view.state {
        ComplaintState::Received => "It has arrived, and nobody has answered yet.",
        ComplaintState::Acknowledged => "It is being looked into.",
        ComplaintState::Resolved => {
            "There is an outcome. Please say whether you are satisfied with how it was handled."
        }
        ComplaintState::Closed => "It is closed.",
    };
    let body = html! {
        h1 { (title) }
        @if let Some(notice) = notice { p role="status" { strong { (notice) } } }
        p { (view.summary) }
        p { strong { (stands) } }
        @if view.late { p { "This is later than we promised. It goes to who is next, below." } }
        dl {
            dt { "Received" } dd { time { (view.received_at) } }
            dt { "To be answered until" } dd { time { (view.acknowledge_by) } }
            @if let Some(at) = view.acknowledged_at { dt { "Answered" } dd { time { (at) } } }
            @if let Some(at) = view.closed_at { dt { "Closed" } dd { time { (at) } } }
            @if let Some(outcome) = view.outcome { dt { "Outcome" } dd { (outcome_words(outcome)) } }
        }
        @if !view.events.is_empty() {
            h2 { "What was done" }
            ol { @for event in &view.events { (told(event)) } }
        }
        @if !view.ladder.is_empty() && view.state != ComplaintState::Closed {
            h2 { "Whom it goes to without an outcome" }
            ol { @for rung in &view.ladder {
                li { (rung.title) @if rung.reached { " – it is there, or was" } @else { " – from " time { (rung.turn_at) } " on" } }
            } }
        }
        @if view.state == ComplaintState::Resolved { (verdict_form(&view.number, secret)) }
    };
    html_page(StatusCode::OK, &title, "en", &body)
}

fn outcome_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Upheld => "You were right.",
        Outcome::PartlyUpheld => "You were right in part.",
        Outcome::NotUpheld => "We see it differently.",
    }
}

fn told(event: &EventView) -> Markup {
    let what = match (event.action, event.outcome, event.satisfied) {
        ("acknowledge", ..) => "Somebody looks into it.",
        ("escalate", ..) => "It has gone to who is next.",
        (_, Some(outcome), _) => outcome_words(outcome),
        (_, _, Some(true)) => "You are satisfied with how it was handled.",
        _ => "You are not satisfied with how it was handled.",
    };
    html! { li { time { (event.at) } ": " (what) @if !event.words.is_empty() { blockquote { (event.words) } } } }
}

fn verdict_form(number: &str, secret: &str) -> Markup {
    let key = uuid::Uuid::now_v7().to_string();
    html! {
        h2 { "Are you satisfied with how it was handled?" }
        form method="post" action={ "/api/v1/complaints/" (number) "/status?secret=" (secret) } {
            input type="hidden" name="idempotency_key" value=(key);
            p { label { "Your words, if you like" br; textarea name="words" rows="4" cols="60" {} } }
            p {
                button type="submit" name="satisfied" value="yes" { "Yes, close it" } " "
                button type="submit" name="satisfied" value="no" { "No, look at it again" }
            }
        }
    }
}
