//! Signing out: what belongs to a person goes from the device, in all tabs. Where something would be lost by that, it is
//! asked first what is to become of it.
//!
//! What can be done without a question lies in the module that keeps things, which is there wherever something is kept;
//! the question comes with the outbox.

mod dialog;

use std::cell::Cell;
use std::rc::Rc;

use itsm_widgets::ports::Later;
use wasm_bindgen::JsValue;

use crate::element::Host;
use crate::outbox::source::Source;
use crate::shared::spawn;

/// Signs out by `leave` whenever the page asks for it, and tells the page whether that was done.
pub fn follow(host: &Host, leave: impl Fn() -> Later<'static, bool> + 'static) {
    let (leaving, busy) = (host.leaving().clone(), Rc::new(Cell::new(false)));
    host.leaving().follow(Rc::new(move || {
        // Who asks meanwhile is told the same.
        if busy.replace(true) {
            return;
        }
        let (left, leaving, busy) = (leave(), leaving.clone(), busy.clone());
        spawn(async move {
            let has_left = left.await;
            busy.set(false);
            for resolve in leaving.take() {
                let _ = resolve.call1(&JsValue::UNDEFINED, &has_left.into());
            }
        });
    }));
}

/// Forgets all that `source` has, after a question if anything of it is unsent. Whether the person has left.
pub async fn leave(host: Host, source: Rc<dyn Source>) -> bool {
    match source.unsent().await {
        // Nothing goes that may be there after all.
        None => false,
        Some((0, 0)) => source.forget().await,
        Some(unsent) => match dialog::ask(host.clone(), source, unsent).await {
            Ok(has_left) => has_left,
            Err(_) => {
                host.complain("not_loaded", "What asks whether to send or to discard could not be loaded.");
                false
            }
        },
    }
}
