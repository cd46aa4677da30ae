//! Whether the survey is offered, and what becomes of that.

use core::any::Any;
use core::time::Duration;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::adapters::browser::js::{call, from_json, is_hidden, member, window};
use itsm_widgets::adapters::browser::offers::{self, Following, Offers, Whose};
use itsm_widgets::adapters::browser::{BrowserDevice, Storage, canary};
use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::id::FormId;
use itsm_widgets::domain::survey::invitation::{Asked, InvitationRules, Occasion, OfferLog, OfferState};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::domain::value::Value;
use itsm_widgets::ports::{Clock, Fetched, Later, ServiceDesk};
use js_sys::{Array, Function, Promise};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::messages::Text;
use super::occasions;
use crate::element::{Cancelable, Host, State};
use crate::outbox::source::{self, Source};
use crate::shared::dom::{follow, listen};
use crate::shared::late::NotLoaded;
use crate::shared::messages::Messages;
use crate::shared::watched::Watched;
use crate::shared::{api, spawn};

/// How long to wait for the rules.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a survey is about.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct About {
    /// A ticket's number.
    pub(super) ticket: Option<String>,
    /// A service.
    pub(super) service: Option<String>,
}

/// A survey that is shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shown {
    /// What it is about.
    pub(super) about: About,
    /// Where the page has asked for it, the focus goes there.
    pub(super) is_called: bool,
}

/// The element as its view sees it: handles, copied freely.
#[derive(Clone, Copy)]
pub(super) struct Invitation {
    /// The survey, while it is shown.
    pub(super) shown: Watched<Option<Shown>>,
    /// What has become of it.
    pub(super) state: Watched<OfferState>,
    /// What a screen reader is told.
    pub(super) announcement: Watched<String>,
    /// Its own words.
    pub(super) words: Watched<Messages>,
    session: StoredValue<Rc<Session>, LocalStorage>,
}

/// What is no signal.
pub(super) struct Session {
    /// The element.
    pub(super) host: Host,
    /// What is offered, once it is known.
    ready: RefCell<Option<Rc<Ready>>>,
    /// Where the focus was last, outside of the survey.
    pub(super) last: RefCell<Option<HtmlElement>>,
    /// Where the focus goes when the survey is closed.
    pub(super) before: RefCell<Option<HtmlElement>>,
    /// What happens again and again and is asked after once.
    asked: RefCell<Vec<Occasion>>,
    /// What is shown is noted there, and when it was offered.
    offers: RefCell<Option<Rc<Offers>>>,
    made: Cell<Timestamp>,
    /// No other tab shows this survey.
    showing: RefCell<Option<Box<dyn Any>>>,
    /// What sends what an earlier page has left.
    sending: RefCell<Option<Rc<dyn Source>>>,
}

thread_local! {
    /// A page shows one survey at a time to somebody who did not ask for it.
    static IS_SHOWN: Cell<bool> = const { Cell::new(false) };
}

impl Session {
    /// Whether that is no part of this element's view, nor of the survey's in it.
    pub(super) fn is_outside(&self, element: &HtmlElement) -> bool {
        let mut root = element.get_root_node();
        loop {
            if root == ***self.host.root() {
                return false;
            }
            // The view that the view stands in, if it does.
            match member(&root, "host").dyn_into::<HtmlElement>() {
                Ok(host) => root = host.get_root_node(),
                Err(_) => return true,
            }
        }
    }
}

/// What is offered, and when.
pub(super) struct Ready {
    /// The survey.
    pub(super) form: FormId,
    /// When.
    pub(super) rules: InvitationRules,
    desk: Rc<HttpDesk>,
    _following: Following,
}

