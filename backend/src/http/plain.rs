//! The same forms as plain HTML pages: for browsers without WebAssembly, and as the fallback inside an element.
//!
//! A page author's own HTML form may post here too. Without a key in it, the answer is a page that shows what was
//! understood and asks to send it, now with a key: so that no reload can make a second ticket.

use axum::body::Body;
use axum::extract::Query;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use itsm_widgets::domain::form::{
    Answer, Answers, Choice, Definition, Field, FieldError, FieldErrors, FieldKind, FormState, LocalZone,
};
use itsm_widgets::domain::id::{FieldId, FormId, ServiceId};
use itsm_widgets::domain::survey::pipe;
use itsm_widgets::domain::ticket::{Impact, SubmissionKind, Urgency};
use itsm_widgets::domain::time::LocalDateTime;
use itsm_widgets::wire::{About, PageContext, Problem, ProblemCode, SubmissionBody, Times};
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest, Sha256};

use super::Caller;
use super::submissions::{accept, key_of, read_body, refusal_of};
use super::{App, HttpProblem, Segment, Shared};
use crate::clock::now;
use crate::definitions::OfferedForm;
use crate::patterns::RegexPatterns;
use crate::store::{Outcome, Store, Ticket};

/// The hidden input that holds the idempotency key.
const KEY_INPUT: &str = "idempotency_key";
/// The hidden input that names the service.
const SERVICE_INPUT: &str = "service_id";
/// The hidden input that names the ticket that it is about.
const TICKET_INPUT: &str = "ticket";
/// The hidden input that holds what an invitation's link has.
const INVITATION_INPUT: &str = "invitation";

/// Pairs of a form-encoded body or a query, in their order.
type Pairs = Vec<(String, String)>;

