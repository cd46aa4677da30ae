//! The outbox: the store keeps what [`step`] returned, each time in one transaction.

use super::DeviceStore;
use super::files::{FileRecord, delete_file};
use crate::document;
use crate::domain::id::{DraftId, EntryId};
use crate::domain::map::put_in_order;
use crate::domain::outbox::{Claim, Event, OutboxEntry, OutboxState, Progress, RetryPolicy, Verdict, step};
use crate::domain::time::Timestamp;
use crate::domain::value::Document;
use crate::ports::records::{ATTACHMENTS, Ask, CHUNKS, Change, DRAFTS, Found, Keep, META, OUTBOX, RECEIPTS};
use crate::ports::{KeptReceipt, StoreError};

const EPOCH: &str = "epoch";
const LAST_SEQ: &str = "last_seq";

/// A receipt as it is kept.
struct ReceiptRecord {
    entry: EntryId,
    part: String,
    kept: KeptReceipt,
}

document! { open ReceiptRecord { entry: "entry", part: "part", kept: "kept", } }

fn counter(found: &mut Found) -> Result<u64, StoreError> {
    Ok(found.one()?.unwrap_or_default())
}

fn set_counter<B>(name: &str, value: u64) -> Change<B> {
    Change::PutAt(&META, name.to_owned(), value.write())
}

fn in_order(found: &mut Found) -> Vec<OutboxEntry> {
    let mut entries: Vec<OutboxEntry> = found.all();
    put_in_order(&mut entries, |entry| entry.seq);
    entries
}

fn put<B>(entry: &OutboxEntry) -> Change<B> {
    Change::Put(&OUTBOX, entry.write())
}

/// Keeps the entry with its new progress, or lets it go with the files that are its own if that is final.
fn put_progress<B>(entry: OutboxEntry, progress: Progress, files: &[FileRecord]) -> Vec<Change<B>> {
    if !matches!(progress.state, OutboxState::Delivered | OutboxState::Discarded) {
        return vec![put(&OutboxEntry { progress, ..entry })];
    }
    let mut changes = vec![Change::Delete(&OUTBOX, entry.id.to_string())];
    files.iter().for_each(|file| changes.extend(delete_file(&file.id)));
    changes
}

/// The policy that every tab applies.
fn policy() -> RetryPolicy {
    RetryPolicy::default()
}

