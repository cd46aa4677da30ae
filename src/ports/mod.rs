//! What the rules need of the world: traits, each with the error its callers can act on.

pub mod records;
pub mod spare;
pub mod vault;

use core::time::Duration;

use crate::document;
use crate::domain::id::{EntryId, FormId, SubmissionKey};
use crate::domain::outbox::{Appended, Attachment, OutboxEntry, Verdict};
use crate::domain::ticket::Receipt;
use crate::domain::time::Timestamp;

/// Why a store did not do what it was asked, as far as a user may notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The device's space for this page is used up.
    #[error("no space is left on this device")]
    QuotaExceeded,
    /// There is no store here, or it has gone away: a private window, a wiped profile.
    #[error("this device keeps nothing")]
    Unavailable,
    /// A record cannot be read.
    #[error("a saved record cannot be read")]
    Corrupt,
}

/// Why a draft was not saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveDraftError {
    /// Somebody else saved it in the meantime; theirs stands, and ours needs a name of its own.
    #[error("another tab has changed this draft")]
    Conflict,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Something that comes later, as one pointer: what many callers await is in the wasm once.
pub type Later<'a, T> = core::pin::Pin<Box<dyn Future<Output = T> + 'a>>;

/// Tells the time.
pub trait Clock {
    /// Now, by the device's clock, which may be wrong.
    fn now(&self) -> Timestamp;
}

/// Chance.
pub trait Chance {
    /// A number in `0.0..1.0`.
    fn jitter(&self) -> f64;
    /// A new UUID, version 7, from the device's cryptographic generator.
    fn uuid(&self) -> String;
}

/// Lets time pass.
pub trait Timer {
    /// Ends after `span`, or later where the tab sleeps.
    fn sleep(&self, span: Duration) -> Later<'static, ()>;
}

/// Whose turn it is among the tabs of a browser. It saves traffic; safety is the store's.
pub trait Turns {
    /// The turn, until it is dropped. Another may have taken it meanwhile.
    type Turn;
    /// Comes when it is this tab's turn; `None` where tabs cannot wait for each other.
    fn turn(&self) -> Option<Later<'static, Option<Self::Turn>>>;
    /// Takes the turn, whosever it is.
    fn take_turn(&self) -> Later<'static, Option<Self::Turn>>;
}

/// A receipt that is kept on the device.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptReceipt {
    /// The entry it was for.
    pub entry: EntryId,
    /// The form the request came from.
    pub form: FormId,
    /// Where it was filled in, as drafts of one form are told apart.
    pub context: String,
    /// When it came, by the device's clock.
    pub at: Timestamp,
    /// The receipt.
    pub receipt: Receipt,
}

document! { open KeptReceipt { entry: "entry", form: "form", context or_default: "context", at: "at", receipt: "receipt", } }

/// Something fetched earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// The body: JSON.
    pub body: String,
    /// Its entity tag, to ask whether it is still current.
    pub etag: Option<String>,
    /// When the service desk last said that it is current, by the device's clock.
    pub as_of: Timestamp,
}

document! { open Cached { body: "body", etag: "etag", as_of: "as_of", } }

/// What came of reading from the service desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetched {
    /// The body and its entity tag.
    Fresh {
        /// JSON.
        body: String,
        /// The header `ETag`.
        etag: Option<String>,
    },
    /// What the entity tag stands for is still current.
    NotModified,
    /// There is no such thing there.
    Absent,
    /// No usable answer.
    Failed,
}

/// The single point of contact: a backend that speaks our contract.
#[expect(async_fn_in_trait, reason = "one thread: the browser's; no Send bound is wanted")]
pub trait ServiceDesk {
    /// A piece of a file.
    type Bytes;
    /// Reads `path` below the API's address, and gives up after `patience`.
    async fn fetch(&self, path: &str, etag: Option<&str>, patience: Duration) -> Fetched;
    /// Begins to hand over a file; of one that was begun before, says how many bytes are there. `Err` says what to do
    /// instead.
    async fn begin_upload(&self, file: &Attachment) -> Result<u64, Verdict>;
    /// Hands over the bytes of `piece` from `skip` on, which in the file are those from `start` on.
    async fn append(&self, file: &Attachment, start: u64, piece: &Self::Bytes, skip: u32) -> Result<Appended, Verdict>;
    /// Hands over an entry.
    async fn deliver(&self, entry: &OutboxEntry) -> Verdict;
    /// Takes a key back: it can never make a ticket from then on.
    async fn withdraw(&self, key: &SubmissionKey) -> Verdict;
    /// How far the desk's clock is ahead of the device's, in milliseconds, as last measured.
    fn clock_offset(&self) -> Option<i64>;
}
