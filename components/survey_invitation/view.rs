//! The survey that is offered, with the two ways to say no.

use itsm_widgets::adapters::browser::js::{call, member, window};
use itsm_widgets::domain::survey::invitation::OfferState;
use js_sys::{Array, Reflect};
use leptos::prelude::untrack;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use super::messages::Text;
use super::model::{Invitation, Shown};
use crate::shared::dom::{El, classed, el};
use crate::shared::{announcement, base, spawn, styles};

/// The whole element: nothing, until something is offered.
pub(super) fn invitation(model: Invitation) -> El {
    if let Some(session) = model.session() {
        styles::adopt_with(session.host.root(), include_str!("invitation.css"));
    }
    let theme = move || model.session().and_then(|session| session.host.attribute("theme"));
    let shown = move || model.shown.with(|shown| shown.is_some().then(String::new));
    base("base invitation", model.words, theme)
        .when(shown, move |_| model.shown.get_untracked().map_or_else(|| el("div"), |shown| offer(model, &shown)))
        .child(announcement(model.announcement))
}

fn offer(model: Invitation, shown: &Shown) -> El {
    let placement = placement(model);
    let panel = classed("section", "offer")
        .part("offer")
        .attr("tabindex", "-1")
        .attr("data-placement", placement)
        .bind("aria-label", move || Some(model.say(Text::Name)))
        .on("focusin", move |event| remember(model, event))
        .on("keydown", move |event| {
            let is_escape = member(event, "key") == "Escape" && member(event, "isComposing").is_falsy();
            if is_escape && member(event, "defaultPrevented").is_falsy() {
                escape(model);
            }
        })
        .on("input", move |_| model.note(OfferState::Begun))
        .on("itsm-survey-queued", move |_| model.note(OfferState::Answered))
        .on("itsm-signed-out", move |_| model.hide())
        .on("itsm-error", move |event| {
            let state = |target: &Element| target.get_attribute("data-state");
            let state = event.target().and_then(|target| state(target.unchecked_ref()));
            // A survey that is broken is shown to nobody.
            if state.as_deref() == Some("failed") {
                model.withdraw();
            }
        });
    let panel = panel.child(ways_out(model)).child(survey(model, shown));
    let (node, is_called) = (panel.node().clone(), shown.is_called);
    if placement != "inline" {
        let _ = node.set_attribute("popover", "manual");
    }
    // Once it is in the page.
    spawn(async move {
        // Above everything else of the page, where the browser can; below what lies above it otherwise.
        if placement != "inline" && call(&node, "showPopover", &Array::new()).is_none() {
            let _ = node.remove_attribute("popover");
        }
        if is_called {
            remember_active(model);
            let _ = node.unchecked_ref::<HtmlElement>().focus();
        }
    });
    panel
}

fn placement(model: Invitation) -> &'static str {
    let named = model.session().and_then(|session| untrack(|| session.host.attribute("placement")));
    match named.as_deref() {
        Some("inline") => "inline",
        Some("full") => "full",
        None | Some("popover" | "") => "popover",
        Some(other) => {
            if let Some(session) = model.session() {
                let wrong = ["The attribute placement is popover, full or inline, and not ", other].concat();
                session.host.complain("wrong_setting", &wrong);
            }
            "popover"
        }
    }
}

fn ways_out(model: Invitation) -> El {
    let button = move |text: Text, state: OfferState| {
        let button = classed("button", "quiet").attr("type", "button").attr("data-role", state.as_str());
        button.on("click", move |_| dismiss(model, state)).say(move || model.say(text))
    };
    let is_answered = move || Some((model.state.get() == OfferState::Answered).to_string());
    let buttons = move || match model.state.get_untracked() {
        OfferState::Answered => vec![button(Text::Close, OfferState::Answered)],
        _ => vec![button(Text::NotNow, OfferState::Snoozed), button(Text::Never, OfferState::Refused)],
    };
    classed("div", "actions ways-out").each(is_answered, buttons)
}

/// What was begun is there again on the next page; else it is put off.
fn escape(model: Invitation) {
    if model.state.get_untracked() == OfferState::Begun {
        model.hide();
    } else {
        dismiss(model, OfferState::Snoozed);
    }
}

fn dismiss(model: Invitation, state: OfferState) {
    model.note(state);
    model.announcement.set(match model.state.get_untracked() {
        OfferState::Refused => model.say(Text::Refused),
        OfferState::Snoozed | OfferState::PutOff => model.say(Text::PutOff),
        OfferState::Offered | OfferState::Begun | OfferState::Answered => String::new(),
    });
    model.hide();
}

/// The survey, an element like those that a page has: it has all that was given to this one.
fn survey(model: Invitation, shown: &Shown) -> El {
    let Some(session) = model.session() else { return el("div") };
    let survey = el("itsm-csat-survey");
    for (name, told) in [
        ("api", None),
        ("form", None),
        ("ticket", shown.about.ticket.clone()),
        ("service", shown.about.service.clone()),
        ("storage", None),
    ] {
        let own = || untrack(|| session.host.attribute(name));
        if let Some(value) = told.or_else(own) {
            let _ = survey.node().set_attribute(name, &value);
        }
    }
    let (language, theme) = (session.host.clone(), session.host.clone());
    if let Some(get_token) = untrack(|| session.host.property("getToken")) {
        let _ = Reflect::set(survey.node(), &"getToken".into(), &get_token);
    }
    survey.bind("lang", move || Some(language.language())).bind("theme", move || theme.attribute("theme"))
}

/// Where the focus was before it came here.
fn remember(model: Invitation, event: &Event) {
    let Some(session) = model.session() else { return };
    let came_from = member(event, "relatedTarget").dyn_into::<HtmlElement>().ok();
    if came_from.is_some_and(|from| session.is_outside(&from)) {
        let last = session.last.take();
        *session.before.borrow_mut() = last;
    }
}

/// Where it is now: in the innermost view that has it.
fn remember_active(model: Invitation) {
    let Some(session) = model.session() else { return };
    let mut active = member(&window().document().into(), "activeElement");
    loop {
        let inner = member(&member(&active, "shadowRoot"), "activeElement");
        if !inner.is_object() {
            break;
        }
        active = inner;
    }
    *session.before.borrow_mut() = active.dyn_into().ok();
}
