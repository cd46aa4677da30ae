//! Whose things are kept on this device, where, and under which key.

use core::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Uint8Array};

use super::js::{call, hex, sha256, window};
use super::spare::CacheSpare;
use super::vault::{self, Records, Sealed, sealed};
use super::{BrowserDevice, canary};
use crate::adapters::http::{HttpDesk, Who};
use crate::adapters::indexeddb::IndexedDbRecords;
use crate::domain::outbox::{OutboxEntry, OutboxState, WaitReason};
use crate::ports::records::{Ask, Found, Keep, Table};
use crate::ports::spare::Spare;
use crate::ports::{Chance, Clock, Later, StoreError};
use crate::runtime::store::copying::{CopiedRecords, New};

/// The database on this device: one for all service desks and persons of an origin.
pub(super) const DATABASE: &str = "itsm.default.1";

/// What may be kept on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// What was typed, as soon as something was.
    Allowed,
    /// Nothing.
    Off,
}

/// What fails sooner is tried once more after as long, in milliseconds.
const QUICK: i64 = 400;

thread_local! {
    /// One connection for as long as the page lasts: elements come and go, and each connection is kept by its listeners.
    static DATABASES: RefCell<Option<Records>> = const { RefCell::new(None) };
}

/// Finds the database in the browser, or makes it.
fn find_or_make(make: bool) -> Later<'static, Result<Option<IndexedDbRecords>, StoreError>> {
    Box::pin(async move {
        let asked = BrowserDevice.now();
        let opened = IndexedDbRecords::find_or_make(DATABASE, make).await;
        if opened.is_ok() || BrowserDevice.now().millis_since(asked) >= QUICK {
            return opened;
        }
        // A browser that was killed may still be in the way of the one that was started after it.
        TimeoutFuture::new(QUICK as u32).await;
        IndexedDbRecords::find_or_make(DATABASE, make).await
    })
}

/// The database; `None` if there is none and none is to be made. One that the browser has thrown away is made anew for what
/// was copied of it.
fn database(make: bool) -> Later<'static, Result<Option<Records>, StoreError>> {
    Box::pin(async move {
        if let Some(open) = DATABASES.with_borrow(Clone::clone) {
            return Ok(Some(open));
        }
        let spare = Rc::new(CacheSpare);
        let mut found = find_or_make(make).await?;
        if found.is_none() && !spare.all().await.is_empty() {
            found = find_or_make(true).await?;
        }
        let Some(found) = found else { return Ok(None) };
        // It counts page views and requests: fewer than there were milliseconds.
        let new = New { name: BrowserDevice.uuid(), after: BrowserDevice.now().as_millis().unsigned_abs() };
        let opened = CopiedRecords::open(Rc::new(found), spare, new).await?;
        // Another element may have been quicker.
        let open = DATABASES.with_borrow_mut(|open| open.get_or_insert_with(|| Rc::new(opened) as Records).clone());
        Ok(Some(open))
    })
}

/// The next time the database is looked for anew.
pub(super) fn let_go() {
    DATABASES.take();
}

/// Deletes the database, as soon as no tab uses it; all of ours let go when they hear of it.
pub(super) fn delete_database() {
    let_go();
    if let Ok(Some(factory)) = window().indexed_db() {
        call(&factory, "deleteDatabase", &Array::of1(&DATABASE.into()));
    }
}

/// How much of all persons is in that table of the database; 0 also where there is no database.
pub(super) async fn count(table: &'static Table) -> Result<usize, StoreError> {
    let Some(records) = database(false).await? else { return Ok(0) };
    let mut count = 0;
    let mut look = |found: &mut Found| {
        count = found.one()?.unwrap_or_default();
        Ok(vec![])
    };
    records.transact(Keep::Read, &[table], &[Ask::Count(table)], &mut look).await?;
    Ok(count)
}

/// What belongs to one person at one service desk.
pub(super) struct Part {
    /// Names it in every record.
    pub(super) name: String,
    storage_key: String,
    storage: Storage,
}

/// Whoever is not signed in.
const ANONYMOUS: &str = "anonymous";
/// Somebody who is signed in, while the page cannot say who.
const UNKNOWN: &str = "unknown ";

thread_local! {
    /// Names this page: a word of chance that ends with it.
    static PAGE: String = BrowserDevice.uuid();
}

