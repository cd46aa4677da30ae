//! The real backend, in this process, at the end of a network that does what networks do.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use itsm_backend::http::{App, router};
use itsm_backend::store::sqlite::SqliteStore;
use itsm_widgets::domain::id::SubmissionKey;
use itsm_widgets::domain::outbox::{Appended, Attachment, OutboxEntry, Verdict};
use itsm_widgets::ports::{Fetched, ServiceDesk};
use itsm_widgets::wire::upload::{
    PIECE_MEDIA_TYPE, TUS_RESUMABLE, TUS_VERSION, UPLOAD_CHECKSUM, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET,
};
use itsm_widgets::wire::{IDEMPOTENCY_KEY, Reply, appended, begun, verdict, withdrawal_verdict};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::scheduler::Scheduler;

/// The backend. It outlives worlds: their keys differ.
pub(crate) struct Backend {
    runtime: tokio::runtime::Runtime,
    app: Arc<App<SqliteStore>>,
    router: axum::Router,
    requests: Cell<u64>,
}

/// What a request is.
#[derive(Clone)]
struct Sent {
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Sent {
    fn post(path: String, headers: Vec<(&'static str, String)>, body: &str) -> Self {
        Self { method: Method::POST, path, headers, body: body.as_bytes().to_vec() }
    }
}

/// What the backend answered.
struct Answered {
    status: u16,
    retry_after: Option<u32>,
    upload_offset: Option<u64>,
    body: String,
}

/// What a tab hears of it.
struct Heard {
    reply: Reply,
    upload_offset: Option<u64>,
    body: String,
}

impl Heard {
    fn only(reply: Reply) -> Self {
        Self { reply, upload_offset: None, body: String::new() }
    }

    fn status(status: u16, retry_after: Option<u32>) -> Self {
        Self::only(Reply::Answer { status, retry_after, receipt: None, problem: None })
    }
}

impl Backend {
    pub(crate) fn new(runtime: tokio::runtime::Runtime, app: Arc<App<SqliteStore>>) -> Self {
        Self { runtime, router: router(app.clone()), app, requests: Cell::new(0) }
    }

    /// How many requests it has had.
    pub(crate) fn requests(&self) -> u64 {
        self.requests.get()
    }

    /// Asks the store, outside of every world.
    pub(crate) fn ask<T>(&self, question: impl AsyncFnOnce(&SqliteStore) -> T) -> T {
        self.runtime.block_on(question(&self.app.store))
    }

    fn handle(&self, sent: &Sent) -> Answered {
        self.requests.set(self.requests.get() + 1);
        let request = Request::builder().method(&sent.method).uri(&sent.path);
        let request = sent.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        let request = request.body(Body::from(sent.body.clone())).expect("a request");
        self.runtime.block_on(async {
            let answer = self.router.clone().oneshot(request).await.expect("a service that always answers");
            let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()?.parse().ok());
            let (retry_after, upload_offset) = (header("Retry-After"), header(UPLOAD_OFFSET));
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.expect("a body").to_bytes();
            let body = String::from_utf8_lossy(&body).into_owned();
            Answered {
                status,
                retry_after: retry_after.and_then(|seconds| u32::try_from(seconds).ok()),
                upload_offset,
                body,
            }
        })
    }
}

/// What may happen to a request, in percent of all; the rest passes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    /// It never arrives.
    pub(crate) lost: u64,
    /// It arrives, and the answer does not.
    pub(crate) unanswered: u64,
    /// It arrives twice, the second time later.
    pub(crate) doubled: u64,
    /// It arrives long after nobody waits for it any more.
    pub(crate) late: u64,
    /// Something else answers in its place.
    pub(crate) foreign: u64,
    /// The backend is done, and what stands before it says that it failed.
    pub(crate) failed: u64,
}

impl Faults {
    fn sum(self) -> u64 {
        self.lost + self.unanswered + self.doubled + self.late + self.foreign + self.failed
    }
}

/// The backend as a tab reaches it.
#[derive(Clone)]
pub(crate) struct Desk {
    world: Rc<Scheduler>,
    backend: Rc<Backend>,
    faults: Rc<Cell<Faults>>,
    /// Until then nobody answers.
    down_until: Rc<Cell<u64>>,
}

/// How long a tab waits for an answer.
const PATIENCE: Duration = Duration::from_secs(30);

impl Desk {
    pub(crate) fn new(world: &Rc<Scheduler>, backend: &Rc<Backend>) -> Self {
        Self { world: world.clone(), backend: backend.clone(), faults: Rc::default(), down_until: Rc::default() }
    }

    pub(crate) fn set_faults(&self, faults: Faults) {
        debug_assert!(faults.sum() <= 100);
        self.faults.set(faults);
    }

    /// From now on nobody answers for `span`.
    pub(crate) fn go_down(&self, span: Duration) {
        self.down_until.set(self.world.now() + span.as_millis() as u64);
    }

    /// From now on all is well, but for what is adrift.
    pub(crate) fn recover(&self) {
        self.faults.set(Faults::default());
        self.down_until.set(0);
    }

