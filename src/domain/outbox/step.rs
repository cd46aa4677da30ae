//! The one place where an entry's state changes: [`step`], pure.

use super::policy::{RetryPolicy, millis};
use super::{Claim, Intent, OutboxEntry, OutboxState, ParkReason, Progress, Verdict, WaitReason};
use crate::domain::time::Timestamp;

/// Something happens to an entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Event<'a> {
    /// A drainer wants to send it.
    Claim {
        /// Now.
        now: Timestamp,
        /// The drainer.
        epoch: u64,
        /// Until when it is the drainer's alone.
        lease_ends: Timestamp,
    },
    /// An answer, or the lack of one.
    Settle {
        /// For what was sent.
        claim: &'a Claim,
        /// The answer.
        verdict: &'a Verdict,
        /// Now.
        now: Timestamp,
        /// A number in `0.0..1.0`, new at every call.
        jitter: f64,
    },
    /// A new drainer finds what earlier ones left.
    TakeOver {
        /// The new drainer.
        epoch: u64,
    },
    /// The device is online again, the page is shown, or the suite has started.
    Wake {
        /// Now.
        now: Timestamp,
        /// A number in `0.0..1.0`, new at every call.
        jitter: f64,
    },
    /// A person wants it tried at once, whatever it waits for.
    SendNow,
    /// The requester gives it up.
    Discard,
    /// What it depends on was given up.
    Orphan,
}

/// What becomes of `entry` by `event`; `None` if the event is not for the state it is in, and nothing changes. Pure.
pub fn step(entry: &OutboxEntry, event: &Event<'_>, policy: &RetryPolicy) -> Option<Progress> {
    let old = &entry.progress;
    let with = |state| Progress { state, ..old.clone() };
    match (event, &old.state) {
        (_, OutboxState::Delivered | OutboxState::Discarded) => None,
        (Event::Claim { now, epoch, lease_ends }, _) if is_claimable(entry, *now, *epoch) => {
            Some(if RetryPolicy::is_older(entry, policy.give_up_after, *now) && old.failures > 0 {
                with(OutboxState::Parked { why: ParkReason::Expired })
            } else {
                Progress {
                    attempts: old.attempts + 1,
                    since: *now,
                    ..with(OutboxState::InFlight { epoch: *epoch, lease_ends: *lease_ends })
                }
            })
        }
        (Event::Claim { .. }, _) => None,
        (Event::Settle { claim, verdict, now, jitter }, OutboxState::InFlight { epoch, .. }) => {
            (claim.id == entry.id && claim.key == entry.key && claim.epoch == *epoch)
                .then(|| Progress { since: *now, ..settle(old, verdict, *now, *jitter, policy) })
        }
        (Event::Settle { .. }, _) => None,
        (Event::TakeOver { epoch: new }, OutboxState::InFlight { epoch, .. }) => {
            (epoch < new).then(|| with(OutboxState::Queued))
        }
        (Event::TakeOver { .. }, _) => None,
        (Event::Wake { now, jitter }, OutboxState::Waiting { retry_at, why }) => {
            let soon = *now + policy.wake_within.mul_f64(jitter.clamp(0.0, 1.0));
            match why {
                WaitReason::Asked => (millis(policy.asked_cap) < retry_at.millis_since(*now))
                    .then(|| with(OutboxState::Waiting { retry_at: *now + policy.asked_cap, why: *why })),
                WaitReason::Backoff | WaitReason::SignIn | WaitReason::Config => {
                    (soon < *retry_at).then(|| with(OutboxState::Waiting { retry_at: soon, why: *why }))
                }
            }
        }
        (Event::Wake { .. }, _) => None,
        // Without failures it has a try even when its time is over.
        (Event::SendNow, OutboxState::Waiting { .. } | OutboxState::Parked { .. }) => {
            Some(Progress { failures: 0, ..with(OutboxState::Queued) })
        }
        (Event::SendNow, OutboxState::Queued | OutboxState::InFlight { .. }) => None,
        (Event::Discard, _) => discard(entry),
        (Event::Orphan, OutboxState::Queued | OutboxState::Waiting { .. }) => {
            Some(with(OutboxState::Parked { why: ParkReason::Orphaned }))
        }
        (Event::Orphan, OutboxState::InFlight { .. } | OutboxState::Parked { .. }) => None,
    }
}

