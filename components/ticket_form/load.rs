//! From attributes to a form that can be filled in.

use std::sync::Arc;

use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use itsm_widgets::adapters::browser::js::{from_js, from_json, window};
use itsm_widgets::adapters::browser::{BrowserPatterns, PageEvent, PageRuntime};
use itsm_widgets::domain::draft::DraftPlace;
use itsm_widgets::domain::form::{Answer, Answers, Definition, DefinitionSource, FieldKind, FormState};
use itsm_widgets::domain::id::FormId;
use itsm_widgets::domain::map::Map;
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::runtime::{Freshness, Read};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::VisibilityState;

use super::model::{Notice, Phase, TicketForm};
use super::{draft_session, outbox_notes, prefill, submit};
use crate::element::{Host, State};
use crate::shared::dom::follow;
use crate::shared::messages::{Message, Messages};
use crate::shared::spawn;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type Url;
    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    fn new(url: &str, base: &str) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    fn href(this: &Url) -> String;
    #[wasm_bindgen(method, getter)]
    fn protocol(this: &Url) -> String;
}

/// Why a form cannot be shown: for the page's script, for the reader, and where to look.
struct Unavailable {
    code: &'static str,
    why: Message,
    detail: String,
}

fn unavailable(code: &'static str, why: Message, detail: impl Into<String>) -> Unavailable {
    Unavailable { code, why, detail: detail.into() }
}

fn no_answer(runtime: &PageRuntime) -> Unavailable {
    unavailable("unreachable", Message::Unreachable, ["No answer from ", runtime.desk().api()].concat())
}

