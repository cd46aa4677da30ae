//! A page that the browser has frozen still hears of other tabs, but not of its own database: a transaction that is open
//! then stands in the way of all other tabs until the page goes on. So none is begun, and what has begun is given up.

use core::cell::{Cell, RefCell};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use gloo_events::EventListener;

use crate::adapters::browser::js::window;

thread_local! {
    static FROZEN: Cell<bool> = const { Cell::new(false) };
    static WAITING: RefCell<Vec<(u32, Waker)>> = const { RefCell::new(Vec::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

/// Follows the page's life, as long as it lasts.
pub(super) fn follow() -> Option<[EventListener; 2]> {
    let document = window().document()?;
    let on = |event: &'static str, is_frozen: bool| {
        EventListener::new(&document, event, move |_| {
            FROZEN.set(is_frozen);
            WAITING.take().into_iter().for_each(|(_, waker)| waker.wake());
        })
    };
    Some([on("freeze", true), on("resume", false)])
}

/// Ends once the page is frozen, or is not: as it was asked.
pub(super) struct Until {
    is_frozen: bool,
    id: u32,
}

/// Ends once the page is not frozen.
pub(super) fn thawed() -> Until {
    until(false)
}

/// Ends once the page is frozen.
pub(super) fn frozen() -> Until {
    until(true)
}

fn until(is_frozen: bool) -> Until {
    LAST.set(LAST.get().wrapping_add(1));
    Until { is_frozen, id: LAST.get() }
}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if FROZEN.get() == self.is_frozen {
            return Poll::Ready(());
        }
        // It stays in its task: one word to that is enough.
        if !WAITING.with_borrow(|waiting| waiting.iter().any(|(id, _)| *id == self.id)) {
            WAITING.with_borrow_mut(|waiting| waiting.push((self.id, context.waker().clone())));
        }
        Poll::Pending
    }
}

impl Drop for Until {
    fn drop(&mut self) {
        WAITING.with_borrow_mut(|waiting| waiting.retain(|(id, _)| *id != self.id));
    }
}
