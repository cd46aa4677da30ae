//! A page that the browser has frozen still hears of other tabs, but not of its own database: a transaction that it began
//! now would stand in the way of all other tabs until it goes on.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

use gloo_events::EventListener;

use crate::adapters::browser::js::window;

thread_local! {
    static FROZEN: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<Waker>> = const { RefCell::new(Vec::new()) };
}

/// Follows the page's life, as long as it lasts.
pub(super) fn follow() -> Option<[EventListener; 2]> {
    let document = window().document()?;
    let on_resume = |_: &web_sys::Event| {
        FROZEN.set(false);
        WAITING.take().into_iter().for_each(Waker::wake);
    };
    Some([
        EventListener::new(&document, "freeze", |_| FROZEN.set(true)),
        EventListener::new(&document, "resume", on_resume),
    ])
}

/// Ends once the page is not frozen.
pub(super) async fn thawed() {
    poll_fn(|context| {
        if !FROZEN.get() {
            return Poll::Ready(());
        }
        WAITING.with_borrow_mut(|waiting| waiting.push(context.waker().clone()));
        Poll::Pending
    })
    .await;
}
