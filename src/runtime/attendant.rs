//! A tab's standing duty: it drains whenever something is due, and sleeps until then.

use core::cell::{Cell, RefCell};
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;

use futures_util::future::select;

use super::{DrainEvent, Platform, drain_in_turn};
use crate::ports::{Clock, StoreError, Timer};

/// No pause is shorter, so that nothing spins.
const SHORTEST: Duration = Duration::from_millis(250);
/// No pause is longer: a clock may have been set.
const LONGEST: Duration = Duration::from_secs(900);
/// After the store has failed.
const FAILED: Duration = Duration::from_secs(5);

/// Calls the attendant.
#[derive(Debug, Default)]
pub struct Bell {
    rung: Cell<bool>,
    ended: Cell<bool>,
    waker: RefCell<Option<Waker>>,
}

impl Bell {
    /// Something may be due.
    pub fn ring(&self) {
        self.rung.set(true);
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The attendant is not needed any more, once it has done what it is doing.
    pub fn end(&self) {
        self.ended.set(true);
        self.ring();
    }

    /// Whether the attendant is not needed any more.
    pub fn has_ended(&self) -> bool {
        self.ended.get()
    }

    async fn is_rung(&self) {
        poll_fn(|context| {
            if self.rung.get() {
                return Poll::Ready(());
            }
            self.waker.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}

/// Attends to the platform's part until `bell` ends it. Tells `told` what became of each entry, and `counted` how many of
/// all parts are left whenever it has drained.
pub async fn attend<P: Platform>(platform: &P, bell: &Bell, told: impl Fn(DrainEvent), counted: impl Fn(usize)) {
    while !bell.ended.get() {
        bell.rung.set(false);
        let pause = match attend_once(platform, &told, &counted).await {
            Ok(pause) => pause,
            Err(_) => Some(FAILED),
        };
        let rung = pin!(bell.is_rung());
        match pause {
            Some(pause) => drop(select(rung, platform.device().sleep(pause)).await),
            None => rung.await,
        }
    }
}

/// Drains if anything is due, and says how long nothing will be; `None` for as long as nobody rings.
async fn attend_once<P: Platform>(
    platform: &P,
    told: &impl Fn(DrainEvent),
    counted: &impl Fn(usize),
) -> Result<Option<Duration>, StoreError> {
    let (store, part) = (platform.store(), platform.part());
    let mut now = platform.device().now();
    let mut outlook = store.outlook(part, now).await?;
    // One in flight may be a dead tab's: whoever gets the turn knows that its holder is gone.
    if outlook.in_flight || outlook.next.is_some_and(|at| at <= now) {
        let drained = drain_in_turn(platform, told).await;
        counted(store.pending().await?);
        drained?;
        now = platform.device().now();
        outlook = store.outlook(part, now).await?;
    }
    Ok(outlook.next.map(|at| Duration::from_millis(at.millis_since(now).max(0) as u64).clamp(SHORTEST, LONGEST)))
}
