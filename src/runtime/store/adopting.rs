//! From one person to another: what was written before it was known by whom.

use super::DeviceStore;
use super::drafts::{DraftRecord, place_key};
use super::files::FileRecord;
use super::outbox::put;
use crate::document;
use crate::domain::draft::{Draft, DraftPlace};
use crate::domain::id::{DraftId, EntryId};
use crate::domain::outbox::OutboxEntry;
use crate::domain::value::Document;
use crate::ports::StoreError;
use crate::ports::records::{ATTACHMENTS, Ask, CHUNKS, Change, DRAFTS, Found, Keep, OUTBOX};

/// What everybody sees of an entry.
pub(super) struct EntryPart {
    pub(super) id: EntryId,
    pub(super) part: String,
}

document! { open EntryPart { id: "id", part: "part", } }

/// What everybody sees of a draft.
pub(super) struct DraftPart {
    pub(super) id: DraftId,
    place: String,
}

document! { open DraftPart { id: "id", place: "place", } }

impl DraftPart {
    /// Whether it belongs to `part`.
    pub(super) fn is_of(&self, part: &str) -> bool {
        self.place.strip_prefix(part).is_some_and(|rest| rest.starts_with('\n'))
    }
}

/// What somebody has written, with its files.
pub struct Belongings<B> {
    part: String,
    drafts: Vec<DraftRecord>,
    entries: Vec<OutboxEntry>,
    files: Vec<Change<B>>,
}

impl<B> Belongings<B> {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty() && self.entries.is_empty()
    }
}

impl<B: Clone + 'static> DeviceStore<B> {
    /// What is kept here for `part`: its drafts, and the entries that `takes` says.
    pub async fn belongings(&self, part: &str, takes: fn(&OutboxEntry) -> bool) -> Result<Belongings<B>, StoreError> {
        let mut records = (vec![], vec![], vec![]);
        let asks = [Ask::All(&DRAFTS), Ask::By(&OUTBOX, part), Ask::All(&ATTACHMENTS)];
        let mut look = |found: &mut Found| {
            records = (found.all(), found.all(), found.all());
            Ok(vec![])
        };
        self.transact(Keep::Read, &[&DRAFTS, &OUTBOX, &ATTACHMENTS], &asks, &mut look).await?;
        let (mut drafts, mut entries, files): (Vec<DraftRecord>, Vec<OutboxEntry>, Vec<FileRecord>) = records;
        drafts.retain(|record| record.draft.place.part == part);
        entries.retain(takes);
        let owners =
            drafts.iter().map(|record| record.id.as_str()).chain(entries.iter().map(|entry| entry.id.as_str()));
        let mut changes = vec![];
        for file in files.iter().filter(|file| owners.clone().any(|owner| owner == file.owner)) {
            for index in 0..file.chunks {
                let bytes = self.piece(&file.id, index).await?;
                changes.push(Change::PutChunk { file: file.id.to_string(), index, bytes });
            }
            changes.push(Change::Put(&ATTACHMENTS, file.write()));
        }
        Ok(Belongings { part: part.to_owned(), drafts, entries, files: changes })
    }

    /// Makes `belongings`, which are kept in the same records, those of this store's part `to`: in one transaction, and only
    /// if all of it is still where it was.
    pub async fn adopt(&self, belongings: Belongings<B>, to: &str) -> Result<(), StoreError> {
        let Belongings { part, drafts, entries, files: mut changes } = belongings;
        let mut asks = vec![];
        for record in &drafts {
            asks.push(Ask::One(&DRAFTS, record.id.as_str()));
            let place = DraftPlace { part: to.to_owned(), ..record.draft.place.clone() };
            let draft = Draft { place, ..record.draft.clone() };
            changes.push(Change::Put(&DRAFTS, DraftRecord::of(&draft).write()));
        }
        for entry in &entries {
            asks.push(Ask::One(&OUTBOX, entry.id.as_str()));
            changes.push(put(&OutboxEntry { part: to.to_owned(), ..entry.clone() }));
        }
        let tables = [&DRAFTS, &OUTBOX, &ATTACHMENTS, &CHUNKS];
        self.transact(Keep::Strict, &tables, &asks, &mut |found| {
            let mut is_there = true;
            for record in &drafts {
                let place = found.one::<DraftPart>()?.map(|draft| draft.place);
                is_there &= place == Some(place_key(&record.draft.place));
            }
            for _ in &entries {
                is_there &= found.one::<EntryPart>()?.is_some_and(|entry| entry.part == part);
            }
            Ok(if is_there { changes.clone() } else { vec![] })
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use crate::adapters::memory::MemoryRecords;
    use crate::domain::outbox::{OutboxEntry, OutboxState};
    use crate::ports::SaveDraftError;
    use crate::runtime::DeviceStore;
    use crate::runtime::store::contract::{draft, entry, file, place};
    use crate::runtime::store::sealing::tests::{sealed, sealed_by};

    #[test]
    fn what_was_written_before_it_was_known_by_whom_is_theirs_alone() {
        let records = Rc::new(MemoryRecords::default());
        let before = DeviceStore::over(sealed(records.clone()));
        let person = DeviceStore::over(sealed_by(7, records.clone()));
        pollster::block_on(async {
            before.save_draft(&draft("d", 1)).await.expect("saved");
            before.add_piece(&"d".into(), &file("f"), 0, vec![1, 2, 3]).await.expect("kept");
            before.finish_file(&"d".into(), &file("f"), 1).await.expect("kept");
            before.commit(&entry("taken", "part"), None, None).await.expect("committed");
            let other = OutboxEntry { lane: "left".into(), ..entry("left", "part") };
            before.commit(&other, None, None).await.expect("committed");
            let takes = |entry: &OutboxEntry| entry.lane.is_empty() && entry.progress.state == OutboxState::Queued;
            let belongings = before.belongings("part", takes).await.expect("read");
            person.adopt(belongings, "person").await.expect("adopted");

            let theirs = crate::domain::draft::DraftPlace { part: "person".into(), ..place("") };
            let adopted = person.drafts(&theirs).await.expect("read");
            assert_eq!(adopted.iter().map(|draft| &draft.answers).collect::<Vec<_>>(), [&draft("d", 1).answers]);
            assert_eq!(person.piece(&"f".into(), 0).await, Ok(vec![1, 2, 3]));
            let ids = async |store: &DeviceStore<Vec<u8>>, part| {
                let entries = store.entries(part).await.expect("read");
                entries.iter().map(|entry| entry.id.to_string()).collect::<Vec<_>>()
            };
            assert_eq!(ids(&person, "person").await, ["taken"]);
            assert_eq!(ids(&before, "part").await, ["left"]);
            assert_eq!(before.drafts(&place("")).await.expect("read"), []);
            // A tab that still writes it goes on under another name.
            assert_eq!(before.save_draft(&draft("d", 2)).await, Err(SaveDraftError::Conflict));
            assert!(before.belongings("part", takes).await.expect("read").is_empty());
        });
    }
}
