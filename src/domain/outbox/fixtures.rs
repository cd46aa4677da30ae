//! An entry for tests of this module.

use super::{OutboxEntry, OutboxState, Progress};
use crate::domain::time::Timestamp;

/// Made at this instant, and tried once.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_000_000);

pub(super) fn entry(state: OutboxState) -> OutboxEntry {
    OutboxEntry {
        id: "e".into(),
        key: "k".into(),
        seq: 1,
        part: "p".into(),
        form: "f".into(),
        context: String::new(),
        body: "{}".into(),
        supersedes: vec![],
        lane: String::new(),
        depends_on: None,
        attachments: vec![],
        created: NOW,
        progress: Progress { state, attempts: 1, ..Progress::default() },
    }
}
