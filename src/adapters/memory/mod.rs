//! Everything in memory: for tests, and for windows in which nothing may be stored.

use std::cell::RefCell;

use crate::domain::draft::{Draft, DraftPlace};
use crate::domain::id::{AttachmentId, DraftId, EntryId};
use crate::domain::map::{Map, put_in_order};
use crate::domain::outbox::{Attachment, Claim, Event, OutboxEntry, OutboxState, Progress, Verdict, step};
use crate::domain::time::Timestamp;
use crate::ports::{
    CacheStore, Cached, DraftStore, FileStore, KeptReceipt, OutboxStore, SaveDraftError, StoreError, retry_policy,
};

/// A store that lives as long as the page. `B` is what it takes for a file's bytes.
pub struct MemoryStore<B>(RefCell<Kept<B>>);

struct Kept<B> {
    drafts: Map<DraftId, Draft>,
    entries: Map<EntryId, OutboxEntry>,
    receipts: Vec<(String, KeptReceipt)>,
    files: Map<AttachmentId, (Option<DraftId>, Attachment, B)>,
    cache: Map<String, Cached>,
    last_seq: u64,
    epoch: u64,
}

impl<B> Default for MemoryStore<B> {
    fn default() -> Self {
        Self(RefCell::new(Kept {
            drafts: Map::default(),
            entries: Map::default(),
            receipts: vec![],
            files: Map::default(),
            cache: Map::default(),
            last_seq: 0,
            epoch: 0,
        }))
    }
}

impl<B> Kept<B> {
    fn in_order(&self, part: &str) -> Vec<OutboxEntry> {
        let mut entries: Vec<_> = self.entries.values().filter(|entry| entry.part == part).cloned().collect();
        put_in_order(&mut entries, |entry| entry.seq);
        entries
    }

    fn put_progress(&mut self, id: &EntryId, progress: Progress) {
        if progress.state == OutboxState::Discarded || progress.state == OutboxState::Delivered {
            if let Some(entry) = self.entries.remove(id) {
                let named = |file: &Attachment| {
                    self.entries.values().any(|entry| entry.attachments.iter().any(|named| named.id == file.id))
                };
                let unnamed: Vec<_> = entry.attachments.iter().filter(|file| !named(file)).collect();
                unnamed.into_iter().for_each(|file| drop(self.files.remove(&file.id)));
            }
        } else if let Some(entry) = self.entries.get_mut(id) {
            entry.progress = progress;
        }
    }
}

impl<B> DraftStore for MemoryStore<B> {
    async fn drafts(&self, place: &DraftPlace) -> Result<Vec<Draft>, StoreError> {
        let mut drafts: Vec<_> =
            self.0.borrow().drafts.values().filter(|draft| draft.place == *place).cloned().collect();
        put_in_order(&mut drafts, |draft| core::cmp::Reverse(draft.updated));
        Ok(drafts)
    }

    async fn save_draft(&self, draft: &Draft) -> Result<(), SaveDraftError> {
        let mut kept = self.0.borrow_mut();
        let stored = kept.drafts.get(&draft.id).map_or(0, |stored| stored.revision);
        if draft.revision != stored + 1 {
            return Err(SaveDraftError::Conflict);
        }
        kept.drafts.insert(draft.id.clone(), draft.clone());
        Ok(())
    }

    async fn delete_draft(&self, id: &DraftId) -> Result<(), StoreError> {
        let mut kept = self.0.borrow_mut();
        kept.drafts.remove(id);
        kept.files.retain(|_, (owner, _, _)| owner.as_ref() != Some(id));
        Ok(())
    }
}

impl<B> OutboxStore for MemoryStore<B> {
    async fn commit(&self, entry: &OutboxEntry, draft: Option<&DraftId>) -> Result<(), StoreError> {
        let mut kept = self.0.borrow_mut();
        kept.last_seq += 1;
        let seq = kept.last_seq;
        kept.entries.insert(entry.id.clone(), OutboxEntry { seq, ..entry.clone() });
        for file in &entry.attachments {
            if let Some((owner, _, _)) = kept.files.get_mut(&file.id) {
                *owner = None;
            }
        }
        if let Some(id) = draft {
            kept.drafts.remove(id);
            kept.files.retain(|_, (owner, _, _)| owner.as_ref() != Some(id));
        }
        Ok(())
    }

    async fn lead(&self) -> Result<u64, StoreError> {
        let mut kept = self.0.borrow_mut();
        kept.epoch += 1;
        let event = Event::TakeOver { epoch: kept.epoch };
        for entry in kept.entries.values_mut() {
            if let Some(progress) = step(entry, &event, &retry_policy()) {
                entry.progress = progress;
            }
        }
        Ok(kept.epoch)
    }

