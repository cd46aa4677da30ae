//! The service desk over HTTP: `fetch`, with a time limit for everything.

mod answer;
mod who;

use core::cell::{Cell, RefCell};
use core::time::Duration;
use std::rc::{Rc, Weak};

use gloo_net::http::{Headers, Method, Request, RequestBuilder, Response};
use gloo_timers::callback::Timeout;
use js_sys::{ArrayBuffer, Function, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{AbortController, RequestCache, RequestRedirect};

pub use self::who::Who;

use self::answer::{WithdrawalAnswer, millis_of_date, read_reply, seconds_of_retry_after};
use super::browser::BrowserDevice;
use super::browser::js::{base64, sha256};
use crate::domain::id::SubmissionKey;
use crate::domain::map::Map;
use crate::domain::outbox::{Appended, Attachment, OutboxEntry, Verdict};
use crate::ports::{Clock, Fetched, Later, ServiceDesk};
use crate::wire::upload::{
    PIECE_MEDIA_TYPE, TUS_RESUMABLE, TUS_VERSION, UPLOAD_CHECKSUM, UPLOAD_LENGTH, UPLOAD_METADATA, UPLOAD_OFFSET,
};
use crate::wire::{CONTENT_DIGEST, IDEMPOTENCY_KEY, Reply, appended, begun, verdict, withdrawal_verdict};

/// One backend that speaks our contract.
pub struct HttpDesk {
    api: String,
    device: BrowserDevice,
    get_token: RefCell<Option<Function>>,
    clock_offset: Cell<Option<i64>>,
    /// For whom this desk speaks; inside, none where the page could not say who is here.
    person: RefCell<Option<Option<Who>>>,
    /// Whether there was somebody to ask about that.
    asked: Cell<bool>,
    /// Told once when somebody else is here. This desk sends nothing from then on.
    left: RefCell<Vec<Box<dyn Fn()>>>,
    next: RefCell<Option<Rc<Self>>>,
    is_beside: bool,
}

/// No answer came.
struct NoAnswer;

/// An answer, as far as it can be read.
struct Heard {
    reply: Reply,
    /// The body.
    text: String,
    /// The header of that name.
    upload_offset: Option<u64>,
}

thread_local! {
    static DESKS: RefCell<Map<String, Weak<HttpDesk>>> = RefCell::default();
}

impl HttpDesk {
    /// The desk whose API is at `api`: absolute, with its version, without a slash at its end. One for all elements of a
    /// page that name it, so that a token and a clock's offset are known to all.
    pub fn of(api: &str) -> Rc<Self> {
        if let Some(known) = DESKS.with_borrow(|all| all.get(api).and_then(Weak::upgrade)) {
            return known;
        }
        let desk = Rc::new(Self::new(api));
        DESKS.with_borrow_mut(|all| all.insert(api.to_owned(), Rc::downgrade(&desk)));
        desk
    }

    fn new(api: &str) -> Self {
        Self {
            api: api.to_owned(),
            device: BrowserDevice,
            get_token: RefCell::default(),
            clock_offset: Cell::new(None),
            person: RefCell::default(),
            asked: Cell::new(false),
            left: RefCell::default(),
            next: RefCell::default(),
            is_beside: false,
        }
    }

    /// The desk at `api` for requests of people who are not signed in, whoever is here now.
    pub fn without_token(api: &str) -> Rc<Self> {
        Rc::new(Self { is_beside: true, ..Self::new(api) })
    }

    /// Whether it gives the page's token along, if there is one.
    pub fn has_token(&self) -> bool {
        !self.is_beside
    }

    /// The API's address.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// The next element that names this desk's API gets another one, which asks anew who is here.
    pub fn retire(&self) {
        let is_self = |desk: &Weak<Self>| core::ptr::eq(desk.as_ptr(), self);
        let next = Rc::new(Self::new(&self.api));
        next.set_get_token(self.get_token.borrow().clone());
        let is_known = DESKS.with_borrow_mut(|all| match all.get_mut(&*self.api) {
            Some(desk) if is_self(desk) => {
                *desk = Rc::downgrade(&next);
                true
            }
            _ => false,
        });
        if is_known {
            // For as long as those who are told need to come to it.
            *self.next.borrow_mut() = Some(next);
        }
    }

    /// Whom to ask for a token at each request; the token is used once and kept nowhere.
    pub fn set_get_token(&self, get_token: Option<Function>) {
        *self.get_token.borrow_mut() = get_token;
    }

    /// Sends a request and measures the desk's clock on the way.
    fn send<'a>(
        &'a self,
        method: Method,
        path: &'a str,
        token: Option<String>,
        headers: Headers,
        body: JsValue,
        patience: Duration,
    ) -> Later<'a, Result<Response, NoAnswer>> {
        if let Some(token) = token {
            headers.set("Authorization", &["Bearer ", &token].concat());
        }
        Box::pin(self.send_now(method, path, headers, body, patience))
    }

    async fn send_now(
        &self,
        method: Method,
        path: &str,
        headers: Headers,
        body: JsValue,
        patience: Duration,
    ) -> Result<Response, NoAnswer> {
        let abort = AbortController::new().map_err(|_| NoAnswer)?;
        let timer = {
            let abort = abort.clone();
            Timeout::new(u32::try_from(patience.as_millis()).unwrap_or(u32::MAX), move || abort.abort())
        };
        let builder = RequestBuilder::new(&format!("{}/{path}", self.api))
            .method(method)
            .headers(headers)
            .cache(RequestCache::NoStore)
            .redirect(RequestRedirect::Manual)
            .abort_signal(Some(&abort.signal()));
        let request: Request =
            if body.is_undefined() { builder.build() } else { builder.body(body) }.map_err(|_| NoAnswer)?;
        let sent = self.device.now();
        let response = request.send().await.map_err(|_| NoAnswer)?;
        if let Some(date) = response.headers().get("Date").and_then(|date| millis_of_date(&date)) {
            let middle = sent.as_millis() + self.device.now().millis_since(sent) / 2;
            // `Date` has whole seconds: half of one is the best guess for the rest.
            self.clock_offset.set(Some(date + 500 - middle));
        }
        // The limit holds for the head; a body that stalls is cut by the browser or by the next attempt.
        drop(timer);
        Ok(response)
    }

    async fn reply(&self, method: Method, path: &str, headers: Headers, body: JsValue, size: u64) -> Heard {
        let nothing = |reply| Heard { reply, text: String::new(), upload_offset: None };
        let patience = Duration::from_secs(30 + size / 50_000);
        let Some(token) = self.token_of_person().await else { return nothing(Reply::None) };
        let Ok(response) = self.send(method, path, token, headers, body, patience).await else {
            return nothing(Reply::None);
        };
        // Fetch standard, "opaque-redirect filtered response": nothing else that comes has no status.
        if response.status() == 0 {
            return nothing(Reply::Redirect);
        }
        let header = |name| response.headers().get(name);
        let date = header("Date").and_then(|date| millis_of_date(&date));
        let retry_after = header("Retry-After").and_then(|text| seconds_of_retry_after(&text, date));
        let upload_offset = header(UPLOAD_OFFSET).and_then(|text| text.parse().ok());
        // A body that was cut short is no answer, whatever its status.
        let Ok(text) = response.text().await else { return nothing(Reply::None) };
        Heard { reply: read_reply(response.status(), retry_after, &text), text, upload_offset }
    }
}

