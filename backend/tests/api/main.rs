//! The API as clients see it: a real server on a real socket, a real database.

mod complaints;
mod contract;
mod cors;
mod limits;
mod plain;
mod relay;
mod served;
mod surveys;
mod tokens;
mod uploads;

use std::net::SocketAddr;
use std::sync::Arc;

use itsm_backend::http::{router, server};
use itsm_backend::run::open;
use itsm_backend::settings::Settings;
use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::http::Response;
use ureq::{Agent, Body};

/// A running backend, ended with the test.
struct Api {
    address: SocketAddr,
    folder: TempDir,
    agent: Agent,
    _runtime: tokio::runtime::Runtime,
}

impl Api {
    /// Starts one, after `change` of the usual settings.
    fn start_with(change: impl FnOnce(&mut Settings)) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let folder = TempDir::new().expect("a folder");
        let mut settings = Settings {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            database: format!("sqlite://{}", folder.path().join("api.db").display()),
            assets: None,
            definitions: None,
            files: folder.path().join("files"),
            allow_origins: vec!["https://portal.example".into()],
            identity: None,
            relay: None,
            max_body: 20_000,
            max_attachment: 100_000,
            request_timeout: 2,
            upload_timeout: 5,
            max_connections: 64,
            least_answers: 3,
            invitation_secret: None,
        };
        change(&mut settings);
        let address = runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind(settings.listen).await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let limit = settings.max_connections;
            let app = open(settings).await.expect("a backend");
            tokio::spawn(server::serve(listener, router(Arc::clone(&app)), limit, std::future::pending()));
            address
        });
        // A connection each: one on which a body was refused unread is closed, and the client does not always know in time.
        let agent: Agent = Agent::config_builder().http_status_as_error(false).max_idle_connections(0).build().into();
        Self { address, folder, agent, _runtime: runtime }
    }

    fn start() -> Self {
        Self::start_with(|_| {})
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1/{path}", self.address)
    }

    fn get(&self, path: &str) -> Response<Body> {
        self.agent.get(self.url(path)).call().expect("an answer")
    }

    /// Posts a submission under `key`.
    fn submit(&self, key: &str, body: &Value) -> (u16, Value) {
        self.submit_text(key, &body.to_string())
    }

    fn submit_text(&self, key: &str, body: &str) -> (u16, Value) {
        let request = self
            .agent
            .post(self.url("submissions"))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key);
        read(request.send(body).expect("an answer"))
    }
}

fn read(mut response: Response<Body>) -> (u16, Value) {
    let text = response.body_mut().read_to_string().expect("a body");
    (response.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
}

const KEY: &str = "018f4e2a-7c1b-7def-8a00-0123456789ab";

fn submission(what: &str) -> Value {
    json!({
        "v": 1, "kind": "incident", "form": { "id": "something-is-broken", "version": 1, "locale": "en" },
        "answers": { "what": what }, "captured_at": "2026-11-22T08:00:00Z",
    })
}