/// A page with the form as plain HTML. The query may fill fields in.
#[utoipa::path(get, path = "/forms/{id}/plain", tag = "submissions",
    params(("id" = String, Path, description = "The form's name")),
    responses(
    (status = 200, description = "The page", body = String, content_type = "text/html"),
    (status = 400, description = "A query that cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such form", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn show_plain<S: Store>(
    app: Shared<S>,
    Segment(id): Segment,
    query: Result<Query<Pairs>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, HttpProblem> {
    let form = offered(&app, &id)?;
    let Query(mut pairs) = query.map_err(|_| HttpProblem::new(ProblemCode::Malformed, "the query cannot be read."))?;
    // Every page gets a key of its own: a link that brought one would give it to all who follow it.
    pairs.retain(|(name, _)| name != KEY_INPUT);
    Ok(page(StatusCode::OK, &app, form, &pairs, None, None))
}

/// Takes a form-encoded submission; answers with a page.
#[utoipa::path(post, path = "/forms/{id}/plain", tag = "submissions",
    params(("id" = String, Path, description = "The form's name")),
    request_body(content = String, content_type = "application/x-www-form-urlencoded",
        description = "The fields by their names, `idempotency_key`, and `service_id` if it is fixed"),
    responses(
    (status = 200, description = "A page that asks to send it: there was no key; or the receipt once more", body = String, content_type = "text/html"),
    (status = 201, description = "A page with the ticket's number", body = String, content_type = "text/html"),
    (status = 401, description = "A token that is not valid, or none where one is needed", body = Problem, content_type = "application/problem+json"),
    (status = 400, description = "A body that cannot be read", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "From a page of an origin that may not", body = Problem, content_type = "application/problem+json"),
    (status = 404, description = "No such form", body = Problem, content_type = "application/problem+json"),
    (status = 408, description = "It took too long to arrive", body = Problem, content_type = "application/problem+json"),
    (status = 410, description = "The key was withdrawn or replaced", body = Problem, content_type = "application/problem+json"),
    (status = 413, description = "Too large", body = Problem, content_type = "application/problem+json"),
    (status = 415, description = "Not form-encoded", body = Problem, content_type = "application/problem+json"),
    (status = 422, description = "The page again, with what is wrong; or a reused key", body = String, content_type = "text/html"),
    (status = 503, description = "Not now", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn submit_plain<S: Store>(
    app: Shared<S>,
    caller: Result<Caller, HttpProblem>,
    Segment(id): Segment,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, HttpProblem> {
    let form = offered(&app, &id)?;
    check_origin(&headers, &app.settings.allow_origins)?;
    check_form_encoded(&headers)?;
    let bytes = read_body(body, app.settings.max_body).await?;
    let pairs: Pairs = serde_urlencoded::from_bytes(&bytes)
        .map_err(|error| HttpProblem::new(ProblemCode::Malformed, format!("the body: {error}")))?;
    // Who was invited needs no sign-in: the invitation is looked at where the submission is accepted.
    let caller = match caller {
        Err(problem) if !problem.0.is(ProblemCode::SignInNeeded) || value(&pairs, INVITATION_INPUT).is_empty() => {
            return Err(problem);
        }
        Err(_) => Caller(None),
        Ok(caller) => caller,
    };
    let definition = &form.definition;
    let state = FormState::with_answers(answers_of(definition, &pairs));
    let submission = match state.submit(definition, &RegexPatterns, &Utc) {
        Ok(submission) => submission,
        Err(errors) => return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &app, form, &pairs, Some(&errors), None)),
    };
    let key = value(&pairs, KEY_INPUT);
    if key.is_empty() {
        return Ok(page(
            StatusCode::OK,
            &app,
            form,
            &pairs,
            None,
            Some("Please look at your answers once more, then send them."),
        ));
    }
    let key = key_of(key)?;
    // The time is left out of the fingerprint: a reload of the receipt is the same request.
    let fingerprint = hex::encode(Sha256::digest(&bytes));
    if let Some(outcome) = app.store.look_up(&key, &fingerprint).await? {
        return respond(outcome, &caller);
    }
    let given = |name| Some(value(&pairs, name)).filter(|id| !id.is_empty());
    let about = About {
        service: given(SERVICE_INPUT).map(ServiceId::new),
        ticket: given(TICKET_INPUT).map(str::to_owned),
        invitation: given(INVITATION_INPUT).map(str::to_owned),
    };
    let times = Times { captured_at: now(), clock_offset_ms: Some(0), offline: false };
    let context = PageContext { page: String::new(), app_version: format!("plain {}", env!("CARGO_PKG_VERSION")) };
    let body = SubmissionBody::new(definition, submission, &definition.source().locale, about, times, context);
    let document = serde_json::to_string(&body).expect("a submission is JSON");
    match accept(&app, &caller, key, fingerprint, document, body).await {
        // What a person can mend is said on the page, beside what was typed.
        Err(problem) if problem.0.is(ProblemCode::InvalidAnswers) => {
            let sentence = problem.0.detail.clone();
            Ok(page(StatusCode::UNPROCESSABLE_ENTITY, &app, form, &pairs, None, Some(&sentence)))
        }
        outcome => respond(outcome?, &caller),
    }
}

/// A page without scripts knows no zone: its times are read in UTC, and the page says so.
struct Utc;

impl LocalZone for Utc {
    fn offset_minutes(&self, _: LocalDateTime) -> i32 {
        0
    }
}

fn offered<'a, S>(app: &'a App<S>, id: &str) -> Result<&'a OfferedForm, HttpProblem> {
    let form = app.definitions.form(&FormId::new(id));
    form.ok_or_else(|| HttpProblem::new(ProblemCode::NotFound, format!("There is no form {id}.")))
}

/// A form of another site can post here without asking: its origin must be ours or on the list.
pub(super) fn check_origin(headers: &HeaderMap, allowed: &[String]) -> Result<(), HttpProblem> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let (origin, host) = (text(header::ORIGIN), text(header::HOST));
    let own = origin.split_once("://").is_some_and(|(_, of)| of == host);
    if origin.is_empty() || own || allowed.iter().any(|allowed| allowed == origin) {
        Ok(())
    } else {
        Err(HttpProblem::new(ProblemCode::OriginRefused, "Origin: pages from there may not submit here."))
    }
}

pub(super) fn check_form_encoded(headers: &HeaderMap) -> Result<(), HttpProblem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if media_type.split(';').next().is_some_and(|essence| essence.trim() == "application/x-www-form-urlencoded") {
        Ok(())
    } else {
        Err(HttpProblem::new(ProblemCode::MediaType, "Content-Type: application/x-www-form-urlencoded is needed."))
    }
}

fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().rev().find(|(key, _)| key == name).map_or("", |(_, value)| value)
}

fn answers_of(definition: &Definition, pairs: &Pairs) -> Answers {
    definition.fields().iter().map(|field| (field.id.clone(), answer_of(field, pairs))).collect()
}

fn answer_of(field: &Field, pairs: &Pairs) -> Answer {
    let name = field.id.as_str();
    match &field.kind {
        FieldKind::Checkbox => Answer::Flag(!value(pairs, name).is_empty()),
        FieldKind::MultiSelect(_) => Answer::Choices(
            pairs.iter().filter(|(key, value)| key == name && !value.is_empty()).map(|(_, v)| v.clone()).collect(),
        ),
        FieldKind::Ranking { places, .. } => {
            let place = |place| value(pairs, &place_input(field, place)).to_owned();
            Answer::Choices((1..=*places).map(place).filter(|value| !value.is_empty()).collect())
        }
        FieldKind::Files(_) => Answer::Choices(vec![]),
        FieldKind::Priority => {
            let level = |part: &str| value(pairs, &format!("{name}.{part}")).parse().unwrap_or(0);
            Answer::Levels { impact: level("impact"), urgency: level("urgency") }
        }
        // HTML sends line ends as CRLF.
        _ => Answer::Text(value(pairs, name).replace("\r\n", "\n")),
    }
}

fn respond(outcome: Outcome, caller: &Caller) -> Result<Response, HttpProblem> {
    match outcome {
        Outcome::Created(ticket) => Ok(receipt_page(StatusCode::CREATED, &ticket, caller)),
        Outcome::Replayed(ticket) | Outcome::Revised(ticket) => Ok(receipt_page(StatusCode::OK, &ticket, caller)),
        other => Err(refusal_of(other, caller.subject())),
    }
}

fn receipt_page(status: StatusCode, ticket: &Ticket, caller: &Caller) -> Response {
    let receipt = ticket.receipt_for(caller.subject());
    let status_page = receipt.read_link.filter(|_| ticket.kind == SubmissionKind::Complaint);
    let title = match ticket.kind {
        SubmissionKind::Incident | SubmissionKind::ServiceRequest => "Your request has arrived",
        SubmissionKind::Complaint => "Your complaint has arrived",
        SubmissionKind::Satisfaction => "Thank you, your answers have arrived",
    };
    let body = html! {
        h1 { (title) }
        p { "Its number is " strong { (ticket.number) } ". It arrived on " time { (ticket.received_at) } "." }
        @if let Some(by) = receipt.answer_by { p { "You will hear from us by " time { (by) } "." } }
        @if let Some(link) = status_page {
            p { a href={ "/api/v1/" (link) } { "See how it stands" } " – keep this link, it is yours alone." }
        }
        p { "You may close this page. Loading it again sends nothing a second time." }
    };
    html_page(status, title, "en", &body)
}

