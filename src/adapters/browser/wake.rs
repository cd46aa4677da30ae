//! The moments at which another try makes sense.

use std::rc::Rc;

use gloo_events::EventListener;
use web_sys::VisibilityState;

use super::js::window;

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
        let shown = document.clone();
        Self {
            _listeners: [
                EventListener::new(&window, "online", move |_| on_online()),
                EventListener::new(&window, "pageshow", move |_| wake()),
                EventListener::new(&document, "visibilitychange", move |_| {
                    if shown.visibility_state() == VisibilityState::Visible {
                        on_shown();
                    }
                }),
            ],
        }
    }
}
