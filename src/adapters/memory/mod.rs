//! Records in memory: for tests, and for windows in which nothing may be stored.

use std::cell::RefCell;

use crate::domain::map::Map;
use crate::domain::value::{Document, Value};
use crate::ports::records::{Ask, Change, Decide, Found, Keep, RecordStore, Table};
use crate::ports::{Later, StoreError};

/// Records that live as long as the page. `B` is a piece of a file.
pub struct MemoryRecords<B>(RefCell<Kept<B>>);

struct Kept<B> {
    tables: Map<&'static str, Map<String, Value>>,
    chunks: Map<String, Vec<B>>,
}

impl<B> Default for MemoryRecords<B> {
    fn default() -> Self {
        Self(RefCell::new(Kept { tables: Map::default(), chunks: Map::default() }))
    }
}

/// The text in a record's member.
fn text<'a>(record: &'a Value, member: Option<&str>) -> Option<&'a str> {
    let Value::Object(members) = record else { return None };
    match members.get(member?) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

impl<B> Kept<B> {
    fn table(&mut self, table: &Table) -> &mut Map<String, Value> {
        if self.tables.get(table.name).is_none() {
            self.tables.insert(table.name, Map::default());
        }
        self.tables.get_mut(table.name).expect("it was just put there")
    }

    fn answer(&mut self, ask: &Ask<'_>) -> Vec<Value> {
        match ask {
            Ask::One(table, name) => self.table(table).get(*name).cloned().into_iter().collect(),
            Ask::By(table, value) => {
                let member = table.index.as_ref().map(|index| index.member);
                let records = self.table(table).values();
                records.filter(|record| text(record, member) == Some(value)).cloned().collect()
            }
            Ask::All(table) => self.table(table).values().cloned().collect(),
            Ask::Count(table) => vec![self.table(table).len().write()],
        }
    }

    fn apply(&mut self, change: Change<B>) {
        match change {
            Change::Put(table, record) => {
                let name = text(&record, table.key).unwrap_or_default().to_owned();
                self.table(table).insert(name, record);
            }
            Change::PutAt(table, name, record) => drop(self.table(table).insert(name, record)),
            Change::Delete(table, name) => drop(self.table(table).remove(&name)),
            Change::PutChunk { file, index, bytes } => {
                let mut chunks = self.chunks.remove(&file).unwrap_or_default();
                chunks.truncate(index as usize);
                chunks.push(bytes);
                self.chunks.insert(file, chunks);
            }
            Change::DeleteChunks { file } => drop(self.chunks.remove(&file)),
        }
    }
}

impl<B: Clone> RecordStore for MemoryRecords<B> {
    type Bytes = B;

    fn transact<'a>(
        &'a self,
        _: Keep,
        _: &'a [&'static Table],
        asks: &'a [Ask<'a>],
        decide: &'a mut Decide<'a, B>,
    ) -> Later<'a, Result<(), StoreError>> {
        let mut kept = self.0.borrow_mut();
        let mut found = Found::new(asks.iter().map(|ask| kept.answer(ask)).collect());
        let done = decide(&mut found).map(|changes| changes.into_iter().for_each(|change| kept.apply(change)));
        Box::pin(core::future::ready(done))
    }

    fn chunk<'a>(&'a self, file: &'a str, index: u32) -> Later<'a, Result<Option<B>, StoreError>> {
        let chunk = self.0.borrow().chunks.get(file).and_then(|chunks| chunks.get(index as usize)).cloned();
        Box::pin(core::future::ready(Ok(chunk)))
    }

    fn is_lasting(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::MemoryRecords;
    use crate::runtime::DeviceStore;

    macro_rules! promise {
        ($name:ident) => {
            #[test]
            fn $name() {
                let store = DeviceStore::over(MemoryRecords::default());
                pollster::block_on(crate::runtime::store::contract::$name(&store, vec![vec![1u8, 2, 3]]));
            }
        };
    }

    crate::store_contract!(promise);

    mod sealed {
        use std::rc::Rc;

        use crate::adapters::memory::MemoryRecords;
        use crate::runtime::DeviceStore;
        use crate::runtime::store::sealing::tests::sealed;

        macro_rules! promise {
            ($name:ident) => {
                #[test]
                fn $name() {
                    let store = DeviceStore::over(sealed(Rc::new(MemoryRecords::default())));
                    pollster::block_on(crate::runtime::store::contract::$name(&store, vec![vec![1u8, 2, 3]]));
                }
            };
        }

        crate::store_contract!(promise);
    }
}
