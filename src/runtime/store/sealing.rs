//! Sealed records: of each that holds its own name, all is sealed but what it is found by.
//!
//! Sealing takes its time, and a transaction does not wait. So one that writes becomes two: the first reads, then it is
//! decided and sealed, and the second writes if what was read is still the same; else it all begins anew. Whoever comes
//! in between has got further, so that somebody always does.

use std::rc::Rc;

use crate::domain::value::Value;
use crate::ports::records::{Ask, CHUNKS, Change, Decide, Found, Keep, META, RecordStore, Table};
use crate::ports::vault::{Vault, Way};
use crate::ports::{Later, StoreError};
use crate::runtime::gate::Gate;

/// The member that holds what is sealed.
const SEALED: &str = "sealed";

/// Records that are kept in others, for one person.
pub struct SealedRecords<B> {
    records: Rc<dyn RecordStore<Bytes = B>>,
    /// None where the browser has no cryptography.
    vault: Option<Rc<dyn Vault<Bytes = B>>>,
    /// Where in [`META`] the key is kept, and as what. Once it is gone, or another, who still has it writes nothing any
    /// more: a tab that slept while its person signed out leaves nothing behind.
    key: (String, Value),
    /// All in the order in which it was asked for, as in the records themselves.
    gate: Gate,
}

impl<B: Clone + 'static> SealedRecords<B> {
    /// Records in `records`, sealed by `vault`, for as long as the record of that name in [`META`] is what it is now.
    pub fn new(
        records: Rc<dyn RecordStore<Bytes = B>>,
        vault: Option<Rc<dyn Vault<Bytes = B>>>,
        key: (String, Value),
    ) -> Self {
        Self { records, vault, key, gate: Gate::default() }
    }

    /// Opens a record. What cannot be opened is left away: who only needs what lies open can still read that.
    async fn open(&self, table: &Table, record: &mut Value) {
        let about = about(table, record);
        let (Value::Object(members), Some(vault)) = (record, &self.vault) else { return };
        let Some(sealed) = members.remove(SEALED) else { return };
        if let Ok(Value::Object(opened)) = vault.value(Way::Out, &about, sealed).await {
            for (name, value) in opened.iter() {
                members.insert(name.clone(), value.clone());
            }
        }
    }

    async fn seal(&self, change: &mut Change<B>) -> Result<(), StoreError> {
        let Some(vault) = &self.vault else { return Ok(()) };
        match change {
            Change::Put(table, record) => {
                let about = about(table, record);
                let Value::Object(members) = record else { return Ok(()) };
                let mut inside = core::mem::take(members);
                for name in table.lies_open() {
                    if let Some(value) = inside.remove(name) {
                        members.append(name.to_owned(), value);
                    }
                }
                let sealed = vault.value(Way::In, &about, Value::Object(inside)).await?;
                members.append(SEALED.to_owned(), sealed);
            }
            Change::PutChunk { file, index, bytes } => {
                *bytes = vault.piece(Way::In, &about_piece(file, *index), bytes.clone()).await?;
            }
            Change::PutAt(..) | Change::Delete(..) | Change::DeleteChunks { .. } => {}
        }
        Ok(())
    }
}

/// What a record's seal is about.
fn about(table: &Table, record: &Value) -> String {
    let name = match (record, table.key) {
        (Value::Object(members), Some(key)) => members.get(key),
        _ => None,
    };
    let Some(Value::Text(name)) = name else { return String::new() };
    [table.name, " ", name].concat()
}

fn about_piece(file: &str, index: u32) -> String {
    [CHUNKS.name, " ", file, " ", &index.to_string()].concat()
}

