//! Files in IndexedDB: a record each, and pieces of 1 MiB as `ArrayBuffer`, since some browsers lose blobs.

use js_sys::{Array, ArrayBuffer};
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::IndexedDbStore;
use super::database::{IndexedDbError, Keep, Tx};
use super::schema::{ATTACHMENTS, BY_OWNER, CHUNKS};
use crate::adapters::browser::js::{blob_of, bytes_of};
use crate::domain::id::{AttachmentId, DraftId};
use crate::domain::outbox::Attachment;
use crate::ports::{FileStore, StoreError};

const CHUNK: u32 = 1 << 20;

/// A file as it is kept.
#[derive(Serialize, Deserialize)]
pub(super) struct Record {
    id: AttachmentId,
    /// The draft it belongs to; empty once it belongs to an entry.
    owner: String,
    chunks: u32,
    file: Attachment,
}

fn chunk_key(id: &AttachmentId, index: u32) -> JsValue {
    Array::of2(&id.as_str().into(), &index.into()).into()
}

/// From now on the file belongs to an entry, and no longer to its draft.
pub(super) async fn give_to_entry(tx: &Tx<'_>, id: &AttachmentId) -> Result<(), IndexedDbError> {
    if let Some(record) = tx.get::<Record>(ATTACHMENTS, id.as_str()).await? {
        tx.put(ATTACHMENTS, &Record { owner: String::new(), ..record }).await?;
    }
    Ok(())
}

/// Deletes the file and its pieces.
pub(super) async fn delete_file(tx: &Tx<'_>, id: &AttachmentId) -> Result<(), IndexedDbError> {
    if let Some(record) = tx.get::<Record>(ATTACHMENTS, id.as_str()).await? {
        for index in 0..record.chunks {
            tx.delete(CHUNKS, chunk_key(id, index)).await?;
        }
    }
    tx.delete(ATTACHMENTS, id.as_str().into()).await
}

/// Deletes the files that belong to a draft.
pub(super) async fn delete_files_of(tx: &Tx<'_>, owner: &DraftId) -> Result<(), IndexedDbError> {
    for record in tx.all::<Record>(ATTACHMENTS, BY_OWNER, owner.as_str()).await? {
        delete_file(tx, &record.id).await?;
    }
    Ok(())
}

impl FileStore for IndexedDbStore {
    type Bytes = Blob;

    async fn add_file(&self, owner: &DraftId, file: &Attachment, bytes: &Blob) -> Result<(), StoreError> {
        // Read first: while a blob is read, a transaction would end.
        let mut chunks: Vec<ArrayBuffer> = vec![];
        let size = bytes.size();
        while f64::from(CHUNK) * (chunks.len() as f64) < size {
            let start = f64::from(CHUNK) * (chunks.len() as f64);
            let slice = bytes.slice_with_f64_and_f64(start, (start + f64::from(CHUNK)).min(size));
            chunks.push(bytes_of(&slice.map_err(|_| StoreError::Corrupt)?).await.map_err(|_| StoreError::Corrupt)?);
        }
        let record = Record {
            id: file.id.clone(),
            owner: owner.to_string(),
            chunks: u32::try_from(chunks.len()).map_err(|_| StoreError::QuotaExceeded)?,
            file: file.clone(),
        };
        self.transact(&[ATTACHMENTS, CHUNKS], Keep::Strict, async |tx| {
            for (index, chunk) in (0u32..).zip(&chunks) {
                tx.put_at(CHUNKS, chunk_key(&record.id, index), chunk.clone().into()).await?;
            }
            tx.put(ATTACHMENTS, &record).await
        })
        .await
    }

    async fn files(&self, ids: &[AttachmentId]) -> Result<Vec<Attachment>, StoreError> {
        self.transact(&[ATTACHMENTS], Keep::Read, async |tx| {
            let mut files = vec![];
            for id in ids {
                files.extend(tx.get::<Record>(ATTACHMENTS, id.as_str()).await?.map(|record| record.file));
            }
            Ok(files)
        })
        .await
    }

    async fn bytes(&self, id: &AttachmentId) -> Result<Blob, StoreError> {
        let parts = self.transact(&[ATTACHMENTS, CHUNKS], Keep::Read, async |tx| {
            let record: Record = tx.get(ATTACHMENTS, id.as_str()).await?.ok_or(IndexedDbError::Record)?;
            let parts = Array::new();
            for index in 0..record.chunks {
                let chunk = tx.get_js(CHUNKS, chunk_key(id, index)).await?.ok_or(IndexedDbError::Record)?;
                parts.push(&chunk);
            }
            Ok(parts)
        });
        blob_of(&parts.await?).map_err(|_| StoreError::Corrupt)
    }

    async fn delete_file(&self, id: &AttachmentId) -> Result<(), StoreError> {
        self.transact(&[ATTACHMENTS, CHUNKS], Keep::Relaxed, async |tx| delete_file(tx, id).await).await
    }
}
