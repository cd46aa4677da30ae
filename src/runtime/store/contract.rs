//! The stores' promises as tests. Each takes a store that is empty; an adapter runs them all with
//! [`store_contract!`](crate::store_contract).

use super::DeviceStore;
use crate::domain::draft::{Draft, DraftPlace};
use crate::domain::form::{Answer, Answers};
use crate::domain::outbox::{
    Attachment, Claim, Intent, OutboxEntry, OutboxState, ParkReason, Progress, Refusal, RetryPolicy, Verdict,
    WaitReason,
};
use crate::domain::ticket::Receipt;
use crate::domain::time::Timestamp;
use crate::ports::{Cached, SaveDraftError, StoreError};

/// Calls `$each!` once for each promise, with its name: the adapter's own macro makes a test of it.
#[macro_export]
macro_rules! store_contract {
    ($each:ident) => {
        $each!(a_draft_comes_back_as_it_was_saved);
        $each!(a_save_that_builds_on_an_old_revision_is_refused);
        $each!(the_latest_draft_of_a_place_comes_first);
        $each!(a_commit_drops_its_draft_and_keeps_the_rest);
        $each!(entries_are_claimed_in_their_order);
        $each!(a_claimed_entry_stays_in_the_store);
        $each!(a_receipt_takes_the_entry_and_its_files_away);
        $each!(a_refused_entry_keeps_its_content);
        $each!(an_edited_request_takes_the_place_of_the_one_it_replaces);
        $each!(what_is_in_one_lane_waits_for_its_turn);
        $each!(what_was_tried_is_taken_back_when_it_is_given_up);
        $each!(a_requesters_word_ends_a_pause);
        $each!(a_drainer_says_that_it_is_alive);
        $each!(an_ended_epoch_changes_nothing);
        $each!(a_new_epoch_takes_over_what_was_in_flight);
        $each!(waking_lets_a_waiting_entry_be_tried);
        $each!(parts_do_not_see_each_other);
        $each!(what_is_known_of_a_file_stays);
        $each!(a_file_that_was_not_read_to_its_end_is_none);
        $each!(a_deleted_draft_takes_its_files_along);
        $each!(a_cached_body_is_replaced_by_a_newer_one);
        $each!(what_is_old_goes_and_what_waits_stays);
    };
}

pub(super) const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);
const LEASE: Timestamp = Timestamp::from_millis(1_795_000_030_000);

pub(super) fn place(context: &str) -> DraftPlace {
    DraftPlace { part: "part".into(), form: "form".into(), context: context.into() }
}

pub(super) fn draft(id: &str, revision: u64) -> Draft {
    let answers: Answers =
        [("a".into(), Answer::Text("typed – getippt – كُتِب".into())), ("b".into(), Answer::Flag(true))]
            .into_iter()
            .collect();
    Draft { id: id.into(), place: place(""), revision, updated: NOW, revises: None, answers }
}

pub(super) fn entry(id: &str, part: &str) -> OutboxEntry {
    OutboxEntry {
        id: id.into(),
        key: format!("key-of-{id}").as_str().into(),
        seq: 0,
        part: part.into(),
        form: "form".into(),
        context: String::new(),
        body: "{\"text\":\"\u{1F5A8} läuft\"}".into(),
        supersedes: vec![],
        lane: String::new(),
        depends_on: None,
        attachments: vec![],
        created: NOW,
        progress: Progress::default(),
    }
}

pub(super) fn file(id: &str) -> Attachment {
    Attachment { id: id.into(), name: "a.bin".into(), size: 3, media_type: String::new(), sha256: "00".repeat(32) }
}

fn claim_of(entry: &OutboxEntry, epoch: u64) -> Claim {
    Claim { id: entry.id.clone(), key: entry.key.clone(), epoch }
}