impl ServiceDesk for HttpDesk {
    type Bytes = ArrayBuffer;

    async fn fetch(&self, path: &str, etag: Option<&str>, patience: Duration) -> Fetched {
        let headers = Headers::new();
        headers.set("Accept", "application/json");
        if let Some(etag) = etag {
            headers.set("If-None-Match", etag);
        }
        // What may be read without a token is read even while the page has none.
        let token = self.ask_page().await.and_then(|answer| answer.token());
        let Ok(response) = self.send(Method::GET, path, token, headers, JsValue::UNDEFINED, patience).await else {
            return Fetched::Failed;
        };
        match response.status() {
            200 => {
                let etag = response.headers().get("ETag");
                match response.text().await {
                    // The page of a network that wants a sign-in is no JSON.
                    Ok(body) if js_sys::JSON::parse(&body).is_ok() => Fetched::Fresh { body, etag },
                    _ => Fetched::Failed,
                }
            }
            304 => Fetched::NotModified,
            404 => Fetched::Absent,
            _ => Fetched::Failed,
        }
    }

    async fn begin_upload(&self, file: &Attachment) -> Result<u64, Verdict> {
        let headers = tus_headers();
        headers.set(IDEMPOTENCY_KEY, file.id.as_str());
        headers.set(UPLOAD_LENGTH, &file.size.to_string());
        let digest = base64_of_hex(&file.sha256).ok_or(Verdict::Broken)?;
        headers.set(UPLOAD_METADATA, &["sha256 ", &digest].concat());
        let heard = self.reply(Method::POST, "uploads", headers, JsValue::UNDEFINED, 0).await;
        begun(heard.reply, heard.upload_offset)
    }

