//! Files that wait with a draft or an entry: a record each, and their bytes in pieces.

use super::DeviceStore;
use crate::document;
use crate::domain::id::{AttachmentId, DraftId};
use crate::domain::outbox::Attachment;
use crate::domain::value::Document;
use crate::ports::StoreError;
use crate::ports::records::{ATTACHMENTS, Ask, CHUNKS, Change, Keep};

/// A file as it is kept.
pub(super) struct FileRecord {
    pub(super) id: AttachmentId,
    /// The draft that it belongs to, or the entry.
    pub(super) owner: String,
    /// How many pieces it has.
    pub(super) chunks: u32,
    pub(super) file: Attachment,
}

document! { open FileRecord { id: "id", owner: "owner", chunks: "chunks", file: "file", } }

/// Takes a file and its pieces away.
pub(super) fn delete_file<B>(id: &AttachmentId) -> [Change<B>; 2] {
    [Change::Delete(&ATTACHMENTS, id.to_string()), Change::DeleteChunks { file: id.to_string() }]
}

impl<B: Clone + 'static> DeviceStore<B> {
    /// Keeps a file for the draft `owner`: in pieces.
    pub async fn add_file(&self, owner: &DraftId, file: &Attachment, chunks: &[B]) -> Result<(), StoreError> {
        let count = u32::try_from(chunks.len()).map_err(|_| StoreError::QuotaExceeded)?;
        let record = FileRecord { id: file.id.clone(), owner: owner.to_string(), chunks: count, file: file.clone() };
        let mut changes = vec![Change::Put(&ATTACHMENTS, record.write())];
        for (index, bytes) in (0..).zip(chunks) {
            changes.push(Change::PutChunk { file: file.id.to_string(), index, bytes: bytes.clone() });
        }
        self.write(Keep::Strict, &[&ATTACHMENTS, &CHUNKS], changes).await
    }

    /// What is known of the files, in the order of `ids`; files that are not there are left out.
    pub async fn files(&self, ids: &[AttachmentId]) -> Result<Vec<Attachment>, StoreError> {
        let asks: Vec<Ask<'_>> = ids.iter().map(|id| Ask::One(&ATTACHMENTS, id.as_str())).collect();
        self.read(&[&ATTACHMENTS], &asks, |found| {
            let mut files = vec![];
            for _ in ids {
                files.extend(found.one::<FileRecord>()?.map(|record| record.file));
            }
            Ok(files)
        })
        .await
    }

    /// A file's bytes, in pieces.
    pub async fn bytes(&self, id: &AttachmentId) -> Result<Vec<B>, StoreError> {
        let asks = [Ask::One(&ATTACHMENTS, id.as_str())];
        let record: Option<FileRecord> = self.read(&[&ATTACHMENTS], &asks, |found| found.one()).await?;
        let chunks = self.records().chunks(id.as_str()).await?;
        // Without all of its pieces it is not the file that was chosen.
        if record.is_some_and(|record| record.chunks as usize == chunks.len()) {
            Ok(chunks)
        } else {
            Err(StoreError::Corrupt)
        }
    }

    /// Forgets a file.
    pub async fn delete_file(&self, id: &AttachmentId) -> Result<(), StoreError> {
        self.write(Keep::Relaxed, &[&ATTACHMENTS, &CHUNKS], delete_file(id).into()).await
    }
}
