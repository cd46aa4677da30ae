//! Signing out: what belongs to a person goes from the device.

use super::adopting::{DraftPart, EntryPart};
use super::files::FileRecord;
use super::outbox::breaker_of;
use super::{DeviceStore, URL};
use crate::document;
use crate::domain::id::EntryId;
use crate::domain::value::Value;
use crate::ports::StoreError;
use crate::ports::records::{ATTACHMENTS, Ask, CACHE, CHUNKS, Change, DRAFTS, Found, Keep, META, OUTBOX, RECEIPTS};

/// What everybody sees of a receipt.
struct ReceiptName {
    entry: EntryId,
    part: String,
}

document! { open ReceiptName { entry: "entry", part: "part", } }

impl<B: Clone + 'static> DeviceStore<B> {
    /// How many drafts and entries are kept here for `part`.
    pub async fn unsent(&self, part: &str) -> Result<(usize, usize), StoreError> {
        self.read(&[&DRAFTS, &OUTBOX], &[Ask::All(&DRAFTS), Ask::By(&OUTBOX, part)], |found| {
            let (drafts, entries): (Vec<DraftPart>, Vec<EntryPart>) = (found.all(), found.all());
            Ok((drafts.iter().filter(|draft| draft.is_of(part)).count(), entries.len()))
        })
        .await
    }

    /// Forgets all that is kept for `part` at the service desk at `api`, what was read there, and the record `key` of [`META`]:
    /// whoever still has that key writes nothing any more. Whether anything of anybody else is left.
    pub async fn forget(&self, part: &str, api: &str, key: &str) -> Result<bool, StoreError> {
        let mut is_left = false;
        let tables = [&META, &DRAFTS, &OUTBOX, &ATTACHMENTS, &CHUNKS, &RECEIPTS, &CACHE];
        let asks = [&DRAFTS, &OUTBOX, &RECEIPTS, &ATTACHMENTS, &CACHE].map(Ask::All);
        self.transact(Keep::Strict, &tables, &asks, &mut |found: &mut Found| {
            let (drafts, entries): (Vec<DraftPart>, Vec<EntryPart>) = (found.all(), found.all());
            // What another key has sealed is read as nothing.
            let (receipts, files): (Vec<ReceiptName>, Vec<FileRecord>) = (found.all(), found.all());
            let mut changes = vec![Change::Delete(&META, key.to_owned()), Change::Delete(&META, breaker_of(part))];
            is_left = false;
            let mut others: Vec<&str> = vec![];
            for draft in &drafts {
                if draft.is_of(part) {
                    changes.push(Change::Delete(&DRAFTS, draft.id.to_string()));
                } else {
                    others.push(draft.id.as_str());
                }
            }
            for entry in &entries {
                if entry.part == part {
                    changes.push(Change::Delete(&OUTBOX, entry.id.to_string()));
                } else {
                    others.push(entry.id.as_str());
                }
            }
            for receipt in &receipts {
                if receipt.part == part {
                    changes.push(Change::Delete(&RECEIPTS, receipt.entry.to_string()));
                } else {
                    is_left = true;
                }
            }
            is_left |= !others.is_empty();
            // A file of nobody else is this person's: of a draft that was never saved, perhaps.
            for file in files.iter().filter(|file| !others.contains(&&*file.owner)) {
                changes.extend(super::files::delete_file(&file.id));
            }
            for record in found.all::<Value>() {
                if let Value::Object(members) = &record
                    && let Some(Value::Text(url)) = members.get(URL)
                    && url.starts_with(api)
                {
                    changes.push(Change::Delete(&CACHE, url.clone()));
                }
            }
            Ok(changes)
        })
        .await?;
        Ok(is_left)
    }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use crate::adapters::memory::MemoryRecords;
    use crate::domain::draft::{Draft, DraftPlace};
    use crate::domain::time::Timestamp;
    use crate::ports::{Cached, StoreError};
    use crate::runtime::DeviceStore;
    use crate::runtime::store::contract::{NOW, draft, entry, file, place, receipt};
    use crate::runtime::store::sealing::tests::{dump, sealed, sealed_by};

    #[test]
    fn what_belongs_to_a_person_goes_and_what_belongs_to_others_stays() {
        let records = Rc::new(MemoryRecords::default());
        let person = DeviceStore::over(sealed(records.clone()));
        let other = DeviceStore::over(sealed_by(7, records.clone()));
        pollster::block_on(async {
            let read = Cached { body: "[]".into(), etag: None, as_of: Timestamp::default() };
            for url in ["https://desk/api/forms", "https://elsewhere/api/forms"] {
                person.keep(url, &read).await.expect("kept");
            }
            person.save_draft(&draft("d", 1)).await.expect("saved");
            person.add_piece(&"d".into(), &file("f"), 0, vec![1, 2, 3]).await.expect("kept");
            person.add_piece(&"never-saved".into(), &file("g"), 0, vec![1, 2, 3]).await.expect("kept");
            person.commit(&entry("e", "part"), None, None).await.expect("committed");
            person.commit(&entry("received", "part"), None, None).await.expect("committed");
            let epoch = person.lead().await.expect("an epoch");
            let claimed = person.claim("part", epoch, NOW, NOW.shifted(9)).await.expect("a store").expect("an entry");
            let claim = crate::domain::outbox::Claim { id: claimed.id.clone(), key: claimed.key.clone(), epoch };
            person.settle("part", &claim, &receipt(&claimed), NOW, 0.5).await.expect("settled");
            let theirs = DraftPlace { part: "partner".into(), ..place("") };
            other.save_draft(&Draft { place: theirs.clone(), ..draft("theirs", 1) }).await.expect("saved");
            assert_eq!(person.unsent("part").await, Ok((1, 1)));

            assert_eq!(person.forget("part", "https://desk/api", "key").await, Ok(true));
            let left = dump(&records);
            for name in ["\"d\"", "\"e\"", "\"f\"", "\"g\"", "received", "https://desk/"] {
                assert!(!left.contains(name), "{name}: {left}");
            }
            assert!(left.contains("https://elsewhere/"));
            assert_eq!(person.save_draft(&draft("d", 1)).await, Err(StoreError::Unavailable.into()));
            assert_eq!(other.drafts(&theirs).await.expect("read").len(), 1);
            assert_eq!(other.forget("partner", "https://desk/api", "key 7").await, Ok(false));
        });
    }
}