pub(super) fn receipt(entry: &OutboxEntry) -> Verdict {
    Verdict::Delivered(Receipt {
        key: entry.key.clone(),
        number: "INC-000001".into(),
        received_at: NOW,
        priority: None,
        read_link: Some("receipts/x?secret=y".into()),
        editable_until: None,
        answer_by: None,
    })
}

async fn claimed<B: Clone + 'static>(store: &DeviceStore<B>, part: &str) -> (OutboxEntry, u64) {
    let epoch = store.lead().await.expect("an epoch");
    (store.claim(part, epoch, NOW, LEASE).await.expect("a store").expect("an entry"), epoch)
}

/// What was typed comes back, whatever letters it has.
pub async fn a_draft_comes_back_as_it_was_saved<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.save_draft(&draft("d", 1)).await.expect("saved");
    assert_eq!(store.drafts(&place("")).await.expect("read"), [draft("d", 1)]);
    assert_eq!(store.drafts(&place("elsewhere")).await.expect("read"), []);
}

/// Two tabs on one draft: the later one is told, and overwrites nothing.
pub async fn a_save_that_builds_on_an_old_revision_is_refused<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    for revision in [1, 2] {
        store.save_draft(&draft("d", revision)).await.expect("saved");
    }
    for revision in [1, 2, 4] {
        assert_eq!(store.save_draft(&draft("d", revision)).await, Err(SaveDraftError::Conflict), "{revision}");
    }
    assert_eq!(store.save_draft(&draft("new", 2)).await, Err(SaveDraftError::Conflict));
    assert_eq!(store.drafts(&place("")).await.expect("read"), [draft("d", 2)]);
}

/// The latest is offered first.
pub async fn the_latest_draft_of_a_place_comes_first<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    for (id, age) in [("b", 2), ("c", 3), ("a", 1)] {
        store.save_draft(&Draft { updated: NOW.shifted(-age), ..draft(id, 1) }).await.expect("saved");
    }
    let ids: Vec<_> = store.drafts(&place("")).await.expect("read").into_iter().map(|d| d.id.to_string()).collect();
    assert_eq!(ids, ["a", "b", "c"]);
}

/// Either the draft stands, or the entry: never both, never none.
pub async fn a_commit_drops_its_draft_and_keeps_the_rest<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.save_draft(&draft("mine", 1)).await.expect("saved");
    store.save_draft(&draft("other", 1)).await.expect("saved");
    store.commit(&entry("e", "part"), Some(&"mine".into()), None).await.expect("committed");
    assert_eq!(store.drafts(&place("")).await.expect("read"), [draft("other", 1)]);
    let [kept] = store.entries("part").await.expect("read").try_into().expect("one entry");
    assert_eq!((kept.body, kept.progress), (entry("e", "part").body, Progress::default()));
}

/// First in, first out.
pub async fn entries_are_claimed_in_their_order<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    for id in ["z", "m", "a"] {
        store.commit(&entry(id, "part"), None, None).await.expect("committed");
    }
    let epoch = store.lead().await.expect("an epoch");
    let mut order = vec![];
    while let Some(entry) = store.claim("part", epoch, NOW, LEASE).await.expect("a store") {
        order.push(entry.id.to_string());
        let later = Verdict::TryLater { after: None, counts: true };
        store.settle("part", &claim_of(&entry, epoch), &later, NOW, 0.5).await.expect("settled");
    }
    assert_eq!(order, ["z", "m", "a"]);
}

/// Keeps a file of one piece for the draft `d`.
async fn keep<B: Clone + 'static>(store: &DeviceStore<B>, file: &Attachment, bytes: &[B]) {
    for (index, piece) in (0..).zip(bytes) {
        store.add_piece(&"d".into(), file, index, piece.clone()).await.expect("kept");
    }
    store.finish_file(&"d".into(), file, bytes.len() as u32).await.expect("kept");
}

