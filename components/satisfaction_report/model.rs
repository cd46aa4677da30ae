//! The report's signals.

use core::time::Duration;
use std::cell::Cell;
use std::rc::Rc;

use itsm_widgets::adapters::browser::BrowserDevice;
use itsm_widgets::adapters::browser::js::{from_js, from_json};
use itsm_widgets::domain::survey::results::{Results, Span};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::ports::{Clock, Fetched, ServiceDesk};
use leptos::prelude::*;

use super::messages::Text;
use crate::element::{Host, State};
use crate::shared::dom::follow;
use crate::shared::messages::Messages;
use crate::shared::watched::Watched;
use crate::shared::{api, spawn};

/// How long to wait for the figures.
const PATIENCE: Duration = Duration::from_secs(30);

/// The report as its view sees it: handles to signals, copied freely.
#[derive(Clone, Copy)]
pub struct Report {
    /// What was counted, and when; `None` until it was.
    pub counted: Watched<Option<(Rc<Results>, Timestamp)>>,
    /// Whether the last try to count has failed.
    pub has_failed: Watched<bool>,
    /// The words that all widgets share.
    pub messages: Watched<Messages>,
    /// The report's own words.
    pub words: Watched<Messages>,
    session: StoredValue<Rc<Session>, LocalStorage>,
}

/// What is no signal.
pub struct Session {
    /// The element.
    pub host: Host,
    generation: Cell<u32>,
}

impl Report {
    /// The report that `host` names, whose counting begins at once.
    pub fn new(host: Host) -> Self {
        let model = Self {
            counted: Watched::new(None),
            has_failed: Watched::new(false),
            messages: Watched::new(Messages::english()),
            words: Watched::new(Messages::english()),
            session: StoredValue::new_local(Rc::new(Session { host: host.clone(), generation: Cell::new(0) })),
        };
        let named = host.clone();
        follow(move || {
            for name in ["api", "form", "service", "by"] {
                named.attribute(name);
            }
            named.property("results");
            named.property("getToken");
            untrack(|| {
                model.counted.set(None);
                model.count();
            });
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

    /// The text.
    pub fn say(self, text: Text) -> String {
        self.words.with(|words| words.get(text))
    }

    /// The text with `value` for `{name}`.
    pub fn with(self, text: Text, name: &str, value: &str) -> String {
        self.words.with(|words| words.with(text, name, value))
    }

    /// A number as the language writes it.
    pub fn number(self, number: f64) -> String {
        self.words.with(|words| words.number(number))
    }

    /// Counts, again if it was done before.
    pub fn count(self) {
        let Some(session) = self.session() else { return };
        let generation = session.generation.get() + 1;
        session.generation.set(generation);
        spawn(async move {
            let found = find(&session.host).await;
            if self.session().is_none_or(|session| session.generation.get() != generation) {
                return;
            }
            match found {
                Ok(results) => {
                    self.has_failed.set(false);
                    self.counted.set(Some((Rc::new(results), BrowserDevice.now())));
                    session.host.report(State::Ready, "", "");
                }
                Err((code, detail)) => {
                    self.has_failed.set(true);
                    // What was counted before stays, with its time.
                    if self.counted.with_untracked(Option::is_none) {
                        session.host.report(State::Failed, code, &detail);
                    }
                }
            }
        });
    }

    async fn speak(self, base: &str, tag: &'static str) {
        let is_wanted = || self.session().is_some_and(|session| session.host.reads(tag));
        let Some(shared) = Messages::load(base, "", tag, is_wanted).await else { return };
        let Some(own) = Messages::load(base, "report.", tag, is_wanted).await else { return };
        self.messages.set(shared);
        self.words.set(own);
    }
}

/// The page's own results, or the service desk's; the error is for the page's script.
async fn find(host: &Host) -> Result<Results, (&'static str, String)> {
    let wrong = |detail: String| ("wrong_results", detail);
    if let Some(given) = untrack(|| host.property("results")) {
        return from_js(&given).map_err(|error| wrong(["The property results: ", &error.to_string()].concat()));
    }
    let desk = api::desk(host).map_err(|detail| ("wrong_setting", detail))?;
    let form = host.given("form").ok_or_else(|| ("wrong_setting", "The attribute form is missing.".to_owned()))?;
    let by = host.given("by").unwrap_or_else(|| Span::Week.as_str().to_owned());
    if by != Span::Week.as_str() && by != Span::Month.as_str() {
        return Err(("wrong_setting", ["The attribute by is week or month, and not ", &by].concat()));
    }
    let encoded = |text: &str| String::from(js_sys::encode_uri_component(text));
    let service = host.given("service").map(|service| ["&service=", &encoded(&service)].concat()).unwrap_or_default();
    let path = ["surveys/", &encoded(&form), "/results?by=", &by, &service].concat();
    match desk.fetch(&path, None, PATIENCE).await {
        Fetched::Fresh { body, .. } => {
            from_json(&body).map_err(|error| wrong([&path, ": ", &error.to_string()].concat()))
        }
        Fetched::Absent => Err(("no_such_form", ["There is no survey ", &form, " at ", desk.api()].concat())),
        Fetched::NotModified | Fetched::Failed => Err(("unreachable", ["No figures from ", desk.api()].concat())),
    }
}
