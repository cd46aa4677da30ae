//! When what is typed is saved.

use crate::domain::time::Timestamp;

/// The pause in typing after which a draft is saved, in milliseconds.
const PAUSE: i64 = 250;
/// The longest that an edit waits, in milliseconds: what a crash may cost.
const LONGEST_WAIT: i64 = 400;

/// Tells when to save: after a pause in typing, and in steady typing often enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    unsaved_since: Option<Timestamp>,
    due: Timestamp,
}

impl Pace {
    /// An edit at `now`; returns in how many milliseconds to save, unless another edit comes first.
    pub fn edited(&mut self, now: Timestamp) -> u32 {
        let since = *self.unsaved_since.get_or_insert(now);
        // A clock that was set back must not keep a draft waiting.
        let waited = now.millis_since(since).max(0);
        let wait = (LONGEST_WAIT - waited).clamp(0, PAUSE);
        self.due = now.shifted(wait);
        u32::try_from(wait).unwrap_or_default()
    }

    /// In how many milliseconds to save, if nothing was edited since.
    pub fn rest(self, now: Timestamp) -> u32 {
        // Nor must a clock that was set back here.
        u32::try_from(self.due.millis_since(now).clamp(0, PAUSE)).unwrap_or_default()
    }

    /// All edits so far are on their way into the store.
    pub fn saving(&mut self) {
        self.unsaved_since = None;
    }

    /// Whether an edit waits to be saved.
    pub fn is_waiting(self) -> bool {
        self.unsaved_since.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pause_saves_after_a_quarter_of_a_second() {
        let mut pace = Pace::default();
        assert_eq!(pace.edited(Timestamp::from_millis(0)), 250);
        assert_eq!(pace.edited(Timestamp::from_millis(100)), 250);
        assert_eq!(pace.edited(Timestamp::from_millis(300)), 100);
        assert_eq!(pace.rest(Timestamp::from_millis(350)), 50);
        assert_eq!((pace.rest(Timestamp::from_millis(500)), pace.rest(Timestamp::from_millis(-9_000))), (0, 250));
        pace.saving();
        assert!(!pace.is_waiting());
        assert_eq!(pace.edited(Timestamp::from_millis(350)), 250);
    }

    proptest! {
        #[test]
        fn no_edit_waits_longer_than_400_ms(gaps in prop::collection::vec(0i64..250, 1..50)) {
            let (mut pace, mut now) = (Pace::default(), 0);
            let first = now;
            let mut due = now + i64::from(pace.edited(Timestamp::from_millis(now)));
            for gap in gaps {
                now += gap;
                if now >= due { break; }
                due = now + i64::from(pace.edited(Timestamp::from_millis(now)));
                prop_assert!(due - first <= 400);
            }
        }
    }
}