/// Who somebody unknown most likely is.
fn unknown_here(api: &str) -> String {
    Some(canary::last_person(api)).filter(|last| !last.is_empty()).unwrap_or_else(|| PAGE.with(Clone::clone))
}

fn named(whose: &str, api: &str) -> String {
    [whose, "@", api].concat()
}

/// Which entries are taken.
type Takes = fn(&OutboxEntry) -> bool;

/// A part from before it was known who is here.
pub(super) struct Before {
    pub(super) part: Part,
    /// Which of its entries are theirs who are here now.
    pub(super) takes: Takes,
    /// Whether the others are sent all the same.
    pub(super) goes_on: bool,
}

/// A digest where the page has cryptography: persons have no names in the database.
async fn digest(text: &str) -> String {
    match sha256(&Uint8Array::from(text.as_bytes())).await {
        Some(digest) => hex(&digest[..16]),
        None => text.replace('\n', " "),
    }
}

impl Part {
    /// That of who is here; of somebody unknown, if that cannot be told now.
    pub(super) async fn of(who: Option<&Who>, desk: &HttpDesk, storage: Storage) -> Self {
        let (whose, storage_key) = match who {
            // Most likely whoever was here last; if nobody was, whoever is known first in this page. Nobody else gets it.
            None => ([UNKNOWN, &unknown_here(desk.api())].concat(), ""),
            Some(Who { subject, storage_key }) if subject.is_empty() && storage_key.is_empty() => {
                (ANONYMOUS.to_owned(), "")
            }
            // Whoever has another key finds nothing that it does not open.
            Some(Who { subject, storage_key }) => {
                (digest(&[subject, "\n", storage_key].concat()).await, storage_key.as_str())
            }
        };
        Self { name: named(&whose, desk.api()), storage_key: storage_key.to_owned(), storage }
    }

    /// What holds what a person who is signed in may have written before that was known.
    pub(super) fn before(&self, api: &str) -> Vec<Before> {
        let Some(whose) = self.name.strip_suffix(&named("", api)) else { return vec![] };
        if whose == ANONYMOUS || whose.starts_with(UNKNOWN) {
            return vec![];
        }
        let before = |whose: &str, takes, goes_on| {
            let (name, storage_key) = (named(whose, api), String::new());
            Before { part: Self { name, storage_key, storage: self.storage }, takes, goes_on }
        };
        // What waits for its person to sign in is theirs who did; anything else was meant to be nobody's.
        let waits: Takes = |entry| matches!(entry.progress.state, OutboxState::Waiting { why: WaitReason::SignIn, .. });
        let all: Takes = |entry| !matches!(entry.progress.state, OutboxState::InFlight { .. });
        let (own, here) = ([UNKNOWN, whose].concat(), [UNKNOWN, &PAGE.with(Clone::clone)].concat());
        vec![before(ANONYMOUS, waits, true), before(&here, all, false), before(&own, all, false)]
    }

    /// Notes that this person was here last.
    pub(super) fn note_last(&self, api: &str) {
        if let Some(whose) = self.name.strip_suffix(&named("", api)).filter(|whose| !whose.starts_with(UNKNOWN)) {
            canary::set_last_person(api, if whose == ANONYMOUS { "" } else { whose });
        }
    }

    /// Under what page the runtime of this part is known.
    pub(super) fn runtime_name(&self) -> String {
        [&*self.name, if self.may_be_kept() { "" } else { " off" }].concat()
    }

    /// Whether anything of it may be kept on this device.
    pub(super) fn may_be_kept(&self) -> bool {
        // A key that the page gave, and nothing to seal with: then it is for memory only.
        self.storage == Storage::Allowed && (self.storage_key.is_empty() || vault::exists())
    }

    /// Whether it opens only with something that the page gives its person.
    pub(super) fn is_locked(&self) -> bool {
        !self.storage_key.is_empty()
    }

    /// Where in the database its key is kept.
    pub(super) fn key_name(&self) -> String {
        ["key ", &self.name].concat()
    }

    /// What is kept of it in the database; `None` if that is nothing, and no place is to be made for it.
    pub(super) fn open(&self, make: bool) -> Later<'_, Result<Option<Sealed>, StoreError>> {
        Box::pin(async move {
            if !self.may_be_kept() {
                return Ok(None);
            }
            let Some(records) = database(make).await? else { return Ok(None) };
            sealed(records, self.key_name(), &self.storage_key, make).await
        })
    }
}
