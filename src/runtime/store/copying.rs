//! What must not be lost is in two places: a browser may throw a whole database away. Chromium does, where a kill left a
//! torn record at the end of its log: it goes on behind it, and calls that corruption at the start after the next.
//!
//! Copied is what waits to be sent, and the keys that open it; as it is kept, sealed. Not what is large or can be had again:
//! files, drafts, receipts, what was read. The database has a name, drawn when it was made and copied as well: a database
//! without a name is new.

use std::rc::Rc;

use super::outbox::{EPOCH, LAST_SEQ, set_counter};
use crate::domain::map::Map;
use crate::domain::value::{self, Document, Value};
use crate::ports::records::{Ask, Change, Decide, Found, Keep, META, OUTBOX, RecordStore, Table};
use crate::ports::spare::Spare;
use crate::ports::{Later, StoreError};

/// Where the database's name is.
const BORN: &str = "born";
/// What the names of keys begin with.
pub const KEY: &str = "key ";

/// Records, and copies of some of them.
pub struct CopiedRecords<B> {
    records: Rc<dyn RecordStore<Bytes = B>>,
    spare: Rc<dyn Spare>,
    /// What the database is called: what another tab copies late, of one that is gone, comes back into no other.
    born: String,
}

/// What a copy is called: by its table, and by its name there.
fn named(table: &Table, name: &str) -> String {
    [table.name, " ", name].concat()
}

fn key_of(copy: &str) -> Option<&str> {
    copy.strip_prefix(META.name)?.strip_prefix(' ').filter(|name| name.starts_with(KEY))
}

fn id_of(record: &Value) -> Option<&str> {
    let Value::Object(members) = record else { return None };
    match members.get(OUTBOX.key?)? {
        Value::Text(id) => Some(id),
        _ => None,
    }
}

/// The copy that a change calls for, with its name; without a record where the copy goes.
fn copy_of<B>(change: &Change<B>) -> Option<(String, Option<Value>)> {
    let is_copied =
        |table: &Table, name: &str| table.name == OUTBOX.name || table.name == META.name && name.starts_with(KEY);
    let (table, name, record) = match change {
        Change::Put(table, record) => (table, id_of(record)?, Some(record)),
        Change::PutAt(table, name, record) => (table, name.as_str(), Some(record)),
        Change::Delete(table, name) => (table, name.as_str(), None),
        Change::PutChunk { .. } | Change::DeleteChunks { .. } => return None,
    };
    is_copied(table, name).then(|| (named(table, name), record.cloned()))
}

/// Puts a copy where it was made of.
fn bring_back<B>(copy: &str, record: &Value) -> Option<Change<B>> {
    match key_of(copy) {
        Some(key) => Some(Change::PutAt(&META, key.to_owned(), record.clone())),
        None => id_of(record).map(|_| Change::Put(&OUTBOX, record.clone())),
    }
}

/// What a database becomes that is new.
pub struct New {
    /// What it is called, unless it is made for copies of one that was thrown away.
    pub name: String,
    /// What it counts on from: greater than any number of its predecessors.
    pub after: u64,
}

/// What the database is called and what of it should be copied, and what it lacks.
struct Compared<B> {
    born: String,
    wanted: Map<String, Value>,
    /// Nothing, but for a database that is new.
    changes: Vec<Change<B>>,
}

