//! What is not yet submitted.

use super::DeviceStore;
use super::files::{FileName, delete_file};
use crate::document;
use crate::domain::draft::{Draft, DraftPlace};
use crate::domain::id::DraftId;
use crate::domain::map::put_in_order;
use crate::domain::time::Timestamp;
use crate::domain::value::Document;
use crate::ports::records::{ATTACHMENTS, Ask, CHUNKS, Change, DRAFTS, Keep};
use crate::ports::{SaveDraftError, StoreError};

/// A draft as it is kept: with its place as one text, which an index can hold, and its age where everybody sees it.
pub(super) struct DraftRecord {
    pub(super) id: DraftId,
    place: String,
    updated: Timestamp,
    pub(super) draft: Draft,
}

document! { open DraftRecord { id: "id", place: "place", updated: "updated", draft: "draft", } }

impl DraftRecord {
    pub(super) fn of(draft: &Draft) -> Self {
        let (id, place) = (draft.id.clone(), place_key(&draft.place));
        Self { id, place, updated: draft.updated, draft: draft.clone() }
    }
}

pub(super) fn place_key(place: &DraftPlace) -> String {
    // None of the parts holds a line end: addresses, names and an attribute.
    [&place.part, place.form.as_str(), &place.context].join("\n")
}

impl<B: Clone + 'static> DeviceStore<B> {
    /// The drafts of `place`, the latest first.
    pub async fn drafts(&self, place: &DraftPlace) -> Result<Vec<Draft>, StoreError> {
        let key = place_key(place);
        let records: Vec<DraftRecord> =
            self.read(&[&DRAFTS], &[Ask::By(&DRAFTS, &key)], |found| Ok(found.all())).await?;
        let mut drafts: Vec<Draft> = records.into_iter().map(|record| record.draft).collect();
        put_in_order(&mut drafts, |draft| core::cmp::Reverse(draft.updated));
        Ok(drafts)
    }

    /// Keeps `draft`, whose revision must be one more than the stored one's, or 1 if there is none.
    pub async fn save_draft(&self, draft: &Draft) -> Result<(), SaveDraftError> {
        let record = DraftRecord::of(draft);
        let mut is_next = false;
        let asks = [Ask::One(&DRAFTS, draft.id.as_str())];
        self.transact(Keep::Relaxed, &[&DRAFTS], &asks, &mut |found| {
            // What cannot be read is somebody else's by now.
            is_next = match found.one::<DraftRecord>() {
                Ok(stored) => draft.revision == stored.map_or(0, |stored| stored.draft.revision) + 1,
                Err(_) => false,
            };
            Ok(if is_next { vec![Change::Put(&DRAFTS, record.write())] } else { vec![] })
        })
        .await?;
        if is_next { Ok(()) } else { Err(SaveDraftError::Conflict) }
    }

    /// Forgets the draft and the files that belong to it.
    pub async fn delete_draft(&self, id: &DraftId) -> Result<(), StoreError> {
        let (tables, asks) = ([&DRAFTS, &ATTACHMENTS, &CHUNKS], [Ask::By(&ATTACHMENTS, id.as_str())]);
        self.transact(Keep::Relaxed, &tables, &asks, &mut |found| {
            let mut changes = vec![Change::Delete(&DRAFTS, id.to_string())];
            found.all::<FileName>().iter().for_each(|file| changes.extend(delete_file(&file.id)));
            Ok(changes)
        })
        .await
    }
}
