//! From attributes to a form that can be filled in.

use core::pin::pin;
use core::time::Duration;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use futures_util::future::{Either, select};
use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use itsm_widgets::adapters::browser::js::{from_js, from_json, is_hidden, window};
use itsm_widgets::adapters::browser::{BrowserDevice, BrowserPatterns, canary};
use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::form::{Answers, Definition, DefinitionSource, FieldKind, FormState};
use itsm_widgets::domain::id::FormId;
use itsm_widgets::domain::ticket::SubmissionKind;
use itsm_widgets::ports::{Cached, Clock, Fetched, ServiceDesk};
use itsm_widgets::runtime::{Freshness, Read};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::keeper::Keeper;
use super::model::{Keeps, Notice, Phase, TicketForm};
use super::questions::needs_module;
use super::{prefill, view};
use crate::element::{Host, State};
use crate::shared::dom::follow;
use crate::shared::late::NotLoaded;
use crate::shared::messages::{Message, Messages};
use crate::shared::{api, spawn};

/// Why a form cannot be shown: for the page's script, for the reader, and where to look.
struct Unavailable {
    code: &'static str,
    why: Message,
    detail: String,
}

fn unavailable(code: &'static str, why: Message, detail: impl Into<String>) -> Unavailable {
    Unavailable { code, why, detail: detail.into() }
}

const NO_QUESTIONS: &str = "The part of the suite that shows a survey's questions could not be loaded.";

fn no_answer(source: &Source) -> Unavailable {
    unavailable("unreachable", Message::Unreachable, ["No answer from ", source.desk.api()].concat())
}

/// Loads the form, and again when an attribute says so; keeps up with language, theme and properties.
pub fn follow_attributes(model: TicketForm) {
    let Some(session) = model.session() else { return };
    let host = session.host.clone();
    follow(move || {
        for name in ["api", "form", "ticket", "context", "storage"] {
            host.attribute(name);
        }
        host.property("definition");
        untrack(|| load(model));
    });
    let host = session.host.clone();
    follow(move || {
        let token = host.property("getToken").and_then(|value| value.dyn_into().ok());
        let Some(desk) = model.session().and_then(|session| session.desk.borrow().clone()) else { return };
        desk.set_get_token(token);
        if let Some(keeper) = model.keeper() {
            keeper.wake();
        }
    });
    let host = session.host.clone();
    follow(move || {
        host.property("prefill");
        host.property("carried");
        host.attribute("service");
        untrack(|| prefill::apply(model));
    });
    let host = session.host.clone();
    follow(move || {
        let theme = host.attribute("theme").unwrap_or_default();
        if !["", "auto", "light", "dark"].contains(&theme.as_str()) {
            let wrong = ["The attribute theme is light, dark or auto, and not ", &theme].concat();
            host.complain("wrong_setting", &wrong);
        }
    });
    let host = session.host.clone();
    follow(move || {
        let wanted = host.language();
        let base = host.base().to_owned();
        spawn(async move { load_messages(model, &base, &wanted).await });
    });
    listen(model);
}

/// A page that is hidden may never be shown again: whatever waits is saved now. And a press may end anywhere on it.
fn listen(model: TicketForm) {
    let Some(session) = model.session() else { return };
    let Some(document) = window().document() else { return };
    // The click that a press ends with comes right after it.
    let released = move |_: &web_sys::Event| {
        let Some(press) = model.session().map(|session| session.presses.get()) else { return };
        spawn(async move {
            TimeoutFuture::new(0).await;
            model.released(press);
        });
    };
    session.listeners.borrow_mut().extend([
        EventListener::new(&window(), "pointerup", released),
        EventListener::new(&window(), "pointercancel", released),
        EventListener::new(&window(), "pagehide", move |_| save_now(model)),
        EventListener::new(&document, "visibilitychange", move |_| {
            if is_hidden() {
                save_now(model);
            }
        }),
    ]);
}