/// Compares the copies `of` a database with what was found: what it is called, all entries, and those keys that were copied.
fn compare<B>(
    found: &mut Found,
    (of, copies): (Option<&String>, &Map<String, Value>),
    new: &New,
) -> Result<Compared<B>, StoreError> {
    let (called, entries) = (found.one::<String>()?, found.all::<Value>());
    let named_entry = |entry: Value| Some((named(&OUTBOX, id_of(&entry)?), entry));
    let mut wanted: Map<String, Value> = entries.into_iter().filter_map(named_entry).collect();
    for copy in copies.keys().filter(|copy| key_of(copy).is_some()) {
        if let Some(record) = found.one::<Value>()? {
            wanted.insert(copy.clone(), record);
        }
    }
    if let Some(born) = called {
        return Ok(Compared { born, wanted, changes: vec![] });
    }
    let born = of.unwrap_or(&new.name).clone();
    let mut changes = vec![Change::PutAt(&META, BORN.to_owned(), born.write())];
    for (copy, record) in copies.iter() {
        if wanted.get(copy).is_none()
            && let Some(change) = bring_back(copy, record)
        {
            changes.extend([change, set_counter(EPOCH, new.after), set_counter(LAST_SEQ, new.after)]);
            wanted.insert(copy.clone(), record.clone());
        }
    }
    Ok(Compared { born, wanted, changes })
}

impl<B: Clone + 'static> CopiedRecords<B> {
    /// `records`, with copies in `spare`. What was copied comes back into a database that is `new`; of any other the copies
    /// become what they should be.
    pub async fn open(
        records: Rc<dyn RecordStore<Bytes = B>>,
        spare: Rc<dyn Spare>,
        new: New,
    ) -> Result<Self, StoreError> {
        let all: Map<String, Value> = spare.all().await.into_iter().collect();
        let of = all.get(BORN).and_then(|born| value::read::<String>(born.clone()).ok());
        let own = |name: &str| name.strip_prefix(&**of.as_ref()?)?.strip_prefix(' ').map(str::to_owned);
        let copies: Map<String, Value> =
            all.iter().filter_map(|(name, record)| Some((own(name)?, record.clone()))).collect();
        let mut asks = vec![Ask::One(&META, BORN), Ask::All(&OUTBOX)];
        asks.extend(copies.keys().filter_map(|copy| key_of(copy)).map(|key| Ask::One(&META, key)));
        let (mut born, mut wanted) = (String::new(), Map::<String, Value>::default());
        for keep in [Keep::Read, Keep::Strict] {
            let mut is_new = false;
            let mut decide = |found: &mut Found| {
                let compared = compare(found, (of.as_ref(), &copies), &new)?;
                is_new = !compared.changes.is_empty();
                (born, wanted) = (compared.born, compared.wanted);
                Ok(if keep == Keep::Strict { compared.changes } else { vec![] })
            };
            records.transact(keep, &[&META, &OUTBOX], &asks, &mut decide).await?;
            // Most are not, and then there is nothing to write.
            if !is_new {
                break;
            }
        }
        let opened = Self { records, spare, born };
        let is_own = of.as_ref() == Some(&opened.born);
        for name in all.keys().filter(|name| *name != BORN) {
            if !own(name).is_some_and(|copy| is_own && wanted.get(&copy).is_some()) {
                opened.spare.put(name, None);
            }
        }
        if !is_own {
            opened.spare.put(BORN, Some(opened.born.write()));
        }
        for (copy, record) in wanted.iter().filter(|(copy, record)| !is_own || copies.get(*copy) != Some(record)) {
            opened.copy(copy, Some(record.clone()));
        }
        Ok(opened)
    }

    fn copy(&self, copy: &str, record: Option<Value>) {
        self.spare.put(&[&self.born, " ", copy].concat(), record);
    }
}