fn page<S>(
    status: StatusCode,
    app: &App<S>,
    form: &OfferedForm,
    pairs: &Pairs,
    errors: Option<&FieldErrors>,
    notice: Option<&str>,
) -> Response {
    let source = form.definition.source();
    // In a survey's texts names in braces stand for what it is about; what was answered is on this page.
    let said = |text: &str| match source.kind {
        SubmissionKind::Satisfaction => pipe::fill(text, |name| about(app, &form.definition, pairs, name)),
        _ => text.to_owned(),
    };
    let key = match value(pairs, KEY_INPUT) {
        "" => uuid::Uuid::now_v7().to_string(),
        key => key.to_owned(),
    };
    let body = html! {
        h1 { (said(&source.title)) }
        @if let Some(description) = &source.description { p { (said(description)) } }
        @if let Some(notice) = notice { p role="status" { strong { (notice) } } }
        @if let Some(errors) = errors {
            div role="alert" {
                p { strong { "Please look at these answers:" } }
                ul { @for (field, error) in errors.iter() {
                    li { a href={ "#" (field) } { (title_of(&form.definition, field)) } ": " (sentence(error)) }
                } }
            }
        }
        form method="post" action={ "/api/v1/forms/" (source.id) "/plain" } {
            input type="hidden" name=(KEY_INPUT) value=(key);
            @for name in [SERVICE_INPUT, TICKET_INPUT, INVITATION_INPUT] {
                @if !value(pairs, name).is_empty() { input type="hidden" name=(name) value=(value(pairs, name)); }
            }
            @for field in form.definition.fields().iter().filter(|field| field.control.calculated.is_none()) {
                (control(app, &Field { title: said(&field.title), ..field.clone() }, pairs))
            }
            p { button type="submit" { "Send" } }
        }
    };
    html_page(status, &source.title, &source.locale, &body)
}

/// What a name in braces stands for: the service's name, the ticket's number, or the question whose answer it is.
fn about<S>(app: &App<S>, definition: &Definition, pairs: &Pairs, name: &str) -> Option<String> {
    match name {
        pipe::SERVICE => {
            let id = value(pairs, SERVICE_INPUT);
            let service = app.definitions.services().iter().find(|service| service.id.as_str() == id);
            Some(service.map_or_else(|| "our service".to_owned(), |service| service.name.clone()))
        }
        pipe::TICKET => Some(
            Some(value(pairs, TICKET_INPUT)).filter(|number| !number.is_empty()).unwrap_or("your request").to_owned(),
        ),
        _ => Some(["“", title_of(definition, &FieldId::new(name)), "”"].concat()),
    }
}

fn control<S>(app: &App<S>, field: &Field, pairs: &Pairs) -> Markup {
    let name = field.id.as_str();
    let current = value(pairs, name);
    let input = |kind: &str| html! { input type=(kind) id=(name) name=(name) value=(current) autocomplete=[field.control.autocomplete.as_deref()]; };
    let label = html! { label for=(name) { (field.title) @if field.required { " (required)" } } br; };
    let picked = |value: &str| pairs.iter().any(|(key, v)| key == name && v == value);
    let body = match &field.kind {
        FieldKind::Checkbox => {
            return html! { p { label { input type="checkbox" id=(name) name=(name) value="yes" checked[!current.is_empty()]; " " (field.title) } } };
        }
        FieldKind::Files(_) => {
            return html! { p { (field.title) ": files cannot be sent from this page. Please send them when you are asked." } };
        }
        FieldKind::Priority => return priority(field, pairs),
        FieldKind::LongText => html! { textarea id=(name) name=(name) rows="6" cols="60" { (current) } },
        FieldKind::Select(choices) | FieldKind::Radio(choices) => options(name, choices, current),
        FieldKind::Scale(measure, _) => {
            let named = |answer: u8| {
                let value = answer.to_string();
                let title =
                    field.labels.get(&value).map_or_else(|| value.clone(), |label| format!("{value} – {label}"));
                Choice { value, title }
            };
            let (least, greatest) = measure.scale();
            options(name, &(least..=greatest).map(named).collect::<Vec<_>>(), current)
        }
        FieldKind::Ranking { choices, places } => html! {
            @for place in 1..=*places {
                @let input = place_input(field, place);
                br; label { (place) ". " (options(&input, choices, value(pairs, &input))) }
            }
        },
        FieldKind::MultiSelect(choices) => html! {
            select id=(name) name=(name) multiple {
                @for choice in choices { option value=(choice.value) selected[picked(&choice.value)] { (choice.title) } }
            }
        },
        FieldKind::Service => html! {
            select id=(name) name=(name) {
                option value="" { "–" }
                @for service in app.definitions.services() {
                    option value=(service.id) selected[picked(service.id.as_str())] { (service.name) }
                }
            }
        },
        FieldKind::ShortText => input("text"),
        FieldKind::Email => input("email"),
        FieldKind::Phone => input("tel"),
        FieldKind::Url => input("url"),
        FieldKind::Number { .. } => {
            html! { input type="text" inputmode="decimal" id=(name) name=(name) value=(current); }
        }
        FieldKind::Date => input("date"),
        FieldKind::DateTime => html! { (input("datetime-local")) " UTC" },
    };
    html! { p { (label) (body) @if let Some(text) = &field.description { br; small { (text) } } } }
}