fn save_now(model: TicketForm) {
    if let Some(keeper) = model.keeper() {
        keeper.save_now();
    }
}

async fn load_messages(model: TicketForm, base: &str, wanted: &str) {
    let tag = Messages::tag_for(wanted);
    if model.session().is_none() || model.messages.with_untracked(|messages| messages.tag() == tag) {
        return;
    }
    let is_wanted = || model.session().is_some_and(|session| session.host.reads(tag));
    if let Some(messages) = Messages::load(base, "", tag, is_wanted).await {
        model.messages.set(messages);
    }
}

/// Loads the form that the attributes name now.
pub fn load(model: TicketForm) {
    let Some(session) = model.session() else { return };
    // What was typed into the form that stood here before.
    save_now(model);
    let generation = session.generation.get() + 1;
    session.generation.set(generation);
    spawn(async move {
        let mut pause = 5_000;
        while let Err(unavailable) = open(model, generation).await {
            let Some(session) = model.session().filter(|_| model.is_current(generation)) else { return };
            let Unavailable { code, why, detail } = unavailable;
            session.host.report(State::Failed, code, &detail);
            model.phase.set(Phase::Unavailable { why, detail });
            // What is kept is there all the same, to be signed out of.
            let desk = session.desk.borrow().clone();
            match desk {
                Some(desk) if model.keeper().is_none() => drop(model.load_keeper(&desk, generation).await),
                Some(_) => {}
                None => session.host.leaving().end(),
            }
            if why != Message::Unreachable {
                return;
            }
            TimeoutFuture::new(pause).await;
            pause = (pause * 2).min(60_000);
            if !model.is_current(generation) {
                return;
            }
        }
    });
}

async fn open(model: TicketForm, generation: u32) -> Result<(), Unavailable> {
    let Some(session) = model.session() else { return Ok(()) };
    let host = session.host.clone();
    let desk = api::desk(&host).map_err(|detail| unavailable("wrong_setting", Message::WrongSetting, detail))?;
    *session.desk.borrow_mut() = Some(desk.clone());
    let source = Source { model, generation, desk: desk.clone(), keeper: RefCell::default(), read: RefCell::default() };
    if model.keeper().is_some() {
        source.load_keeper().await;
    }
    let (definition, freshness) = definition_of(&host, &source).await?;
    let kind = definition.source().kind;
    if !session.surface.shows(kind) {
        let wrong = [definition.id().as_str(), ": this element shows no form of the kind ", kind.as_str(), "."];
        return Err(unavailable("wrong_setting", Message::WrongSetting, wrong.concat()));
    }
    if needs_module(&definition) {
        let questions = model
            .load_questions()
            .await
            .map_err(|NotLoaded| unavailable("not_loaded", Message::Unreachable, NO_QUESTIONS))?;
        questions
            .check(&definition)
            .map_err(|wrong| unavailable("wrong_definition", Message::WrongDefinition, wrong))?;
    }
    let services = services_of(&host, &definition, &source).await?;
    if !model.is_current(generation) {
        return Ok(());
    }
    let definition = Arc::new(definition);
    // The browser may draw and listen between reading and showing.
    TimeoutFuture::new(0).await;
    // A draft must be in the form before anybody can type into it; without one the form comes first.
    let was_here = session.surface.is_once() && canary::has_kept();
    if was_here || canary::has_draft(desk.api(), definition.id(), &context_of(&host)) {
        source.load_keeper().await;
    }
    let draft = match source.keeper() {
        Some(keeper) => keeper.adopt(definition.clone(), generation).await,
        None => None,
    };
    if !model.is_current(generation) {
        return Ok(());
    }
    model.stale_since.set(match freshness {
        Freshness::Current => None,
        Freshness::Cached { as_of } => Some(as_of),
    });
    model.services.set(services);
    model.define(definition.clone());
    let has_draft = draft.is_some();
    restore(model, draft);
    model.opened.update(|opened| *opened += 1);
    let is_answered = match source.keeper().filter(|_| session.surface.is_once() && !has_draft) {
        Some(keeper) => keeper.answered(definition.id().clone()).await,
        None => false,
    };
    if !model.is_current(generation) {
        return Ok(());
    }
    if !is_answered {
        model.phase.set(Phase::Filling);
    }
    let typing = typed_into(&host, &definition);
    host.report(State::Ready, "", "");
    if let Some(position) = typing {
        view::focus_field(model, position);
    }
    match source.keeper() {
        Some(keeper) => keeper.shown(),
        None => spawn(keep(model, generation, desk, definition, source.read.take())),
    }
    Ok(())
}