/// A tab that dies while it sends loses nothing.
pub async fn a_claimed_entry_stays_in_the_store<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.commit(&entry("e", "part"), None, None).await.expect("committed");
    let (claimed, epoch) = claimed(store, "part").await;
    assert_eq!(claimed.progress.attempts, 1);
    assert_eq!(store.entries("part").await.expect("read"), [claimed]);
    assert_eq!(store.claim("part", epoch, NOW, LEASE).await.expect("a store"), None, "claimed once");
    assert!(
        store.claim("part", epoch, LEASE, LEASE.shifted(1)).await.expect("a store").is_some(),
        "the lease has ended"
    );
}

/// Delivered: only the receipt stays.
pub async fn a_receipt_takes_the_entry_and_its_files_away<B: Clone + 'static>(store: &DeviceStore<B>, bytes: Vec<B>) {
    keep(store, &file("f"), &bytes).await;
    let entry = OutboxEntry { attachments: vec![file("f")], ..entry("e", "part") };
    store.commit(&entry, Some(&"d".into()), None).await.expect("committed");
    assert_eq!(store.files(&["f".into()]).await.expect("read").len(), 1, "the entry holds the file now");
    let (claimed, epoch) = claimed(store, "part").await;
    let state = store.settle("part", &claim_of(&claimed, epoch), &receipt(&claimed), NOW, 0.5).await.expect("settled");
    assert_eq!(state, Some(OutboxState::Delivered));
    assert_eq!(store.entries("part").await.expect("read"), []);
    assert_eq!(store.files(&["f".into()]).await.expect("read"), []);
    let [kept] = store.receipts("part").await.expect("read").try_into().expect("one receipt");
    assert_eq!((kept.entry, kept.receipt.number.as_str()), (entry.id, "INC-000001"));
}

/// Refused is not lost.
pub async fn a_refused_entry_keeps_its_content<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.commit(&entry("e", "part"), None, None).await.expect("committed");
    let (claimed, epoch) = claimed(store, "part").await;
    let refusal = Refusal { status: 422, code: "invalid_answers".into(), detail: "no".into(), ..Refusal::default() };
    store
        .settle("part", &claim_of(&claimed, epoch), &Verdict::Refused(refusal.clone()), NOW, 0.5)
        .await
        .expect("settled");
    let [kept] = store.entries("part").await.expect("read").try_into().expect("one entry");
    assert_eq!(kept.progress.state, OutboxState::Parked { why: ParkReason::Rejected });
    assert_eq!((kept.body, kept.progress.refusal), (claimed.body, Some(refusal)));
    assert_eq!(store.claim("part", epoch, LEASE, LEASE).await.expect("a store"), None, "not in the way of others");
    assert!(store.discard("part", &"e".into()).await.expect("discarded"));
    assert_eq!(store.entries("part").await.expect("read"), []);
}

/// The old one goes in the moment in which the new one is safe, and takes nothing along.
pub async fn an_edited_request_takes_the_place_of_the_one_it_replaces<B: Clone + 'static>(
    store: &DeviceStore<B>,
    bytes: Vec<B>,
) {
    for id in ["kept", "dropped"] {
        keep(store, &file(id), &bytes).await;
    }
    let old = OutboxEntry { attachments: vec![file("kept"), file("dropped")], ..entry("old", "part") };
    store.commit(&old, Some(&"d".into()), None).await.expect("committed");
    let waits = OutboxEntry { depends_on: Some("old".into()), ..entry("reply", "part") };
    store.commit(&waits, None, None).await.expect("committed");
    let new = OutboxEntry { attachments: vec![file("kept")], ..entry("new", "part") };
    store.commit(&new, None, Some(&"old".into())).await.expect("committed");
    let entries = store.entries("part").await.expect("read");
    let named: Vec<_> = entries.iter().map(|entry| (entry.id.as_str(), entry.depends_on.clone())).collect();
    assert_eq!(named, [("reply", Some("new".into())), ("new", None)]);
    assert_eq!(store.files(&["kept".into(), "dropped".into()]).await.expect("read"), [file("kept")]);
    assert!(store.discard("part", &"new".into()).await.expect("discarded"));
    assert_eq!(store.files(&["kept".into()]).await.expect("read"), []);
    let [reply] = store.entries("part").await.expect("read").try_into().expect("one entry");
    assert_eq!(reply.progress.state, OutboxState::Parked { why: ParkReason::Orphaned });
}

