//! `cargo xtask conformance`: the contract's tests against anybody's implementation of the API. They make tickets there.

use clap::Args;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::{Agent, Body, http};

use crate::error::TaskError;

/// Whose implementation is tested.
#[derive(Args)]
pub(crate) struct ConformanceArgs {
    /// The API's address with its version, such as http://localhost:8080/api/v1
    #[arg(long, value_name = "URL")]
    against: String,
    /// A form that takes the answers below
    #[arg(long, default_value = "something-is-broken")]
    form: String,
    /// Answers in order for that form, as JSON
    #[arg(long, default_value = r#"{"what":"Conformance test, please ignore"}"#)]
    answers: String,
}

impl ConformanceArgs {
    /// Those for our own backend with its built-in forms.
    pub(crate) fn for_our_own(api: &str) -> Self {
        let answers = r#"{"what":"Conformance test"}"#.to_owned();
        Self { against: api.to_owned(), form: "something-is-broken".to_owned(), answers }
    }
}

/// What an implementation answered.
struct Answer {
    status: u16,
    headers: http::HeaderMap,
    body: Value,
}

/// The implementation under test.
struct Desk {
    api: String,
    agent: Agent,
    form: Value,
    kind: Value,
    answers: Value,
}

type Check = (&'static str, fn(&Desk) -> Result<(), String>);

/// The contract, promise by promise.
const CHECKS: &[Check] = &[
    ("a form has an entity tag, and says that it has not changed", form_is_cacheable),
    ("services are a list", services_are_a_list),
    ("a submission makes a ticket, and the receipt names its key", submission_is_receipted),
    ("the same key and body give the same receipt again", replay_is_the_same),
    ("the same key with another body is refused", reused_key_is_refused),
    ("a submission without a key is refused", key_is_needed),
    ("wrong answers are named by their field", wrong_answers_are_named),
    ("a withdrawn key makes no ticket", withdrawn_key_is_gone),
    ("an edited request replaces its earlier key", edited_request_replaces),
    ("a file is taken once, and only with its digest", file_is_taken_once),
    ("an unknown address gets a problem", unknown_address_is_a_problem),
];

/// Runs every check; an error if one fails.
pub(crate) fn run(args: &ConformanceArgs) -> Result<(), TaskError> {
    let answers =
        serde_json::from_str(&args.answers).map_err(|error| TaskError::Promise(format!("--answers: {error}")))?;
    let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
    let mut desk = Desk {
        api: args.against.trim_end_matches('/').to_owned(),
        agent,
        form: Value::Null,
        kind: Value::Null,
        answers,
    };
    let definition = desk.get(&format!("forms/{}", args.form)).map_err(TaskError::Promise)?;
    if definition.status != 200 {
        let remedy = format!("--form names no form there (status {})", definition.status);
        return Err(TaskError::missing(format!("the form {}", args.form), remedy));
    }
    desk.form = json!({ "id": args.form, "version": definition.body["version"], "locale": definition.body["locale"] });
    desk.kind = definition.body["kind"].clone();
    let mut failed = 0;
    for (promise, check) in CHECKS {
        match check(&desk) {
            Ok(()) => println!("passed  {promise}"),
            Err(reason) => {
                failed += 1;
                println!("FAILED  {promise}: {reason}");
            }
        }
    }
    println!("{} passed, {failed} failed", CHECKS.len() - failed);
    if failed == 0 { Ok(()) } else { Err(TaskError::Promise(format!("{} does not keep the contract", desk.api))) }
}

impl Desk {
    fn ended(response: Result<http::Response<Body>, ureq::Error>) -> Result<Answer, String> {
        let mut response = response.map_err(|error| error.to_string())?;
        let text = response.body_mut().read_to_string().map_err(|error| error.to_string())?;
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Ok(Answer { status: response.status().as_u16(), headers: response.headers().clone(), body })
    }

    fn get(&self, path: &str) -> Result<Answer, String> {
        Self::ended(self.agent.get(format!("{}/{path}", self.api)).call())
    }

    fn body(&self) -> Value {
        json!({ "v": 1, "kind": self.kind, "form": self.form, "answers": self.answers, "captured_at": "2026-01-01T00:00:00Z" })
    }

    fn submit(&self, key: &str, body: &Value) -> Result<Answer, String> {
        let request = self.agent.post(format!("{}/submissions", self.api)).header("Content-Type", "application/json");
        let request = if key.is_empty() { request } else { request.header("Idempotency-Key", key) };
        Self::ended(request.send(body.to_string()))
    }
}

/// A UUID that nobody has used: made of this process, the moment and a count.
#[expect(clippy::disallowed_methods, reason = "a key must be new at every run")]
fn new_key() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let seed =
        format!("{} {:?} {}", std::process::id(), std::time::SystemTime::now(), COUNT.fetch_add(1, Ordering::Relaxed));
    let hex: String = Sha256::digest(seed).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..32])
}

fn expect(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(otherwise()) }
}

fn expect_status(answer: &Answer, allowed: &[u16]) -> Result<(), String> {
    expect(allowed.contains(&answer.status), || {
        format!("status {} instead of {allowed:?}: {}", answer.status, answer.body)
    })
}

