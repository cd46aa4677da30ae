//! Words for where a request stands.

use itsm_widgets::domain::outbox::{OutboxState, WaitReason};
use itsm_widgets::domain::time::Timestamp;

use super::messages::{Message, Messages};

/// Where a request stands, in words.
pub fn state_text(messages: &Messages, state: &OutboxState, now: Timestamp) -> String {
    let when = |message, at: Timestamp| {
        let near = at.millis_since(now) < 43_200_000;
        messages.with(message, "when", &if near { messages.time(at) } else { messages.date_time(at) })
    };
    match state {
        OutboxState::Queued | OutboxState::InFlight { .. } => messages.get(Message::Sending),
        OutboxState::Waiting { retry_at, why } => match why {
            WaitReason::Backoff => when(Message::WaitingBackoff, *retry_at),
            WaitReason::Asked => when(Message::WaitingAsked, *retry_at),
            WaitReason::SignIn => messages.get(Message::WaitingSignIn),
            WaitReason::Config => when(Message::WaitingConfig, *retry_at),
        },
        OutboxState::Parked { .. } => messages.get(Message::RejectedPlain),
        OutboxState::Delivered => messages.get(Message::DeliveredTitle),
        OutboxState::Discarded => String::new(),
    }
}
