//! A gate: nobody passes while it is closed.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::task::{Poll, Waker};

/// Open, until somebody closes it.
#[derive(Debug, Default)]
pub struct Gate {
    closed: Cell<bool>,
    waiting: RefCell<Vec<Waker>>,
}

/// Opens the gate again when it is dropped.
pub struct Closed<'a>(&'a Gate);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.closed.set(false);
        self.0.waiting.take().into_iter().for_each(Waker::wake);
    }
}

impl Gate {
    /// Closes it, once it is open.
    pub async fn close(&self) -> Closed<'_> {
        self.pass().await;
        self.closed.set(true);
        Closed(self)
    }

    /// Ends once it is open.
    async fn pass(&self) {
        poll_fn(|context| {
            if !self.closed.get() {
                return Poll::Ready(());
            }
            self.waiting.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}