/// Given up. What was tried may have arrived, or may still arrive: the service desk is told.
fn discard(entry: &OutboxEntry) -> Option<Progress> {
    let old = &entry.progress;
    let discarded = || Progress { state: OutboxState::Discarded, refusal: None, ..old.clone() };
    // Whose place it took may have arrived before it was refused.
    let is_first = entry.supersedes.is_empty();
    match (&old.state, old.intent) {
        (OutboxState::Queued | OutboxState::Waiting { .. } | OutboxState::Parked { .. }, Intent::Submit)
            if is_first && old.attempts == 0 =>
        {
            Some(discarded())
        }
        // Its only try was refused: there is nothing to take back.
        (OutboxState::Parked { why: ParkReason::Rejected }, Intent::Submit) if is_first && old.attempts == 1 => {
            Some(discarded())
        }
        (OutboxState::Queued | OutboxState::Waiting { .. } | OutboxState::Parked { .. }, Intent::Submit) => {
            Some(Progress { intent: Intent::Withdraw, ..Progress::default() })
        }
        // It could not be withdrawn either, and the requester knows.
        (OutboxState::Parked { .. }, Intent::Withdraw) => Some(discarded()),
        _ => None,
    }
}

/// Whether a drainer of `epoch` may send `entry` at `now`.
pub fn is_claimable(entry: &OutboxEntry, now: Timestamp, epoch: u64) -> bool {
    match &entry.progress.state {
        OutboxState::Queued => true,
        OutboxState::Waiting { retry_at, .. } => {
            *retry_at <= now || RetryPolicy::was_set_back(entry.progress.since, now)
        }
        OutboxState::InFlight { epoch: holder, lease_ends } => *holder < epoch || *lease_ends <= now,
        OutboxState::Parked { .. } | OutboxState::Delivered | OutboxState::Discarded => false,
    }
}

