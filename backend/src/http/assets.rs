//! The folder of assets beside the API, under the strict policy that the suite promises to work with.

use std::path::Path;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use itsm_widgets::wire::ProblemCode;
use tower::ServiceExt;
use tower_http::services::ServeDir;

use super::{HttpProblem, Shared};
use crate::store::Store;

/// No inline script or style, Trusted Types required, WebAssembly allowed: what a careful host page would send.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self' blob:; \
     style-src 'self'; font-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types itsm-widgets";

/// Answers for all that is no route: a file, or a problem. A wrong address of the API is never a page.
pub(super) async fn fallback<S: Store>(app: Shared<S>, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let absent = || HttpProblem::new(ProblemCode::NotFound, format!("Nothing is at {path}.")).into_response();
    let Some(folder) = app.settings.assets.as_deref().filter(|_| !path.starts_with("/api/") && path != "/api") else {
        return absent();
    };
    if path == "/" && !folder.join("index.html").is_file() && folder.join("portal").is_dir() {
        return Redirect::temporary("/portal/").into_response();
    }
    let response = serve_file(folder, request).await;
    match response.status() {
        StatusCode::NOT_FOUND => absent(),
        StatusCode::METHOD_NOT_ALLOWED => {
            HttpProblem::new(ProblemCode::MethodNotAllowed, format!("{path} can only be read.")).into_response()
        }
        _ => with_headers(response, &path),
    }
}

async fn serve_file(folder: &Path, request: Request) -> Response {
    let files = ServeDir::new(folder).precompressed_br().precompressed_gzip();
    match files.oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

fn with_headers(mut response: Response, path: &str) -> Response {
    let caching = if is_named_by_content(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, caching),
        // Modules and wasm are made to be embedded anywhere.
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether the name holds a digest of the content, as in `itsm-core-0123456789abcdef.js`.
fn is_named_by_content(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().split('.').next().unwrap_or_default();
    name.rsplit_once('-').is_some_and(|(_, digest)| digest.len() == 16 && digest.bytes().all(|b| b.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::is_named_by_content;

    #[test]
    fn only_a_digest_makes_a_name_lasting() {
        assert!(
            is_named_by_content("/itsm-core-0123456789abcdef_bg.wasm")
                || is_named_by_content("/itsm-core-0123456789abcdef.wasm")
        );
        assert!(!is_named_by_content("/itsm-widgets.js") && !is_named_by_content("/portal/"));
    }
}
