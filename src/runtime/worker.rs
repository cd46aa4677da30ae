//! The outbox worker: claim, send, write down the verdict, until nothing is left to send.

use core::time::Duration;

use futures_util::future::join;

use super::Platform;
use super::upload::upload;
use crate::domain::id::{AttachmentId, EntryId, FormId, SubmissionKey};
use crate::domain::outbox::{Claim, Intent, OutboxEntry, OutboxState, Verdict};
use crate::domain::ticket::Receipt;
use crate::ports::{Chance, Clock, ServiceDesk, StoreError};
use crate::wire::ProblemCode;

/// What the worker tells those who look on.
#[derive(Clone, Debug, PartialEq)]
pub enum DrainEvent {
    /// An attempt has ended.
    Settled(Settled),
    /// A file is on its way.
    Uploading(Uploading),
}

/// So much of a file is at the service desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uploading {
    /// The entry.
    pub entry: EntryId,
    /// The file.
    pub file: AttachmentId,
    /// Bytes that are there.
    pub sent: u64,
}

/// What became of an entry in an attempt.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The entry.
    pub entry: EntryId,
    /// The key it was sent under.
    pub key: SubmissionKey,
    /// The form it came from.
    pub form: FormId,
    /// Where it stands now.
    pub state: OutboxState,
    /// The receipt, if it was delivered.
    pub receipt: Option<Receipt>,
}

/// How long a claim lasts: 30 s, and 1 s for each 50 KB of the largest entry there may be. A new epoch ends it earlier.
const LEASE: Duration = Duration::from_secs(30 + 50_000_000 / 50_000);

/// Sends all claimable entries of the platform's part, two at a time, and tells `told` what became of each. `epoch` is the
/// caller's from [`lead`](super::DeviceStore::lead); once it has ended nothing is done any more.
pub async fn drain<P: Platform>(platform: &P, epoch: u64, told: impl Fn(DrainEvent)) -> Result<(), StoreError> {
    let (one, other) = join(hand(platform, epoch, &told), hand(platform, epoch, &told)).await;
    one.and(other)
}

async fn hand<P: Platform>(platform: &P, epoch: u64, told: &impl Fn(DrainEvent)) -> Result<(), StoreError> {
    let (store, device, part) = (platform.store(), platform.device(), platform.part());
    loop {
        let now = device.now();
        let Some(entry) = store.claim(part, epoch, now, now + LEASE).await? else { return Ok(()) };
        let claim = Claim { id: entry.id.clone(), key: entry.key.clone(), epoch };
        let verdict = send(platform, &entry, told).await;
        let settled = store.settle(part, &claim, &verdict, device.now(), device.jitter()).await?;
        let Some(state) = settled else { return Ok(()) };
        let receipt = match verdict {
            Verdict::Delivered(receipt) => Some(receipt),
            Verdict::Withdrawn
            | Verdict::TryLater { .. }
            | Verdict::SignIn
            | Verdict::Config
            | Verdict::Refused(_)
            | Verdict::Broken => None,
        };
        told(DrainEvent::Settled(Settled { entry: entry.id, key: entry.key, form: entry.form, state, receipt }));
    }
}

async fn send<P: Platform>(platform: &P, entry: &OutboxEntry, told: &impl Fn(DrainEvent)) -> Verdict {
    match entry.progress.intent {
        Intent::Submit => submit(platform, entry, told).await,
        Intent::Withdraw => withdraw(platform, entry).await,
    }
}

/// Every key that it was ever sent under.
async fn withdraw<P: Platform>(platform: &P, entry: &OutboxEntry) -> Verdict {
    for key in entry.supersedes.iter().chain([&entry.key]) {
        match platform.desk().withdraw(key).await {
            Verdict::Withdrawn => {}
            verdict => return verdict,
        }
    }
    Verdict::Withdrawn
}

