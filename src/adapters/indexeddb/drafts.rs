//! Drafts in IndexedDB.

use serde::{Deserialize, Serialize};

use super::IndexedDbStore;
use super::database::Keep;
use super::files::delete_files_of;
use super::schema::{ATTACHMENTS, BY_PLACE, CHUNKS, DRAFTS};
use crate::domain::draft::{Draft, DraftPlace};
use crate::domain::id::DraftId;
use crate::domain::map::put_in_order;
use crate::ports::{DraftStore, SaveDraftError, StoreError};

/// A draft as it is kept: with its place as one text, which an index can hold.
#[derive(Serialize, Deserialize)]
struct Record {
    id: DraftId,
    place: String,
    draft: Draft,
}

fn place_key(place: &DraftPlace) -> String {
    // None of the parts holds a line end: addresses, names and an attribute.
    format!("{}\n{}\n{}", place.part, place.form, place.context)
}

impl DraftStore for IndexedDbStore {
    async fn drafts(&self, place: &DraftPlace) -> Result<Vec<Draft>, StoreError> {
        let key = place_key(place);
        let records: Vec<Record> =
            self.transact(&[DRAFTS], Keep::Read, async |tx| tx.all(DRAFTS, BY_PLACE, &key).await).await?;
        let mut drafts: Vec<Draft> = records.into_iter().map(|record| record.draft).collect();
        put_in_order(&mut drafts, |draft| core::cmp::Reverse(draft.updated));
        Ok(drafts)
    }

    async fn save_draft(&self, draft: &Draft) -> Result<(), SaveDraftError> {
        let record = Record { id: draft.id.clone(), place: place_key(&draft.place), draft: draft.clone() };
        let saved = self.transact(&[DRAFTS], Keep::Relaxed, async |tx| {
            let stored: Option<Record> = tx.get(DRAFTS, record.id.as_str()).await?;
            if record.draft.revision != stored.map_or(0, |stored| stored.draft.revision) + 1 {
                return Ok(false);
            }
            tx.put(DRAFTS, &record).await?;
            Ok(true)
        });
        if saved.await? { Ok(()) } else { Err(SaveDraftError::Conflict) }
    }

    async fn delete_draft(&self, id: &DraftId) -> Result<(), StoreError> {
        self.transact(&[DRAFTS, ATTACHMENTS, CHUNKS], Keep::Relaxed, async |tx| {
            tx.delete(DRAFTS, id.as_str().into()).await?;
            delete_files_of(tx, id).await
        })
        .await
    }
}
