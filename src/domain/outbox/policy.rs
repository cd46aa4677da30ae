//! How patient the outbox is.

use core::time::Duration;

use super::OutboxEntry;
use crate::domain::time::Timestamp;

/// How patient the outbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The first pause is up to this long; each further one up to twice its predecessor.
    pub base: Duration,
    /// No pause is longer.
    pub cap: Duration,
    /// No pause is shorter.
    pub floor: Duration,
    /// A service desk's own wish is not followed beyond this.
    pub asked_cap: Duration,
    /// Pause where the address is wrong, or nobody is signed in.
    pub config_pause: Duration,
    /// Where the address stays wrong the pause doubles, up to this.
    pub config_cap: Duration,
    /// After waking (online, page shown, start) a try comes within this.
    pub wake_within: Duration,
    /// After this long a person is warned.
    pub warn_after: Duration,
    /// After this long a person is asked.
    pub give_up_after: Duration,
    /// After so many tries in a row without a usable answer none is made for a while.
    pub break_after: u32,
    /// How long none is made.
    pub break_for: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            base: Duration::from_secs(2),
            cap: Duration::from_secs(300),
            floor: Duration::from_millis(250),
            asked_cap: Duration::from_secs(86_400),
            config_pause: Duration::from_secs(900),
            config_cap: Duration::from_secs(6 * 3_600),
            wake_within: Duration::from_secs(3),
            warn_after: Duration::from_secs(13 * 86_400),
            give_up_after: Duration::from_secs(30 * 86_400),
            break_after: 5,
            break_for: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// Uniform between 0 and `base · 2^(failures − 1)`, within the policy's bounds ("full jitter").
    pub(super) fn backoff(&self, failures: u32, jitter: f64) -> Duration {
        doubled(self.base, failures).min(self.cap).mul_f64(jitter).max(self.floor)
    }

    /// The pause while the address is wrong.
    pub(super) fn config_pause(&self, failures: u32) -> Duration {
        doubled(self.config_pause, failures).min(self.config_cap)
    }

    /// Whether the device's clock was set back after `since`: no pause that began then says anything any more.
    pub(super) fn was_set_back(since: Timestamp, now: Timestamp) -> bool {
        // Small corrections make a pause no longer than they are.
        now.millis_since(since) < -5_000
    }

    /// Whether `entry` has waited longer than `span` at `now`.
    pub(super) fn is_older(entry: &OutboxEntry, span: Duration, now: Timestamp) -> bool {
        now.millis_since(entry.created) > millis(span)
    }

    /// Whether `entry` has waited so long at `now` that a person should know.
    pub fn is_late(&self, entry: &OutboxEntry, now: Timestamp) -> bool {
        Self::is_older(entry, self.warn_after, now)
    }

    /// When `entry` is not tried any more of itself.
    pub fn gives_up_at(&self, entry: &OutboxEntry) -> Timestamp {
        entry.created + self.give_up_after
    }
}

fn doubled(span: Duration, times: u32) -> Duration {
    span.saturating_mul(1 << times.saturating_sub(1).min(20))
}

/// In milliseconds.
pub(super) fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}
