//! Requests that the backend makes itself: with a time limit and a size limit, and no redirects.

use std::time::Duration;

use http::{HeaderMap, Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper_rustls::HttpsConnector;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

/// How long a request may take, from the name to the last byte.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why there is no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub enum OutgoingError {
    /// The address is not `https:`, and not `http:` on this machine.
    #[error("it must begin with https://, or with http:// on this machine")]
    Address,
    /// Nobody answered in time.
    #[error("no answer within {} s", PATIENCE.as_secs())]
    Timeout,
    /// The connection failed.
    #[error("{0}")]
    Connection(String),
    /// Another answer than 200.
    #[error("it answered {0}")]
    Status(StatusCode),
}

/// What was answered, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header `Retry-After`, if it is a number of seconds.
    pub retry_after: Option<u32>,
}

/// Makes requests.
#[derive(Clone)]
pub struct Outgoing(Client<HttpsConnector<HttpConnector>, Full<Bytes>>);

impl Default for Outgoing {
    fn default() -> Self {
        Self::new()
    }
}

impl Outgoing {
    /// With the roots of trust that the suite ships.
    pub fn new() -> Self {
        let connector = hyper_rustls::HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(rustls::crypto::aws_lc_rs::default_provider())
            .expect("the library's own provider has safe versions")
            .https_or_http()
            .enable_http1()
            .build();
        Self(Client::builder(TokioExecutor::new()).build(connector))
    }

    /// Tells `body` to `address`; what the answer says is not read.
    pub async fn post(&self, address: &Uri, headers: HeaderMap, body: String) -> Result<Answer, OutgoingError> {
        if !is_trustworthy(address) {
            return Err(OutgoingError::Address);
        }
        let mut request = Request::new(Full::from(body));
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (Method::POST, address.clone(), headers);
        let answer = tokio::time::timeout(PATIENCE, self.0.request(request)).await;
        let answer = answer.map_err(|_| OutgoingError::Timeout)?;
        let answer = answer.map_err(|error| OutgoingError::Connection(error.to_string()))?;
        let retry_after = answer.headers().get(http::header::RETRY_AFTER);
        let retry_after = retry_after.and_then(|value| value.to_str().ok()?.parse().ok());
        Ok(Answer { status: answer.status(), retry_after })
    }

    /// What is at `address`, at most `largest` bytes of it.
    pub async fn get(&self, address: &Uri, largest: usize) -> Result<Vec<u8>, OutgoingError> {
        if !is_trustworthy(address) {
            return Err(OutgoingError::Address);
        }
        let failed = |error: &dyn std::fmt::Display| OutgoingError::Connection(error.to_string());
        let request = Request::get(address).header(http::header::ACCEPT, "application/json");
        let request = request.body(Full::default()).map_err(|error| failed(&error))?;
        let answer = async {
            let answer = self.0.request(request).await.map_err(|error| failed(&error))?;
            if answer.status() != StatusCode::OK {
                return Err(OutgoingError::Status(answer.status()));
            }
            let body = Limited::new(answer.into_body(), largest).collect().await.map_err(|error| failed(&error))?;
            Ok(body.to_bytes().to_vec())
        };
        tokio::time::timeout(PATIENCE, answer).await.map_err(|_| OutgoingError::Timeout)?
    }
}

/// Whether nobody on the way can change what comes from there.
pub fn is_trustworthy(address: &Uri) -> bool {
    match address.scheme_str() {
        Some("https") => address.host().is_some(),
        Some("http") => address.host().is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host)),
        _ => false,
    }
}