    async fn claim(
        &self,
        part: &str,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let mut kept = self.0.borrow_mut();
        if kept.epoch != epoch {
            return Ok(None);
        }
        for mut entry in kept.in_order(part) {
            if let Some(progress) = step(&entry, &Event::Claim { now, epoch, lease_ends }, &retry_policy()) {
                entry.progress = progress.clone();
                kept.put_progress(&entry.id, progress);
                if matches!(entry.progress.state, OutboxState::InFlight { .. }) {
                    return Ok(Some(entry));
                }
            }
        }
        Ok(None)
    }

    async fn settle(
        &self,
        claim: &Claim,
        verdict: &Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Option<OutboxState>, StoreError> {
        let mut kept = self.0.borrow_mut();
        if kept.epoch != claim.epoch {
            return Ok(None);
        }
        let Some(entry) = kept.entries.get(&claim.id).cloned() else { return Ok(None) };
        let event = Event::Settle { claim, verdict, now, jitter };
        let Some(progress) = step(&entry, &event, &retry_policy()) else { return Ok(None) };
        if let Verdict::Delivered(receipt) = verdict {
            let receipt = KeptReceipt { entry: entry.id.clone(), form: entry.form, at: now, receipt: receipt.clone() };
            kept.receipts.insert(0, (entry.part, receipt));
        }
        kept.put_progress(&claim.id, progress.clone());
        Ok(Some(progress.state))
    }

    async fn wake(&self, part: &str, now: Timestamp, jitter: f64) -> Result<(), StoreError> {
        let mut kept = self.0.borrow_mut();
        for entry in kept.entries.values_mut().filter(|entry| entry.part == part) {
            if let Some(progress) = step(entry, &Event::Wake { now, jitter }, &retry_policy()) {
                entry.progress = progress;
            }
        }
        Ok(())
    }

    async fn discard(&self, id: &EntryId) -> Result<bool, StoreError> {
        let mut kept = self.0.borrow_mut();
        let progress = kept.entries.get(id).and_then(|entry| step(entry, &Event::Discard, &retry_policy()));
        let Some(progress) = progress else { return Ok(false) };
        kept.put_progress(id, progress);
        Ok(true)
    }

    async fn entries(&self, part: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        Ok(self.0.borrow().in_order(part))
    }

    async fn pending(&self) -> Result<usize, StoreError> {
        Ok(self.0.borrow().entries.len())
    }

    async fn receipts(&self, part: &str) -> Result<Vec<KeptReceipt>, StoreError> {
        let kept = self.0.borrow();
        Ok(kept.receipts.iter().filter(|(of, _)| of == part).map(|(_, receipt)| receipt.clone()).collect())
    }
}

impl<B: Clone> FileStore for MemoryStore<B> {
    type Bytes = B;

    async fn add_file(&self, owner: &DraftId, file: &Attachment, bytes: &B) -> Result<(), StoreError> {
        self.0.borrow_mut().files.insert(file.id.clone(), (Some(owner.clone()), file.clone(), bytes.clone()));
        Ok(())
    }

    async fn files(&self, ids: &[AttachmentId]) -> Result<Vec<Attachment>, StoreError> {
        let kept = self.0.borrow();
        Ok(ids.iter().filter_map(|id| kept.files.get(id)).map(|(_, file, _)| file.clone()).collect())
    }

    async fn bytes(&self, id: &AttachmentId) -> Result<B, StoreError> {
        self.0.borrow().files.get(id).map(|(_, _, bytes)| bytes.clone()).ok_or(StoreError::Corrupt)
    }

    async fn delete_file(&self, id: &AttachmentId) -> Result<(), StoreError> {
        self.0.borrow_mut().files.remove(id);
        Ok(())
    }
}

impl<B> CacheStore for MemoryStore<B> {
    async fn cached(&self, url: &str) -> Result<Option<Cached>, StoreError> {
        Ok(self.0.borrow().cache.get(url).cloned())
    }

    async fn keep(&self, url: &str, cached: &Cached) -> Result<(), StoreError> {
        self.0.borrow_mut().cache.insert(url.to_owned(), cached.clone());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryStore;

    macro_rules! promise {
        ($name:ident) => {
            #[test]
            fn $name() {
                let store = MemoryStore::<Vec<u8>>::default();
                pollster::block_on(crate::ports::contract::$name(&store, vec![1, 2, 3]));
            }
        };
    }

    crate::store_contract!(promise);
}