/// Which drafts are offered here, of all that there are of this form: the page author's name for the place, or the ticket.
pub fn context_of(host: &Host) -> String {
    let given = |name| untrack(|| host.attribute(name));
    given("context").or_else(|| given("ticket")).unwrap_or_default()
}

/// The field that somebody is typing into in the page author's own form, which is about to be hidden.
fn typed_into(host: &Host, definition: &Definition) -> Option<usize> {
    let name = host.element().query_selector(":focus").ok()??.get_attribute("name")?;
    definition.position(&name)
}

/// Puts a draft into the form; without one the form begins anew.
fn restore(model: TicketForm, draft: Option<Answers>) {
    if let Some(session) = model.session() {
        session.typed.set(false);
    }
    model.notice.set(draft.is_some().then_some(Notice::DraftRestored));
    model.change(|form| *form = FormState::with_answers(draft.unwrap_or_default()));
    prefill::apply(model);
}

/// Brings what keeps the form after it was shown without.
async fn keep(
    model: TicketForm,
    generation: u32,
    desk: Rc<HttpDesk>,
    definition: Arc<Definition>,
    read: Vec<(String, Cached)>,
) {
    let mut pause = 1_000;
    let keeper = loop {
        match told_when_slow(model, model.load_keeper(&desk, generation)).await {
            Ok(keeper) => break keeper,
            Err(_) if !model.is_current(generation) => return,
            Err(_) => {
                model.keeps.set(Keeps::NotLoaded);
                TimeoutFuture::new(pause).await;
                pause = (pause * 4).min(60_000);
            }
        }
    };
    keeper.keep(read).await;
    let draft = keeper.adopt(definition, generation).await;
    let Some(session) = model.session().filter(|_| model.is_current(generation)) else { return };
    if !session.typed.get() {
        // There is one only where a crash has lost the word that something is kept.
        if draft.is_some() {
            restore(model, draft);
        }
    } else if draft.is_some() {
        // What is being typed is a draft of its own.
        keeper.set_aside();
    }
    keeper.shown();
    if session.typed.get() {
        keeper.edited();
    }
    if session.pressed_early.replace(false) {
        keeper.send();
    }
}

/// Waits for `loading`, and says after a while that nothing is kept yet.
async fn told_when_slow<T>(model: TicketForm, loading: impl Future<Output = T>) -> T {
    let slow = TimeoutFuture::new(8_000);
    match select(pin!(loading), slow).await {
        Either::Left((loaded, _)) => loaded,
        Either::Right((_, loading)) => {
            model.keeps.set(Keeps::NotLoaded);
            loading.await
        }
    }
}

/// Where a form is read from.
struct Source {
    model: TicketForm,
    generation: u32,
    desk: Rc<HttpDesk>,
    /// Once it is needed, for a draft or for what was read on earlier visits.
    keeper: RefCell<Option<Rc<dyn Keeper>>>,
    /// What was read without a keeper.
    read: RefCell<Vec<(String, Cached)>>,
}

impl Source {
    fn keeper(&self) -> Option<Rc<dyn Keeper>> {
        self.keeper.borrow().clone()
    }

    async fn load_keeper(&self) {
        if self.keeper().is_some() {
            return;
        }
        if let Ok(keeper) = self.model.load_keeper(&self.desk, self.generation).await {
            keeper.keep(self.read.take()).await;
            *self.keeper.borrow_mut() = Some(keeper);
        }
    }

