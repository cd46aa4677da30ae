//! A browser with its tabs, and what was asked of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use itsm_widgets::domain::id::{DraftId, EntryId, SubmissionKey};
use itsm_widgets::domain::outbox::{Attachment, Intent, OutboxEntry, OutboxState, ParkReason, Progress};
use itsm_widgets::ports::{Chance, Clock};
use itsm_widgets::runtime::{Bell, DeviceStore, DrainEvent, Platform, attend};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::desk::Desk;
use crate::device::Device;
use crate::scheduler::{Scheduler, TaskId};
use crate::storage::Records;

const PART: &str = "anonymous@desk";

/// What a tab's rules run on.
pub(crate) struct Tab {
    store: DeviceStore<Vec<u8>>,
    desk: Desk,
    device: Device,
}

impl Platform for Tab {
    type Bytes = Vec<u8>;
    type Desk = Desk;
    type Device = Device;

    fn store(&self) -> &DeviceStore<Vec<u8>> {
        &self.store
    }
    fn desk(&self) -> &Desk {
        &self.desk
    }
    fn device(&self) -> &Device {
        &self.device
    }
    fn part(&self) -> &str {
        PART
    }
}

/// A tab that is open.
struct Open {
    tab: Rc<Tab>,
    bell: Rc<Bell>,
    /// The attendant, and what people do in it.
    tasks: RefCell<Vec<TaskId>>,
}

/// A request as its requester sees it: one, however often it is edited.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    /// The keys it may have been sent under, the latest last.
    pub(crate) keys: Vec<SubmissionKey>,
    /// The entry that stands for it now.
    pub(crate) entry: Option<EntryId>,
    /// Whether the backend can accept what it says now.
    pub(crate) is_valid: bool,
    /// Whether "saved" was said.
    pub(crate) is_saved: bool,
    /// Whether "received" was said.
    pub(crate) is_received: bool,
    /// Whether it was given up.
    pub(crate) is_given_up: bool,
}

/// A browser.
pub(crate) struct Browser {
    pub(crate) world: Rc<Scheduler>,
    pub(crate) device: Device,
    pub(crate) records: Records,
    pub(crate) desk: Desk,
    pub(crate) requests: RefCell<Vec<Request>>,
    tabs: RefCell<Vec<Option<Rc<Open>>>>,
    seed: u64,
    written: Cell<u64>,
}

impl Browser {
    pub(crate) fn new(seed: u64, world: &Rc<Scheduler>, desk: Desk, has_locks: bool, tabs: usize) -> Rc<Self> {
        let browser = Rc::new(Self {
            world: world.clone(),
            device: Device::new(world, has_locks),
            records: Records::new(world),
            desk,
            requests: RefCell::default(),
            tabs: RefCell::new((0..tabs).map(|_| None).collect()),
            seed,
            written: Cell::new(0),
        });
        (0..tabs).for_each(|tab| browser.open(tab));
        browser
    }

    /// How many tabs there may be.
    pub(crate) fn tabs(&self) -> usize {
        self.tabs.borrow().len()
    }

    /// Opens a tab that is not open.
    pub(crate) fn open(self: &Rc<Self>, number: usize) {
        if self.tabs.borrow()[number].is_some() {
            return;
        }
        self.world.note(&format!("tab {number} is opened"));
        let store = self.records.store();
        let tab = Rc::new(Tab { store, desk: self.desk.clone(), device: self.device.clone() });
        let bell = Rc::new(Bell::default());
        let (browser, platform, heard) = (self.clone(), tab.clone(), bell.clone());
        let told = move |event: DrainEvent| browser.hear(number, &event);
        let attendant = self.world.spawn(async move { attend(&*platform, &heard, told, |_| {}).await });
        let open = Open { tab, bell, tasks: RefCell::new(vec![attendant]) };
        self.tabs.borrow_mut()[number] = Some(Rc::new(open));
        self.wake(number);
    }

