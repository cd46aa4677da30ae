//! Records in IndexedDB. WebKit loses connections: a lost one is opened anew, once, and the work repeated.

mod error;
mod freeze;
mod schema;
mod transaction;

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_events::EventListener;
use indexed_db_futures::database::Database;
use js_sys::ArrayBuffer;
use wasm_bindgen_futures::spawn_local;

use self::error::IndexedDbError;
use crate::ports::records::{Ask, Decide, Keep, RecordStore, Table};
use crate::ports::{Later, StoreError};

/// The database of this origin.
pub struct IndexedDbRecords {
    name: String,
    connection: RefCell<Option<Rc<Database>>>,
    was_open: Cell<bool>,
    _life: Option<[EventListener; 2]>,
}

impl IndexedDbRecords {
    /// Opens the database `name`, makes it or brings it up to date.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let records = Self {
            name: name.to_owned(),
            connection: RefCell::default(),
            was_open: Cell::new(false),
            _life: freeze::follow(),
        };
        records.connection().await?;
        Ok(records)
    }

    /// Opens the database `name`, if there is one, or one is to be made.
    pub fn find_or_make(name: &str, make: bool) -> Later<'_, Result<Option<Self>, StoreError>> {
        Box::pin(async move {
            freeze::thawed().await;
            match schema::prepare(name, make).await {
                Ok(true) => Self::open(name).await.map(Some),
                Ok(false) => Ok(None),
                Err(_) => Err(StoreError::Unavailable),
            }
        })
    }

    fn connection(&self) -> Later<'_, Result<Rc<Database>, StoreError>> {
        Box::pin(async move {
            freeze::thawed().await;
            if let Some(open) = self.connection.borrow().clone() {
                return Ok(open);
            }
            // A database that was deleted while this page used it is not made again by the way.
            let make = !self.was_open.replace(true);
            if schema::prepare(&self.name, make).await != Ok(true) {
                return Err(StoreError::Unavailable);
            }
            let opened = Database::open(self.name.as_str()).await.map_err(|_| StoreError::Unavailable)?;
            // Another tab wants to upgrade or delete: let go at once, or it hangs.
            if let Ok(mut changes) = opened.version_changes() {
                let closing = opened.clone();
                spawn_local(async move {
                    if changes.recv().await.is_some() {
                        closing.close();
                    }
                });
            }
            let opened = Rc::new(opened);
            *self.connection.borrow_mut() = Some(opened.clone());
            Ok(opened)
        })
    }

    /// Whether to do the work again: once the page goes on, or on a new connection.
    fn is_worth_repeating(&self, error: &IndexedDbError, repeated: &mut bool) -> bool {
        if matches!(error, IndexedDbError::Frozen) {
            return true;
        }
        let again = !*repeated && error.is_lost_connection();
        if again {
            *repeated = true;
            self.connection.borrow_mut().take();
        }
        again
    }
}

impl RecordStore for IndexedDbRecords {
    type Bytes = ArrayBuffer;

    fn transact<'a>(
        &'a self,
        keep: Keep,
        tables: &'a [&'static Table],
        asks: &'a [Ask<'a>],
        decide: &'a mut Decide<'a, ArrayBuffer>,
    ) -> Later<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut repeated = false;
            loop {
                let db = self.connection().await?;
                match transaction::run(&db, keep, tables, asks, decide).await {
                    Ok(decided) => return decided,
                    Err(error) if self.is_worth_repeating(&error, &mut repeated) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        })
    }

    fn chunk<'a>(&'a self, file: &'a str, index: u32) -> Later<'a, Result<Option<ArrayBuffer>, StoreError>> {
        Box::pin(async move {
            let mut repeated = false;
            loop {
                let db = self.connection().await?;
                match transaction::chunk(&db, file, index).await {
                    Ok(chunk) => return Ok(chunk),
                    Err(error) if self.is_worth_repeating(&error, &mut repeated) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        })
    }

    fn is_lasting(&self) -> bool {
        true
    }
}
