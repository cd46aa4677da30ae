//! The connection, and one transaction on it.

use core::cell::RefCell;
use std::rc::Rc;

use indexed_db_futures::KeyRange;
use indexed_db_futures::database::{Database, VersionChangeEvent};
use indexed_db_futures::error::{DomException, Error};
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{Transaction, TransactionDurability, TransactionMode, TransactionOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::schema;
use crate::adapters::browser::js::{Later, from_js, to_js};
use crate::ports::{CacheStore, Cached, StoreError};

/// The database of this origin.
pub struct IndexedDbStore {
    name: String,
    connection: RefCell<Option<Rc<Database>>>,
}

/// What went wrong, as the browser says it, or with a record of our own.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexedDbError {
    #[error(transparent)]
    Browser(#[from] Error),
    #[error("a record cannot be read")]
    Record,
}

impl IndexedDbError {
    /// Whether the connection is gone, so that a new one may help. WebKit loses them.
    fn is_lost_connection(&self) -> bool {
        match self {
            Self::Browser(Error::DomException(DomException::InvalidStateError(_))) => true,
            Self::Browser(Error::DomException(DomException::Other(other))) => other.name() == "UnknownError",
            _ => false,
        }
    }
}

impl From<IndexedDbError> for StoreError {
    fn from(error: IndexedDbError) -> Self {
        match error {
            IndexedDbError::Record => Self::Corrupt,
            IndexedDbError::Browser(Error::DomException(DomException::Other(other)))
                if other.name() == "QuotaExceededError" =>
            {
                Self::QuotaExceeded
            }
            IndexedDbError::Browser(_) => Self::Unavailable,
        }
    }
}

/// How surely a transaction is kept.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// Nothing is written.
    Read,
    /// Survives a crash of the browser.
    Relaxed,
    /// Survives a loss of power.
    Strict,
}

