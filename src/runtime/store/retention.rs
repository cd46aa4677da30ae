//! What is too old to be of use to anybody goes: the device keeps no more than it has to.

use super::DeviceStore;
use crate::document;
use crate::domain::draft::is_stale;
use crate::domain::id::{DraftId, EntryId};
use crate::domain::time::Timestamp;
use crate::ports::StoreError;
use crate::ports::records::{Ask, Change, DRAFTS, Keep, RECEIPTS};

/// How long a receipt is kept: 30 days, in milliseconds.
const RECEIPT_LIFE: i64 = 30 * 86_400_000;

/// What everybody sees of a draft.
struct DraftAge {
    id: DraftId,
    updated: Timestamp,
}

document! { open DraftAge { id: "id", updated: "updated", } }

/// What everybody sees of a receipt.
struct ReceiptAge {
    entry: EntryId,
    at: Timestamp,
}

document! { open ReceiptAge { entry: "entry", at: "at", } }

impl<B: Clone + 'static> DeviceStore<B> {
    /// Forgets drafts that nobody would be offered any more, with their files, and old receipts, whosever they are. What
    /// waits to be sent stays, however old it is.
    pub async fn sweep(&self, now: Timestamp) -> Result<(), StoreError> {
        let asks = [Ask::All(&DRAFTS), Ask::All(&RECEIPTS)];
        let (mut drafts, mut receipts): (Vec<DraftAge>, Vec<ReceiptAge>) = (vec![], vec![]);
        self.transact(Keep::Relaxed, &[&DRAFTS, &RECEIPTS], &asks, &mut |found| {
            (drafts, receipts) = (found.all(), found.all());
            receipts.retain(|receipt| now.millis_since(receipt.at) > RECEIPT_LIFE);
            Ok(receipts.iter().map(|receipt| Change::Delete(&RECEIPTS, receipt.entry.to_string())).collect())
        })
        .await?;
        for draft in drafts {
            if is_stale(draft.updated, now) {
                self.delete_draft(&draft.id).await?;
            }
        }
        Ok(())
    }
}