    /// A tab crashes, in the middle of whatever it does.
    pub(crate) fn crash(&self, number: usize) {
        let open = self.tabs.borrow_mut()[number].take();
        let Some(open) = open else { return };
        self.world.note(&format!("tab {number} crashes"));
        open.tasks.borrow().iter().for_each(|task| self.world.kill(*task));
    }

    /// The browser stops giving a tab time.
    pub(crate) fn freeze(&self, number: usize, span: Duration) {
        let Some(open) = self.opened(number) else { return };
        self.world.note(&format!("tab {number} is frozen for {} s", span.as_secs()));
        open.tasks.borrow().iter().for_each(|task| self.world.freeze(*task, span));
    }

    fn opened(&self, number: usize) -> Option<Rc<Open>> {
        self.tabs.borrow()[number].clone()
    }

    /// Online again, or shown again.
    pub(crate) fn wake(self: &Rc<Self>, number: usize) {
        self.act(number, async |tab: &Tab| {
            let _ = tab.store.wake(PART, tab.device.now(), tab.device.jitter()).await;
            true
        });
    }

    /// Does something in a tab, and rings its bell if that was worth it.
    fn act(self: &Rc<Self>, number: usize, what: impl AsyncFnOnce(&Tab) -> bool + 'static) {
        let Some(open) = self.opened(number) else { return };
        let doing = open.clone();
        let task = self.world.spawn(async move {
            if what(&doing.tab).await {
                doing.bell.ring();
            }
        });
        open.tasks.borrow_mut().push(task);
    }

    fn hear(&self, number: usize, event: &DrainEvent) {
        let DrainEvent::Settled(event) = event else { return };
        self.world.note(&format!("tab {number} hears of {}: {:?}", event.key, event.state));
        let mut requests = self.requests.borrow_mut();
        let Some(request) = requests.iter_mut().find(|request| request.keys.contains(&event.key)) else { return };
        request.is_received |= event.receipt.is_some();
    }

    fn entry(&self, is_valid: bool, supersedes: Vec<SubmissionKey>, file: Option<Attachment>) -> OutboxEntry {
        let number = self.written.get() + 1;
        self.written.set(number);
        let text = format!("seed {} text {number}", self.seed);
        let mut body = match &file {
            Some(file) => json!({
                "form": { "id": "hardware-incident", "version": 1, "locale": "en" }, "impact": 3, "urgency": 3,
                "answers": { "summary": text, "device": "laptop", "email": "ada@desk.example",
                    "priority": { "impact": 3, "urgency": 3 }, "files": [file.id] },
                "requester": { "email": "ada@desk.example" }, "attachments": [file],
            }),
            None => json!({
                "form": { "id": "something-is-broken", "version": 1, "locale": "en" }, "answers": { "what": text },
            }),
        };
        if !is_valid {
            body["answers"] = json!({});
        }
        (body["v"], body["kind"], body["captured_at"]) = (1.into(), "incident".into(), "2026-11-22T08:00:00Z".into());
        body["supersedes"] = json!(supersedes);
        OutboxEntry {
            id: self.device.uuid().as_str().into(),
            key: self.device.uuid().as_str().into(),
            seq: 0,
            part: PART.into(),
            form: "something-is-broken".into(),
            context: String::new(),
            body: body.to_string(),
            supersedes,
            lane: if self.world.happens(20) { "a lane".into() } else { String::new() },
            depends_on: None,
            attachments: file.into_iter().collect(),
            created: self.device.now(),
            progress: Progress::default(),
        }
    }

    /// A file of one piece, and its bytes. That larger ones go in pieces is shown where that is done.
    fn file(&self) -> (Attachment, Vec<u8>) {
        let bytes = format!("seed {} file {}", self.seed, self.device.uuid()).into_bytes();
        let file = Attachment {
            id: self.device.uuid().as_str().into(),
            name: "log.txt".into(),
            size: bytes.len() as u64,
            media_type: "text/plain".into(),
            sha256: hex::encode(Sha256::digest(&bytes)),
        };
        (file, bytes)
    }