impl IndexedDbStore {
    /// Opens the database `name`, makes it or brings it up to date.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let store = Self { name: name.to_owned(), connection: RefCell::default() };
        store.connection().await?;
        Ok(store)
    }

    /// The open connection. Boxed, like all that every transaction shares: as part of each caller's state machine it
    /// would be in the wasm a dozen times.
    fn connection(&self) -> Later<'_, Result<Rc<Database>, StoreError>> {
        Box::pin(async move {
            if let Some(open) = self.connection.borrow().clone() {
                return Ok(open);
            }
            let opened = Database::open(self.name.as_str())
                .with_version(schema::VERSION)
                .with_on_upgrade_needed(|event: VersionChangeEvent, tx: &Transaction<'_>| {
                    schema::upgrade(event.old_version() as u32, tx.db())?;
                    Ok(())
                })
                .await
                .map_err(|_| StoreError::Unavailable)?;
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

    /// Does `work` in one transaction over `stores`; returns only once it is complete. A lost connection is opened anew,
    /// once, and the work repeated: nothing of it was kept.
    pub(super) async fn transact<T>(
        &self,
        stores: &[&str],
        keep: Keep,
        mut work: impl AsyncFnMut(&Tx<'_>) -> Result<T, IndexedDbError>,
    ) -> Result<T, StoreError> {
        let mut again = true;
        loop {
            let db = self.connection().await?;
            let done = match begin(&db, stores, keep) {
                Ok(tx) => match work(&tx).await {
                    Ok(done) => tx.commit().await.map(|()| done),
                    // Dropped without a commit, a transaction is rolled back.
                    Err(error) => Err(error),
                },
                Err(error) => Err(error),
            };
            match done {
                Ok(done) => return Ok(done),
                Err(error) if again && error.is_lost_connection() => {
                    again = false;
                    self.connection.borrow_mut().take();
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

fn begin<'db>(db: &'db Database, stores: &[&str], keep: Keep) -> Result<Tx<'db>, IndexedDbError> {
    let (mode, durability) = match keep {
        Keep::Read => (TransactionMode::Readonly, TransactionDurability::Default),
        Keep::Relaxed => (TransactionMode::Readwrite, TransactionDurability::Relaxed),
        Keep::Strict => (TransactionMode::Readwrite, TransactionDurability::Strict),
    };
    let options = TransactionOptions::new().with_durability(durability);
    let names: Vec<String> = stores.iter().map(|name| (*name).to_owned()).collect();
    Ok(Tx(db.transaction(names).with_mode(mode).with_options(options).build()?))
}

/// One transaction. Await nothing but its own requests: it ends when none is open.
pub(super) struct Tx<'a>(Transaction<'a>);

impl Tx<'_> {
    fn commit<'a>(self) -> Later<'a, Result<(), IndexedDbError>>
    where
        Self: 'a,
    {
        Box::pin(async move { Ok(self.0.commit().await?) })
    }

    /// The record under `key`.
    pub(super) async fn get<T: DeserializeOwned>(&self, store: &str, key: &str) -> Result<Option<T>, IndexedDbError> {
        self.get_js(store, JsValue::from_str(key)).await?.map(read).transpose()
    }

    /// The value under `key`, as it is.
    pub(super) fn get_js<'a>(
        &'a self,
        store: &'a str,
        key: JsValue,
    ) -> Later<'a, Result<Option<JsValue>, IndexedDbError>> {
        Box::pin(async move { Ok(self.0.object_store(store)?.get(key).primitive()?.await?) })
    }

    /// All records that `index` has under `key`.
    pub(super) async fn all<T: DeserializeOwned>(
        &self,
        store: &str,
        index: &str,
        key: &str,
    ) -> Result<Vec<T>, IndexedDbError> {
        self.all_js(store, index, key).await?.into_iter().map(read).collect()
    }

    fn all_js<'a>(
        &'a self,
        store: &'a str,
        index: &'a str,
        key: &'a str,
    ) -> Later<'a, Result<Vec<JsValue>, IndexedDbError>> {
        Box::pin(async move {
            let store = self.0.object_store(store)?;
            let index = store.index(index)?;
            let found = index.get_all::<JsValue>().with_query(JsValue::from_str(key)).primitive()?.await?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// All values of `store`.
    pub(super) async fn every<T: DeserializeOwned>(&self, store: &str) -> Result<Vec<T>, IndexedDbError> {
        self.every_js(store).await?.into_iter().map(read).collect()
    }

    fn every_js<'a>(&'a self, store: &'a str) -> Later<'a, Result<Vec<JsValue>, IndexedDbError>> {
        Box::pin(async move {
            let found = self.0.object_store(store)?.get_all::<JsValue>().primitive()?.await?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// How many records `store` has.
    pub(super) async fn count(&self, store: &str) -> Result<usize, IndexedDbError> {
        Ok(self.0.object_store(store)?.count().primitive()?.await? as usize)
    }

    /// Puts a record that holds its own key.
    pub(super) async fn put<T: Serialize>(&self, store: &str, record: &T) -> Result<(), IndexedDbError> {
        self.put_js(store, None, to_js(record).ok_or(IndexedDbError::Record)?).await
    }

    /// Puts `value` under `key`.
    pub(super) async fn put_at(&self, store: &str, key: JsValue, value: JsValue) -> Result<(), IndexedDbError> {
        self.put_js(store, Some(key), value).await
    }

    fn put_js<'a>(
        &'a self,
        store: &'a str,
        key: Option<JsValue>,
        value: JsValue,
    ) -> Later<'a, Result<(), IndexedDbError>> {
        Box::pin(async move {
            let store = self.0.object_store(store)?;
            match key {
                Some(key) => store.put(value).with_key(key).without_key_type().primitive()?.await?,
                None => store.put(value).without_key_type().primitive()?.await?,
            }
            Ok(())
        })
    }

    /// Deletes what is under `key`, if anything is.
    pub(super) fn delete<'a>(&'a self, store: &'a str, key: JsValue) -> Later<'a, Result<(), IndexedDbError>> {
        Box::pin(async move {
            self.0.object_store(store)?.delete::<JsValue, _>(KeyRange::Only(key)).primitive()?.await?;
            Ok(())
        })
    }

    /// The counter `name`, and 0 if it was never set.
    pub(super) async fn counter(&self, name: &str) -> Result<u64, IndexedDbError> {
        let value = self.get_js(schema::META, name.into()).await?;
        Ok(value.and_then(|value| value.as_f64()).unwrap_or(0.0) as u64)
    }

    /// Sets the counter `name`.
    pub(super) async fn set_counter(&self, name: &str, value: u64) -> Result<(), IndexedDbError> {
        self.put_at(schema::META, name.into(), (value as f64).into()).await
    }
}

fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, IndexedDbError> {
    from_js(value).map_err(|_| IndexedDbError::Record)
}

impl CacheStore for IndexedDbStore {
    async fn cached(&self, url: &str) -> Result<Option<Cached>, StoreError> {
        self.transact(&[schema::CACHE], Keep::Read, async |tx| tx.get(schema::CACHE, url).await).await
    }

    async fn keep(&self, url: &str, cached: &Cached) -> Result<(), StoreError> {
        let value = to_js(cached).ok_or(StoreError::Corrupt)?;
        self.transact(&[schema::CACHE], Keep::Relaxed, async |tx| {
            tx.put_at(schema::CACHE, url.into(), value.clone()).await
        })
        .await
    }
}
