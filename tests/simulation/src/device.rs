//! A browser: a clock that may be wrong, chance, timers, and the turns of its tabs.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::ports::{Chance, Clock, Later, Timer, Turns};

use crate::scheduler::Scheduler;

/// The instant at which every world begins, in milliseconds since 1970.
const BEGINNING: i64 = 1_795_000_000_000;

/// What all tabs of a browser share.
#[derive(Clone)]
pub(crate) struct Device {
    world: Rc<Scheduler>,
    /// By how much its clock is wrong, in milliseconds.
    skew: Rc<Cell<i64>>,
    /// None where the browser has no Web Locks.
    locks: Option<Rc<RefCell<Lock>>>,
}

/// The lock that the drainer holds.
#[derive(Default)]
struct Lock {
    holder: Option<u64>,
    queue: VecDeque<(u64, Option<Waker>)>,
    last: u64,
}

impl Lock {
    fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn wake_next(&mut self) {
        if let Some(waker) = self.queue.front_mut().and_then(|(_, waker)| waker.take()) {
            waker.wake();
        }
    }
}

/// A place in the queue; left when it is dropped.
struct Place(Rc<RefCell<Lock>>, u64);

impl Drop for Place {
    fn drop(&mut self) {
        let mut lock = self.0.borrow_mut();
        lock.queue.retain(|(number, _)| *number != self.1);
        if lock.holder.is_none() {
            lock.wake_next();
        }
    }
}

/// The lock, until it is dropped or stolen.
pub(crate) struct Turn(Rc<RefCell<Lock>>, u64);

impl Drop for Turn {
    fn drop(&mut self) {
        let mut lock = self.0.borrow_mut();
        if lock.holder == Some(self.1) {
            lock.holder = None;
            lock.wake_next();
        }
    }
}

impl Device {
    pub(crate) fn new(world: &Rc<Scheduler>, has_locks: bool) -> Self {
        Self { world: world.clone(), skew: Rc::default(), locks: has_locks.then(Rc::default) }
    }

    /// Sets its clock wrong.
    pub(crate) fn set_skew(&self, millis: i64) {
        self.skew.set(millis);
    }
}

impl Clock for Device {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(BEGINNING + self.world.now() as i64 + self.skew.get())
    }
}

impl Chance for Device {
    fn jitter(&self) -> f64 {
        self.world.fraction()
    }

    fn uuid(&self) -> String {
        let (high, low) = (self.world.below(u64::MAX), self.world.below(u64::MAX));
        let text = format!("{high:016x}{low:016x}");
        format!("{}-{}-7{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
    }
}

impl Timer for Device {
    fn sleep(&self, span: Duration) -> Later<'static, ()> {
        Box::pin(self.world.sleep(span))
    }
}

impl Turns for Device {
    type Turn = Turn;

    fn turn(&self) -> Option<Later<'static, Option<Turn>>> {
        let lock = self.locks.clone()?;
        let number = lock.borrow_mut().number();
        lock.borrow_mut().queue.push_back((number, None));
        let place = Place(lock.clone(), number);
        Some(Box::pin(poll_fn(move |context| {
            let _ = &place;
            let mut held = lock.borrow_mut();
            let is_first = held.queue.front().is_some_and(|(first, _)| *first == number);
            if is_first && held.holder.is_none() {
                held.holder = Some(number);
                return Poll::Ready(Some(Turn(lock.clone(), number)));
            }
            if let Some((_, waker)) = held.queue.iter_mut().find(|(waiting, _)| *waiting == number) {
                *waker = Some(context.waker().clone());
            }
            Poll::Pending
        })))
    }

    fn take_turn(&self) -> Later<'static, Option<Turn>> {
        let turn = self.locks.clone().map(|lock| {
            let number = lock.borrow_mut().number();
            lock.borrow_mut().holder = Some(number);
            Turn(lock, number)
        });
        Box::pin(std::future::ready(turn))
    }
}