    /// It arrives some time from now, and nobody hears the answer.
    fn drift(&self, sent: &Sent, most: u64) {
        let (desk, sent) = (self.clone(), sent.clone());
        let wait = self.world.linger(most);
        self.world.spawn(async move {
            wait.await;
            let status = desk.backend.handle(&sent).status;
            desk.world.note(&format!("{} arrives late: {status}", sent.path));
        });
    }

    async fn send(&self, sent: Sent) -> Heard {
        let none = || Heard::only(Reply::None);
        self.world.linger(400).await;
        if self.world.now() < self.down_until.get() {
            self.world.note("nobody answers");
            return none();
        }
        let faults = self.faults.get();
        let mut lot = self.world.below(100);
        let mut is = |percent: u64| {
            let drawn = lot < percent;
            lot = lot.wrapping_sub(percent);
            drawn
        };
        if is(faults.lost) {
            self.world.note("a request is lost");
            self.world.sleep(if self.world.happens(50) { PATIENCE } else { Duration::ZERO }).await;
            return none();
        }
        if is(faults.late) {
            self.drift(&sent, 600_000);
            self.world.note("a request is held up");
            self.world.sleep(PATIENCE).await;
            return none();
        }
        if is(faults.foreign) {
            return self.foreign();
        }
        if is(faults.doubled) {
            self.drift(&sent, 120_000);
        }
        let answered = self.backend.handle(&sent);
        self.world.note(&format!("{}: {}", sent.path, answered.status));
        self.world.linger(400).await;
        if is(faults.unanswered) {
            self.world.note("an answer is lost");
            self.world.sleep(if self.world.happens(50) { PATIENCE } else { Duration::ZERO }).await;
            return none();
        }
        if is(faults.failed) {
            self.world.note("an answer is replaced by 502");
            return Heard::status(502, None);
        }
        let Answered { status, retry_after, upload_offset, body } = answered;
        let success = (200..300).contains(&status);
        let reply = Reply::Answer {
            status,
            retry_after,
            receipt: if success { serde_json::from_str(&body).ok() } else { None },
            problem: if success { None } else { serde_json::from_str(&body).ok() },
        };
        Heard { reply, upload_offset, body }
    }

    /// What networks, proxies and portals say.
    fn foreign(&self) -> Heard {
        const ANSWERS: [(u16, Option<u32>); 9] = [
            (200, None),
            (503, Some(20)),
            (503, None),
            (429, Some(5)),
            (401, None),
            (404, None),
            (413, None),
            (403, None),
            (408, None),
        ];
        if self.world.happens(10) {
            self.world.note("a redirect");
            return Heard::only(Reply::Redirect);
        }
        let (status, retry_after) = ANSWERS[self.world.below(ANSWERS.len() as u64) as usize];
        self.world.note(&format!("something else answers {status}"));
        Heard::status(status, retry_after)
    }
}

impl ServiceDesk for Desk {
    type Bytes = Vec<u8>;

    async fn fetch(&self, _: &str, _: Option<&str>, _: Duration) -> Fetched {
        Fetched::Failed
    }

    async fn begin_upload(&self, file: &Attachment) -> Result<u64, Verdict> {
        let digest = STANDARD.encode(hex::decode(&file.sha256).expect("hex"));
        let headers = vec![
            (TUS_RESUMABLE, TUS_VERSION.to_owned()),
            (IDEMPOTENCY_KEY, file.id.to_string()),
            (UPLOAD_LENGTH, file.size.to_string()),
            (UPLOAD_METADATA, format!("sha256 {digest}")),
        ];
        let heard = self.send(Sent::post("/api/v1/uploads".into(), headers, "")).await;
        begun(heard.reply, heard.upload_offset)
    }

    async fn append(&self, file: &Attachment, start: u64, piece: &Vec<u8>, skip: u32) -> Result<Appended, Verdict> {
        let body = piece[skip as usize..].to_vec();
        let headers = vec![
            (TUS_RESUMABLE, TUS_VERSION.to_owned()),
            ("Content-Type", PIECE_MEDIA_TYPE.to_owned()),
            (UPLOAD_OFFSET, start.to_string()),
            (UPLOAD_CHECKSUM, format!("sha256 {}", STANDARD.encode(Sha256::digest(&body)))),
        ];
        let path = format!("/api/v1/uploads/{}", file.id);
        let heard = self.send(Sent { method: Method::PATCH, path, headers, body }).await;
        appended(heard.reply, heard.upload_offset)
    }

    async fn deliver(&self, entry: &OutboxEntry) -> Verdict {
        let headers = vec![("Content-Type", "application/json".to_owned()), (IDEMPOTENCY_KEY, entry.key.to_string())];
        let sent = Sent::post("/api/v1/submissions".into(), headers, &entry.body);
        verdict(self.send(sent).await.reply, &entry.key)
    }

    async fn withdraw(&self, key: &SubmissionKey) -> Verdict {
        let sent = Sent::post(format!("/api/v1/submissions/{key}/withdraw"), vec![], "");
        let Heard { reply, body, .. } = self.send(sent).await;
        let names_it = serde_json::from_str::<serde_json::Value>(&body).is_ok_and(|told| told["key"] == key.as_str());
        withdrawal_verdict(reply, names_it)
    }

    fn clock_offset(&self) -> Option<i64> {
        None
    }
}