impl Invitation {
    /// That of `host`, whose rules are asked for at once.
    pub(super) fn new(host: Host) -> Self {
        let session = Session {
            host: host.clone(),
            ready: RefCell::default(),
            last: RefCell::default(),
            before: RefCell::default(),
            asked: RefCell::default(),
            offers: RefCell::default(),
            made: Cell::default(),
            showing: RefCell::default(),
            sending: RefCell::default(),
        };
        let model = Self {
            shown: Watched::new(None),
            state: Watched::new(OfferState::Offered),
            announcement: Watched::new(String::new()),
            words: Watched::new(Messages::english()),
            session: StoredValue::new_local(Rc::new(session)),
        };
        host.answer_calls(move |_| {
            let ask = move |resolve: Function, _| {
                spawn(async move {
                    let is_asked = model.ask(Occasion::Call, About::default()).await;
                    let _ = resolve.call1(&JsValue::UNDEFINED, &is_asked.into());
                });
            };
            Promise::new(&mut { ask }).into()
        });
        // Nobody answered before.
        let again = move |_: &web_sys::Event| {
            if model.ready().is_none() {
                spawn(model.begin());
            }
        };
        listen(&window(), "online", Box::new(again));
        let named = host.clone();
        follow(move || {
            for name in ["api", "form", "storage"] {
                named.attribute(name);
            }
            untrack(|| spawn(model.begin()));
        });
        let spoken = host.clone();
        follow(move || {
            let (tag, host) = (Messages::tag_for(&spoken.language()), spoken.clone());
            spawn(async move {
                let is_wanted = || model.session().is_some() && host.reads(tag);
                if let Some(words) = Messages::load(host.base(), "invitation.", tag, is_wanted).await {
                    model.words.set(words);
                }
            });
        });
        follow(move || {
            let token = host.property("getToken").and_then(|value| value.dyn_into().ok());
            if let Some(ready) = model.ready() {
                ready.desk.set_get_token(token);
            }
        });
        occasions::listen(model);
        on_cleanup(move || model.end());
        model
    }

    /// The element leaves the page: what nobody has touched was not offered.
    fn end(self) {
        if self.shown.is_there() && self.shown.with_untracked(Option::is_some) {
            IS_SHOWN.set(false);
            if self.state.get_untracked() == OfferState::Offered {
                self.take_back();
            }
        }
    }

    fn take_back(self) {
        let Some(made) = self.session().map(|session| session.made.get()) else { return };
        self.change_log(move |log, form| log.withdraw(form, made));
    }

    /// Whether it is the first time that this is asked.
    pub(super) fn is_first(self, occasion: Occasion) -> bool {
        let Some(session) = self.session() else { return false };
        let mut asked = session.asked.borrow_mut();
        let is_first = !asked.contains(&occasion);
        if is_first {
            asked.push(occasion);
        }
        is_first
    }

    /// What is no signal. `None` once the element is gone.
    pub(super) fn session(self) -> Option<Rc<Session>> {
        self.session.try_get_value()
    }

    /// What is offered, once it is known.
    pub(super) fn ready(self) -> Option<Rc<Ready>> {
        self.session()?.ready.borrow().clone()
    }

    /// The text.
    pub(super) fn say(self, text: Text) -> String {
        self.words.with(|words| words.get(text))
    }

    /// Reads what the attributes name; again after longer and longer pauses where nobody answers.
    async fn begin(self) {
        let Some(session) = self.session() else { return };
        self.hide();
        session.ready.take();
        session.asked.take();
        let named = |host: &Host| (host.attribute("api"), host.attribute("form"), host.attribute("storage"));
        let wanted = untrack(|| named(&session.host));
        let is_wanted = || self.session().is_some_and(|session| untrack(|| named(&session.host)) == wanted);
        let mut pause = 5_000;
        loop {
            let found = find(self, &session.host).await;
            if !is_wanted() {
                return;
            }
            match found {
                Ok(ready) => {
                    *session.ready.borrow_mut() = Some(Rc::new(ready));
                    break;
                }
                // Without an answer there is nothing to offer, and nothing that anybody misses.
                Err(None) => session.host.report(State::Ready, "", ""),
                Err(Some((code, detail))) => return session.host.report(State::Failed, code, &detail),
            }
            TimeoutFuture::new(pause).await;
            pause = (pause * 2).min(600_000);
        }
        session.host.report(State::Ready, "", "");
        occasions::begin(self);
        self.send_what_waits().await;
        // Answers that were begun on an earlier page. Most pages need not know who is here for that.
        if !offers::may_be_begun() {
            return;
        }
        let Some((ready, offers)) = self.offers().await else { return };
        let about = offers
            .log()
            .begun(&ready.form, BrowserDevice.now())
            .map(|offer| About { ticket: offer.ticket.clone(), service: offer.service.clone() });
        if let Some(about) = about {
            self.ask(Occasion::Resumed, about).await;
        }
    }

