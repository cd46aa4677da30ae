//! The outbox: the store keeps what [`step`] returned, each time in one transaction.

use super::DeviceStore;
use super::adopting::EntryPart;
use super::files::{FileRecord, delete_file};
use crate::document;
use crate::domain::id::{DraftId, EntryId};
use crate::domain::map::put_in_order;
use crate::domain::outbox::{
    Breaker, Claim, Event, Intent, OutboxEntry, OutboxState, Progress, RetryPolicy, Verdict, is_its_turn, next_attempt,
    step,
};
use crate::domain::time::Timestamp;
use crate::domain::value::Document;
use crate::ports::records::{ATTACHMENTS, Ask, CHUNKS, Change, DRAFTS, Found, Keep, META, OUTBOX, RECEIPTS};
use crate::ports::{KeptReceipt, StoreError};

pub(super) const EPOCH: &str = "epoch";
/// Whether the drainer of the epoch is at work.
const LEADS: &str = "leads";
/// Counts up while it is.
const BEAT: &str = "beat";
pub(super) const LAST_SEQ: &str = "last_seq";

/// Where the breaker of `part`'s service desk is kept.
pub(super) fn breaker_of(part: &str) -> String {
    ["breaker ", part].concat()
}

fn put_breaker<B>(part: &str, breaker: &Breaker) -> Change<B> {
    Change::PutAt(&META, breaker_of(part), breaker.write())
}

/// A receipt as it is kept, with its age where everybody sees it.
struct ReceiptRecord {
    entry: EntryId,
    part: String,
    at: Timestamp,
    kept: KeptReceipt,
}

document! { open ReceiptRecord { entry: "entry", part: "part", at: "at", kept: "kept", } }

pub(super) fn counter(found: &mut Found) -> Result<u64, StoreError> {
    Ok(found.one()?.unwrap_or_default())
}

pub(super) fn set_counter<B>(name: &str, value: u64) -> Change<B> {
    Change::PutAt(&META, name.to_owned(), value.write())
}

fn in_order(found: &mut Found) -> Vec<OutboxEntry> {
    let mut entries: Vec<OutboxEntry> = found.all();
    put_in_order(&mut entries, |entry| entry.seq);
    entries
}

pub(super) fn put<B>(entry: &OutboxEntry) -> Change<B> {
    Change::Put(&OUTBOX, entry.write())
}

/// Keeps the entry with its new progress, or lets it go if that is final. `files` are its own: they go with its content.
fn put_progress<B>(entry: OutboxEntry, progress: Progress, files: &[FileRecord]) -> Vec<Change<B>> {
    let is_final = matches!(progress.state, OutboxState::Delivered | OutboxState::Discarded);
    let is_given_up = progress.intent == Intent::Withdraw && entry.progress.intent == Intent::Submit;
    let mut changes = vec![];
    if is_final || is_given_up {
        files.iter().for_each(|file| changes.extend(delete_file(&file.id)));
    }
    changes.push(if is_final {
        Change::Delete(&OUTBOX, entry.id.to_string())
    } else if is_given_up {
        put(&OutboxEntry { progress, body: String::new(), attachments: vec![], ..entry })
    } else {
        put(&OutboxEntry { progress, ..entry })
    });
    changes
}

/// What a drainer of some part has before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// Whether something is being sent, or was when its drainer ended.
    pub in_flight: bool,
    /// When it should look next; `None` if only a person can move what is there.
    pub next: Option<Timestamp>,
}

/// Who drains now, or did last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leader {
    /// Its epoch.
    pub epoch: u64,
    /// How often it said that it is alive.
    pub beat: u64,
    /// Whether it is at work, as far as it could say.
    pub leads: bool,
}

