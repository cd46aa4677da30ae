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
    /// How many pieces it has; none until it is whole.
    pub(super) chunks: u32,
    pub(super) file: Attachment,
}

impl FileRecord {
    /// Whether all of it was read.
    fn is_whole(&self) -> bool {
        self.chunks > 0 || self.file.size == 0
    }
}

/// What everybody sees of a file.
pub(super) struct FileName {
    pub(super) id: AttachmentId,
}

document! { open FileName { id: "id", } }

document! { open FileRecord { id: "id", owner: "owner", chunks: "chunks", file: "file", } }

fn file_record(owner: &DraftId, file: &Attachment, chunks: u32) -> FileRecord {
    FileRecord { id: file.id.clone(), owner: owner.to_string(), chunks, file: file.clone() }
}

/// Takes a file and its pieces away.
pub(super) fn delete_file<B>(id: &AttachmentId) -> [Change<B>; 2] {
    [Change::Delete(&ATTACHMENTS, id.to_string()), Change::DeleteChunks { file: id.to_string() }]
}

impl<B: Clone + 'static> DeviceStore<B> {
    /// Keeps a piece of a file that is being read for the draft `owner`, and that goes with it. Until
    /// [`finish_file`](Self::finish_file) it is no file.
    pub async fn add_piece(&self, owner: &DraftId, file: &Attachment, index: u32, bytes: B) -> Result<(), StoreError> {
        let record = file_record(owner, file, 0).write();
        let piece = Change::PutChunk { file: file.id.to_string(), index, bytes };
        self.write(Keep::Relaxed, &[&ATTACHMENTS, &CHUNKS], vec![Change::Put(&ATTACHMENTS, record), piece]).await
    }

    /// Keeps a file of which all pieces are kept. Returns only once that would survive a loss of power.
    pub async fn finish_file(&self, owner: &DraftId, file: &Attachment, pieces: u32) -> Result<(), StoreError> {
        let record = file_record(owner, file, pieces).write();
        self.write(Keep::Strict, &[&ATTACHMENTS], vec![Change::Put(&ATTACHMENTS, record)]).await
    }

    /// What is known of the files, in the order of `ids`; files that are not there are left out.
    pub async fn files(&self, ids: &[AttachmentId]) -> Result<Vec<Attachment>, StoreError> {
        let asks: Vec<Ask<'_>> = ids.iter().map(|id| Ask::One(&ATTACHMENTS, id.as_str())).collect();
        self.read(&[&ATTACHMENTS], &asks, |found| {
            let mut files = vec![];
            for _ in ids {
                files.extend(found.one::<FileRecord>()?.filter(FileRecord::is_whole).map(|record| record.file));
            }
            Ok(files)
        })
        .await
    }

    /// The piece of a file at that place, from 0.
    pub async fn piece(&self, id: &AttachmentId, index: u32) -> Result<B, StoreError> {
        self.records().chunk(id.as_str(), index).await?.ok_or(StoreError::Corrupt)
    }

    /// Forgets a file.
    pub async fn delete_file(&self, id: &AttachmentId) -> Result<(), StoreError> {
        self.write(Keep::Relaxed, &[&ATTACHMENTS, &CHUNKS], delete_file(id).into()).await
    }
}
