//! What is too old to be of use to anybody goes: the device keeps no more than it has to.

use super::DeviceStore;
use super::drafts::DraftRecord;
use super::files::{FileRecord, delete_file};
use super::outbox::ReceiptRecord;
use crate::domain::draft::is_stale;
use crate::domain::time::Timestamp;
use crate::ports::StoreError;
use crate::ports::records::{ATTACHMENTS, Ask, CHUNKS, Change, DRAFTS, Keep, RECEIPTS};

/// How long a receipt is kept: 30 days, in milliseconds.
const RECEIPT_LIFE: i64 = 30 * 86_400_000;

impl<B: Clone + 'static> DeviceStore<B> {
    /// Forgets drafts that nobody would be offered any more, with their files, and old receipts. What waits to be sent
    /// stays, however old it is.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let (tables, asks) = (
            [&DRAFTS, &RECEIPTS, &ATTACHMENTS, &CHUNKS],
            [Ask::All(&DRAFTS), Ask::All(&RECEIPTS), Ask::All(&ATTACHMENTS)],
        );
        self.transact(Keep::Relaxed, &tables, &asks, &mut |found| {
            let mut drafts: Vec<DraftRecord> = found.all();
            drafts.retain(|record| is_stale(&record.draft, now));
            let mut receipts: Vec<ReceiptRecord> = found.all();
            receipts.retain(|record| now.millis_since(record.kept.at) > RECEIPT_LIFE);
            let mut files: Vec<FileRecord> = found.all();
            files.retain(|file| drafts.iter().any(|record| record.id.as_str() == file.owner));
            let mut changes: Vec<Change<B>> = vec![];
            changes.extend(drafts.iter().map(|record| Change::Delete(&DRAFTS, record.id.to_string())));
            changes.extend(receipts.iter().map(|record| Change::Delete(&RECEIPTS, record.entry.to_string())));
            changes.extend(files.iter().flat_map(|file| delete_file(&file.id)));
            Ok(changes)
        })
        .await
    }
}