/// What says who drains.
static LEADER: [Ask<'static>; 3] = [Ask::One(&META, EPOCH), Ask::One(&META, BEAT), Ask::One(&META, LEADS)];

impl Leader {
    fn read(found: &mut Found) -> Result<Self, StoreError> {
        Ok(Self { epoch: counter(found)?, beat: counter(found)?, leads: counter(found)? != 0 })
    }
}

/// The policy that every tab applies.
fn policy() -> RetryPolicy {
    RetryPolicy::default()
}

impl<B: Clone + 'static> DeviceStore<B> {
    /// Adds `entry`, gives it the next `seq`, and drops the draft it came from, and the refused entry whose place it takes.
    /// Returns only once that would survive a crash of the browser and of the device. The files that it names are its own
    /// from now on, whosever they were.
    pub async fn commit(
        &self,
        entry: &OutboxEntry,
        draft: Option<&DraftId>,
        replaced: Option<&EntryId>,
    ) -> Result<(), StoreError> {
        let owners: Vec<&str> = draft.map(DraftId::as_str).into_iter().chain(replaced.map(EntryId::as_str)).collect();
        let mut asks = vec![Ask::One(&META, LAST_SEQ)];
        // Only who takes another's place has to know who waits for it.
        asks.extend(replaced.map(|_| Ask::By(&OUTBOX, &entry.part)));
        asks.extend(entry.attachments.iter().map(|file| Ask::One(&ATTACHMENTS, file.id.as_str())));
        asks.extend(owners.iter().map(|owner| Ask::By(&ATTACHMENTS, owner)));
        let tables = [&META, &OUTBOX, &DRAFTS, &ATTACHMENTS, &CHUNKS];
        self.transact(Keep::Strict, &tables, &asks, &mut |found| {
            let seq = counter(found)? + 1;
            let mut changes = vec![set_counter(LAST_SEQ, seq), put(&OutboxEntry { seq, ..entry.clone() })];
            let others: Vec<OutboxEntry> = if replaced.is_some() { found.all() } else { vec![] };
            // Nobody's request takes the place of somebody else's, nor of one that asked for something else.
            let is_own = |old: &&OutboxEntry| Some(&old.id) == replaced && old.form == entry.form;
            let replaced = others.iter().find(is_own).map(|old| &old.id);
            // Who waits for the old one waits for the new one.
            for other in others.iter().filter(|other| replaced.is_some() && other.depends_on.as_ref() == replaced) {
                changes.push(put(&OutboxEntry { depends_on: Some(entry.id.clone()), ..other.clone() }));
            }
            for _ in &entry.attachments {
                let file = found.one::<FileRecord>()?;
                let taken = file.map(|file| FileRecord { owner: entry.id.to_string(), ..file });
                changes.extend(taken.map(|file| Change::Put(&ATTACHMENTS, file.write())));
            }
            for owner in &owners {
                let goes = draft.map(DraftId::as_str) == Some(owner) || replaced.map(EntryId::as_str) == Some(owner);
                let is_left = |file: &&FileRecord| goes && entry.attachments.iter().all(|named| named.id != file.id);
                let left: Vec<FileRecord> = found.all();
                left.iter().filter(is_left).for_each(|file| changes.extend(delete_file(&file.id)));
            }
            changes.extend(draft.map(|draft| Change::Delete(&DRAFTS, draft.to_string())));
            changes.extend(replaced.map(|replaced| Change::Delete(&OUTBOX, replaced.to_string())));
            Ok(changes)
        })
        .await
    }

    /// Begins a new epoch, which ends all earlier ones, and takes over what they left in flight.
    pub async fn lead(&self) -> Result<u64, StoreError> {
        self.lead_after(None).await.map(Option::unwrap_or_default)
    }

    /// Does so only where nobody has led or said a word since `seen`, if that is given: of several who saw the same, one leads.
    pub async fn lead_after(&self, seen: Option<Leader>) -> Result<Option<u64>, StoreError> {
        let mut led = None;
        let mut asks = LEADER.to_vec();
        asks.push(Ask::All(&OUTBOX));
        self.transact(Keep::Relaxed, &[&META, &OUTBOX], &asks, &mut |found| {
            led = None;
            let leader = Leader::read(found)?;
            if seen.is_some_and(|seen| seen != leader) {
                return Ok(vec![]);
            }
            let epoch = leader.epoch + 1;
            led = Some(epoch);
            let mut changes = stepped(found, &Event::TakeOver { epoch });
            changes.extend([set_counter(EPOCH, epoch), set_counter(LEADS, 1), set_counter(BEAT, 0)]);
            Ok(changes)
        })
        .await?;
        Ok(led)
    }

    /// Says that the drainer of `epoch` is alive. Whether that epoch has not ended.
    pub async fn beat(&self, epoch: u64) -> Result<bool, StoreError> {
        self.as_leader(epoch, |beat| set_counter(BEAT, beat + 1)).await
    }

    /// Says that the drainer of `epoch` has finished.
    pub async fn step_down(&self, epoch: u64) -> Result<bool, StoreError> {
        self.as_leader(epoch, |_| set_counter(LEADS, 0)).await
    }

    async fn as_leader(&self, epoch: u64, change: impl Fn(u64) -> Change<B>) -> Result<bool, StoreError> {
        let mut is_current = false;
        let asks = [Ask::One(&META, EPOCH), Ask::One(&META, BEAT)];
        self.transact(Keep::Relaxed, &[&META], &asks, &mut |found| {
            is_current = counter(found)? == epoch;
            let beat = counter(found)?;
            Ok(if is_current { vec![change(beat)] } else { vec![] })
        })
        .await?;
        Ok(is_current)
    }

    /// Who drains now, or did last.
    pub async fn leader(&self) -> Result<Leader, StoreError> {
        self.read(&[&META], &LEADER, Leader::read).await
    }

    /// Claims the oldest claimable entry of `part` until `lease_ends`; it stays in the store. `None` if there is none, or
    /// if `epoch` has ended, or if the breaker is open.
    pub async fn claim(
        &self,
        part: &str,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        let mut claimed = None;
        let breaker = breaker_of(part);
        let asks = [Ask::One(&META, EPOCH), Ask::One(&META, &breaker), Ask::By(&OUTBOX, part)];
        self.transact(Keep::Relaxed, &[&META, &OUTBOX], &asks, &mut |found| {
            claimed = None;
            let mut changes = vec![];
            if counter(found)? != epoch {
                return Ok(changes);
            }
            let breaker: Breaker = found.one()?.unwrap_or_default();
            let entries = in_order(found);
            if !breaker.lets_through(now, &policy()) {
                return Ok(changes);
            }
            for entry in entries.iter().filter(|entry| is_its_turn(entry, &entries)) {
                let event = Event::Claim { now, epoch, lease_ends };
                let Some(progress) = step(entry, &event, &policy()) else { continue };
                let entry = OutboxEntry { progress, ..entry.clone() };
                changes.push(put(&entry));
                if matches!(entry.progress.state, OutboxState::InFlight { .. }) {
                    changes.push(put_breaker(part, &breaker.tried(now, &policy())));
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
        part: &str,
        claim: &Claim,
        verdict: &Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Option<OutboxState>, StoreError> {
        let mut settled = None;
        let id = claim.id.as_str();
        let breaker = breaker_of(part);
        let asks =
            [Ask::One(&META, EPOCH), Ask::One(&META, &breaker), Ask::One(&OUTBOX, id), Ask::By(&ATTACHMENTS, id)];
        let tables = [&META, &OUTBOX, &RECEIPTS, &ATTACHMENTS, &CHUNKS];
        self.transact(Keep::Strict, &tables, &asks, &mut |found| {
            settled = None;
            let is_current = counter(found)? == claim.epoch;
            let breaker: Breaker = found.one()?.unwrap_or_default();
            let Some(entry) = found.one::<OutboxEntry>()?.filter(|_| is_current) else { return Ok(vec![]) };
            let event = Event::Settle { claim, verdict, now, jitter };
            let Some(progress) = step(&entry, &event, &policy()) else { return Ok(vec![]) };
            settled = Some(progress.state.clone());
            let receipt = match verdict {
                Verdict::Delivered(receipt) => Some(receipt_record(&entry, now, receipt).write()),
                _ => None,
            };
            let mut changes = put_progress(entry, progress, &found.all());
            changes.push(put_breaker(part, &breaker.settled(verdict, now, &policy())));
            changes.extend(receipt.map(|record| Change::Put(&RECEIPTS, record)));
            Ok(changes)
        })
        .await?;
        Ok(settled)
    }

    /// Lets waiting entries of `part` be tried soon.
    pub async fn wake(&self, part: &str, now: Timestamp, jitter: f64) -> Result<(), StoreError> {
        let breaker = breaker_of(part);
        let asks = [Ask::One(&META, &breaker), Ask::By(&OUTBOX, part)];
        self.transact(Keep::Relaxed, &[&META, &OUTBOX], &asks, &mut |found| {
            let breaker: Option<Breaker> = found.one()?;
            let mut changes = stepped(found, &Event::Wake { now, jitter });
            changes.extend(breaker.map(|breaker| put_breaker(part, &breaker.woken())));
            Ok(changes)
        })
        .await
    }

    /// Lets an entry of `part` be tried at once, whatever it waits for. Whether it waited for something.
    pub async fn send_now(&self, part: &str, id: &EntryId) -> Result<bool, StoreError> {
        let mut queued = false;
        let breaker = breaker_of(part);
        let asks = [Ask::One(&META, &breaker), Ask::One(&OUTBOX, id.as_str())];
        self.transact(Keep::Relaxed, &[&META, &OUTBOX], &asks, &mut |found| {
            let breaker: Breaker = found.one()?.unwrap_or_default();
            let entry = found.one::<OutboxEntry>()?;
            let stepped = entry.and_then(|entry| Some((step(&entry, &Event::SendNow, &policy())?, entry)));
            queued = stepped.is_some();
            Ok(stepped.map_or_else(Vec::new, |(progress, entry)| {
                vec![put(&OutboxEntry { progress, ..entry }), put_breaker(part, &breaker.woken())]
            }))
        })
        .await?;
        Ok(queued)
    }

    /// Gives an entry of `part` up, unless it is being sent: at once, or once the service desk was told. What depends on it
    /// waits for a person. Whether it was given up.
    pub async fn discard(&self, part: &str, id: &EntryId) -> Result<bool, StoreError> {
        let mut discarded = false;
        let asks = [Ask::By(&OUTBOX, part), Ask::By(&ATTACHMENTS, id.as_str())];
        self.transact(Keep::Strict, &[&OUTBOX, &ATTACHMENTS, &CHUNKS], &asks, &mut |found| {
            let entries = in_order(found);
            let entry = entries.iter().find(|entry| entry.id == *id);
            let stepped = entry.and_then(|entry| Some((step(entry, &Event::Discard, &policy())?, entry)));
            discarded = stepped.is_some();
            let Some((progress, entry)) = stepped else { return Ok(vec![]) };
            let mut changes = put_progress(entry.clone(), progress, &found.all());
            for orphan in entries.iter().filter(|other| other.depends_on.as_ref() == Some(id)) {
                let orphaned = step(orphan, &Event::Orphan, &policy());
                let kept = |progress| OutboxEntry { progress, depends_on: None, ..orphan.clone() };
                changes.extend(orphaned.map(|progress| put(&kept(progress))));
            }
            Ok(changes)
        })
        .await?;
        Ok(discarded)
    }

    /// Whether and when there is something to do for `part`.
    pub async fn outlook(&self, part: &str, now: Timestamp) -> Result<Outlook, StoreError> {
        let breaker = breaker_of(part);
        let asks = [Ask::One(&META, &breaker), Ask::By(&OUTBOX, part)];
        self.read(&[&META, &OUTBOX], &asks, |found| {
            let breaker: Breaker = found.one()?.unwrap_or_default();
            let entries = in_order(found);
            let in_flight = entries.iter().any(|entry| matches!(entry.progress.state, OutboxState::InFlight { .. }));
            let next = next_attempt(&entries, now).map(|at| at.max(breaker.next_try(now, &policy())));
            Ok(Outlook { in_flight, next })
        })
        .await
    }

    /// The entries of `part`, the oldest first.
    pub async fn entries(&self, part: &str) -> Result<Vec<OutboxEntry>, StoreError> {
        self.read(&[&OUTBOX], &[Ask::By(&OUTBOX, part)], |found| Ok(in_order(found))).await
    }

    /// How many entries of `part` are there and cannot be read.
    pub async fn unreadable(&self, part: &str) -> Result<usize, StoreError> {
        let asks = [Ask::By(&OUTBOX, part), Ask::By(&OUTBOX, part)];
        self.read(&[&OUTBOX], &asks, |found| {
            let (all, read): (Vec<EntryPart>, Vec<OutboxEntry>) = (found.all(), found.all());
            Ok(all.len() - read.len())
        })
        .await
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

/// All entries, those that `event` changes changed.
pub(super) fn step_all(found: &mut Found, event: &Event<'_>) -> Vec<OutboxEntry> {
    let stepped = |entry: OutboxEntry| match step(&entry, event, &policy()) {
        Some(progress) => OutboxEntry { progress, ..entry },
        None => entry,
    };
    in_order(found).into_iter().map(stepped).collect()
}

fn receipt_record(entry: &OutboxEntry, at: Timestamp, receipt: &crate::domain::ticket::Receipt) -> ReceiptRecord {
    let kept = KeptReceipt {
        entry: entry.id.clone(),
        form: entry.form.clone(),
        context: entry.context.clone(),
        at,
        receipt: receipt.clone(),
    };
    ReceiptRecord { entry: entry.id.clone(), part: entry.part.clone(), at, kept }
}