/// Files first, then the body that names them.
async fn submit<P: Platform>(platform: &P, entry: &OutboxEntry, told: &impl Fn(DrainEvent)) -> Verdict {
    for file in &entry.attachments {
        let on_its_way = |sent| {
            told(DrainEvent::Uploading(Uploading { entry: entry.id.clone(), file: file.id.clone(), sent }));
        };
        if let Err(verdict) = upload(platform, file, on_its_way).await {
            return verdict;
        }
    }
    match platform.desk().deliver(entry).await {
        // The desk has lost a file that it took a moment ago: send both again.
        Verdict::Refused(refusal) if refusal.code == ProblemCode::AttachmentMissing.as_str() => {
            Verdict::TryLater { after: None, counts: true }
        }
        verdict => verdict,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::adapters::memory::MemoryRecords;
    use crate::domain::outbox::{Appended, Attachment, ParkReason, Progress, Refusal, WaitReason};
    use crate::domain::time::Timestamp;
    use crate::ports::{Fetched, Later, Timer, Turns};
    use crate::runtime::DeviceStore;
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    #[derive(Default)]
    pub(crate) struct TestDevice(Cell<i64>);
    impl TestDevice {
        pub(crate) fn pass(&self, millis: i64) {
            self.0.set(self.0.get() + millis);
        }
        pub(crate) fn millis(&self) -> i64 {
            self.0.get()
        }
    }
    impl Timer for TestDevice {
        /// Nobody else does anything meanwhile: time just passes.
        fn sleep(&self, span: Duration) -> Later<'static, ()> {
            self.pass(i64::try_from(span.as_millis()).expect("a short span"));
            Box::pin(core::future::ready(()))
        }
    }
    impl Turns for TestDevice {
        type Turn = ();
        fn turn(&self) -> Option<Later<'static, Option<()>>> {
            None
        }
        fn take_turn(&self) -> Later<'static, Option<()>> {
            Box::pin(core::future::ready(Some(())))
        }
    }
    impl Clock for TestDevice {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.get())
        }
    }
    impl Chance for TestDevice {
        fn jitter(&self) -> f64 {
            0.5
        }
        fn uuid(&self) -> String {
            self.pass(1);
            self.0.get().to_string()
        }
    }

    /// Answers with what it is given, the last first, and remembers what it was sent.
    #[derive(Default)]
    pub(crate) struct ScriptedDesk {
        pub(crate) fetches: RefCell<Vec<Fetched>>,
        pub(crate) etags: RefCell<Vec<Option<String>>>,
        /// What of each file is there.
        pub(crate) uploads: RefCell<BTreeMap<String, Vec<u8>>>,
        /// What becomes of pieces; without a word it is taken.
        pub(crate) appended: RefCell<Vec<Result<Option<Appended>, Verdict>>>,
        verdicts: RefCell<Vec<Verdict>>,
        sent: RefCell<Vec<String>>,
    }
    impl ServiceDesk for ScriptedDesk {
        type Bytes = Vec<u8>;
        async fn fetch(&self, _: &str, etag: Option<&str>, _: core::time::Duration) -> Fetched {
            self.etags.borrow_mut().push(etag.map(str::to_owned));
            self.fetches.borrow_mut().pop().unwrap_or(Fetched::Failed)
        }
        async fn begin_upload(&self, file: &Attachment) -> Result<u64, Verdict> {
            self.sent.borrow_mut().push(format!("begin {}", file.id));
            Ok(self.uploads.borrow_mut().entry(file.id.to_string()).or_default().len() as u64)
        }
        async fn append(&self, file: &Attachment, start: u64, piece: &Vec<u8>, skip: u32) -> Result<Appended, Verdict> {
            match self.appended.borrow_mut().pop() {
                Some(Err(verdict)) => return Err(verdict),
                Some(Ok(Some(appended))) => return Ok(appended),
                Some(Ok(None)) | None => {}
            }
            let mut uploads = self.uploads.borrow_mut();
            let there = uploads.entry(file.id.to_string()).or_default();
            assert_eq!(there.len() as u64, start);
            there.extend_from_slice(&piece[skip as usize..]);
            Ok(Appended::Ends(there.len() as u64))
        }
        async fn deliver(&self, entry: &OutboxEntry) -> Verdict {
            self.sent.borrow_mut().push(entry.key.to_string());
            self.verdicts.borrow_mut().pop().unwrap_or_else(|| Verdict::Delivered(receipt(entry)))
        }
        async fn withdraw(&self, key: &SubmissionKey) -> Verdict {
            self.sent.borrow_mut().push(format!("withdraw {key}"));
            self.verdicts.borrow_mut().pop().unwrap_or(Verdict::Withdrawn)
        }
        fn clock_offset(&self) -> Option<i64> {
            None
        }
    }

    pub(crate) struct TestPlatform {
        pub(crate) store: DeviceStore<Vec<u8>>,
        pub(crate) desk: ScriptedDesk,
        pub(crate) device: TestDevice,
    }
    impl Default for TestPlatform {
        fn default() -> Self {
            Self {
                store: DeviceStore::over(MemoryRecords::default()),
                desk: ScriptedDesk::default(),
                device: TestDevice::default(),
            }
        }
    }
    impl Platform for TestPlatform {
        type Bytes = Vec<u8>;
        type Desk = ScriptedDesk;
        type Device = TestDevice;
        fn store(&self) -> &DeviceStore<Vec<u8>> {
            &self.store
        }
        fn desk(&self) -> &Self::Desk {
            &self.desk
        }
        fn device(&self) -> &Self::Device {
            &self.device
        }
        fn part(&self) -> &str {
            "p"
        }
    }

    fn receipt(entry: &OutboxEntry) -> Receipt {
        let received_at = Timestamp::default();
        Receipt {
            key: entry.key.clone(),
            number: format!("T-{}", entry.id),
            received_at,
            priority: None,
            read_link: None,
            editable_until: None,
            answer_by: None,
        }
    }

    pub(crate) fn commit(platform: &TestPlatform, id: &str, attachments: Vec<Attachment>) {
        let entry = OutboxEntry {
            id: id.into(),
            key: format!("key-{id}").as_str().into(),
            seq: 0,
            part: "p".into(),
            form: "f".into(),
            context: String::new(),
            body: "{}".into(),
            supersedes: vec!["earlier".into()],
            lane: String::new(),
            depends_on: None,
            attachments,
            created: platform.device.now(),
            progress: Progress::default(),
        };
        pollster::block_on(platform.store.commit(&entry, None, None)).expect("committed");
    }

    pub(crate) fn keep_file(platform: &TestPlatform, draft: &str, file: &Attachment, pieces: &[&[u8]]) {
        pollster::block_on(async {
            for (index, piece) in (0..).zip(pieces) {
                platform.store.add_piece(&draft.into(), file, index, piece.to_vec()).await.expect("kept");
            }
            platform.store.finish_file(&draft.into(), file, pieces.len() as u32).await.expect("kept");
        });
    }

    pub(crate) fn file(id: &str) -> Attachment {
        Attachment { id: id.into(), name: "f".into(), size: 2, media_type: String::new(), sha256: String::new() }
    }

    pub(crate) fn settled(event: DrainEvent) -> Option<Settled> {
        match event {
            DrainEvent::Settled(settled) => Some(settled),
            DrainEvent::Uploading(_) => None,
        }
    }

    fn drained(platform: &TestPlatform) -> Vec<OutboxState> {
        let states = RefCell::new(vec![]);
        let epoch = pollster::block_on(platform.store.lead()).expect("an epoch");
        pollster::block_on(drain(platform, epoch, |event| {
            states.borrow_mut().extend(settled(event).map(|settled| settled.state))
        }))
        .expect("a store");
        states.into_inner()
    }

    fn next_attempt(platform: &TestPlatform) -> Option<Timestamp> {
        pollster::block_on(platform.store.outlook("p", platform.device.now())).expect("a store").next
    }

    #[test]
    fn everything_is_sent_in_its_order_files_first() {
        let platform = TestPlatform::default();
        let file = file("f");
        keep_file(&platform, "d", &file, &[&[1, 2]]);
        commit(&platform, "b", vec![file]);
        commit(&platform, "a", vec![]);
        assert_eq!(drained(&platform), [OutboxState::Delivered, OutboxState::Delivered]);
        assert_eq!(*platform.desk.sent.borrow(), ["begin f", "key-b", "key-a"]);
        assert_eq!(next_attempt(&platform), None);
    }

    #[test]
    fn a_failed_try_is_repeated_with_the_same_key_when_its_pause_is_over() {
        let platform = TestPlatform::default();
        commit(&platform, "a", vec![]);
        platform.desk.verdicts.borrow_mut().push(Verdict::TryLater { after: None, counts: true });
        let retry_at = platform.device.now().shifted(1_000);
        assert_eq!(drained(&platform), [OutboxState::Waiting { retry_at, why: WaitReason::Backoff }]);
        assert_eq!(next_attempt(&platform), Some(retry_at));
        assert_eq!(drained(&platform), []);
        platform.device.pass(1_000);
        assert_eq!(drained(&platform), [OutboxState::Delivered]);
        assert_eq!(*platform.desk.sent.borrow(), ["key-a", "key-a"]);
    }

    #[test]
    fn what_is_refused_is_not_in_the_way() {
        let platform = TestPlatform::default();
        commit(&platform, "bad", vec![]);
        commit(&platform, "good", vec![]);
        platform.desk.verdicts.borrow_mut().push(Verdict::Refused(Refusal { status: 400, ..Refusal::default() }));
        assert_eq!(drained(&platform), [OutboxState::Parked { why: ParkReason::Rejected }, OutboxState::Delivered]);
    }

    #[test]
    fn a_file_that_the_desk_has_lost_is_sent_again() {
        let platform = TestPlatform::default();
        commit(&platform, "a", vec![]);
        let lost = Refusal { status: 422, code: "attachment_missing".into(), ..Refusal::default() };
        platform.desk.verdicts.borrow_mut().push(Verdict::Refused(lost));
        assert!(matches!(drained(&platform)[..], [OutboxState::Waiting { .. }]));
    }

    #[test]
    fn a_file_that_cannot_be_read_parks_its_entry_after_three_tries() {
        let platform = TestPlatform::default();
        commit(&platform, "a", vec![file("gone")]);
        for _ in 0..2 {
            assert!(matches!(drained(&platform)[..], [OutboxState::Waiting { .. }]));
            platform.device.pass(10_000);
        }
        assert_eq!(drained(&platform), [OutboxState::Parked { why: ParkReason::Broken }]);
        assert!(!platform.desk.sent.borrow().contains(&"key-a".to_owned()));
    }
    #[test]
    fn what_is_given_up_after_a_try_is_taken_back_under_all_its_keys() {
        let platform = TestPlatform::default();
        commit(&platform, "a", vec![]);
        platform.desk.verdicts.borrow_mut().push(Verdict::TryLater { after: None, counts: true });
        drained(&platform);
        assert_eq!(pollster::block_on(platform.store.discard("p", &"a".into())), Ok(true));
        let [left] = pollster::block_on(platform.store.entries("p")).expect("a store").try_into().expect("one entry");
        assert_eq!((left.body.as_str(), left.progress.intent), ("", Intent::Withdraw));
        platform.desk.verdicts.borrow_mut().push(Verdict::TryLater { after: None, counts: true });
        assert!(matches!(drained(&platform)[..], [OutboxState::Waiting { .. }]));
        platform.device.pass(10_000);
        assert_eq!(drained(&platform), [OutboxState::Discarded]);
        let sent = platform.desk.sent.borrow();
        assert_eq!(sent[1..], ["withdraw earlier", "withdraw earlier", "withdraw key-a"]);
        assert_eq!(pollster::block_on(platform.store.entries("p")), Ok(vec![]));
    }

    #[test]
    fn where_nobody_answers_not_every_entry_is_tried() {
        let platform = TestPlatform::default();
        let none = Verdict::TryLater { after: None, counts: true };
        for id in ["a", "b", "c", "d", "e", "f", "g", "h"] {
            commit(&platform, id, vec![]);
            platform.desk.verdicts.borrow_mut().push(none.clone());
        }
        assert_eq!(drained(&platform).len(), 5);
        assert_eq!(next_attempt(&platform), Some(platform.device.now().shifted(30_000)));
        platform.device.pass(30_000);
        assert_eq!(drained(&platform).len(), 1, "a probe");
        platform.desk.verdicts.borrow_mut().clear();
        platform.device.pass(30_000);
        assert_eq!(drained(&platform).len(), 8, "somebody answers again");
    }

    #[test]
    fn a_word_of_the_requester_ends_every_pause() {
        let platform = TestPlatform::default();
        commit(&platform, "a", vec![]);
        let asked = Verdict::TryLater { after: Some(Duration::from_secs(3_600)), counts: true };
        platform.desk.verdicts.borrow_mut().push(asked);
        drained(&platform);
        assert_eq!(drained(&platform), []);
        assert_eq!(pollster::block_on(platform.store.send_now("p", &"a".into())), Ok(true));
        assert_eq!(drained(&platform), [OutboxState::Delivered]);
    }
}
