//! The outbox in IndexedDB: the store keeps what `step` returned, each time in one transaction.

use serde::{Deserialize, Serialize};

use super::IndexedDbStore;
use super::database::{IndexedDbError, Keep, Tx};
use super::files::{delete_file, delete_files_of, give_to_entry};
use super::schema::{ATTACHMENTS, BY_PART, CHUNKS, DRAFTS, META, OUTBOX, RECEIPTS};
use crate::domain::id::{DraftId, EntryId};
use crate::domain::map::put_in_order;
use crate::domain::outbox::{Attachment, Claim, Event, OutboxEntry, OutboxState, Progress, Verdict, step};
use crate::domain::time::Timestamp;
use crate::ports::{KeptReceipt, OutboxStore, StoreError, retry_policy};

const EPOCH: &str = "epoch";
const LAST_SEQ: &str = "last_seq";

/// A receipt as it is kept.
#[derive(Serialize, Deserialize)]
struct ReceiptRecord {
    entry: EntryId,
    part: String,
    kept: KeptReceipt,
}

async fn in_order(tx: &Tx<'_>, part: &str) -> Result<Vec<OutboxEntry>, IndexedDbError> {
    let mut entries: Vec<OutboxEntry> = tx.all(OUTBOX, BY_PART, part).await?;
    put_in_order(&mut entries, |entry| entry.seq);
    Ok(entries)
}

/// Keeps the entry with its new progress, or lets it go with its files if that is final.
async fn put_progress(tx: &Tx<'_>, entry: OutboxEntry, progress: Progress) -> Result<(), IndexedDbError> {
    if matches!(progress.state, OutboxState::Delivered | OutboxState::Discarded) {
        tx.delete(OUTBOX, entry.id.as_str().into()).await?;
        let left: Vec<OutboxEntry> = if entry.attachments.is_empty() { vec![] } else { tx.every(OUTBOX).await? };
        for file in entry.attachments.iter().filter(|file| !is_named(&left, file)) {
            delete_file(tx, &file.id).await?;
        }
        return Ok(());
    }
    tx.put(OUTBOX, &OutboxEntry { progress, ..entry }).await
}

/// Whether one of `entries` needs the file: an edited request names those of the one it replaces.
fn is_named(entries: &[OutboxEntry], file: &Attachment) -> bool {
    entries.iter().any(|entry| entry.attachments.iter().any(|named| named.id == file.id))
}

impl OutboxStore for IndexedDbStore {
    async fn commit(&self, entry: &OutboxEntry, draft: Option<&DraftId>) -> Result<(), StoreError> {
        self.transact(&[META, OUTBOX, DRAFTS, ATTACHMENTS, CHUNKS], Keep::Strict, async |tx| {
            let seq = tx.counter(LAST_SEQ).await? + 1;
            tx.set_counter(LAST_SEQ, seq).await?;
            tx.put(OUTBOX, &OutboxEntry { seq, ..entry.clone() }).await?;
            for file in &entry.attachments {
                give_to_entry(tx, &file.id).await?;
            }
            if let Some(draft) = draft {
                tx.delete(DRAFTS, draft.as_str().into()).await?;
                delete_files_of(tx, draft).await?;
            }
            Ok(())
        })
        .await
    }

    async fn lead(&self) -> Result<u64, StoreError> {
        self.transact(&[META, OUTBOX], Keep::Relaxed, async |tx| {
            let epoch = tx.counter(EPOCH).await? + 1;
            tx.set_counter(EPOCH, epoch).await?;
            for entry in tx.every::<OutboxEntry>(OUTBOX).await? {
                if let Some(progress) = step(&entry, &Event::TakeOver { epoch }, &retry_policy()) {
                    tx.put(OUTBOX, &OutboxEntry { progress, ..entry }).await?;
                }
            }
            Ok(epoch)
        })
        .await
    }

    async fn claim(
        &self,
        part: &str,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        self.transact(&[META, OUTBOX], Keep::Relaxed, async |tx| {
            if tx.counter(EPOCH).await? != epoch {
                return Ok(None);
            }
            for entry in in_order(tx, part).await? {
                let Some(progress) = step(&entry, &Event::Claim { now, epoch, lease_ends }, &retry_policy()) else {
                    continue;
                };
                let entry = OutboxEntry { progress, ..entry };
                tx.put(OUTBOX, &entry).await?;
                if matches!(entry.progress.state, OutboxState::InFlight { .. }) {
                    return Ok(Some(entry));
                }
            }
            Ok(None)
        })
        .await
    }

    async fn settle(
        &self,
        claim: &Claim,
        verdict: &Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Option<OutboxState>, StoreError> {
        self.transact(&[META, OUTBOX, RECEIPTS, ATTACHMENTS, CHUNKS], Keep::Strict, async |tx| {
            if tx.counter(EPOCH).await? != claim.epoch {
                return Ok(None);
            }
            let Some(entry) = tx.get::<OutboxEntry>(OUTBOX, claim.id.as_str()).await? else { return Ok(None) };
            let event = Event::Settle { claim, verdict, now, jitter };
            let Some(progress) = step(&entry, &event, &retry_policy()) else { return Ok(None) };
            if let Verdict::Delivered(receipt) = verdict {
                let kept = KeptReceipt {
                    entry: entry.id.clone(),
                    form: entry.form.clone(),
                    at: now,
                    receipt: receipt.clone(),
                };
                tx.put(RECEIPTS, &ReceiptRecord { entry: entry.id.clone(), part: entry.part.clone(), kept }).await?;
            }
            let state = progress.state.clone();
            put_progress(tx, entry, progress).await?;
            Ok(Some(state))
        })
        .await
    }

    async fn wake(&self, part: &str, now: Timestamp, jitter: f64) -> Result<(), StoreError> {
        self.transact(&[OUTBOX], Keep::Relaxed, async |tx| {
            for entry in in_order(tx, part).await? {
                if let Some(progress) = step(&entry, &Event::Wake { now, jitter }, &retry_policy()) {
                    tx.put(OUTBOX, &OutboxEntry { progress, ..entry }).await?;
                }
            }
            Ok(())
        })
        .await
    }

    async fn discard(&self, id: &EntryId) -> Result<bool, StoreError> {
        self.transact(&[OUTBOX, ATTACHMENTS, CHUNKS], Keep::Strict, async |tx| {
            let Some(entry) = tx.get::<OutboxEntry>(OUTBOX, id.as_str()).await? else { return Ok(false) };
            let Some(progress) = step(&entry, &Event::Discard, &retry_policy()) else { return Ok(false) };
            put_progress(tx, entry, progress).await?;
            Ok(true)
        })
        .await
    }

    async fn entries(&self, part: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        self.transact(&[OUTBOX], Keep::Read, async |tx| in_order(tx, part).await).await
    }

    async fn pending(&self) -> Result<usize, StoreError> {
        self.transact(&[OUTBOX], Keep::Read, async |tx| tx.count(OUTBOX).await).await
    }

    async fn receipts(&self, part: &str) -> Result<Vec<KeptReceipt>, StoreError> {
        let records: Vec<ReceiptRecord> =
            self.transact(&[RECEIPTS], Keep::Read, async |tx| tx.all(RECEIPTS, BY_PART, part).await).await?;
        let mut receipts: Vec<KeptReceipt> = records.into_iter().map(|record| record.kept).collect();
        put_in_order(&mut receipts, |receipt| core::cmp::Reverse(receipt.at));
        Ok(receipts)
    }
}
