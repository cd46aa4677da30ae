//! What a survey is offered after: events of the suite and of the page, and what the reader does on it.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::adapters::browser::js::{call, is_hidden, member, window};
use itsm_widgets::domain::survey::invitation::Occasion;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event, HtmlElement};

use super::model::{About, Invitation};
use crate::shared::dom::listen as on;
use crate::shared::spawn;

/// Listens for as long as the element is there.
pub(super) fn listen(model: Invitation) {
    let Some(document) = window().document() else { return };
    on(&document, "itsm-ticket-delivered", Box::new(move |event| ask(model, Occasion::Delivered, about(event))));
    on(&document, "itsm-ticket-resolved", Box::new(move |event| ask(model, Occasion::Resolved, about(event))));
    on(
        &document,
        "mouseout",
        Box::new(move |event| {
            let is_out = member(event, "relatedTarget").is_null();
            let is_above = member(event, "clientY").as_f64().is_some_and(|y| y <= 0.0);
            if is_out && is_above && is_after(model, Occasion::Exit) {
                ask(model, Occasion::Exit, About::default());
            }
        }),
    );
    // Where the focus is before it comes into the survey: within a shadow root as well, of which the event at the survey says
    // nothing.
    on(
        &document,
        "focusout",
        Box::new(move |event| {
            let path = call(event, "composedPath", &Array::new()).and_then(|path| path.dyn_into::<Array>().ok());
            let left = path.and_then(|path| path.get(0).dyn_into::<HtmlElement>().ok());
            let is_outside = |left: &HtmlElement| model.session().is_some_and(|session| session.is_outside(left));
            if let Some(left) = left.filter(is_outside)
                && let Some(session) = model.session()
            {
                *session.last.borrow_mut() = Some(left);
            }
        }),
    );
    on(
        &window(),
        "scroll",
        Box::new(move |_| {
            let least = model.ready().and_then(|ready| ready.rules.scroll_percent);
            if least.is_some_and(|least| scrolled() >= f64::from(least)) && is_after(model, Occasion::Scroll) {
                ask(model, Occasion::Scroll, About::default());
            }
        }),
    );
}

/// Whether the survey is offered after that, and this is the first time here.
fn is_after(model: Invitation, occasion: Occasion) -> bool {
    model.ready().is_some_and(|ready| ready.rules.is_after(occasion)) && model.is_first(occasion)
}

/// Counts the seconds in which the page is seen, once it is known after how many something is offered.
pub(super) fn begin(model: Invitation) {
    let Some(ready) = model.ready() else { return };
    let Some(seconds) = ready.rules.seconds else { return };
    spawn(async move {
        let mut seen = 0;
        while seen < seconds {
            TimeoutFuture::new(1_000).await;
            // Other rules have a count of their own.
            if model.ready().is_none_or(|now| !Rc::ptr_eq(&now, &ready)) {
                return;
            }
            seen += u32::from(!is_hidden());
        }
        model.ask(Occasion::Time, About::default()).await;
    });
}

fn ask(model: Invitation, occasion: Occasion, about: About) {
    spawn(async move {
        model.ask(occasion, about).await;
    });
}

/// The ticket that the event tells of, and the service that the element names which tells it.
fn about(event: &Event) -> About {
    let detail = member(event, "detail");
    let told = |name: &str| Some(&detail).filter(|detail| detail.is_object()).and_then(|d| member(d, name).as_string());
    let named = || event.target()?.dyn_ref::<Element>()?.get_attribute("service");
    About { ticket: told("number"), service: told("service").or_else(named) }
}

/// How much of the page has come into sight, in percent.
fn scrolled() -> f64 {
    let number = |of: &JsValue, name: &str| member(of, name).as_f64().unwrap_or_default();
    let window = window();
    let root = member(&window.document().into(), "documentElement");
    let seen = number(&window, "scrollY") + number(&window, "innerHeight");
    seen / number(&root, "scrollHeight").max(1.0) * 100.0
}
