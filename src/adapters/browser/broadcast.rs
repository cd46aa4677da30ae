//! News between the tabs of one origin.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{BroadcastChannel, MessageEvent};

/// A channel to the other tabs; silent where the browser has none.
pub(super) struct Broadcast {
    channel: Option<BroadcastChannel>,
    _listener: Option<EventListener>,
}

impl Broadcast {
    /// Opens the channel `name`; `heard` is told every text that another tab says.
    pub(super) fn open(name: &str, heard: impl Fn(String) + 'static) -> Self {
        let channel = BroadcastChannel::new(name).ok();
        let listener = channel.as_ref().map(|channel| {
            EventListener::new(channel, "message", move |event| {
                let text = event.dyn_ref::<MessageEvent>().and_then(|message| message.data().as_string());
                text.into_iter().for_each(&heard);
            })
        });
        Self { channel, _listener: listener }
    }

    /// Tells all other tabs.
    pub(super) fn tell(&self, text: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&text.into());
        }
    }
}

impl Drop for Broadcast {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            channel.close();
        }
    }
}
