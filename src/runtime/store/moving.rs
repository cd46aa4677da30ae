//! From memory to a database that can be opened after all.

use std::rc::Rc;

use super::files::FileRecord;
use super::outbox::{LAST_SEQ, counter, put, set_counter, step_all};
use super::{DeviceStore, URL};
use crate::domain::outbox::{Event, OutboxEntry};
use crate::domain::value::{Value, read};
use crate::ports::StoreError;
use crate::ports::records::{
    ATTACHMENTS, Ask, CACHE, CHUNKS, Change, DRAFTS, Found, Keep, META, OUTBOX, RECEIPTS, RecordStore, Table,
};

/// What is moved as it is.
const PLAIN: [&Table; 3] = [&DRAFTS, &ATTACHMENTS, &RECEIPTS];

impl<B: Clone + 'static> DeviceStore<B> {
    /// Keeps everything in `records` from now on, also what was kept elsewhere until now; what was being sent is sent
    /// again, under the same key. If that fails all stays where it was. For a store that answers at once, as memory does:
    /// nothing may come in between.
    pub async fn move_to(&self, records: impl RecordStore<Bytes = B> + 'static) -> Result<(), StoreError> {
        let from = self.records();
        let asks: Vec<Ask<'_>> = PLAIN.into_iter().chain([&CACHE, &OUTBOX]).map(Ask::All).collect();
        let mut changes: Vec<Change<B>> = vec![];
        let mut entries = vec![];
        let mut take = |found: &mut Found| {
            for table in PLAIN {
                changes.extend(found.all::<Value>().into_iter().map(|record| Change::Put(table, record)));
            }
            for record in found.all::<Value>() {
                if let Value::Object(members) = &record
                    && let Some(Value::Text(url)) = members.get(URL)
                {
                    changes.push(Change::PutAt(&CACHE, url.clone(), record));
                }
            }
            entries = step_all(found, &Event::TakeOver { epoch: u64::MAX });
            Ok(vec![])
        };
        from.transact(Keep::Read, &[&DRAFTS, &ATTACHMENTS, &RECEIPTS, &CACHE, &OUTBOX], &asks, &mut take).await?;
        let mut pieces = vec![];
        for change in &changes {
            let Change::Put(table, record) = change else { continue };
            if table.name != ATTACHMENTS.name {
                continue;
            }
            let file = read::<FileRecord>(record.clone()).map_err(|_| StoreError::Corrupt)?.id.to_string();
            let mut index = 0;
            while let Some(bytes) = from.chunk(&file, index).await? {
                pieces.push(Change::PutChunk { file: file.clone(), index, bytes });
                index += 1;
            }
        }
        changes.extend(pieces);
        // From here on whatever is written is written after this.
        let to: Rc<dyn RecordStore<Bytes = B>> = Rc::new(records);
        self.records.replace(to.clone());
        let tables = [&META, &DRAFTS, &OUTBOX, &ATTACHMENTS, &RECEIPTS, &CACHE, &CHUNKS];
        let mut write = |found: &mut Found| {
            let mut seq = counter(found)?;
            let mut all = changes.clone();
            for entry in &entries {
                seq += 1;
                all.push(put(&OutboxEntry { seq, ..entry.clone() }));
            }
            all.push(set_counter(LAST_SEQ, seq));
            Ok(all)
        };
        let moved = to.transact(Keep::Strict, &tables, &[Ask::One(&META, LAST_SEQ)], &mut write).await;
        if moved.is_err() {
            self.records.replace(from);
        }
        moved
    }
}

#[cfg(test)]
mod tests {
    use crate::adapters::memory::MemoryRecords;
    use crate::domain::outbox::OutboxState;
    use crate::ports::{Cached, Clock};
    use crate::runtime::worker::tests::{TestPlatform, commit, file, keep_file};

    #[test]
    fn what_was_kept_in_memory_is_kept_in_the_database_and_sent_once_more() {
        let platform = TestPlatform::default();
        let store = &platform.store;
        pollster::block_on(async {
            keep_file(&platform, "d", &file("f"), &[&[1], &[2]]);
            commit(&platform, "a", vec![file("f")]);
            commit(&platform, "b", vec![]);
            let read = Cached { body: "[]".into(), etag: None, as_of: platform.device.now() };
            store.keep("forms", &read).await.expect("kept");
            let epoch = store.lead().await.expect("an epoch");
            let now = platform.device.now();
            let claimed = store.claim("p", epoch, now, now.shifted(9)).await.expect("a store").expect("an entry");
            store.move_to(MemoryRecords::default()).await.expect("moved");
            let entries = store.entries("p").await.expect("read");
            let found: Vec<_> = entries.iter().map(|entry| (entry.id.as_str(), &entry.progress.state)).collect();
            assert_eq!(found, [("a", &OutboxState::Queued), ("b", &OutboxState::Queued)]);
            assert_eq!(store.piece(&"f".into(), 1).await, Ok(vec![2]));
            assert!(!store.beat(epoch).await.expect("a store"), "the old drainer has lost its turn");
            assert_eq!(entries[0].key, claimed.key);
            assert_eq!(store.cached("forms").await, Ok(Some(read)));
        });
    }
}