impl<B: Clone + 'static> DeviceStore<B> {
    /// Adds `entry`, gives it the next `seq`, and drops the draft it came from. Returns only once that would survive a
    /// crash of the browser and of the device. The files that it names are its own from now on: an edited request takes
    /// them from the one it replaces.
    pub async fn commit(&self, entry: &OutboxEntry, draft: Option<&DraftId>) -> Result<(), StoreError> {
        let mut asks = vec![Ask::One(&META, LAST_SEQ)];
        asks.extend(entry.attachments.iter().map(|file| Ask::One(&ATTACHMENTS, file.id.as_str())));
        asks.extend(draft.map(|draft| Ask::By(&ATTACHMENTS, draft.as_str())));
        let tables = [&META, &OUTBOX, &DRAFTS, &ATTACHMENTS, &CHUNKS];
        self.transact(Keep::Strict, &tables, &asks, &mut |found| {
            let seq = counter(found)? + 1;
            let mut changes = vec![set_counter(LAST_SEQ, seq), put(&OutboxEntry { seq, ..entry.clone() })];
            for _ in &entry.attachments {
                let file = found.one::<FileRecord>()?;
                let taken = file.map(|file| FileRecord { owner: entry.id.to_string(), ..file });
                changes.extend(taken.map(|file| Change::Put(&ATTACHMENTS, file.write())));
            }
            if let Some(draft) = draft {
                changes.push(Change::Delete(&DRAFTS, draft.to_string()));
                let is_left = |file: &&FileRecord| entry.attachments.iter().all(|named| named.id != file.id);
                let left: Vec<FileRecord> = found.all();
                left.iter().filter(is_left).for_each(|file| changes.extend(delete_file(&file.id)));
            }
            Ok(changes)
        })
        .await
    }

    /// Begins a new epoch, which ends all earlier ones, and takes over what they left in flight.
    pub async fn lead(&self) -> Result<u64, StoreError> {
        let mut epoch = 0;
        let asks = [Ask::One(&META, EPOCH), Ask::All(&OUTBOX)];
        self.transact(Keep::Relaxed, &[&META, &OUTBOX], &asks, &mut |found| {
            epoch = counter(found)? + 1;
            let mut changes = stepped(found, &Event::TakeOver { epoch });
            changes.push(set_counter(EPOCH, epoch));
            Ok(changes)
        })
        .await?;
        Ok(epoch)
    }

    /// Claims the oldest claimable entry of `part` until `lease_ends`; it stays in the store. `None` if there is none, or
    /// if `epoch` has ended.
    pub async fn claim(
        &self,
        part: &str,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let mut claimed = None;
        let asks = [Ask::One(&META, EPOCH), Ask::By(&OUTBOX, part)];
        self.transact(Keep::Relaxed, &[&META, &OUTBOX], &asks, &mut |found| {
            claimed = None;
            let mut changes = vec![];
            if counter(found)? != epoch {
                return Ok(changes);
            }
            for entry in in_order(found) {
                let event = Event::Claim { now, epoch, lease_ends };
                let Some(progress) = step(&entry, &event, &policy()) else { continue };
                let entry = OutboxEntry { progress, ..entry };
                changes.push(put(&entry));
                if matches!(entry.progress.state, OutboxState::InFlight { .. }) {
                    claimed = Some(entry);
                    break;
                }
            }
            Ok(changes)
        })
        .await?;
        Ok(claimed)
    }

    /// Writes down what the verdict makes of the entry, if it is still `claim`'s; returns the new state, or `None` if it
    /// was not. A delivered entry leaves its receipt and goes, its files with it.
    pub async fn settle(
        &self,
        claim: &Claim,
        verdict: &Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Option<OutboxState>, StoreError> {
        let mut settled = None;
        let id = claim.id.as_str();
        let asks = [Ask::One(&META, EPOCH), Ask::One(&OUTBOX, id), Ask::By(&ATTACHMENTS, id)];
        let tables = [&META, &OUTBOX, &RECEIPTS, &ATTACHMENTS, &CHUNKS];
        self.transact(Keep::Strict, &tables, &asks, &mut |found| {
            settled = None;
            let is_current = counter(found)? == claim.epoch;
            let Some(entry) = found.one::<OutboxEntry>()?.filter(|_| is_current) else { return Ok(vec![]) };
            let event = Event::Settle { claim, verdict, now, jitter };
            let Some(progress) = step(&entry, &event, &policy()) else { return Ok(vec![]) };
            settled = Some(progress.state.clone());
            let receipt = match verdict {
                Verdict::Delivered(receipt) => Some(receipt_record(&entry, now, receipt).write()),
                _ => None,
            };
            let mut changes = put_progress(entry, progress, &found.all());
            changes.extend(receipt.map(|record| Change::Put(&RECEIPTS, record)));
            Ok(changes)
        })
        .await?;
        Ok(settled)
    }

    /// Lets waiting entries of `part` be tried soon.
    pub async fn wake(&self, part: &str, now: Timestamp, jitter: f64) -> Result<(), StoreError> {
        self.transact(Keep::Relaxed, &[&OUTBOX], &[Ask::By(&OUTBOX, part)], &mut |found| {
            Ok(stepped(found, &Event::Wake { now, jitter }))
        })
        .await
    }

    /// Gives an entry up, unless it is being sent. Whether it was given up.
    pub async fn discard(&self, id: &EntryId) -> Result<bool, StoreError> {
        let mut discarded = false;
        let asks = [Ask::One(&OUTBOX, id.as_str()), Ask::By(&ATTACHMENTS, id.as_str())];
        self.transact(Keep::Strict, &[&OUTBOX, &ATTACHMENTS, &CHUNKS], &asks, &mut |found| {
            let entry = found.one::<OutboxEntry>()?;
            let stepped = entry.and_then(|entry| Some((step(&entry, &Event::Discard, &policy())?, entry)));
            discarded = stepped.is_some();
            Ok(stepped.map_or_else(Vec::new, |(progress, entry)| put_progress(entry, progress, &found.all())))
        })
        .await?;
        Ok(discarded)
    }

    /// The entries of `part`, the oldest first.
    pub async fn entries(&self, part: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(&[&OUTBOX], &[Ask::By(&OUTBOX, part)], |found| Ok(in_order(found))).await
    }

    /// How many entries there are, of all parts.
    pub async fn pending(&self) -> Result<usize, StoreError> {
        self.read(&[&OUTBOX], &[Ask::Count(&OUTBOX)], |found| Ok(found.one()?.unwrap_or_default())).await
    }

    /// Receipts of delivered entries of `part`, the latest first.
    pub async fn receipts(&self, part: &str) -> Result<Vec<KeptReceipt>, StoreError> {
        let records: Vec<ReceiptRecord> =
            self.read(&[&RECEIPTS], &[Ask::By(&RECEIPTS, part)], |found| Ok(found.all())).await?;
        let mut receipts: Vec<KeptReceipt> = records.into_iter().map(|record| record.kept).collect();
        put_in_order(&mut receipts, |receipt| core::cmp::Reverse(receipt.at));
        Ok(receipts)
    }
}

/// The entries that `event` changes, changed.
fn stepped<B>(found: &mut Found, event: &Event<'_>) -> Vec<Change<B>> {
    let mut changes = vec![];
    for entry in in_order(found) {
        if let Some(progress) = step(&entry, event, &policy()) {
            changes.push(put(&OutboxEntry { progress, ..entry }));
        }
    }
    changes
}

fn receipt_record(entry: &OutboxEntry, at: Timestamp, receipt: &crate::domain::ticket::Receipt) -> ReceiptRecord {
    let kept = KeptReceipt { entry: entry.id.clone(), form: entry.form.clone(), at, receipt: receipt.clone() };
    ReceiptRecord { entry: entry.id.clone(), part: entry.part.clone(), kept }
}
