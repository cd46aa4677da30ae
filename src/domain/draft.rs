//! An unfinished request, kept while it is typed.

use super::form::Answers;
use super::id::{DraftId, FormId, SubmissionKey};
use super::time::Timestamp;
use crate::document;

/// Which drafts belong together: one form in one place of one page, for one person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftPlace {
    /// Whose drafts, at which service desk.
    pub part: String,
    /// The form that is filled in.
    pub form: FormId,
    /// The page author's name for the place, empty if there is only one.
    pub context: String,
}

document! { open DraftPlace { part: "part", form: "form", context: "context", } }

/// What stands in a form that has not been submitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Names the draft on this device.
    pub id: DraftId,
    /// Where it was begun.
    pub place: DraftPlace,
    /// Grows by one with each save. A save that does not build on the stored revision is refused.
    pub revision: u64,
    /// When it was last saved, by the device's clock.
    pub updated: Timestamp,
    /// The key of the answers that have arrived and are being changed.
    pub revises: Option<SubmissionKey>,
    /// What was typed, hidden fields included, so that showing them again brings the text back.
    pub answers: Answers,
}

document! {
    open Draft {
        id: "id",
        place: "place",
        revision: "revision",
        updated: "updated",
        revises: "revises",
        answers: "answers",
    }
}

/// How long a draft is kept after its last change: 7 days for people who are not signed in.
pub const ANONYMOUS_DRAFT_DAYS: i64 = 7;

/// Whether a draft that was last saved at `updated` is too old to be offered again at `now`.
pub fn is_stale(updated: Timestamp, now: Timestamp) -> bool {
    now.millis_since(updated) > ANONYMOUS_DRAFT_DAYS * 86_400_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_offered_for_seven_days() {
        let updated = Timestamp::from_millis(1_000);
        assert!(!is_stale(updated, updated.shifted(7 * 86_400_000)));
        assert!(is_stale(updated, updated.shifted(7 * 86_400_000 + 1)));
        assert!(!is_stale(updated, updated.shifted(-5)), "a clock set back makes nothing stale");
    }
}
