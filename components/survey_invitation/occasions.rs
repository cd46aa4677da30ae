//! What a survey is offered after: events of the suite and of the page, and what the reader does on it.

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::adapters::browser::js::{is_hidden, member, window};
use itsm_widgets::domain::survey::invitation::Occasion;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, Event};

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
            if is_out && member(event, "clientY").as_f64().is_some_and(|y| y <= 0.0) {
                ask(model, Occasion::Exit, About::default());
            }
        }),
    );
    on(
        &window(),
        "scroll",
        Box::new(move |_| {
            let least = model.ready().and_then(|ready| ready.rules.scroll_percent);
            if least.is_some_and(|least| scrolled() >= f64::from(least)) {
                ask(model, Occasion::Scroll, About::default());
            }
        }),
    );
}

/// Counts the seconds in which the page is seen, once it is known after how many something is offered.
pub(super) fn begin(model: Invitation) {
    let Some(seconds) = model.ready().and_then(|ready| ready.rules.seconds) else { return };
    spawn(async move {
        let mut seen = 0;
        while seen < seconds {
            TimeoutFuture::new(1_000).await;
            if model.session().is_none() {
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
