//! What a browser keeps for all its tabs: each transaction takes its time, and may fail.

use std::cell::Cell;
use std::rc::Rc;

use itsm_widgets::adapters::memory::MemoryRecords;
use itsm_widgets::ports::records::{Ask, Decide, Keep, RecordStore, Table};
use itsm_widgets::ports::{Later, StoreError};

use crate::scheduler::Scheduler;

type Bytes = Vec<u8>;

/// The records of one browser, as one tab sees them.
#[derive(Clone)]
pub(crate) struct Records {
    world: Rc<Scheduler>,
    kept: Rc<MemoryRecords<Bytes>>,
    /// How many of a hundred writes fail.
    failing: Rc<Cell<u64>>,
}

impl Records {
    pub(crate) fn new(world: &Rc<Scheduler>) -> Self {
        Self { world: world.clone(), kept: Rc::default(), failing: Rc::default() }
    }

    /// From now on so many of a hundred writes fail.
    pub(crate) fn set_failing(&self, percent: u64) {
        self.failing.set(percent);
    }
}

impl RecordStore for Records {
    type Bytes = Bytes;

    fn transact<'a>(
        &'a self,
        keep: Keep,
        tables: &'a [&'static Table],
        asks: &'a [Ask<'a>],
        decide: &'a mut Decide<'a, Bytes>,
    ) -> Later<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.world.linger(3).await;
            if keep != Keep::Read && self.world.happens(self.failing.get()) {
                return Err(if self.world.happens(50) { StoreError::QuotaExceeded } else { StoreError::Unavailable });
            }
            let done = self.kept.transact(keep, tables, asks, decide).await;
            // A tab that dies here has written and does not know it.
            self.world.linger(3).await;
            done
        })
    }

    fn chunk<'a>(&'a self, file: &'a str, index: u32) -> Later<'a, Result<Option<Bytes>, StoreError>> {
        self.kept.chunk(file, index)
    }

    fn is_lasting(&self) -> bool {
        true
    }
}