/// One lane: one after the other. Another lane is not held up.
pub async fn what_is_in_one_lane_waits_for_its_turn<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    for (id, lane) in [("a1", "a"), ("a2", "a"), ("b1", "b")] {
        let entry = OutboxEntry { lane: lane.into(), ..entry(id, "part") };
        store.commit(&entry, None, None).await.expect("committed");
    }
    let (first, epoch) = claimed(store, "part").await;
    let second = store.claim("part", epoch, NOW, LEASE).await.expect("a store").expect("an entry");
    assert_eq!((first.id.as_str(), second.id.as_str()), ("a1", "b1"));
    assert_eq!(store.claim("part", epoch, NOW, LEASE).await.expect("a store"), None);
    store.settle("part", &claim_of(&first, epoch), &receipt(&first), NOW, 0.5).await.expect("settled");
    assert!(store.claim("part", epoch, NOW, LEASE).await.expect("a store").is_some());
}

/// Given up after a try: its content goes at once, the entry when the service desk has forgotten it.
pub async fn what_was_tried_is_taken_back_when_it_is_given_up<B: Clone + 'static>(
    store: &DeviceStore<B>,
    bytes: Vec<B>,
) {
    keep(store, &file("f"), &bytes).await;
    let named = OutboxEntry { attachments: vec![file("f")], ..entry("e", "part") };
    store.commit(&named, Some(&"d".into()), None).await.expect("committed");
    let (tried, epoch) = claimed(store, "part").await;
    let later = Verdict::TryLater { after: None, counts: true };
    store.settle("part", &claim_of(&tried, epoch), &later, NOW, 0.5).await.expect("settled");
    assert!(store.discard("part", &"e".into()).await.expect("discarded"));
    let withdrawal = store.claim("part", epoch, NOW, LEASE).await.expect("a store").expect("an entry");
    assert_eq!((withdrawal.body.as_str(), withdrawal.attachments.len()), ("", 0));
    assert_eq!((withdrawal.progress.intent, withdrawal.key), (Intent::Withdraw, tried.key));
    assert_eq!(store.files(&["f".into()]).await.expect("read"), []);
    let claim = Claim { id: "e".into(), key: named.key, epoch };
    let state = store.settle("part", &claim, &Verdict::Withdrawn, NOW, 0.5).await.expect("settled");
    assert_eq!(state, Some(OutboxState::Discarded));
    assert_eq!(store.entries("part").await.expect("read"), []);
    assert_eq!(store.receipts("part").await.expect("read"), []);
}

/// Others see that it lives, and it sees that its time is over.
pub async fn a_drainer_says_that_it_is_alive<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    let none = store.leader().await.expect("read");
    assert!(!none.leads);
    let epoch = store.lead().await.expect("an epoch");
    assert!(store.beat(epoch).await.expect("a store"));
    let alive = store.leader().await.expect("read");
    assert_eq!((alive.epoch, alive.beat, alive.leads), (epoch, 1, true));
    let next = store.lead().await.expect("an epoch");
    assert!(!store.beat(epoch).await.expect("a store"));
    assert!(!store.step_down(epoch).await.expect("a store"));
    assert!(store.leader().await.expect("read").leads, "the next one does");
    assert!(store.step_down(next).await.expect("a store"));
    let seen = store.leader().await.expect("read");
    assert!(!seen.leads);
    // Of two who saw the same, one leads.
    let one = store.lead_after(Some(seen)).await.expect("a store");
    assert!(one.is_some_and(|epoch| epoch > next));
    assert_eq!(store.lead_after(Some(seen)).await, Ok(None));
    assert_eq!(Some(store.leader().await.expect("read").epoch), one);
}