    /// There may be no other element on the page that would.
    async fn send_what_waits(self) {
        let Some((session, ready)) = self.session().zip(self.ready()) else { return };
        if canary::pending() > 0 {
            let opened = source::open(ready.desk.clone(), api::storage(&session.host)).await;
            *session.sending.borrow_mut() = opened.ok();
        }
    }

    async fn offers(self) -> Option<(Rc<Ready>, Offers)> {
        let (session, ready) = (self.session()?, self.ready()?);
        // Who has not agreed to storage has not for one element alone.
        let off = call(&window().document().into(), "querySelector", &Array::of1(&"[storage=off]".into()));
        let is_off = off.is_some_and(|found| !found.is_null());
        let storage = if is_off { Storage::Off } else { api::storage(&session.host) };
        let whose = whose(ready.desk.api().to_owned(), storage).await.ok()??;
        Some((ready, Offers::of(whose)))
    }

    /// Offers the survey after `occasion`, if that may be. Whether it is shown.
    pub(super) async fn ask(self, occasion: Occasion, about: About) -> bool {
        if self.ready().is_none_or(|ready| !ready.rules.is_after(occasion)) {
            return false;
        }
        // Nobody would see it.
        while is_hidden() || is_behind_a_dialog() {
            TimeoutFuture::new(1_000).await;
        }
        let Some((ready, offers)) = self.offers().await else { return false };
        let person = if ready.rules.sample_percent.is_some() { offers.person() } else { String::new() };
        let page = member(&window().location(), "pathname").as_string().unwrap_or_default();
        let asked = ready.clone();
        let may = move |log: &OfferLog| {
            let Ready { form, rules, .. } = &*asked;
            let asked = Asked { survey: form, person: &person, page: &page, now: BrowserDevice.now() };
            rules.decide(occasion, asked, log).is_ok()
        };
        let Some(session) = self.session() else { return false };
        let is_free = move || self.shown.is_there() && !IS_SHOWN.get();
        if !is_free() || !may(&offers.log()) {
            return false;
        }
        // Another tab may be at it.
        let Some(showing) = offers.showing(&ready.form).await else { return false };
        let (form, host) = (ready.form.clone(), session.host.clone());
        let made = BrowserDevice.now();
        let offer = move |log: &mut OfferLog| {
            if !is_free() || !may(log) {
                return false;
            }
            let detail = [("form", form.as_str()), ("occasion", occasion.as_str())];
            let detail = detail.map(|(name, text)| (name, Value::Text(text.to_owned())));
            let is_wanted = host.emit("itsm-survey-invitation", &detail, Cancelable::Yes);
            if is_wanted && occasion != Occasion::Resumed {
                log.offer(&form, made);
            }
            is_wanted
        };
        if !offers.change(false, Box::new(offer)).await || !is_free() {
            return false;
        }
        IS_SHOWN.set(true);
        *session.showing.borrow_mut() = Some(showing);
        *session.offers.borrow_mut() = Some(Rc::new(offers));
        session.made.set(made);
        self.state.set(if occasion == Occasion::Resumed { OfferState::Begun } else { OfferState::Offered });
        self.announcement.set(self.say(Text::Opened));
        self.shown.set(Some(Shown { about, is_called: occasion == Occasion::Call }));
        true
    }

    /// Something has become of the offer.
    pub(super) fn note(self, state: OfferState) {
        let is_news = match self.state.get_untracked() {
            OfferState::Offered => true,
            OfferState::Begun => state != OfferState::Begun,
            OfferState::Answered | OfferState::Snoozed | OfferState::PutOff | OfferState::Refused => {
                state == OfferState::Refused
            }
        };
        if !is_news || self.shown.with_untracked(Option::is_none) {
            return;
        }
        self.state.set(state);
        let now = BrowserDevice.now();
        let about =
            self.shown.with_untracked(|shown| shown.as_ref().map(|shown| shown.about.clone())).unwrap_or_default();
        self.change_log(move |log, form| {
            log.note(form, state, now);
            if state == OfferState::Begun {
                log.tell_about(form, about.ticket.clone(), about.service.clone());
            }
        });
    }

