//! What a browser keeps for all its tabs: each transaction takes its time, and may fail.

use std::cell::Cell;
use std::rc::Rc;

use futures_util::FutureExt;
use itsm_widgets::adapters::memory::MemoryRecords;
use itsm_widgets::domain::value::{Value, to_json};
use itsm_widgets::ports::records::{Ask, Change, Decide, Found, Keep, META, RecordStore, Table};
use itsm_widgets::ports::vault::{Vault, Way};
use itsm_widgets::ports::{Later, StoreError};
use itsm_widgets::runtime::DeviceStore;
use itsm_widgets::runtime::store::SealedRecords;

use crate::scheduler::Scheduler;

type Bytes = Vec<u8>;

/// Where the key is kept.
const KEY: &str = "key";

/// Seals by turning values into text. It takes its time, in which other tabs do what they like.
struct SlowVault(Rc<Scheduler>);

impl Vault for SlowVault {
    type Bytes = Bytes;

    fn value<'a>(&'a self, way: Way, _: &'a str, value: Value) -> Later<'a, Result<Value, StoreError>> {
        Box::pin(async move {
            self.0.linger(2).await;
            match (way, value) {
                (Way::In, value) => Ok(Value::Text(to_json(&value))),
                (Way::Out, Value::Text(text)) => serde_json::from_str(&text).map_err(|_| StoreError::Corrupt),
                (Way::Out, _) => Err(StoreError::Corrupt),
            }
        })
    }

    fn piece<'a>(&'a self, _: Way, _: &'a str, piece: Bytes) -> Later<'a, Result<Bytes, StoreError>> {
        Box::pin(async move {
            self.0.linger(2).await;
            Ok(piece.iter().map(|byte| !byte).collect())
        })
    }
}

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
        let kept: Rc<MemoryRecords<Bytes>> = Rc::default();
        let key = Change::PutAt(&META, KEY.to_owned(), Value::Flag(true));
        let mut put_key = |_: &mut Found| Ok(vec![key.clone()]);
        // Memory answers at once.
        let put = kept.transact(Keep::Strict, &[&META], &[], &mut put_key).now_or_never();
        assert_eq!(put, Some(Ok(())));
        Self { world: world.clone(), kept, failing: Rc::default() }
    }

    /// The store of one tab, sealed as in a browser.
    pub(crate) fn store(&self) -> DeviceStore<Bytes> {
        let vault = SlowVault(self.world.clone());
        DeviceStore::over(SealedRecords::new(
            Rc::new(self.clone()),
            Some(Rc::new(vault)),
            (KEY.to_owned(), Value::Flag(true)),
        ))
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
