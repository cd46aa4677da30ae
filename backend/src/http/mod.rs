//! The HTTP side: one module for each resource below `/api/v1`, and what surrounds them all.

mod assets;
mod attachments;
mod caller;
mod complaints;
mod digest;
mod forms;
mod guard;
mod health;
mod plain;
mod problem;
mod receipts;
pub mod server;
mod submissions;
mod surveys;
mod uploads;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use itsm_widgets::wire::{CONTENT_DIGEST, EXPOSED_HEADERS, IDEMPOTENCY_KEY, ProblemCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::OpenApi;
use utoipa::openapi::schema::AdditionalProperties;
use utoipa::openapi::{RefOr, Schema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::definitions::Definitions;
use crate::files::Files;
use crate::identity::Identities;
use crate::relay::Word;
use crate::settings::Settings;
use crate::store::Store;

pub(crate) use caller::Caller;
pub(crate) use problem::HttpProblem;

/// What every handler may use.
pub struct App<S> {
    /// The database.
    pub store: S,
    /// Where attachments lie.
    pub files: Files,
    /// Forms and services.
    pub definitions: Definitions,
    /// Who people are, if tokens are looked at.
    pub identities: Option<Identities>,
    /// Says to the relay that there is something to forward.
    pub word: Word,
    /// Limits and lists.
    pub settings: Settings,
}

/// What a handler gets: cheap to clone.
pub(crate) type Shared<S> = axum::extract::State<Arc<App<S>>>;

/// Sets a header, unless `value` is none that a header can have.
pub(crate) fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
        headers.insert(name, value);
    }
}

/// The part of the address that names something.
pub(crate) struct Segment(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = HttpProblem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, HttpProblem> {
        // What is no text names nothing.
        let axum::extract::Path(name) = axum::extract::Path::from_request_parts(parts, state)
            .await
            .map_err(|_| HttpProblem::new(ProblemCode::NotFound, "Nothing is at this address."))?;
        Ok(Self(name))
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "itsm-widgets service desk API",
        description = "What the widgets need of a service desk: forms and services to offer, submissions to take exactly once.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    tags(
        (name = "catalogue", description = "Forms and services on offer"),
        (name = "submissions", description = "Requests on their way to becoming tickets"),
        (name = "complaints", description = "Complaints on their way to closure"),
        (name = "satisfaction", description = "What surveys come to"),
        (name = "operation", description = "For those who run the backend"),
    )
)]
struct Document;

/// The API's routes with their description.
fn api<S: Store>() -> OpenApiRouter<Arc<App<S>>> {
    OpenApiRouter::with_openapi(Document::openapi()).nest(
        "/api/v1",
        OpenApiRouter::new()
            .routes(routes!(forms::list_forms))
            .routes(routes!(forms::read_form))
            .routes(routes!(forms::list_services))
            .routes(routes!(submissions::submit))
            .routes(routes!(submissions::withdraw))
            .routes(routes!(receipts::read_receipt))
            .routes(routes!(surveys::read_results))
            .routes(routes!(surveys::invite))
            .routes(routes!(complaints::list_complaints))
            .routes(routes!(complaints::read_complaint))
            .routes(routes!(complaints::act_on_complaint))
            .routes(routes!(complaints::show_status, complaints::take_verdict))
            .routes(routes!(attachments::read_attachment))
            .merge(uploads::routes())
            .routes(routes!(plain::show_plain, plain::submit_plain))
            .routes(routes!(health::live))
            .routes(routes!(health::ready))
            .routes(routes!(health::openapi)),
    )
}

/// The API's description: OpenAPI 3.1, as JSON.
pub fn openapi_document() -> String {
    let (_, mut document) = api::<crate::store::sqlite::SqliteStore>().split_for_parts();
    close(&mut document);
    let mut text = document.to_pretty_json().expect("a document is JSON");
    text.push('\n');
    text
}

/// Documents that refuse members that are not known: the macro that describes them cannot see it.
const CLOSED: &[&str] = &["SubmissionBody", "FormReference", "PageContext", "ServiceDocument"];

fn close(document: &mut utoipa::openapi::OpenApi) {
    let schemas = document.components.as_mut().map(|components| &mut components.schemas);
    for (name, schema) in schemas.into_iter().flatten() {
        if let RefOr::T(Schema::Object(object)) = schema
            && CLOSED.contains(&name.as_str())
        {
            object.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// All that the backend answers.
pub fn router<S: Store>(app: Arc<App<S>>) -> Router {
    let (api, _) = api::<S>().split_for_parts();
    let cors = CorsLayer::new()
        .allow_origin(AllowOrigin::list(
            app.settings.allow_origins.iter().filter_map(|o| HeaderValue::from_str(o).ok()),
        ))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PATCH])
        .allow_headers(
            [header::CONTENT_TYPE, header::AUTHORIZATION, header::IF_NONE_MATCH]
                .into_iter()
                .chain(
                    [IDEMPOTENCY_KEY, CONTENT_DIGEST]
                        .iter()
                        .chain(uploads::REQUEST_HEADERS)
                        .filter_map(|name| HeaderName::try_from(*name).ok()),
                )
                .collect::<Vec<_>>(),
        )
        .expose_headers(EXPOSED_HEADERS.iter().filter_map(|name| HeaderName::try_from(*name).ok()).collect::<Vec<_>>())
        .max_age(std::time::Duration::from_secs(7_200));
    let guarded = axum::middleware::from_fn_with_state(app.clone(), guard::guard::<S>);
    api.fallback(assets::fallback::<S>)
        .method_not_allowed_fallback(problem::method_not_allowed)
        .layer(guarded)
        .layer(cors)
        .layer(axum::middleware::from_fn_with_state(app.settings.max_attachment, uploads::discover))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(axum::middleware::from_fn(guard::log))
        .with_state(app)
}