    /// Somebody fills in a form in a tab and sends it.
    pub(crate) fn submit(self: &Rc<Self>, number: usize, is_valid: bool) {
        let file = self.world.happens(15).then(|| self.file());
        let entry = self.entry(is_valid, vec![], file.as_ref().map(|(file, _)| file.clone()));
        let at = self.requests.borrow().len();
        let request = Request { keys: vec![entry.key.clone()], is_valid, ..Request::default() };
        self.requests.borrow_mut().push(request);
        let browser = self.clone();
        self.act(number, async move |tab: &Tab| {
            let draft = DraftId::new(format!("draft of {}", entry.id));
            if let Some((file, bytes)) = file {
                let kept = tab.store.add_piece(&draft, &file, 0, bytes).await;
                if kept.is_err() || tab.store.finish_file(&draft, &file, 1).await.is_err() {
                    return false;
                }
            }
            let saved = tab.store.commit(&entry, Some(&draft), None).await.is_ok();
            browser.world.note(&format!("request {at} is saved under {}: {saved}", entry.key));
            let request = &mut browser.requests.borrow_mut()[at];
            (request.is_saved, request.entry) = (saved, saved.then_some(entry.id));
            saved
        });
    }

    /// Somebody looks at a request in a tab and does something about it.
    pub(crate) fn look_after(self: &Rc<Self>, number: usize, at: usize, deed: Deed) {
        let Some(id) = self.requests.borrow().get(at).and_then(|request| request.entry.clone()) else { return };
        let browser = self.clone();
        self.act(number, async move |tab: &Tab| {
            let entries = tab.store.entries(PART).await.unwrap_or_default();
            let Some(old) = entries.into_iter().find(|entry| entry.id == id) else { return false };
            match deed {
                Deed::SendNow => tab.store.send_now(PART, &id).await.unwrap_or(false),
                Deed::GiveUp if old.progress.intent == Intent::Withdraw => false,
                Deed::GiveUp => {
                    let given_up = tab.store.discard(PART, &id).await.unwrap_or(false);
                    browser.world.note(&format!("request {at} is given up: {given_up}"));
                    browser.requests.borrow_mut()[at].is_given_up |= given_up;
                    given_up
                }
                Deed::Edit => browser.edit(tab, at, &old).await,
            }
        });
    }

    async fn edit(&self, tab: &Tab, at: usize, old: &OutboxEntry) -> bool {
        let is_refused = old.progress.state == OutboxState::Parked { why: ParkReason::Rejected };
        if !is_refused || old.progress.intent == Intent::Withdraw {
            return false;
        }
        let keys = old.supersedes.iter().chain([&old.key]).cloned().collect();
        let entry = self.entry(true, keys, old.attachments.first().cloned());
        // Known before it is saved: a tab may die in between.
        self.requests.borrow_mut()[at].keys.push(entry.key.clone());
        let saved = tab.store.commit(&entry, None, Some(&old.id)).await.is_ok();
        self.world.note(&format!("request {at} is edited, now under {}: {saved}", entry.key));
        if saved {
            let request = &mut self.requests.borrow_mut()[at];
            (request.is_valid, request.entry) = (true, Some(entry.id));
        }
        saved
    }

    /// All that is in the store.
    pub(crate) fn entries(self: &Rc<Self>) -> Vec<OutboxEntry> {
        let found = Rc::new(RefCell::new(None));
        let (store, result) = (self.records.store(), found.clone());
        self.world.spawn(async move {
            *result.borrow_mut() = Some(store.entries(PART).await.unwrap_or_default());
        });
        while found.borrow().is_none() {
            self.world.run_until(self.world.now() + 10);
        }
        found.take().unwrap_or_default()
    }
}

/// What can be done about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Try at once.
    SendNow,
    /// Mend what was refused.
    Edit,
    /// Discard.
    GiveUp,
}
