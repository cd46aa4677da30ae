//! What the rules need of the world: traits, each with the error its callers can act on.
//!
//! The stores' promises are tests in [`contract`]; every adapter runs them all.

#[cfg(any(test, feature = "contract"))]
pub mod contract;

use core::time::Duration;

use crate::domain::draft::{Draft, DraftPlace};
use crate::domain::id::{AttachmentId, DraftId, EntryId, FormId};
use crate::domain::outbox::{Attachment, Claim, OutboxEntry, OutboxState, RetryPolicy, Verdict};
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

/// Keeps what is not yet submitted.
#[expect(async_fn_in_trait, reason = "one thread: the browser's; no Send bound is wanted")]
pub trait DraftStore {
    /// The drafts of `place`, the latest first.
    async fn drafts(&self, place: &DraftPlace) -> Result<Vec<Draft>, StoreError>;
    /// Keeps `draft`, whose revision must be one more than the stored one's, or 1 if there is none.
    async fn save_draft(&self, draft: &Draft) -> Result<(), SaveDraftError>;
    /// Forgets the draft and the files that only it names.
    async fn delete_draft(&self, id: &DraftId) -> Result<(), StoreError>;
}

/// Keeps entries until they are delivered. Every call is one transaction.
#[expect(async_fn_in_trait, reason = "one thread: the browser's; no Send bound is wanted")]
pub trait OutboxStore {
    /// Adds `entry`, gives it the next `seq`, and drops the draft it came from. Returns only once that would survive
    /// a crash of the browser and of the device.
    async fn commit(&self, entry: &OutboxEntry, draft: Option<&DraftId>) -> Result<(), StoreError>;
    /// Begins a new epoch, which ends all earlier ones, and takes over what they left in flight.
    async fn lead(&self) -> Result<u64, StoreError>;
    /// Claims the oldest claimable entry of `part` until `lease_ends`; it stays in the store. `None` if there is none, or
    /// if `epoch` has ended.
    async fn claim(
        &self,
        part: &str,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> Result<Option<OutboxEntry>, StoreError>;
    /// Writes down what the verdict makes of the entry, if it is still `claim`'s; returns the new state, or `None` if it
    /// was not. A delivered entry leaves its receipt and goes, its files with it.
    async fn settle(
        &self,
        claim: &Claim,
        verdict: &Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Option<OutboxState>, StoreError>;
    /// Lets waiting entries of `part` be tried soon.
    async fn wake(&self, part: &str, now: Timestamp, jitter: f64) -> Result<(), StoreError>;
    /// Gives an entry up, unless it is being sent. Whether it was given up.
    async fn discard(&self, id: &EntryId) -> Result<bool, StoreError>;
    /// The entries of `part`, the oldest first.
    async fn entries(&self, part: &str) -> Result<Vec<OutboxEntry>, StoreError>;
    /// How many entries there are, of all parts.
    async fn pending(&self) -> Result<usize, StoreError>;
    /// Receipts of delivered entries of `part`, the latest first.
    async fn receipts(&self, part: &str) -> Result<Vec<KeptReceipt>, StoreError>;
}

/// A receipt that is kept on the device.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct KeptReceipt {
    /// The entry it was for.
    pub entry: EntryId,
    /// The form the request came from.
    pub form: FormId,
    /// When it came, by the device's clock.
    pub at: Timestamp,
    /// The receipt.
    pub receipt: Receipt,
}

/// Keeps the bytes of files until they are delivered.
#[expect(async_fn_in_trait, reason = "one thread: the browser's; no Send bound is wanted")]
pub trait FileStore {
    /// A file's bytes as this store hands them out.
    type Bytes;
    /// Keeps a file for the draft `owner`.
    async fn add_file(&self, owner: &DraftId, file: &Attachment, bytes: &Self::Bytes) -> Result<(), StoreError>;
    /// What is known of the files, in the order of `ids`; files that are not there are left out.
    async fn files(&self, ids: &[AttachmentId]) -> Result<Vec<Attachment>, StoreError>;
    /// A file's bytes.
    async fn bytes(&self, id: &AttachmentId) -> Result<Self::Bytes, StoreError>;
    /// Forgets a file.
    async fn delete_file(&self, id: &AttachmentId) -> Result<(), StoreError>;
}

/// Something fetched earlier.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cached {
    /// The body: JSON.
    pub body: String,
    /// Its entity tag, to ask whether it is still current.
    pub etag: Option<String>,
    /// When the service desk last said that it is current, by the device's clock.
    pub as_of: Timestamp,
}

/// Keeps what was read, to show it at once and without a network.
#[expect(async_fn_in_trait, reason = "one thread: the browser's; no Send bound is wanted")]
pub trait CacheStore {
    /// What was fetched from `url`.
    async fn cached(&self, url: &str) -> Result<Option<Cached>, StoreError>;
    /// Keeps it.
    async fn keep(&self, url: &str, cached: &Cached) -> Result<(), StoreError>;
}

/// All that is kept on a device.
pub trait Store: DraftStore + OutboxStore + FileStore + CacheStore {}
impl<S: DraftStore + OutboxStore + FileStore + CacheStore> Store for S {}

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
    /// A file's bytes as they are sent.
    type Bytes;
    /// Reads `path` below the API's address, and gives up after `patience`.
    async fn fetch(&self, path: &str, etag: Option<&str>, patience: Duration) -> Fetched;
    /// Hands over a file; `Err` says what to do instead.
    async fn upload(&self, file: &Attachment, bytes: Self::Bytes) -> Result<(), Verdict>;
    /// Hands over an entry.
    async fn deliver(&self, entry: &OutboxEntry) -> Verdict;
    /// How far the desk's clock is ahead of the device's, in milliseconds, as last measured.
    fn clock_offset(&self) -> Option<i64>;
}

/// How long a claim lasts: 30 s, and 1 s for each 50 KB that are sent.
pub fn lease(entry_bytes: u64) -> Duration {
    Duration::from_secs(30 + entry_bytes / 50_000)
}

/// The policy that every adapter applies; one, so that tabs of one page agree.
pub fn retry_policy() -> RetryPolicy {
    RetryPolicy::default()
}