/// The requester's word counts more than any pause.
pub async fn a_requesters_word_ends_a_pause<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.commit(&entry("e", "part"), None, None).await.expect("committed");
    let (tried, epoch) = claimed(store, "part").await;
    assert!(!store.send_now("part", &"e".into()).await.expect("a store"), "it is being sent");
    store.settle("part", &claim_of(&tried, epoch), &Verdict::SignIn, NOW, 0.5).await.expect("settled");
    let pause = NOW + RetryPolicy::default().config_pause;
    assert_eq!(store.outlook("part", NOW).await.expect("read").next, Some(pause));
    assert!(store.send_now("part", &"e".into()).await.expect("a store"));
    assert_eq!(store.outlook("part", NOW).await.expect("read").next, Some(NOW));
    assert!(store.claim("part", epoch, NOW, LEASE).await.expect("a store").is_some());
}

/// The fence: a drainer that has lost its turn writes nothing.
pub async fn an_ended_epoch_changes_nothing<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.commit(&entry("e", "part"), None, None).await.expect("committed");
    let (claimed, old) = claimed(store, "part").await;
    let new = store.lead().await.expect("an epoch");
    assert!(new > old);
    assert_eq!(store.claim("part", old, NOW, LEASE).await.expect("a store"), None);
    assert_eq!(
        store.settle("part", &claim_of(&claimed, old), &receipt(&claimed), NOW, 0.5).await.expect("a store"),
        None
    );
    assert_eq!(store.entries("part").await.expect("read").len(), 1);
}

/// What a dead tab left in flight is sent again, under the same key.
pub async fn a_new_epoch_takes_over_what_was_in_flight<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.commit(&entry("e", "part"), None, None).await.expect("committed");
    let (first, _) = claimed(store, "part").await;
    let (second, _) = claimed(store, "part").await;
    assert_eq!((second.key, second.progress.attempts), (first.key, 2));
}

/// Online again: no need to wait for the end of the pause.
pub async fn waking_lets_a_waiting_entry_be_tried<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.commit(&entry("e", "part"), None, None).await.expect("committed");
    let (claimed, epoch) = claimed(store, "part").await;
    store.settle("part", &claim_of(&claimed, epoch), &Verdict::Config, NOW, 0.5).await.expect("settled");
    assert_eq!(store.claim("part", epoch, LEASE, LEASE).await.expect("a store"), None);
    store.wake("part", NOW, 1.0).await.expect("woken");
    let [kept] = store.entries("part").await.expect("read").try_into().expect("one entry");
    let soon = NOW + RetryPolicy::default().wake_within;
    assert_eq!(kept.progress.state, OutboxState::Waiting { retry_at: soon, why: WaitReason::Config });
    assert!(store.claim("part", epoch, soon, LEASE).await.expect("a store").is_some());
}

/// Two service desks, or two people: each has its own.
pub async fn parts_do_not_see_each_other<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    store.commit(&entry("e", "one"), None, None).await.expect("committed");
    let epoch = store.lead().await.expect("an epoch");
    assert_eq!(store.claim("two", epoch, NOW, LEASE).await.expect("a store"), None);
    assert_eq!(store.entries("two").await.expect("read"), []);
    assert_eq!(store.receipts("two").await.expect("read"), []);
    store.commit(&entry("f", "two"), None, None).await.expect("committed");
    assert_eq!(store.pending().await.expect("counted"), 2, "of all parts");
}

/// What is known of a file stays; its bytes are the adapter's own test.
pub async fn what_is_known_of_a_file_stays<B: Clone + 'static>(store: &DeviceStore<B>, bytes: Vec<B>) {
    keep(store, &file("f"), &bytes).await;
    assert_eq!(store.files(&["absent".into(), "f".into()]).await.expect("read"), [file("f")]);
    assert!(store.piece(&"f".into(), 0).await.is_ok());
    assert_eq!(store.piece(&"f".into(), 1).await.err(), Some(StoreError::Corrupt));
    assert_eq!(store.piece(&"absent".into(), 0).await.err(), Some(StoreError::Corrupt));
    store.delete_file(&"f".into()).await.expect("deleted");
    assert_eq!(store.files(&["f".into()]).await.expect("read"), []);
}