impl<B: Clone + 'static> RecordStore for SealedRecords<B> {
    type Bytes = B;

    fn transact<'a>(
        &'a self,
        keep: Keep,
        tables: &'a [&'static Table],
        asks: &'a [Ask<'a>],
        decide: &'a mut Decide<'a, B>,
    ) -> Later<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let _closed = self.gate.close().await;
            let mut tables_and_key = tables.to_vec();
            if tables.iter().all(|table| table.name != META.name) {
                tables_and_key.push(&META);
            }
            let mut asks_and_key = asks.to_vec();
            asks_and_key.push(Ask::One(&META, &self.key.0));
            loop {
                let mut read = vec![];
                let mut look = |found: &mut Found| {
                    read = found.rest();
                    Ok(vec![])
                };
                if !asks.is_empty() {
                    self.records.transact(Keep::Read, tables, asks, &mut look).await?;
                }
                let mut opened = read.clone();
                for (ask, records) in asks.iter().zip(&mut opened) {
                    for record in records {
                        self.open(ask.table(), record).await;
                    }
                }
                let mut changes = decide(&mut Found::new(opened))?;
                if changes.is_empty() {
                    return Ok(());
                }
                for change in &mut changes {
                    self.seal(change).await?;
                }
                let mut is_same = false;
                let mut write = |found: &mut Found| {
                    let mut now = found.rest();
                    if now.pop().is_none_or(|key| key.first() != Some(&self.key.1)) {
                        return Err(StoreError::Unavailable);
                    }
                    is_same = asks.is_empty() || now == read;
                    Ok(if is_same { changes.clone() } else { vec![] })
                };
                self.records.transact(keep, &tables_and_key, &asks_and_key, &mut write).await?;
                if is_same {
                    return Ok(());
                }
            }
        })
    }

    fn chunk<'a>(&'a self, file: &'a str, index: u32) -> Later<'a, Result<Option<B>, StoreError>> {
        Box::pin(async move {
            let _closed = self.gate.close().await;
            match (self.records.chunk(file, index).await?, &self.vault) {
                (Some(piece), Some(vault)) => vault.piece(Way::Out, &about_piece(file, index), piece).await.map(Some),
                (piece, _) => Ok(piece),
            }
        })
    }

    fn is_lasting(&self) -> bool {
        self.records.is_lasting()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::adapters::memory::MemoryRecords;
    use crate::domain::form::{Answer, Answers};
    use crate::domain::outbox::{Attachment, Claim, OutboxEntry, Refusal, Verdict};
    use crate::domain::value::{Document, to_json};
    use crate::ports::records::{DRAFTS, OUTBOX, TABLES};
    use crate::runtime::DeviceStore;
    use crate::runtime::store::contract::{NOW, draft, entry, file, place, receipt};

    type Records = MemoryRecords<Vec<u8>>;

    /// Turns every bit around, and remembers what about. Between two of its works another tab may do what it likes.
    #[derive(Default)]
    pub(crate) struct Toy {
        key: u8,
        between: Cell<Option<Box<dyn FnOnce()>>>,
    }

    impl Toy {
        fn turned(&self, bytes: &[u8]) -> Vec<u8> {
            bytes.iter().map(|byte| !byte ^ self.key).collect()
        }
    }

    impl Vault for Toy {
        type Bytes = Vec<u8>;

        fn value<'a>(&'a self, way: Way, about: &'a str, value: Value) -> Later<'a, Result<Value, StoreError>> {
            if let Some(between) = self.between.take() {
                between();
            }
            let result = match (way, value) {
                (Way::In, value) => {
                    let text = [about, "\n", &to_json(&value)].concat();
                    Ok(Value::Text(self.turned(text.as_bytes()).into_iter().map(char::from).collect()))
                }
                (Way::Out, Value::Text(text)) => {
                    let bytes: Vec<u8> = text.chars().map(|letter| letter as u8).collect();
                    let text = String::from_utf8(self.turned(&bytes)).unwrap_or_default();
                    match text.split_once('\n') {
                        Some((name, json)) if name == about => Ok(serde_json::from_str(json).expect("what was JSON")),
                        _ => Err(StoreError::Corrupt),
                    }
                }
                (Way::Out, _) => Err(StoreError::Corrupt),
            };
            Box::pin(core::future::ready(result))
        }

        fn piece<'a>(&'a self, way: Way, about: &'a str, piece: Vec<u8>) -> Later<'a, Result<Vec<u8>, StoreError>> {
            let result = match way {
                Way::In => Ok(self.turned(&[about.as_bytes(), &piece].concat())),
                Way::Out => {
                    self.turned(&piece).strip_prefix(about.as_bytes()).map(<[u8]>::to_vec).ok_or(StoreError::Corrupt)
                }
            };
            Box::pin(core::future::ready(result))
        }
    }

    type Any = dyn RecordStore<Bytes = Vec<u8>>;

    fn write(records: &Any, change: &Change<Vec<u8>>) {
        let write = &mut |_: &mut Found| Ok(vec![change.clone()]);
        pollster::block_on(records.transact(Keep::Strict, &TABLES, &[], write)).expect("memory");
    }

    fn sealed_with(vault: Rc<Toy>, records: Rc<Any>) -> SealedRecords<Vec<u8>> {
        let name = if vault.key == 0 { "key".to_owned() } else { format!("key {}", vault.key) };
        write(&*records, &Change::PutAt(&META, name.clone(), Value::Flag(true)));
        SealedRecords::new(records, Some(vault), (name, Value::Flag(true)))
    }

    pub(crate) fn sealed(records: Rc<Any>) -> SealedRecords<Vec<u8>> {
        sealed_with(Rc::default(), records)
    }

    /// With another key than others.
    pub(crate) fn sealed_by(key: u8, records: Rc<Any>) -> SealedRecords<Vec<u8>> {
        sealed_with(Rc::new(Toy { key, between: Cell::default() }), records)
    }

    pub(crate) fn dump(records: &Records) -> String {
        let asks: Vec<Ask<'_>> = TABLES.into_iter().map(Ask::All).collect();
        let mut text = String::new();
        let mut look = |found: &mut Found| {
            found.rest().iter().flatten().for_each(|record| text.push_str(&to_json(record)));
            Ok(vec![])
        };
        pollster::block_on(records.transact(Keep::Read, &TABLES, &asks, &mut look)).expect("memory");
        text
    }

    /// What a person wrote, a file's name and content, what the service desk said of it, and a receipt.
    async fn fill(store: &DeviceStore<Vec<u8>>) {
        let answers: Answers = [("a".into(), Answer::Text("CANARY".into()))].into_iter().collect();
        let mut left = draft("left", 1);
        left.answers = answers;
        store.save_draft(&left).await.expect("saved");
        let named = Attachment { name: "CANARY.txt".into(), ..file("f") };
        store.add_piece(&"d".into(), &named, 0, b"CANARY".to_vec()).await.expect("kept");
        store.finish_file(&"d".into(), &named, 1).await.expect("kept");
        let with_file = OutboxEntry { body: "CANARY".into(), attachments: vec![named], ..entry("refused", "part") };
        store.commit(&with_file, Some(&"d".into()), None).await.expect("committed");
        store.commit(&entry("received", "part"), None, None).await.expect("committed");
        let epoch = store.lead().await.expect("an epoch");
        for _ in 0..2 {
            let claimed = store.claim("part", epoch, NOW, NOW.shifted(9)).await.expect("a store").expect("an entry");
            let claim = Claim { id: claimed.id.clone(), key: claimed.key.clone(), epoch };
            let refusal = Refusal { status: 422, detail: "CANARY is wrong".into(), ..Refusal::default() };
            let verdict = match claimed.id.as_str() {
                "refused" => Verdict::Refused(refusal),
                _ => receipt(&claimed),
            };
            store.settle("part", &claim, &verdict, NOW, 0.5).await.expect("settled");
        }
    }

    async fn check(store: &DeviceStore<Vec<u8>>) {
        let [entry] = store.entries("part").await.expect("read").try_into().expect("one entry");
        assert_eq!((entry.body.as_str(), entry.attachments[0].name.as_str()), ("CANARY", "CANARY.txt"));
        assert_eq!(entry.progress.refusal.expect("a refusal").detail, "CANARY is wrong");
        assert_eq!(store.receipts("part").await.expect("read")[0].receipt.number, "INC-000001");
        assert_eq!(store.drafts(&place("")).await.expect("read").len(), 1);
        assert_eq!(store.piece(&"f".into(), 0).await, Ok(b"CANARY".to_vec()));
    }

    #[test]
    fn nothing_that_people_wrote_is_kept_unsealed() {
        let records = Rc::new(Records::default());
        let store = DeviceStore::over(sealed(records.clone()));
        pollster::block_on(async {
            fill(&store).await;
            let kept = dump(&records);
            assert!(kept.contains("refused") && !kept.contains("CANARY") && !kept.contains("INC-"), "{kept}");
            let piece = records.chunk("f", 0).await.expect("read").expect("a piece");
            assert!(!piece.windows(6).any(|part| part == b"CANARY"));
            check(&store).await;
        });
    }

    #[test]
    fn what_was_kept_in_memory_is_sealed_where_it_is_moved_to() {
        let records = Rc::new(Records::default());
        let store = DeviceStore::over(Records::default());
        pollster::block_on(async {
            fill(&store).await;
            store.move_to(sealed(records.clone())).await.expect("moved");
            assert!(!dump(&records).contains("CANARY"));
            check(&store).await;
        });
    }

    #[test]
    fn who_has_signed_out_writes_nothing_any_more() {
        let records = Rc::new(Records::default());
        let store = DeviceStore::over(sealed(records.clone()));
        write(&*records, &Change::Delete(&META, "key".into()));
        pollster::block_on(async {
            let gone = StoreError::Unavailable;
            assert_eq!(store.save_draft(&draft("d", 1)).await, Err(gone.into()));
            assert_eq!(store.commit(&entry("e", "part"), None, None).await, Err(gone));
            assert_eq!(dump(&records), "");
        });
    }

    #[test]
    fn who_slept_while_another_key_was_made_writes_nothing_that_nobody_can_open() {
        let records = Rc::new(Records::default());
        let store = DeviceStore::over(sealed(records.clone()));
        write(&*records, &Change::PutAt(&META, "key".into(), "another".to_owned().write()));
        assert_eq!(pollster::block_on(store.save_draft(&draft("d", 1))), Err(StoreError::Unavailable.into()));
    }

    #[test]
    fn a_record_that_cannot_be_opened_is_not_in_the_way() {
        let records = Rc::new(Records::default());
        let store = DeviceStore::over(sealed(records.clone()));
        pollster::block_on(async {
            store.commit(&entry("good", "part"), None, None).await.expect("committed");
            let members = [("id", "bad"), ("part", "part"), (SEALED, "?")];
            let bad = members.map(|(name, value)| (name.to_owned(), Value::Text(value.into())));
            write(&*records, &Change::Put(&OUTBOX, Value::Object(bad.into_iter().collect())));
            let entries = store.entries("part").await.expect("read");
            assert_eq!(entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["good"]);
            assert_eq!(store.pending().await, Ok(2), "it stays");
            assert_eq!(store.unreadable("part").await, Ok(1), "and is counted");
        });
    }

    #[test]
    fn what_is_sealed_for_one_record_does_not_open_in_another() {
        let records = Rc::new(Records::default());
        let store = DeviceStore::over(sealed(records.clone()));
        pollster::block_on(async {
            store.save_draft(&draft("d", 1)).await.expect("saved");
            let mut moved = vec![];
            let mut look = |found: &mut Found| {
                moved = found.rest().concat();
                Ok(vec![])
            };
            records.transact(Keep::Read, &TABLES, &[Ask::All(&DRAFTS)], &mut look).await.expect("memory");
            let Some(Value::Object(mut members)) = moved.pop() else { panic!("a record") };
            members.insert("id".into(), Value::Text("e".into()));
            write(&*records, &Change::Put(&DRAFTS, Value::Object(members)));
            assert_eq!(store.drafts(&place("")).await.expect("read"), [draft("d", 1)]);
        });
    }

    #[test]
    fn what_another_tab_writes_while_it_is_sealed_is_not_overwritten() {
        let records = Rc::new(Records::default());
        let vault = Rc::new(Toy::default());
        let store = DeviceStore::over(sealed_with(vault.clone(), records.clone()));
        let other = DeviceStore::over(sealed(records.clone()));
        pollster::block_on(async {
            store.save_draft(&draft("d", 1)).await.expect("saved");
            vault.between.set(Some(Box::new(move || {
                pollster::block_on(other.save_draft(&draft("d", 2))).expect("saved");
            })));
            let conflict = crate::ports::SaveDraftError::Conflict;
            assert_eq!(store.save_draft(&draft("d", 2)).await, Err(conflict));
        });
    }

    #[test]
    fn age_is_seen_without_the_key() {
        let records = Rc::new(Records::default());
        pollster::block_on(async {
            DeviceStore::over(sealed(records.clone())).save_draft(&draft("d", 1)).await.expect("saved");
            write(&*records, &Change::PutAt(&META, "other".into(), true.write()));
            let other = SealedRecords::new(records.clone(), Some(Rc::new(Blind)), ("other".into(), true.write()));
            let other = DeviceStore::over(other);
            assert_eq!(other.drafts(&place("")).await.expect("read"), []);
            other.sweep(NOW.shifted(8 * 86_400_000)).await.expect("swept");
            assert!(!dump(&records).contains("sealed"));
        });
    }

    /// Somebody else's: it can open nothing.
    struct Blind;

    impl Vault for Blind {
        type Bytes = Vec<u8>;

        fn value<'a>(&'a self, _: Way, _: &'a str, _: Value) -> Later<'a, Result<Value, StoreError>> {
            Box::pin(core::future::ready(Err(StoreError::Corrupt)))
        }

        fn piece<'a>(&'a self, _: Way, _: &'a str, _: Vec<u8>) -> Later<'a, Result<Vec<u8>, StoreError>> {
            Box::pin(core::future::ready(Err(StoreError::Corrupt)))
        }
    }
}