    async fn read(&self, path: &str) -> Read {
        if self.keeper().is_none() {
            // Who may have something to look at does not wait long for something newer.
            let patience = Duration::from_secs(if canary::has_kept() { 3 } else { 30 });
            match self.desk.fetch(path, None, patience).await {
                Fetched::Fresh { body, etag } => {
                    let cached = Cached { body: body.clone(), etag, as_of: BrowserDevice.now() };
                    self.read.borrow_mut().push((path.to_owned(), cached));
                    return Read::Found(body, Freshness::Current);
                }
                Fetched::Absent => return Read::Absent,
                // Even without the word that something is kept: a crash may have lost the word alone.
                Fetched::NotModified | Fetched::Failed => self.load_keeper().await,
            }
        }
        match self.keeper() {
            Some(keeper) => keeper.read(path.to_owned()).await,
            None => Read::Unreachable,
        }
    }
}

/// The definition: the page's own, or the service desk's.
async fn definition_of(host: &Host, source: &Source) -> Result<(Definition, Freshness), Unavailable> {
    let wrong = |detail: String| unavailable("wrong_definition", Message::WrongDefinition, detail);
    let parse = |source: DefinitionSource| {
        let checked = Definition::parse(source)
            .and_then(|definition| definition.check_patterns(&BrowserPatterns).map(|()| definition));
        checked.map_err(|error| wrong(error.to_string()))
    };
    if let Some(given) = untrack(|| host.property("definition")) {
        let source =
            from_js(&given).map_err(|error| wrong(["The property definition: ", &error.to_string()].concat()))?;
        return Ok((parse(source)?, Freshness::Current));
    }
    if let Some(given) = inline_definition(host) {
        let source =
            from_json(&given).map_err(|error| wrong(["The element's script: ", &error.to_string()].concat()))?;
        return Ok((parse(source)?, Freshness::Current));
    }
    let form = FormId::new(
        host.given("form")
            .ok_or_else(|| unavailable("wrong_setting", Message::WrongSetting, "The attribute form is missing."))?,
    );
    let encoded = String::from(js_sys::encode_uri_component(form.as_str()));
    match source.read(&["forms/", &encoded].concat()).await {
        Read::Found(text, freshness) => {
            let source = from_json(&text).map_err(|error| wrong([form.as_str(), ": ", &error.to_string()].concat()))?;
            Ok((parse(source)?, freshness))
        }
        Read::Absent => Err(unavailable(
            "no_such_form",
            Message::NoSuchForm,
            ["There is no form ", form.as_str(), " at ", source.desk.api()].concat(),
        )),
        Read::Unreachable => Err(no_answer(source)),
    }
}

fn inline_definition(host: &Host) -> Option<String> {
    let script = host.element().query_selector(":scope > script[type='application/json']").ok().flatten()?;
    script.text_content().filter(|text| !text.trim().is_empty())
}

/// The services, if the form asks for one; if a survey is about one, as far as they can be had.
async fn services_of(
    host: &Host,
    definition: &Definition,
    source: &Source,
) -> Result<Arc<[itsm_widgets::wire::ServiceDocument]>, Unavailable> {
    let is_asked = definition.fields().iter().any(|field| field.kind == FieldKind::Service);
    let is_named = || {
        let is_survey = definition.source().kind == SubmissionKind::Satisfaction;
        is_survey && untrack(|| host.attribute("service")).is_some()
    };
    if !is_asked && !is_named() {
        return Ok(Arc::new([]));
    }
    match source.read("services").await {
        Read::Found(text, _) => from_json::<Vec<_>>(&text).map(Arc::from).map_err(|error| {
            unavailable("wrong_definition", Message::WrongDefinition, ["services: ", &error.to_string()].concat())
        }),
        Read::Unreachable if is_asked => Err(no_answer(source)),
        Read::Absent | Read::Unreachable => Ok(Arc::new([])),
    }
}