impl<B: Clone + 'static> RecordStore for CopiedRecords<B> {
    type Bytes = B;

    fn transact<'a>(
        &'a self,
        keep: Keep,
        tables: &'a [&'static Table],
        asks: &'a [Ask<'a>],
        decide: &'a mut Decide<'a, B>,
    ) -> Later<'a, Result<(), StoreError>> {
        Box::pin(async move {
            // Who opens a database asks for a key: it may be older than the copies are.
            let key = match asks {
                [Ask::One(table, name)] if table.name == META.name && name.starts_with(KEY) => Some(*name),
                _ => None,
            };
            let mut copies = vec![];
            let mut note = |found: &mut Found| {
                let lists = found.rest();
                copies.clear();
                if let Some(name) = key
                    && let Some(record) = lists.first().and_then(|list| list.first())
                {
                    copies.push((named(&META, name), Some(record.clone())));
                }
                let changes = decide(&mut Found::new(lists))?;
                copies.extend(changes.iter().filter_map(copy_of));
                Ok(changes)
            };
            self.records.transact(keep, tables, asks, &mut note).await?;
            for (copy, record) in copies {
                self.copy(&copy, record);
            }
            Ok(())
        })
    }

    fn chunk<'a>(&'a self, file: &'a str, index: u32) -> Later<'a, Result<Option<B>, StoreError>> {
        self.records.chunk(file, index)
    }

    fn is_lasting(&self) -> bool {
        self.records.is_lasting()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::adapters::memory::MemoryRecords;
    use crate::domain::outbox::{Claim, OutboxState};
    use crate::domain::value::to_json;
    use crate::runtime::DeviceStore;
    use crate::runtime::store::contract::{NOW, entry, receipt};
    use crate::runtime::store::sealing::tests::sealed;

    type Records = MemoryRecords<Vec<u8>>;

    /// A second place in memory.
    #[derive(Default)]
    pub(crate) struct MemorySpare(pub(crate) RefCell<Map<String, Value>>);

    impl Spare for MemorySpare {
        fn put(&self, name: &str, record: Option<Value>) {
            let mut all = self.0.borrow_mut();
            match record {
                Some(record) => drop(all.insert(name.to_owned(), record)),
                None => drop(all.remove(name)),
            }
        }

        fn all(&self) -> Later<'_, Vec<(String, Value)>> {
            let all = self.0.borrow().iter().map(|(name, record)| (name.clone(), record.clone())).collect();
            Box::pin(core::future::ready(all))
        }
    }

    fn open(records: &Rc<Records>, spare: &Rc<MemorySpare>, name: &str) -> Rc<CopiedRecords<Vec<u8>>> {
        let opened = CopiedRecords::open(records.clone(), spare.clone(), New { name: name.to_owned(), after: 1_000 });
        Rc::new(pollster::block_on(opened).expect("memory"))
    }

    fn names(spare: &MemorySpare) -> Vec<String> {
        spare.0.borrow().keys().cloned().collect()
    }

    fn store(records: Rc<CopiedRecords<Vec<u8>>>) -> DeviceStore<Vec<u8>> {
        DeviceStore::over(sealed(records))
    }

    #[test]
    fn what_waits_comes_back_into_a_database_that_was_made_anew_and_is_sent_on() {
        let (records, spare) = (Rc::new(Records::default()), Rc::new(MemorySpare::default()));
        pollster::block_on(async {
            let first = store(open(&records, &spare, "first"));
            for id in ["a", "b", "c"] {
                first.commit(&entry(id, "part"), None, None).await.expect("committed");
            }
            let epoch = first.lead().await.expect("an epoch");
            // One has arrived, one is on its way, and one waits.
            let claimed = first.claim("part", epoch, NOW, NOW.shifted(9)).await.expect("a store").expect("an entry");
            let claim = Claim { id: claimed.id.clone(), key: claimed.key.clone(), epoch };
            first.settle("part", &claim, &receipt(&claimed), NOW, 0.5).await.expect("settled");
            first.claim("part", epoch, NOW, NOW.shifted(9)).await.expect("a store").expect("an entry");
            assert!(spare.0.borrow().values().all(|copy| !to_json(copy).contains("läuft")), "what is copied is sealed");

            let anew = Rc::new(Records::default());
            let second = store(open(&anew, &spare, "second"));
            let before: Vec<_> = ["b", "c"].into_iter().collect();
            let entries = second.entries("part").await.expect("read");
            assert_eq!(entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), before);
            assert!(matches!(entries[0].progress.state, OutboxState::InFlight { .. }));
            // Whoever leads now takes over what was on its way then.
            let epoch = second.lead().await.expect("an epoch");
            assert!(epoch > 1_000);
            let again = second.claim("part", epoch, NOW, NOW.shifted(9)).await.expect("a store").expect("an entry");
            assert_eq!((again.id.as_str(), again.key), ("b", entries[0].key.clone()), "under the same key");
            second.commit(&entry("d", "part"), None, None).await.expect("committed");
            let last = second.entries("part").await.expect("read").pop().expect("an entry");
            assert_eq!((last.id.as_str(), last.seq), ("d", 1_001), "what is new comes last");
        });
    }

    #[test]
    fn nothing_comes_back_into_a_database_that_was_there_all_the_time() {
        let (records, spare) = (Rc::new(Records::default()), Rc::new(MemorySpare::default()));
        pollster::block_on(async {
            let first = store(open(&records, &spare, "first"));
            first.commit(&entry("a", "part"), None, None).await.expect("committed");
            let copies = spare.0.take();
            // The copies are of before: of one that has arrived since, and without one that came since.
            first.commit(&entry("b", "part"), None, None).await.expect("committed");
            first.discard("part", &"a".into()).await.expect("discarded");
            spare.0.replace(copies);
            let again = store(open(&records, &spare, "second"));
            let entries = again.entries("part").await.expect("read");
            assert_eq!(entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>(), ["b"]);
            let mut copies = names(&spare);
            copies.sort();
            assert_eq!(copies, ["born", "first outbox b"], "and they are what they should be");
        });
    }

    #[test]
    fn keys_come_back_and_go_for_good() {
        let (records, spare) = (Rc::new(Records::default()), Rc::new(MemorySpare::default()));
        pollster::block_on(async {
            let first = open(&records, &spare, "first");
            let put = |name: &str| vec![Change::PutAt(&META, name.to_owned(), "secret".to_owned().write())];
            let write = async |records: &Rc<CopiedRecords<Vec<u8>>>, changes: Vec<Change<Vec<u8>>>| {
                records.transact(Keep::Strict, &[&META], &[], &mut |_| Ok(changes.clone())).await.expect("memory");
            };
            write(&first, put("key ada")).await;
            write(&first, put("key bob")).await;
            write(&first, put("breaker ada")).await;
            write(&first, vec![Change::Delete(&META, "key bob".into())]).await;
            assert_eq!(names(&spare), ["born", "first meta key ada"]);
            // One that is older than the copies is copied when somebody asks for it.
            spare.0.borrow_mut().remove("first meta key ada");
            let ask = [Ask::One(&META, "key ada")];
            first.transact(Keep::Read, &[&META], &ask, &mut |_| Ok(vec![])).await.expect("memory");
            assert_eq!(names(&spare), ["born", "first meta key ada"]);
            let anew = Rc::new(Records::default());
            let second = open(&anew, &spare, "second");
            let mut key = None;
            let mut look = |found: &mut Found| {
                key = found.one::<String>()?;
                Ok(vec![])
            };
            second.transact(Keep::Read, &[&META], &ask, &mut look).await.expect("memory");
            assert_eq!(key.as_deref(), Some("secret"));
            // What was forgotten while nobody copied does not come back.
            anew.transact(Keep::Strict, &[&META], &[], &mut |_| Ok(vec![Change::Delete(&META, "key ada".into())]))
                .await
                .expect("memory");
            open(&anew, &spare, "third");
            assert_eq!(names(&spare), ["born"]);
        });
    }

    #[test]
    fn what_is_copied_late_of_a_database_that_is_gone_comes_back_into_no_other() {
        let (records, spare) = (Rc::new(Records::default()), Rc::new(MemorySpare::default()));
        pollster::block_on(async {
            let first = open(&records, &spare, "first");
            // Another tab forgets everything, the copies too; this one has not heard of it yet.
            spare.0.take();
            store(first.clone()).commit(&entry("late", "part"), None, None).await.expect("committed");
            assert_eq!(names(&spare), ["first outbox late"]);
            let anew = Rc::new(Records::default());
            let second = store(open(&anew, &spare, "second"));
            assert_eq!(second.entries("part").await.expect("read"), []);
            assert_eq!(names(&spare), ["born"], "and it is gone");
        });
    }
}
