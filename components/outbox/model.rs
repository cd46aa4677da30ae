//! The outbox's signals.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use itsm_widgets::adapters::browser::PageEvent;
use itsm_widgets::adapters::browser::js::{member, window};
use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::map::Map;
use itsm_widgets::domain::outbox::OutboxEntry;
use itsm_widgets::domain::value::Document;
use itsm_widgets::runtime::Settled;
use js_sys::{Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::item::Item;
use super::source::{self, Source};
use crate::element::{Cancelable, Host, State};
use crate::shared::dom::follow;
use crate::shared::late::loaded;
use crate::shared::messages::{Message, Messages};
use crate::shared::watched::Watched;
use crate::shared::{api, spawn};
use crate::sign_out;

/// The outbox as its view sees it: handles to signals, copied freely.
#[derive(Clone, Copy)]
pub struct Outbox {
    /// What is on this device, the oldest first; `None` until it was read.
    pub items: Watched<Option<Rc<[Item]>>>,
    /// Numbers of requests that were received while this is shown.
    pub received: Watched<Vec<String>>,
    /// How many saved requests cannot be read any more.
    pub missing: Watched<usize>,
    /// Whether what is kept here survives the end of the page.
    pub is_lasting: Watched<bool>,
    /// Whether what is kept opens only with something that the page gives its person.
    pub is_locked: Watched<bool>,
    /// How many bytes of each file are at the service desk.
    pub sent: Watched<Map<String, u64>>,
    /// How many bytes this site uses on this device, and may use.
    pub used: Watched<Option<(u64, u64)>>,
    /// The words that all widgets share.
    pub messages: Watched<Messages>,
    /// The outbox's own words.
    pub words: Watched<Messages>,
    /// What a screen reader is told.
    pub announcement: Watched<String>,
    session: StoredValue<Rc<Session>, LocalStorage>,
}

/// What is no signal.
pub struct Session {
    /// The element.
    pub host: Host,
    source: RefCell<Option<Rc<dyn Source>>>,
    /// Ended when another source is opened, and with the element.
    following: RefCell<Option<Box<dyn core::any::Any>>>,
    generation: Cell<u32>,
    told: Cell<Option<usize>>,
}

impl Outbox {
    /// The outbox that `host` names, whose reading begins at once.
    pub fn new(host: Host) -> Self {
        let session = Session {
            host: host.clone(),
            source: RefCell::default(),
            following: RefCell::default(),
            generation: Cell::new(0),
            told: Cell::new(None),
        };
        let model = Self {
            items: Watched::new(None),
            received: Watched::new(vec![]),
            missing: Watched::new(0),
            is_lasting: Watched::new(true),
            is_locked: Watched::new(false),
            sent: Watched::new(Map::default()),
            used: Watched::new(None),
            messages: Watched::new(Messages::english()),
            words: Watched::new(Messages::english()),
            announcement: Watched::new(String::new()),
            session: StoredValue::new_local(Rc::new(session)),
        };
        let named = host.clone();
        follow(move || {
            named.attribute("api");
            named.attribute("storage");
            let token = named.property("getToken");
            untrack(|| model.open(token.and_then(|token| token.dyn_into().ok())));
        });
        follow(move || {
            let tag = Messages::tag_for(&host.language());
            let base = host.base().to_owned();
            spawn(async move { model.speak(&base, tag).await });
        });
        model
    }

    /// What is no signal. `None` once the element is gone.
    pub fn session(self) -> Option<Rc<Session>> {
        self.session.try_get_value()
    }

    /// Where the requests come from, once it is open.
    pub fn source(self) -> Option<Rc<dyn Source>> {
        self.session()?.source.borrow().clone()
    }

    fn open(self, token: Option<Function>) {
        let Some(session) = self.session() else { return };
        let generation = session.generation.get() + 1;
        session.generation.set(generation);
        let address = match api::address(&session.host) {
            Ok(address) => address,
            Err(detail) => return session.host.report(State::Failed, "wrong_setting", &detail),
        };
        let (desk, storage) = (HttpDesk::of(&address), api::storage(&session.host));
        // An element that has none leaves that of its neighbours.
        if token.is_some() {
            desk.set_get_token(token);
        }
        spawn(async move {
            let is_current = move || self.session().is_some_and(|session| session.generation.get() == generation);
            let source = loaded(is_current, move || Box::pin(source::open(desk.clone(), storage))).await;
            let (Some(source), Some(session)) = (source, self.session()) else { return };
            *session.following.borrow_mut() = Some(source.follow(Rc::new(move |event: &PageEvent| self.hear(event))));
            *session.source.borrow_mut() = Some(source.clone());
            let (host, leaving) = (session.host.clone(), source.clone());
            sign_out::follow(&session.host, move || leaving.leave(host.clone()));
            self.missing.set(source.missing().await);
            self.read().await;
            session.host.report(State::Ready, "", "");
        });
    }

    /// Loads the words of the reader's language; English is shown until they are there.
    async fn speak(self, base: &str, tag: &'static str) {
        let is_wanted = || self.session().is_some_and(|session| session.host.reads(tag));
        let Some(shared) = Messages::load(base, "", tag, is_wanted).await else { return };
        let Some(own) = Messages::load(base, "outbox.", tag, is_wanted).await else { return };
        self.messages.set(shared);
        self.words.set(own);
        // Where a request stands is said in that language too.
        self.read().await;
    }

    fn hear(self, event: &PageEvent) {
        match event {
            PageEvent::Uploading(uploading) => self.sent.update(|all| {
                all.insert(uploading.file.to_string(), uploading.sent);
            }),
            PageEvent::Settled(Settled { receipt: Some(receipt), .. }) => {
                let number = receipt.number.clone();
                self.announcement
                    .set(self.messages.with_untracked(|m| m.with(Message::DeliveredText, "number", &number)));
                self.received.update(|received| received.push(number));
                self.read_soon();
            }
            PageEvent::Edit(..) => {}
            PageEvent::Left => self.begin_anew(),
            PageEvent::Forgotten => {
                if let Some(session) = self.session() {
                    session.host.emit("itsm-signed-out", &[], Cancelable::No);
                }
                self.begin_anew();
            }
            _ => self.read_soon(),
        }
    }

    /// Nothing of whoever has left is shown any more.
    fn begin_anew(self) {
        if let Some(session) = self.session() {
            *session.source.borrow_mut() = None;
        }
        self.items.set(None);
        self.received.set(vec![]);
        self.sent.set(Map::default());
        self.announcement.set(String::new());
        self.open(None);
    }

    /// Reads what is on this device anew.
    pub fn read_soon(self) {
        spawn(async move { self.read().await });
    }

    async fn read(self) {
        let (Some(session), Some(source)) = (self.session(), self.source()) else { return };
        let (messages, found) = (self.messages.get_untracked(), Rc::new(RefCell::new(vec![])));
        let (show, items) = (source.clone(), found.clone());
        let look = move |entries: &[OutboxEntry]| {
            items.replace(entries.iter().map(|entry| Item::of(entry, &*show, &messages)).collect());
        };
        source.look(Box::new(look)).await;
        let mut items: Vec<Item> = found.take();
        for item in &mut items {
            item.entitle(
                source.form(item.form.clone()).await,
                self.messages.with_untracked(|m| m.tag().to_owned()).as_str(),
            );
        }
        // Somebody else may be here by now.
        if !self.source().is_some_and(|now| Rc::ptr_eq(&now, &source)) {
            return;
        }
        self.is_lasting.set(source.is_lasting());
        self.is_locked.set(source.is_locked());
        let count = items.len();
        self.items.set(Some(items.into()));
        if session.told.replace(Some(count)) != Some(count) {
            session.host.emit("itsm-outbox-count", &[("count", (count as u64).write())], Cancelable::No);
        }
        let used = used().await;
        self.used.set(used);
    }

    /// Does something about a request, and shows what came of it.
    pub fn act<F: Future<Output = ()> + 'static>(self, act: impl FnOnce(Rc<dyn Source>) -> F + 'static) {
        let Some(source) = self.source() else { return };
        spawn(async move {
            act(source).await;
            self.read().await;
        });
    }

    /// Looks at a request as it is now, followed.
    pub fn item<T>(self, id: &str, look: impl FnOnce(&Item) -> T) -> Option<T> {
        self.items.with(|items| items.as_deref()?.iter().find(|item| item.id == id).map(look))
    }
}

/// How many bytes this site uses on this device, and may use.
async fn used() -> Option<(u64, u64)> {
    let storage = member(&window().navigator(), "storage");
    let answer = JsFuture::from(Promise::resolve(&call(&storage, "estimate", &JsValue::UNDEFINED)?)).await.ok()?;
    let bytes = |name| member(&answer, name).as_f64();
    Some((bytes("usage")? as u64, bytes("quota")? as u64))
}

/// Puts `text` on the clipboard. Whether it is there: pages without TLS, and without a word of their reader, have none.
pub async fn copy(text: &str) -> bool {
    let copied = async {
        let clipboard = member(&window().navigator(), "clipboard");
        JsFuture::from(Promise::resolve(&call(&clipboard, "writeText", &text.into())?)).await.ok()
    };
    copied.await.is_some()
}

/// `text` as a part of an address.
pub fn encoded(text: &str) -> String {
    call(&window(), "encodeURIComponent", &text.into()).and_then(|encoded| encoded.as_string()).unwrap_or_default()
}

/// Calls a function by its name.
pub fn call(of: &JsValue, name: &str, argument: &JsValue) -> Option<JsValue> {
    member(of, name).dyn_into::<Function>().ok()?.call1(of, argument).ok()
}