/// Loads the form, and again when an attribute says so; keeps up with language, theme and properties.
pub fn follow_attributes(model: TicketForm) {
    let Some(session) = model.session() else { return };
    let host = session.host.clone();
    follow(move || {
        for name in ["api", "form", "context"] {
            host.attribute(name);
        }
        host.property("definition");
        untrack(|| load(model));
    });
    let host = session.host.clone();
    follow(move || {
        let token = host.property("getToken").and_then(|value| value.dyn_into().ok());
        if let Some(runtime) = model.runtime() {
            runtime.desk().set_get_token(token);
            runtime.wake();
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
    let hidden = document.clone();
    // The click that a press ends with comes right after it.
    let released = move |_: &web_sys::Event| {
        spawn(async move {
            TimeoutFuture::new(0).await;
            model.released();
        });
    };
    session.listeners.borrow_mut().extend([
        EventListener::new(&window(), "pointerup", released),
        EventListener::new(&window(), "pointercancel", released),
        EventListener::new(&window(), "pagehide", move |_| draft_session::save_now(model)),
        EventListener::new(&document, "visibilitychange", move |_| {
            if hidden.visibility_state() == VisibilityState::Hidden {
                draft_session::save_now(model);
            }
        }),
    ]);
}

async fn load_messages(model: TicketForm, base: &str, wanted: &str) {
    let tag = Messages::tag_for(wanted);
    if model.session().is_none() || model.messages.with_untracked(|messages| messages.tag() == tag) {
        return;
    }
    // The suite's folder may be out of reach for a while.
    for pause in [0, 2_000, 10_000, 60_000] {
        TimeoutFuture::new(pause).await;
        let loaded = if tag == "en" { Some(Messages::english()) } else { fetch_messages(base, tag).await };
        // The reader may have asked for another language meanwhile.
        let Some(session) = model.session() else { return };
        if Messages::tag_for(&untrack(|| session.host.language())) != tag {
            return;
        }
        if let Some(messages) = loaded {
            model.messages.set(messages);
            return;
        }
    }
}

async fn fetch_messages(base: &str, tag: &str) -> Option<Messages> {
    let url = [base, "locales/", tag, ".json"].concat();
    let response = itsm_widgets::adapters::http::get_text(&url).await?;
    Messages::parse(tag, &response)
}

/// Loads the form that the attributes name now.
pub fn load(model: TicketForm) {
    let Some(session) = model.session() else { return };
    // What was typed into the form that stood here before.
    draft_session::save_now(model);
    let generation = session.generation.get() + 1;
    session.generation.set(generation);
    spawn(async move {
        let mut pause = 5_000;
        while let Err(unavailable) = open(model, generation).await {
            let Some(session) = model.session().filter(|_| model.is_current(generation)) else { return };
            let Unavailable { code, why, detail } = unavailable;
            session.host.report(State::Failed, code, &detail);
            model.phase.set(Phase::Unavailable { why, detail });
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
    let api = api_of(&host)?;
    let runtime = PageRuntime::of(&api).await;
    let token = untrack(|| host.property("getToken"));
    if let Some(token) = token {
        runtime.desk().set_get_token(token.dyn_into().ok());
    }
    let (definition, freshness) = definition_of(&host, &runtime).await?;
    let services = services_of(&definition, &runtime).await?;
    if !model.is_current(generation) {
        return Ok(());
    }
    *session.runtime.borrow_mut() = Some(runtime.clone());
    let place = DraftPlace {
        part: runtime.part().to_owned(),
        form: definition.id().clone(),
        context: untrack(|| host.attribute("context")).unwrap_or_default(),
    };
    let draft = session.draft.adopt(&runtime, place).await;
    let files = match &draft {
        Some(draft) => files_of(&runtime, &definition, &draft.answers).await,
        None => vec![],
    };
    let missing = runtime.missing().await;
    if !model.is_current(generation) {
        return Ok(());
    }
    model.stale_since.set(match freshness {
        Freshness::Current => None,
        Freshness::Cached { as_of } => Some(as_of),
    });
    model.lasting.set(runtime.store().is_lasting());
    model.services.set(services);
    model.missing.set(missing);
    model.files.set(files.iter().map(|file| (file.id.clone(), file.clone())).collect::<Map<_, _>>());
    model.notice.set(draft.is_some().then_some(Notice::DraftRestored));
    let subscription = runtime.subscribe(move |event: &PageEvent| submit::on_event(model, event));
    *session.subscription.borrow_mut() = Some(subscription);
    let mut answers = draft.map(|draft| draft.answers).unwrap_or_default();
    keep_known_files(&mut answers, &definition, &files);
    model.definition.set(Some(Arc::new(definition)));
    model.change(|form| *form = FormState::with_answers(answers));
    prefill::apply(model);
    model.opened.update(|opened| *opened += 1);
    model.phase.set(Phase::Filling);
    host.report(State::Ready, "", "");
    outbox_notes::refresh(model);
    Ok(())
}

/// Takes out of `answers` the files that are not there any more: nobody could take them out by hand.
fn keep_known_files(answers: &mut Answers, definition: &Definition, files: &[Attachment]) {
    for field in definition.file_fields() {
        let known = |id: &&String| files.iter().any(|file| file.id.as_str() == id.as_str());
        let left: Vec<String> = answers.choices(field).iter().filter(known).cloned().collect();
        answers.put(field.clone(), Answer::Choices(left));
    }
}

/// What is known of the files that `answers` name.
async fn files_of(runtime: &PageRuntime, definition: &Definition, answers: &Answers) -> Vec<Attachment> {
    let ids = answers.attachments(definition.file_fields());
    if ids.is_empty() { vec![] } else { runtime.store().files(&ids).await.unwrap_or_default() }
}

/// The API's address: absolute, without a slash at its end.
fn api_of(host: &Host) -> Result<String, Unavailable> {
    let wrong = |detail: String| unavailable("wrong_setting", Message::WrongSetting, detail);
    let text = untrack(|| host.attribute("api")).unwrap_or_default();
    if text.trim().is_empty() {
        return Err(wrong(
            "The attribute api is missing: the address of the service desk's API, such as /api/v1.".into(),
        ));
    }
    let base = window().document().and_then(|document| document.base_uri().ok().flatten()).unwrap_or_default();
    let url = Url::new(&text, &base).map_err(|_| wrong(["The attribute api is no URL: ", &text].concat()))?;
    if url.protocol() != "https:" && url.protocol() != "http:" {
        return Err(wrong(["The attribute api must be an http or https URL: ", &text].concat()));
    }
    Ok(url.href().trim_end_matches('/').to_owned())
}

/// The definition: the page's own, or the service desk's.
async fn definition_of(host: &Host, runtime: &PageRuntime) -> Result<(Definition, Freshness), Unavailable> {
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
    let form = untrack(|| host.attribute("form")).filter(|form| !form.is_empty());
    let form = FormId::new(form.ok_or_else(|| {
        unavailable("wrong_setting", Message::WrongSetting, "The attribute form is missing: the name of a form.")
    })?);
    let encoded = String::from(js_sys::encode_uri_component(form.as_str()));
    match runtime.read(&["forms/", &encoded].concat()).await {
        Read::Found(text, freshness) => {
            let source = from_json(&text).map_err(|error| wrong([form.as_str(), ": ", &error.to_string()].concat()))?;
            Ok((parse(source)?, freshness))
        }
        Read::Absent => Err(unavailable(
            "no_such_form",
            Message::NoSuchForm,
            ["There is no form ", form.as_str(), " at ", runtime.desk().api()].concat(),
        )),
        Read::Unreachable => Err(no_answer(runtime)),
    }
}

fn inline_definition(host: &Host) -> Option<String> {
    let script = host.element().query_selector(":scope > script[type='application/json']").ok().flatten()?;
    script.text_content().filter(|text| !text.trim().is_empty())
}

/// The services, if the form asks for one.
async fn services_of(
    definition: &Definition,
    runtime: &PageRuntime,
) -> Result<Arc<[itsm_widgets::wire::ServiceDocument]>, Unavailable> {
    if !definition.fields().iter().any(|field| field.kind == FieldKind::Service) {
        return Ok(Arc::new([]));
    }
    match runtime.read("services").await {
        Read::Found(text, _) => from_json::<Vec<_>>(&text).map(Arc::from).map_err(|error| {
            unavailable("wrong_definition", Message::WrongDefinition, ["services: ", &error.to_string()].concat())
        }),
        Read::Absent => Ok(Arc::new([])),
        Read::Unreachable => Err(no_answer(runtime)),
    }
}
