//! The moments at which another try makes sense.

use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use web_sys::Event;

use super::js::{is_hidden, window};

/// Calls `wake` when the device says that it is online, and when the page is shown; until dropped.
pub(super) struct WakeListeners {
    _listeners: [EventListener; 3],
}

impl WakeListeners {
    pub(super) fn new(wake: Rc<dyn Fn()>) -> Self {
        let window = window();
        let document = window.document().expect("a page has a document");
        let on_online = wake.clone();
        let on_shown = wake.clone();
        Self {
            _listeners: [
                EventListener::new(&window, "online", move |_| on_online()),
                EventListener::new(&window, "pageshow", move |_| wake()),
                EventListener::new(&document, "visibilitychange", move |_| {
                    if !is_hidden() {
                        on_shown();
                    }
                }),
            ],
        }
    }
}

/// While it lasts the browser asks before it leaves the page: what is not sent would be lost.
pub(super) struct Unsent {
    _listener: EventListener,
}

impl Unsent {
    pub(super) fn new() -> Self {
        let options = EventListenerOptions::enable_prevent_default();
        let ask = |event: &Event| event.prevent_default();
        Self { _listener: EventListener::new_with_options(&window(), "beforeunload", options, ask) }
    }
}