/// The input for a place of an order.
fn place_input(field: &Field, place: usize) -> String {
    format!("{}.{place}", field.id)
}

fn options(name: &str, choices: &[Choice], current: &str) -> Markup {
    html! {
        select id=(name) name=(name) {
            option value="" { "–" }
            @for choice in choices { option value=(choice.value) selected[choice.value == current] { (choice.title) } }
        }
    }
}

fn priority(field: &Field, pairs: &Pairs) -> Markup {
    let scale = |part: &str, legend: &str, levels: &[(u8, &str)]| {
        let name = format!("{}.{part}", field.id);
        html! {
            p { label { (legend) br; select name=(name) {
                option value="" { "–" }
                @for (level, words) in levels {
                    option value=(level) selected[value(pairs, &name) == level.to_string()] { (words) }
                }
            } } }
        }
    };
    let impact: Vec<_> =
        Impact::ALL.iter().map(|level| u8::from(*level)).zip(["Everybody", "My team", "Only me"]).collect();
    let urgency = Urgency::ALL.iter().map(|level| u8::from(*level)).zip([
        "I cannot work",
        "I can work with difficulty",
        "It can wait",
    ]);
    html! {
        fieldset id=(field.id) {
            legend { (field.title) @if field.required { " (required)" } }
            (scale("impact", "Whom does it affect?", &impact))
            (scale("urgency", "How urgent is it?", &urgency.collect::<Vec<_>>()))
        }
    }
}

fn title_of<'a>(definition: &'a Definition, id: &FieldId) -> &'a str {
    definition.field(id).map_or("", |field| &field.title)
}

fn sentence(error: &FieldError) -> String {
    match error {
        FieldError::Required => "an answer is needed.".to_owned(),
        FieldError::TooShort { min } => format!("at least {min} characters are needed."),
        FieldError::TooLong { max } => format!("at most {max} characters are possible."),
        FieldError::TooSmall { min } => format!("{min} is the least."),
        FieldError::TooLarge { max } => format!("{max} is the most."),
        FieldError::TooMany { max } => format!("at most {max} are possible."),
        FieldError::FileTooLarge { .. } | FieldError::FileType => "this file cannot be taken.".to_owned(),
        FieldError::NotAnOption => "this is none of the choices.".to_owned(),
        FieldError::Malformed { .. } => "this does not have the expected form.".to_owned(),
        FieldError::NotExpected => "this was not asked.".to_owned(),
        FieldError::Other { detail } => detail.clone(),
    }
}

pub(super) fn html_page(status: StatusCode, title: &str, language: &str, body: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang=(language) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
            }
            body { main { (body) } }
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        ),
    ];
    (status, headers, page.into_string()).into_response()
}
