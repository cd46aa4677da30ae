//! What is too old to be of use to anybody goes: the device keeps no more than it has to.

use super::DeviceStore;
use super::drafts::DraftRecord;
use super::outbox::ReceiptRecord;
use crate::domain::draft::is_stale;
use crate::domain::time::Timestamp;
use crate::ports::StoreError;
use crate::ports::records::{Ask, Change, DRAFTS, Keep, RECEIPTS};

/// How long a receipt is kept: 30 days, in milliseconds.
const RECEIPT_LIFE: i64 = 30 * 86_400_000;

impl<B: Clone + 'static> DeviceStore<B> {
    /// Forgets drafts that nobody would be offered any more, with their files, and old receipts. What waits to be sent
    /// stays, however old it is.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let asks = [Ask::All(&DRAFTS), Ask::All(&RECEIPTS)];
        let (mut drafts, mut receipts): (Vec<DraftRecord>, Vec<ReceiptRecord>) = (vec![], vec![]);
        self.transact(Keep::Relaxed, &[&DRAFTS, &RECEIPTS], &asks, &mut |found| {
            (drafts, receipts) = (found.all(), found.all());
            receipts.retain(|record| now.millis_since(record.kept.at) > RECEIPT_LIFE);
            Ok(receipts.iter().map(|record| Change::Delete(&RECEIPTS, record.entry.to_string())).collect())
        })
        .await?;
        for record in drafts {
            if is_stale(&record.draft, now) {
                self.delete_draft(&record.id).await?;
            }
        }
        Ok(())
    }
}
