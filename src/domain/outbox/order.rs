//! Which entry goes first.

use super::{OutboxEntry, OutboxState, RetryPolicy};
use crate::domain::time::Timestamp;

/// Whether nothing among `entries` must go before `entry`: nothing earlier in its lane, and not what it depends on. One
/// that waits for a person holds its lane, and no other. Pure; what is delivered or given up is not among `entries`.
pub fn is_its_turn(entry: &OutboxEntry, entries: &[OutboxEntry]) -> bool {
    let is_before = |other: &OutboxEntry| {
        let same_lane = !entry.lane.is_empty() && other.lane == entry.lane && other.seq < entry.seq;
        same_lane || entry.depends_on.as_ref() == Some(&other.id)
    };
    !entries.iter().any(is_before)
}

/// When a drainer should look at one of `entries` next; `None` if only a person can move them.
pub fn next_attempt(entries: &[OutboxEntry], now: Timestamp) -> Option<Timestamp> {
    let attempt = |entry: &&OutboxEntry| is_its_turn(entry, entries);
    let at = |entry: &OutboxEntry| match &entry.progress.state {
        OutboxState::Queued => Some(now),
        OutboxState::Waiting { .. } if RetryPolicy::was_set_back(entry.progress.since, now) => Some(now),
        OutboxState::Waiting { retry_at, .. } => Some(*retry_at),
        OutboxState::InFlight { lease_ends, .. } => Some(*lease_ends),
        OutboxState::Parked { .. } | OutboxState::Delivered | OutboxState::Discarded => None,
    };
    entries.iter().filter(attempt).filter_map(at).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::outbox::fixtures::entry;
    use crate::domain::outbox::{ParkReason, WaitReason};

    fn numbered(seq: u64, lane: &str, state: OutboxState) -> OutboxEntry {
        let mut entry = entry(state);
        (entry.id, entry.seq, entry.lane) = (seq.to_string().as_str().into(), seq, lane.to_owned());
        entry
    }

    #[test]
    fn a_lane_is_first_in_first_out_and_no_lane_holds_nobody() {
        let entries = [
            numbered(1, "a", OutboxState::Parked { why: ParkReason::Rejected }),
            numbered(2, "a", OutboxState::Queued),
            numbered(3, "b", OutboxState::Queued),
            numbered(4, "", OutboxState::Queued),
            numbered(5, "", OutboxState::Queued),
        ];
        let free: Vec<bool> = entries.iter().map(|entry| is_its_turn(entry, &entries)).collect();
        assert_eq!(free, [true, false, true, true, true]);
        assert!(is_its_turn(&entries[1], &entries[1..]), "its predecessor is gone");
    }

    #[test]
    fn what_it_depends_on_goes_first() {
        let first = numbered(1, "", OutboxState::Queued);
        let second = OutboxEntry { depends_on: Some("1".into()), ..numbered(2, "", OutboxState::Queued) };
        assert!(!is_its_turn(&second, &[first.clone(), second.clone()]));
        assert!(is_its_turn(&second, std::slice::from_ref(&second)));
        assert!(is_its_turn(&first, &[first.clone(), second]));
    }

    #[test]
    fn nobody_looks_for_what_waits_behind_another() {
        let at = |millis| Timestamp::from_millis(millis);
        let waiting = |millis| OutboxState::Waiting { retry_at: at(millis), why: WaitReason::Backoff };
        let entries = [numbered(1, "a", waiting(500)), numbered(2, "a", OutboxState::Queued)];
        assert_eq!(next_attempt(&entries, at(7)), Some(at(500)));
        assert_eq!(next_attempt(&entries[1..], at(7)), Some(at(7)));
        let parked = [numbered(1, "a", OutboxState::Parked { why: ParkReason::Broken }), entries[1].clone()];
        assert_eq!(next_attempt(&parked, at(7)), None);
        let in_flight = OutboxState::InFlight { epoch: 1, lease_ends: at(9) };
        assert_eq!(next_attempt(&[numbered(1, "", in_flight)], at(7)), Some(at(9)));
    }
}
