//! Where things are kept on this device: IndexedDB, or memory where there is none.

use web_sys::Blob;

use super::js::Later;
use crate::adapters::indexeddb::IndexedDbStore;
use crate::adapters::memory::MemoryStore;
use crate::domain::draft::{Draft, DraftPlace};
use crate::domain::id::{AttachmentId, DraftId, EntryId};
use crate::domain::outbox::{Attachment, Claim, OutboxEntry, OutboxState, Verdict};
use crate::domain::time::Timestamp;
use crate::ports::{CacheStore, Cached, DraftStore, FileStore, KeptReceipt, OutboxStore, SaveDraftError, StoreError};

/// One of the two, chosen once when the page starts.
pub enum BrowserStore {
    /// Survives the end of the page, of the browser and of the device.
    Lasting(IndexedDbStore),
    /// Ends with the page.
    Passing(MemoryStore<Blob>),
}

impl BrowserStore {
    /// Opens the database; memory, if that fails or takes too long.
    pub async fn open(name: &str) -> Self {
        match IndexedDbStore::open(name).await {
            Ok(store) => Self::Lasting(store),
            Err(_) => Self::Passing(MemoryStore::default()),
        }
    }

    /// Whether what is kept here survives the end of the page.
    pub fn is_lasting(&self) -> bool {
        matches!(self, Self::Lasting(_))
    }
}

macro_rules! either {
    ($self:ident, $store:ident => $call:expr) => {{
        // Boxed: as part of every caller's state machine both would be in the wasm many times.
        let done: Later<'_, _> = match $self {
            Self::Lasting($store) => Box::pin($call),
            Self::Passing($store) => Box::pin($call),
        };
        done.await
    }};
}

impl DraftStore for BrowserStore {
    async fn drafts(&self, place: &DraftPlace) -> Result<Vec<Draft>, StoreError> {
        either!(self, store => store.drafts(place))
    }
    async fn save_draft(&self, draft: &Draft) -> Result<(), SaveDraftError> {
        either!(self, store => store.save_draft(draft))
    }
    async fn delete_draft(&self, id: &DraftId) -> Result<(), StoreError> {
        either!(self, store => store.delete_draft(id))
    }
}

impl OutboxStore for BrowserStore {
    async fn commit(&self, entry: &OutboxEntry, draft: Option<&DraftId>) -> Result<(), StoreError> {
        either!(self, store => store.commit(entry, draft))
    }
    async fn lead(&self) -> Result<u64, StoreError> {
        either!(self, store => store.lead())
    }
    async fn claim(
        &self,
        part: &str,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        either!(self, store => store.claim(part, epoch, now, lease_ends))
    }
    async fn settle(
        &self,
        claim: &Claim,
        verdict: &Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Option<OutboxState>, StoreError> {
        either!(self, store => store.settle(claim, verdict, now, jitter))
    }
    async fn wake(&self, part: &str, now: Timestamp, jitter: f64) -> Result<(), StoreError> {
        either!(self, store => store.wake(part, now, jitter))
    }
    async fn discard(&self, id: &EntryId) -> Result<bool, StoreError> {
        either!(self, store => store.discard(id))
    }
    async fn entries(&self, part: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        either!(self, store => store.entries(part))
    }
    async fn pending(&self) -> Result<usize, StoreError> {
        either!(self, store => store.pending())
    }
    async fn receipts(&self, part: &str) -> Result<Vec<KeptReceipt>, StoreError> {
        either!(self, store => store.receipts(part))
    }
}

impl FileStore for BrowserStore {
    type Bytes = Blob;
    async fn add_file(&self, owner: &DraftId, file: &Attachment, bytes: &Blob) -> Result<(), StoreError> {
        either!(self, store => store.add_file(owner, file, bytes))
    }
    async fn files(&self, ids: &[AttachmentId]) -> Result<Vec<Attachment>, StoreError> {
        either!(self, store => store.files(ids))
    }
    async fn bytes(&self, id: &AttachmentId) -> Result<Blob, StoreError> {
        either!(self, store => store.bytes(id))
    }
    async fn delete_file(&self, id: &AttachmentId) -> Result<(), StoreError> {
        either!(self, store => store.delete_file(id))
    }
}

impl CacheStore for BrowserStore {
    async fn cached(&self, url: &str) -> Result<Option<Cached>, StoreError> {
        either!(self, store => store.cached(url))
    }
    async fn keep(&self, url: &str, cached: &Cached) -> Result<(), StoreError> {
        either!(self, store => store.keep(url, cached))
    }
}