fn settle(old: &Progress, verdict: &Verdict, now: Timestamp, jitter: f64, policy: &RetryPolicy) -> Progress {
    let jitter = jitter.clamp(0.0, 1.0);
    match verdict {
        Verdict::Withdrawn => Progress { state: OutboxState::Discarded, failures: 0, refusal: None, ..old.clone() },
        Verdict::Delivered(_) => Progress { state: OutboxState::Delivered, failures: 0, refusal: None, ..old.clone() },
        Verdict::TryLater { after, counts } => {
            let failures = old.failures + u32::from(*counts);
            let pause = policy.backoff(failures, jitter);
            let (pause, why) = match after {
                Some(asked) => {
                    let asked = (*asked).min(policy.asked_cap);
                    (pause.max(asked + asked.mul_f64(0.2 * jitter)), WaitReason::Asked)
                }
                None => (pause, WaitReason::Backoff),
            };
            Progress { state: OutboxState::Waiting { retry_at: now + pause, why }, failures, ..old.clone() }
        }
        Verdict::SignIn => Progress {
            state: OutboxState::Waiting { retry_at: now + policy.config_pause, why: WaitReason::SignIn },
            // The attempt is given back: nothing was wrong with the request.
            attempts: old.attempts.saturating_sub(1),
            ..old.clone()
        },
        // Whoever refuses to forget is not the service desk, or not set up right.
        Verdict::Refused(_) if old.intent == Intent::Withdraw => settle(old, &Verdict::Config, now, jitter, policy),
        Verdict::Config => {
            let failures = old.failures + 1;
            let retry_at = now + policy.config_pause(failures);
            Progress { state: OutboxState::Waiting { retry_at, why: WaitReason::Config }, failures, ..old.clone() }
        }
        Verdict::Refused(refusal) => Progress {
            state: OutboxState::Parked { why: ParkReason::Rejected },
            refusal: Some(refusal.clone()),
            ..old.clone()
        },
        Verdict::Broken => {
            let failures = old.failures + 1;
            let state = if failures >= 3 {
                OutboxState::Parked { why: ParkReason::Broken }
            } else {
                OutboxState::Waiting { retry_at: now + policy.backoff(failures, jitter), why: WaitReason::Backoff }
            };
            Progress { state, failures, ..old.clone() }
        }
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::*;
    use crate::domain::outbox::fixtures::{NOW, entry};
    use crate::domain::outbox::{Refusal, next_attempt};
    use crate::domain::ticket::Receipt;
    use proptest::prelude::*;

    const POLICY: fn() -> RetryPolicy = RetryPolicy::default;

    fn in_flight() -> OutboxState {
        OutboxState::InFlight { epoch: 3, lease_ends: NOW.shifted(30_000) }
    }

    fn claim(key: &str, epoch: u64) -> Claim {
        Claim { id: "e".into(), key: key.into(), epoch }
    }

    fn receipt() -> Receipt {
        Receipt {
            key: "k".into(),
            number: "INC-1".into(),
            received_at: NOW,
            priority: None,
            read_link: None,
            editable_until: None,
            answer_by: None,
        }
    }

    fn settled(verdict: Verdict, jitter: f64) -> Progress {
        let event = Event::Settle { claim: &claim("k", 3), verdict: &verdict, now: NOW, jitter };
        step(&entry(in_flight()), &event, &POLICY()).expect("the claim is its own")
    }

    #[test]
    fn each_verdict_has_its_state() {
        let waiting = |millis, why| OutboxState::Waiting { retry_at: NOW.shifted(millis), why };
        let later = |after, counts| Verdict::TryLater { after, counts };
        for (verdict, jitter, state) in [
            (Verdict::Delivered(receipt()), 0.5, OutboxState::Delivered),
            (Verdict::Withdrawn, 0.5, OutboxState::Discarded),
            (later(None, true), 0.5, waiting(1_000, WaitReason::Backoff)),
            (later(None, true), 0.0, waiting(250, WaitReason::Backoff)),
            (later(Some(Duration::from_secs(60)), true), 0.5, waiting(66_000, WaitReason::Asked)),
            (later(Some(Duration::from_secs(999_999)), false), 0.0, waiting(86_400_000, WaitReason::Asked)),
            (Verdict::SignIn, 0.5, waiting(900_000, WaitReason::SignIn)),
            (Verdict::Config, 0.5, waiting(900_000, WaitReason::Config)),
            (Verdict::Refused(Refusal::default()), 0.5, OutboxState::Parked { why: ParkReason::Rejected }),
            (Verdict::Broken, 0.5, waiting(1_000, WaitReason::Backoff)),
        ] {
            assert_eq!(settled(verdict.clone(), jitter).state, state, "{verdict:?}");
        }
    }

    #[test]
    fn signing_in_costs_no_attempt_and_a_full_house_is_no_failure() {
        assert_eq!(settled(Verdict::SignIn, 0.5).attempts, 0);
        assert_eq!(settled(Verdict::TryLater { after: None, counts: false }, 0.5).failures, 0);
    }

    #[test]
    fn a_stale_claim_changes_nothing() {
        for stale in [claim("k", 2), claim("other", 3)] {
            let verdict = Verdict::Refused(Refusal::default());
            let event = Event::Settle { claim: &stale, verdict: &verdict, now: NOW, jitter: 0.5 };
            assert_eq!(step(&entry(in_flight()), &event, &POLICY()), None);
        }
    }

    #[test]
    fn a_later_drainer_takes_over_and_an_earlier_one_does_not() {
        let after = |epoch| step(&entry(in_flight()), &Event::TakeOver { epoch }, &POLICY()).map(|p| p.state);
        assert_eq!((after(4), after(3), after(2)), (Some(OutboxState::Queued), None, None));
    }

    #[test]
    fn waking_hurries_what_backs_off_but_not_what_the_desk_asked_for() {
        let waiting = |why| entry(OutboxState::Waiting { retry_at: NOW.shifted(200_000), why });
        let event = Event::Wake { now: NOW, jitter: 0.5 };
        let woken = step(&waiting(WaitReason::Backoff), &event, &POLICY()).map(|p| p.state);
        assert_eq!(woken, Some(OutboxState::Waiting { retry_at: NOW.shifted(1_500), why: WaitReason::Backoff }));
        assert_eq!(step(&waiting(WaitReason::Asked), &event, &POLICY()), None);
    }

    #[test]
    fn after_thirty_days_of_failures_a_person_is_asked() {
        let mut old = entry(OutboxState::Queued);
        old.progress.failures = 7;
        let now = NOW.shifted(30 * 86_400_000 + 1);
        let event = Event::Claim { now, epoch: 1, lease_ends: now };
        assert_eq!(
            step(&old, &event, &POLICY()).map(|p| p.state),
            Some(OutboxState::Parked { why: ParkReason::Expired })
        );
        old.progress.failures = 0;
        assert!(
            matches!(step(&old, &event, &POLICY()).map(|p| p.state), Some(OutboxState::InFlight { .. })),
            "never tried: tried now"
        );
    }

    #[test]
    fn an_entry_being_sent_is_not_discarded_under_the_hands() {
        assert_eq!(step(&entry(in_flight()), &Event::Discard, &POLICY()), None);
    }

    #[test]
    fn what_was_never_tried_or_only_refused_goes_at_once_and_the_rest_is_withdrawn() {
        let discarded = |state, intent, attempts| {
            let mut entry = entry(state);
            (entry.progress.attempts, entry.progress.intent) = (attempts, intent);
            step(&entry, &Event::Discard, &POLICY()).map(|p| (p.state, p.intent, p.attempts))
        };
        let parked = |why| OutboxState::Parked { why };
        let waiting = || OutboxState::Waiting { retry_at: NOW, why: WaitReason::Backoff };
        let gone = Some((OutboxState::Discarded, Intent::Submit));
        let withdrawn = Some((OutboxState::Queued, Intent::Withdraw));
        for (state, attempts, expected) in [
            (OutboxState::Queued, 0, gone.clone()),
            (OutboxState::Queued, 1, withdrawn.clone()),
            (waiting(), 0, gone.clone()),
            (waiting(), 1, withdrawn.clone()),
            (parked(ParkReason::Rejected), 1, gone.clone()),
            (parked(ParkReason::Rejected), 2, withdrawn.clone()),
            (parked(ParkReason::Broken), 0, gone),
            (parked(ParkReason::Expired), 9, withdrawn.clone()),
        ] {
            let found = discarded(state.clone(), Intent::Submit, attempts);
            assert_eq!(found.map(|(state, intent, _)| (state, intent)), expected, "{state:?} {attempts}");
        }
        for (state, attempts) in [(OutboxState::Queued, 0), (parked(ParkReason::Rejected), 1)] {
            let mut successor = entry(state);
            (successor.progress.attempts, successor.supersedes) = (attempts, vec!["refused".into()]);
            let found = step(&successor, &Event::Discard, &POLICY()).map(|p| (p.state, p.intent));
            assert_eq!(found, withdrawn.clone(), "what it replaced may have arrived");
        }
        assert_eq!(discarded(waiting(), Intent::Withdraw, 1), None, "it is on its way out");
        let given_up = discarded(parked(ParkReason::Expired), Intent::Withdraw, 1);
        assert_eq!(given_up.map(|(state, ..)| state), Some(OutboxState::Discarded));
    }

    #[test]
    fn send_now_gives_a_try_to_whatever_waits() {
        let mut old = entry(OutboxState::Parked { why: ParkReason::Expired });
        old.progress.failures = 7;
        let progress = step(&old, &Event::SendNow, &POLICY()).expect("a try");
        let now = NOW.shifted(40 * 86_400_000);
        let claim = Event::Claim { now, epoch: 1, lease_ends: now };
        let tried = step(&OutboxEntry { progress, ..old }, &claim, &POLICY()).map(|p| p.state);
        assert!(matches!(tried, Some(OutboxState::InFlight { .. })));
        let asked = OutboxState::Waiting { retry_at: NOW.shifted(60_000), why: WaitReason::Asked };
        assert_eq!(step(&entry(asked), &Event::SendNow, &POLICY()).map(|p| p.state), Some(OutboxState::Queued));
        assert_eq!(step(&entry(in_flight()), &Event::SendNow, &POLICY()), None);
    }

    #[test]
    fn a_withdrawal_that_is_refused_is_tried_again() {
        let mut old = entry(in_flight());
        old.progress.intent = Intent::Withdraw;
        let refused = Verdict::Refused(Refusal { status: 413, ..Refusal::default() });
        let event = Event::Settle { claim: &claim("k", 3), verdict: &refused, now: NOW, jitter: 0.5 };
        let state = step(&old, &event, &POLICY()).map(|p| p.state);
        assert!(matches!(state, Some(OutboxState::Waiting { why: WaitReason::Config, .. })), "{state:?}");
    }

    #[test]
    fn a_clock_set_back_makes_no_pause_longer() {
        let asked = Verdict::TryLater { after: Some(Duration::from_secs(20)), counts: true };
        let waiting = OutboxEntry { progress: settled(asked, 0.0), ..entry(OutboxState::Queued) };
        assert!(!is_claimable(&waiting, NOW.shifted(-4_000), 1));
        assert!(is_claimable(&waiting, NOW.shifted(-3_600_000), 1));
        assert_eq!(
            next_attempt(std::slice::from_ref(&waiting), NOW.shifted(-3_600_000)),
            Some(NOW.shifted(-3_600_000))
        );
    }

    #[test]
    fn an_orphan_waits_for_a_person() {
        let orphaned = |state| step(&entry(state), &Event::Orphan, &POLICY()).map(|p| p.state);
        assert_eq!(orphaned(OutboxState::Queued), Some(OutboxState::Parked { why: ParkReason::Orphaned }));
        assert_eq!(orphaned(in_flight()), None);
    }

    #[test]
    fn a_wrong_address_is_asked_less_and_less() {
        let pause = |failures| {
            let mut entry = entry(in_flight());
            entry.progress.failures = failures;
            let event = Event::Settle { claim: &claim("k", 3), verdict: &Verdict::Config, now: NOW, jitter: 0.5 };
            match step(&entry, &event, &POLICY()).map(|p| p.state) {
                Some(OutboxState::Waiting { retry_at, why: WaitReason::Config }) => retry_at.millis_since(NOW) / 60_000,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!([0, 1, 2, 9].map(pause), [15, 30, 60, 360]);
    }

    fn states() -> impl Strategy<Value = OutboxState> {
        prop_oneof![
            Just(OutboxState::Queued),
            (0u64..5, 0i64..2_000_000)
                .prop_map(|(epoch, at)| OutboxState::InFlight { epoch, lease_ends: Timestamp::from_millis(at) }),
            (
                0i64..2_000_000,
                prop_oneof![Just(WaitReason::Backoff), Just(WaitReason::Asked), Just(WaitReason::Config)]
            )
                .prop_map(|(at, why)| OutboxState::Waiting { retry_at: Timestamp::from_millis(at), why }),
            Just(OutboxState::Parked { why: ParkReason::Rejected }),
            Just(OutboxState::Delivered),
            Just(OutboxState::Discarded),
        ]
    }

    proptest! {
        #[test]
        fn only_a_receipt_delivers(state in states(), epoch in 0u64..5, jitter in 0.0f64..1.0, key in "[k-m]") {
            let claim = claim(&key, epoch);
            let verdicts = [Verdict::SignIn, Verdict::Config, Verdict::Broken, Verdict::Refused(Refusal::default()),
                Verdict::TryLater { after: None, counts: true }];
            for verdict in &verdicts {
                let event = Event::Settle { claim: &claim, verdict, now: NOW, jitter };
                let after = step(&entry(state.clone()), &event, &POLICY());
                prop_assert!(after.is_none_or(|p| p.state != OutboxState::Delivered && p.state != OutboxState::Discarded));
            }
        }

        #[test]
        fn a_final_state_stays(epoch in 0u64..5, jitter in 0.0f64..1.0) {
            for state in [OutboxState::Delivered, OutboxState::Discarded] {
                let verdict = Verdict::Delivered(receipt());
                for event in [
                    Event::Claim { now: NOW, epoch, lease_ends: NOW },
                    Event::Settle { claim: &claim("k", epoch), verdict: &verdict, now: NOW, jitter },
                    Event::TakeOver { epoch }, Event::Wake { now: NOW, jitter }, Event::Discard, Event::SendNow, Event::Orphan,
                ] {
                    prop_assert_eq!(step(&entry(state.clone()), &event, &POLICY()), None);
                }
            }
        }

        #[test]
        fn pauses_stay_within_their_bounds(failures in 0u32..100, jitter in 0.0f64..1.0) {
            let pause = POLICY().backoff(failures, jitter);
            prop_assert!(pause >= POLICY().floor && pause <= POLICY().cap);
        }
    }
}