/// A tab that dies while it reads a file leaves no half of one in a request, and none on the device for long.
pub async fn a_file_that_was_not_read_to_its_end_is_none<B: Clone + 'static>(store: &DeviceStore<B>, bytes: Vec<B>) {
    store.save_draft(&draft("d", 1)).await.expect("saved");
    store.add_piece(&"d".into(), &file("f"), 0, bytes[0].clone()).await.expect("kept");
    assert_eq!(store.files(&["f".into()]).await.expect("read"), []);
    store.commit(&entry("e", "part"), Some(&"d".into()), None).await.expect("committed");
    assert_eq!(store.piece(&"f".into(), 0).await.err(), Some(StoreError::Corrupt), "it went with its draft");
}

/// Starting over leaves nothing behind.
pub async fn a_deleted_draft_takes_its_files_along<B: Clone + 'static>(store: &DeviceStore<B>, bytes: Vec<B>) {
    store.save_draft(&draft("d", 1)).await.expect("saved");
    keep(store, &file("f"), &bytes).await;
    store.delete_draft(&"d".into()).await.expect("deleted");
    assert_eq!(store.drafts(&place("")).await.expect("read"), []);
    assert_eq!(store.files(&["f".into()]).await.expect("read"), []);
}

/// One body for each address.
pub async fn a_cached_body_is_replaced_by_a_newer_one<B: Clone + 'static>(store: &DeviceStore<B>, _: Vec<B>) {
    let cached = |body: &str| Cached { body: body.into(), etag: Some("\"1\"".into()), as_of: NOW };
    assert_eq!(store.cached("u").await.expect("read"), None);
    for body in ["{}", "[]"] {
        store.keep("u", &cached(body)).await.expect("kept");
    }
    assert_eq!(store.cached("u").await.expect("read"), Some(cached("[]")));
}

/// Drafts go after 7 days, receipts after 30; a request that nobody could take stays.
pub async fn what_is_old_goes_and_what_waits_stays<B: Clone + 'static>(store: &DeviceStore<B>, bytes: Vec<B>) {
    const DAY: i64 = 86_400_000;
    store.commit(&entry("received", "part"), None, None).await.expect("committed");
    let (received, epoch) = claimed(store, "part").await;
    store.settle("part", &claim_of(&received, epoch), &receipt(&received), NOW, 0.5).await.expect("settled");
    keep(store, &file("waits"), &bytes).await;
    let waits = OutboxEntry { attachments: vec![file("waits")], ..entry("waits", "part") };
    store.commit(&waits, Some(&"d".into()), None).await.expect("committed");
    store.save_draft(&draft("d", 1)).await.expect("saved");
    keep(store, &file("drafted"), &bytes).await;
    let left = async || {
        let drafts = store.drafts(&place("")).await.expect("read").len();
        let files = store.files(&["drafted".into(), "waits".into()]).await.expect("read").len();
        (drafts, files, store.receipts("part").await.expect("read").len())
    };
    store.sweep(NOW.shifted(7 * DAY)).await.expect("swept");
    assert_eq!(left().await, (1, 2, 1));
    store.sweep(NOW.shifted(7 * DAY + 1)).await.expect("swept");
    assert_eq!(left().await, (0, 1, 1));
    assert_eq!(store.piece(&"drafted".into(), 0).await.err(), Some(StoreError::Corrupt));
    store.sweep(NOW.shifted(30 * DAY)).await.expect("swept");
    assert_eq!(left().await, (0, 1, 1));
    store.sweep(NOW.shifted(90 * DAY)).await.expect("swept");
    assert_eq!(left().await, (0, 1, 0));
    assert_eq!(store.entries("part").await.expect("read").len(), 1);
}
