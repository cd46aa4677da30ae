//! One transaction: reads, decides, writes. It awaits nothing but its own requests, since it ends when none is open.

use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;

use gloo_timers::future::TimeoutFuture;
use indexed_db_futures::KeyRange;
use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;
use indexed_db_futures::transaction::{Transaction, TransactionDurability, TransactionMode, TransactionOptions};
use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::{JsCast, JsValue};

use super::error::IndexedDbError;
use super::freeze;
use crate::adapters::browser::js::{to_js, value_of};
use crate::domain::value::{Document, Value};
use crate::ports::records::{Ask, CHUNKS, Change, Decide, Found, Keep, Table};
use crate::ports::{Later, StoreError};

/// How long a transaction may be kept from its turn, in milliseconds.
const PATIENCE: u32 = 2_500;

/// What the browser will have found.
type Answer<T> = Later<'static, Result<T, IndexedDbError>>;

/// Does it all. The outer error is the browser's, the inner one `decide`'s own.
pub(super) async fn run(
    db: &Database,
    keep: Keep,
    tables: &[&'static Table],
    asks: &[Ask<'_>],
    decide: &mut Decide<'_, ArrayBuffer>,
) -> Result<Result<(), StoreError>, IndexedDbError> {
    let tx = begin(db, keep, tables)?;
    // All are under way before the first is waited for: one round trip.
    let mut answers = asks.iter().map(|ask| answer(&tx, ask)).collect::<Result<Vec<_>, _>>()?;
    if let ([], [table, ..]) = (asks, tables) {
        // Its turn has to come, in time.
        answers.push(answer(&tx, &Ask::Count(table))?);
    }
    let found = in_time(answers).await?;
    // What is no plain value is nothing of ours.
    let values =
        |records: &Vec<JsValue>| records.iter().map(|record| value_of(record).unwrap_or(Value::Null)).collect();
    let mut found = Found::new(found.iter().map(values).collect());
    // Dropped without a commit, a transaction is rolled back.
    let changes = match decide(&mut found) {
        Ok(changes) => changes,
        Err(error) => return Ok(Err(error)),
    };
    for change in changes {
        apply(&tx, change)?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// What is waited for. Nothing has been written where it has to be given up: the transaction is rolled back as it is dropped,
/// at once, so that a page that is being frozen leaves none behind.
fn in_time(answers: Vec<Answer<Vec<JsValue>>>) -> Answer<Vec<Vec<JsValue>>> {
    Box::pin(async move {
        let (mut frozen, mut late) = (freeze::frozen(), TimeoutFuture::new(PATIENCE));
        let mut found = Vec::with_capacity(answers.len());
        for mut answer in answers {
            let answered = poll_fn(|context| {
                if let Poll::Ready(answered) = answer.as_mut().poll(context) {
                    return Poll::Ready(answered);
                }
                if Pin::new(&mut frozen).poll(context).is_ready() {
                    return Poll::Ready(Err(IndexedDbError::Frozen));
                }
                Pin::new(&mut late).poll(context).map(|()| Err(IndexedDbError::HeldUp))
            });
            found.push(answered.await?);
        }
        Ok(found)
    })
}

/// The piece of a file at that place.
pub(super) async fn chunk(db: &Database, file: &str, index: u32) -> Result<Option<ArrayBuffer>, IndexedDbError> {
    let tx = begin(db, Keep::Read, &[&CHUNKS])?;
    let key: JsValue = Array::of2(&file.into(), &index.into()).into();
    let pieces = tx.object_store(CHUNKS.name)?.get_all::<JsValue>().with_query::<JsValue, _>(key).primitive()?;
    let found = in_time(vec![Box::pin(async move { Ok(pieces.await?.collect::<Result<_, _>>()?) })]).await?;
    Ok(found.into_iter().flatten().find_map(|piece| piece.dyn_into().ok()))
}

/// Keys are lists of name and number; a list is after every number.
fn pieces_of(file: &str) -> KeyRange<JsValue> {
    let name = JsValue::from_str(file);
    KeyRange::Bound(Array::of1(&name).into(), false, Array::of2(&name, &Array::new()).into(), false)
}

fn begin<'db>(db: &'db Database, keep: Keep, tables: &[&'static Table]) -> Result<Transaction<'db>, IndexedDbError> {
    let (mode, durability) = match keep {
        Keep::Read => (TransactionMode::Readonly, TransactionDurability::Default),
        Keep::Relaxed => (TransactionMode::Readwrite, TransactionDurability::Relaxed),
        Keep::Strict => (TransactionMode::Readwrite, TransactionDurability::Strict),
    };
    let options = TransactionOptions::new().with_durability(durability);
    let names: Vec<String> = tables.iter().map(|table| table.name.to_owned()).collect();
    Ok(db.transaction(names).with_mode(mode).with_options(options).build()?)
}

/// Begins the request; gives what waits for its answer.
fn answer(tx: &Transaction<'_>, ask: &Ask<'_>) -> Result<Answer<Vec<JsValue>>, IndexedDbError> {
    let table = ask.table();
    let store = tx.object_store(table.name)?;
    let all = match (ask, &table.index) {
        (Ask::Count(_), _) => {
            let count = store.count().primitive()?;
            return Ok(Box::pin(async move { Ok(vec![count.await?.into()]) }));
        }
        (Ask::By(_, value), Some(index)) => {
            let index = store.index(index.name)?;
            index.get_all::<JsValue>().with_query(JsValue::from_str(value)).primitive()?
        }
        (Ask::One(_, name), _) => store.get_all::<JsValue>().with_query(JsValue::from_str(name)).primitive()?,
        (Ask::By(..), None) | (Ask::All(_), _) => store.get_all::<JsValue>().primitive()?,
    };
    Ok(Box::pin(async move { Ok(all.await?.collect::<Result<_, _>>()?) }))
}

/// Begins the request. It is not awaited: if it fails, so does the commit.
fn apply(tx: &Transaction<'_>, change: Change<ArrayBuffer>) -> Result<(), IndexedDbError> {
    let put = |table: &Table, key: Option<JsValue>, value: JsValue| {
        let store = tx.object_store(table.name)?;
        let request = store.put(value);
        match key {
            Some(key) => drop(request.with_key(key).without_key_type().primitive()?),
            None => drop(request.without_key_type().primitive()?),
        }
        Ok(())
    };
    let delete = |table: &Table, key: KeyRange<JsValue>| {
        drop(tx.object_store(table.name)?.delete::<JsValue, _>(key).primitive()?);
        Ok(())
    };
    match change {
        Change::Put(table, record) => put(table, None, to_js(&record)),
        Change::PutAt(table, name, record) => put(table, Some(name.into()), to_js(&record.write())),
        Change::Delete(table, name) => delete(table, KeyRange::Only(name.into())),
        Change::PutChunk { file, index, bytes } => {
            put(&CHUNKS, Some(Array::of2(&file.into(), &index.into()).into()), bytes.into())
        }
        Change::DeleteChunks { file } => delete(&CHUNKS, pieces_of(&file)),
    }
}