    /// What could not be shown was not offered.
    pub(super) fn withdraw(self) {
        self.take_back();
        self.hide();
    }

    fn change_log(self, change: impl Fn(&mut OfferLog, &FormId) + 'static) {
        let Some((session, ready)) = self.session().zip(self.ready()) else { return };
        let Some(offers) = session.offers.borrow().clone() else { return };
        let change = move |log: &mut OfferLog| change(log, &ready.form);
        offers.change_now(&change);
        spawn(async move {
            let again = move |log: &mut OfferLog| {
                change(log);
                true
            };
            offers.change(true, Box::new(again)).await;
        });
    }

    /// Takes the survey away.
    pub(super) fn hide(self) {
        if !self.shown.is_there() || self.shown.with_untracked(Option::is_none) {
            return;
        }
        let (Some(session), form) = (self.session(), self.ready().map(|ready| ready.form.clone())) else { return };
        // Of its own view: the element itself may stand in the view of another.
        let has_focus = member(session.host.root(), "activeElement").is_object();
        self.shown.set(None);
        IS_SHOWN.set(false);
        session.showing.take();
        let before = session.before.take().filter(|before| has_focus && before.is_connected());
        if let Some(before) = before {
            let _ = before.focus();
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let form = form.as_ref().map(FormId::as_str).unwrap_or_default();
        let detail = [("form", text(form)), ("state", text(self.state.get_untracked().as_str()))];
        session.host.emit("itsm-survey-invitation-closed", &detail, Cancelable::No);
    }

    /// Something was noted, here or in another tab.
    fn on_noted(self) {
        spawn(async move {
            let is_untouched = || self.shown.is_there() && self.state.get_untracked() == OfferState::Offered;
            let Some((_, offers)) = self.offers().await.filter(|_| is_untouched()) else { return };
            if offers.log().is_refused() {
                self.state.set(OfferState::Refused);
                self.hide();
            }
        });
    }
}

/// Whether a dialog of the page is open that lets nothing else be used, and the survey would lie above it.
fn is_behind_a_dialog() -> bool {
    let found = call(&window().document().into(), "querySelector", &Array::of1(&"dialog:modal".into()));
    found.is_some_and(|found| !found.is_null())
}

/// Who is here, as the module knows that keeps things; it is loaded if it is not there yet.
async fn whose(api: String, storage: Storage) -> Result<Option<Whose>, NotLoaded> {
    #[cfg(feature = "split")]
    let asked = who(api, storage).await?;
    #[cfg(not(feature = "split"))]
    let asked = who(api, storage)?;
    Ok(asked.await)
}

#[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(keeping, fallible))]
fn who(api: String, storage: Storage) -> Result<Later<'static, Option<Whose>>, NotLoaded> {
    Ok(Box::pin(async move { Whose::here(&api, storage).await }))
}

/// What a page's script is told of: a code, and where to look.
type Wrong = (&'static str, String);

/// The rules of the survey; the error is for the page's script, and none where nobody answers.
async fn find(model: Invitation, host: &Host) -> Result<Ready, Option<Wrong>> {
    let desk = api::desk(host).map_err(|detail| ("wrong_setting", detail))?;
    let form = host.given("form").ok_or_else(|| ("wrong_setting", "The attribute form is missing.".to_owned()))?;
    let form = FormId::new(form);
    let path = ["forms/", &String::from(js_sys::encode_uri_component(form.as_str()))].concat();
    let text = match desk.fetch(&path, None, PATIENCE).await {
        Fetched::Fresh { body, .. } => body,
        Fetched::Absent => {
            let detail = ["There is no survey ", form.as_str(), " at ", desk.api()].concat();
            return Err(Some(("no_such_form", detail)));
        }
        Fetched::NotModified | Fetched::Failed => return Err(None),
    };
    let wrong = |error: String| ("wrong_definition", [form.as_str(), ": ", &error].concat());
    let rules = from_json(&text).map_err(|error| wrong(error.to_string()))?;
    let rules = InvitationRules::of_definition(rules).map_err(|error| wrong(error.to_string()))?;
    Ok(Ready { form, rules, desk, _following: Following::new(move || model.on_noted()) })
}
