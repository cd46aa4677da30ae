//! What is kept on the device, and what follows from what: rules over records, the same in a browser's database and in
//! memory. Every call is one transaction.
//!
//! The promises are tests in [`contract`]; every adapter of [`RecordStore`] runs them all.

mod adopting;
#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod copying;
mod drafts;
mod files;
mod forgetting;
mod moving;
mod outbox;
mod retention;
pub mod sealing;

pub use outbox::{Leader, Outlook};
pub use sealing::SealedRecords;

use std::cell::RefCell;
use std::rc::Rc;

use crate::domain::value::{Document, Value};
use crate::ports::records::{Ask, CACHE, Change, Decide, Found, Keep, RecordStore, Table};
use crate::ports::{Cached, Later, StoreError};

/// The member that holds the address of what was fetched.
const URL: &str = "url";

/// All that is kept on a device. `B` is a piece of a file.
pub struct DeviceStore<B> {
    /// Another one once what was kept in memory could be moved.
    records: RefCell<Rc<dyn RecordStore<Bytes = B>>>,
}

impl<B: Clone + 'static> DeviceStore<B> {
    /// A store over `records`.
    pub fn over(records: impl RecordStore<Bytes = B> + 'static) -> Self {
        Self { records: RefCell::new(Rc::new(records)) }
    }

    /// Whether what is kept here survives the end of the page.
    pub fn is_lasting(&self) -> bool {
        self.records().is_lasting()
    }

    /// Keeps everything in `records` from now on. What was kept elsewhere is gone.
    pub fn begin_anew(&self, records: impl RecordStore<Bytes = B> + 'static) {
        self.records.replace(Rc::new(records));
    }

    fn records(&self) -> Rc<dyn RecordStore<Bytes = B>> {
        self.records.borrow().clone()
    }

    /// What was fetched from `url`.
    pub async fn cached(&self, url: &str) -> Result<Option<Cached>, StoreError> {
        self.read(&[&CACHE], &[Ask::One(&CACHE, url)], Found::one).await
    }

    /// Keeps it.
    pub async fn keep(&self, url: &str, cached: &Cached) -> Result<(), StoreError> {
        let mut record = cached.write();
        if let Value::Object(members) = &mut record {
            // Its name stands beside it, and also in it: so that it can be moved.
            members.insert(URL.to_owned(), Value::Text(url.to_owned()));
        }
        self.write(Keep::Relaxed, &[&CACHE], vec![Change::PutAt(&CACHE, url.to_owned(), record)]).await
    }

    /// As one pointer: what many callers await is in the wasm once.
    fn transact<'a>(
        &'a self,
        keep: Keep,
        tables: &'a [&'static Table],
        asks: &'a [Ask<'a>],
        decide: &'a mut Decide<'a, B>,
    ) -> Later<'a, Result<(), StoreError>> {
        let records = self.records();
        Box::pin(async move { records.transact(keep, tables, asks, decide).await })
    }

    /// What `read` makes of what `asks` found.
    async fn read<T>(
        &self,
        tables: &[&'static Table],
        asks: &[Ask<'_>],
        read: impl Fn(&mut Found) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut result = Err(StoreError::Unavailable);
        let mut decide = |found: &mut Found| {
            result = read(found);
            Ok(vec![])
        };
        self.transact(Keep::Read, tables, asks, &mut decide).await?;
        result
    }

    /// Writes `changes`, whatever is there.
    async fn write(&self, keep: Keep, tables: &[&'static Table], changes: Vec<Change<B>>) -> Result<(), StoreError> {
        self.transact(keep, tables, &[], &mut |_| Ok(changes.clone())).await
    }
}
