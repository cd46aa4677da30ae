//! A circuit breaker: where several tries in a row found nobody, a few pauses spare the network and the battery, however
//! many entries wait.

use super::{RetryPolicy, Verdict};
use crate::document;
use crate::domain::time::Timestamp;

/// How the last tries at one service desk ended, all entries together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Breaker {
    /// Tries in a row without a usable answer.
    failures: u32,
    /// Once they are too many: no try before this, and then one.
    open_until: Timestamp,
}

document! { open Breaker { failures: "failures", open_until: "open_until", } }

impl Breaker {
    /// From when on a try may be made, as far as the breaker is concerned.
    pub fn next_try(&self, now: Timestamp, policy: &RetryPolicy) -> Timestamp {
        // A clock that was set back must not make a pause longer.
        if self.is_open(policy) && self.open_until <= now + policy.break_for { self.open_until } else { now }
    }

    /// Whether a try may be made.
    pub fn lets_through(&self, now: Timestamp, policy: &RetryPolicy) -> bool {
        self.next_try(now, policy) <= now
    }

    /// After a try has begun: while it is open, others wait for how this one ends.
    #[must_use]
    pub fn tried(self, now: Timestamp, policy: &RetryPolicy) -> Self {
        if self.is_open(policy) { Self { open_until: now + policy.break_for, ..self } } else { self }
    }

    /// After a try has ended.
    #[must_use]
    pub fn settled(self, verdict: &Verdict, now: Timestamp, policy: &RetryPolicy) -> Self {
        match verdict {
            Verdict::TryLater { counts: true, .. } => {
                Self { failures: self.failures.saturating_add(1), open_until: now + policy.break_for }
            }
            // Nothing was sent.
            Verdict::Broken => self,
            Verdict::TryLater { .. }
            | Verdict::Delivered(_)
            | Verdict::Withdrawn
            | Verdict::SignIn
            | Verdict::Config
            | Verdict::Refused(_) => Self::default(),
        }
    }

    /// After something has happened that makes a try sensible: one may be made.
    #[must_use]
    pub fn woken(self) -> Self {
        Self { open_until: Timestamp::default(), ..self }
    }

    fn is_open(&self, policy: &RetryPolicy) -> bool {
        self.failures >= policy.break_after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Verdict = Verdict::TryLater { after: None, counts: true };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + seconds * 1_000)
    }

    fn failed(times: u32) -> Breaker {
        let policy = RetryPolicy::default();
        (0..times).fold(Breaker::default(), |breaker, _| breaker.settled(&NONE, at(0), &policy))
    }

    #[test]
    fn it_opens_at_the_fifth_failure_and_lets_one_through_after_its_pause() {
        let policy = RetryPolicy::default();
        assert!(failed(4).lets_through(at(0), &policy));
        let open = failed(5);
        assert!(!open.lets_through(at(29), &policy));
        assert_eq!(open.next_try(at(0), &policy), at(30));
        assert!(open.lets_through(at(30), &policy));
        let probing = open.tried(at(30), &policy);
        assert!(!probing.lets_through(at(31), &policy), "one probe");
        assert!(probing.clone().settled(&Verdict::SignIn, at(31), &policy).lets_through(at(31), &policy));
        assert!(!probing.settled(&NONE, at(31), &policy).lets_through(at(60), &policy));
    }

    #[test]
    fn an_answer_closes_it_and_what_was_not_sent_says_nothing() {
        let policy = RetryPolicy::default();
        let full = Verdict::TryLater { after: None, counts: false };
        for answer in [&Verdict::Config, &Verdict::SignIn, &Verdict::Withdrawn, &full] {
            assert_eq!(failed(5).settled(answer, at(1), &policy), Breaker::default());
        }
        assert_eq!(failed(5).settled(&Verdict::Broken, at(1), &policy), failed(5));
    }

    #[test]
    fn waking_and_a_clock_set_back_end_the_pause() {
        let policy = RetryPolicy::default();
        assert!(failed(9).woken().lets_through(at(0), &policy));
        assert!(!failed(9).woken().tried(at(0), &policy).lets_through(at(1), &policy), "one probe");
        assert!(failed(5).lets_through(at(-86_400), &policy));
    }
}