    async fn append(&self, file: &Attachment, start: u64, piece: &ArrayBuffer, skip: u32) -> Result<Appended, Verdict> {
        let mut bytes = Uint8Array::new(piece);
        if skip > 0 {
            bytes = Uint8Array::from(bytes.to_vec().get(skip as usize..).unwrap_or_default());
        }
        let headers = tus_headers();
        headers.set("Content-Type", PIECE_MEDIA_TYPE);
        headers.set(UPLOAD_OFFSET, &start.to_string());
        if let Some(digest) = sha256(&bytes).await.and_then(|digest| base64(&digest)) {
            headers.set(UPLOAD_CHECKSUM, &["sha256 ", &digest].concat());
        }
        let size = u64::from(bytes.length());
        let path = ["uploads/", file.id.as_str()].concat();
        let heard = self.reply(Method::PATCH, &path, headers, bytes.into(), size).await;
        appended(heard.reply, heard.upload_offset)
    }

    async fn deliver(&self, entry: &OutboxEntry) -> Verdict {
        let headers = Headers::new();
        headers.set("Content-Type", "application/json");
        headers.set(IDEMPOTENCY_KEY, entry.key.as_str());
        let bytes = Uint8Array::from(entry.body.as_bytes());
        if let Some(digest) = sha256(&bytes).await.and_then(|digest| base64(&digest)) {
            headers.set(CONTENT_DIGEST, &format!("sha-256=:{digest}:"));
        }
        let heard = self.reply(Method::POST, "submissions", headers, bytes.into(), entry.body.len() as u64).await;
        verdict(heard.reply, &entry.key)
    }

    async fn withdraw(&self, key: &SubmissionKey) -> Verdict {
        let path = format!("submissions/{key}/withdraw");
        let heard = self.reply(Method::POST, &path, Headers::new(), JsValue::UNDEFINED, 0).await;
        withdrawal_verdict(heard.reply, WithdrawalAnswer::names(&heard.text, key))
    }

    fn clock_offset(&self) -> Option<i64> {
        self.clock_offset.get()
    }
}

/// The text at `url`, one of the suite's own files; `None` if it cannot be had.
pub async fn get_text(url: &str) -> Option<String> {
    let response = Request::get(url).send().await.ok().filter(Response::ok)?;
    response.text().await.ok()
}

fn tus_headers() -> Headers {
    let headers = Headers::new();
    headers.set(TUS_RESUMABLE, TUS_VERSION);
    headers
}

/// Hex digits as Base 64.
fn base64_of_hex(hex: &str) -> Option<String> {
    let bytes = (0..hex.len() / 2).map(|at| u8::from_str_radix(hex.get(at * 2..at * 2 + 2)?, 16).ok());
    base64(&bytes.collect::<Option<Vec<u8>>>()?)
}