fn form_is_cacheable(desk: &Desk) -> Result<(), String> {
    let path = format!("forms/{}", desk.form["id"].as_str().unwrap_or_default());
    let etag = desk.get(&path)?.headers.get("etag").cloned().ok_or("no ETag")?;
    let again = Desk::ended(desk.agent.get(format!("{}/{path}", desk.api)).header("If-None-Match", etag).call())?;
    expect_status(&again, &[304])
}

fn services_are_a_list(desk: &Desk) -> Result<(), String> {
    let services = desk.get("services")?;
    expect_status(&services, &[200])?;
    expect(services.body.is_array(), || "not a list".into())
}

fn submission_is_receipted(desk: &Desk) -> Result<(), String> {
    let key = new_key();
    let answer = desk.submit(&key, &desk.body())?;
    expect_status(&answer, &[200, 201])?;
    expect(answer.body["key"] == key, || format!("the receipt names {}", answer.body["key"]))?;
    expect(answer.body["number"].is_string() && answer.body["received_at"].is_string(), || {
        format!("no number or time: {}", answer.body)
    })
}

fn replay_is_the_same(desk: &Desk) -> Result<(), String> {
    let (key, body) = (new_key(), desk.body());
    let (first, second) = (desk.submit(&key, &body)?, desk.submit(&key, &body)?);
    expect_status(&second, &[200, 201])?;
    expect(first.body == second.body, || format!("{} and then {}", first.body, second.body))
}

fn reused_key_is_refused(desk: &Desk) -> Result<(), String> {
    let (key, mut body) = (new_key(), desk.body());
    desk.submit(&key, &body)?;
    body["captured_at"] = "2026-01-02T00:00:00Z".into();
    expect_status(&desk.submit(&key, &body)?, &[422])
}

fn key_is_needed(desk: &Desk) -> Result<(), String> {
    expect_status(&desk.submit("", &desk.body())?, &[400])
}

fn wrong_answers_are_named(desk: &Desk) -> Result<(), String> {
    let mut body = desk.body();
    body["answers"]["there-is-no-such-field"] = true.into();
    let answer = desk.submit(&new_key(), &body)?;
    expect_status(&answer, &[422])?;
    let named = |error: &Value| error["pointer"] == "#/answers/there-is-no-such-field";
    expect(answer.body["errors"].as_array().is_some_and(|errors| errors.iter().any(named)), || {
        format!("{}", answer.body)
    })
}

fn withdrawn_key_is_gone(desk: &Desk) -> Result<(), String> {
    let key = new_key();
    let withdrawn = Desk::ended(desk.agent.post(format!("{}/submissions/{key}/withdraw", desk.api)).send_empty())?;
    expect_status(&withdrawn, &[200])?;
    expect_status(&desk.submit(&key, &desk.body())?, &[410])
}

fn edited_request_replaces(desk: &Desk) -> Result<(), String> {
    let (old, new, mut edited) = (new_key(), new_key(), desk.body());
    edited["supersedes"] = json!([old]);
    expect_status(&desk.submit(&new, &edited)?, &[200, 201])?;
    expect_status(&desk.submit(&old, &desk.body())?, &[410])
}

fn file_is_taken_once(desk: &Desk) -> Result<(), String> {
    use base64::Engine;
    let id = new_key();
    let digest = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes));
    let begin = || {
        let request = desk.agent.post(format!("{}/uploads", desk.api)).header("Tus-Resumable", "1.0.0");
        let request = request.header("Idempotency-Key", &id).header("Upload-Length", "5");
        Desk::ended(request.header("Upload-Metadata", format!("sha256 {}", digest(b"hello"))).send_empty())
    };
    let append = |offset: u64, announced: &[u8], bytes: &[u8]| {
        let request = desk.agent.patch(format!("{}/uploads/{id}", desk.api)).header("Tus-Resumable", "1.0.0");
        let request = request.header("Content-Type", "application/offset+octet-stream");
        let request = request.header("Upload-Offset", offset.to_string());
        Desk::ended(request.header("Upload-Checksum", format!("sha256 {}", digest(announced))).send(bytes))
    };
    let ends_at = |answer: &Answer, end: &str| {
        let offset = answer.headers.get("upload-offset").and_then(|value| value.to_str().ok()).unwrap_or_default();
        expect(offset == end, || format!("Upload-Offset is {offset} and not {end}"))
    };
    let begun = begin()?;
    expect_status(&begun, &[200, 201])?;
    ends_at(&begun, "0")?;
    expect_status(&append(0, b"hello", b"hallo")?, &[460])?;
    let first = append(0, b"hel", b"hel")?;
    expect_status(&first, &[200, 204])?;
    ends_at(&first, "3")?;
    expect_status(&append(0, b"hel", b"hel")?, &[409])?;
    let again = begin()?;
    expect_status(&again, &[200, 201])?;
    ends_at(&again, "3")?;
    ends_at(&append(3, b"lo", b"lo")?, "5")
}

fn unknown_address_is_a_problem(desk: &Desk) -> Result<(), String> {
    let answer = desk.get("there-is-no-such-address")?;
    expect_status(&answer, &[404])?;
    let media_type = answer.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    expect(media_type.starts_with("application/problem+json"), || format!("the media type is {media_type}"))
}
