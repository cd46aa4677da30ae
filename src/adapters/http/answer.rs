//! What a response says, read.

use crate::adapters::browser::js::from_json;
use crate::domain::id::SubmissionKey;
use crate::wire::Reply;

/// The service desk's word that a key is taken back.
pub(super) struct WithdrawalAnswer {
    key: String,
}

crate::document! { open WithdrawalAnswer { key: "key", } }

impl WithdrawalAnswer {
    /// Whether `text` is that word, for `key`.
    pub(super) fn names(text: &str, key: &SubmissionKey) -> bool {
        from_json::<Self>(text).is_ok_and(|answer| answer.key == key.as_str())
    }
}

/// A response, as far as its body is one of ours.
pub(super) fn read_reply(status: u16, retry_after: Option<u32>, text: &str) -> Reply {
    let success = (200..300).contains(&status);
    Reply::Answer {
        status,
        retry_after,
        receipt: if success { from_json(text).ok() } else { None },
        problem: if success { None } else { from_json(text).ok() },
    }
}

/// Milliseconds since 1970 of an HTTP date.
pub(super) fn millis_of_date(date: &str) -> Option<i64> {
    let millis = js_sys::Date::parse(date);
    millis.is_finite().then_some(millis as i64)
}

/// `Retry-After`: seconds, or a date, which is compared with the server's own clock.
pub(super) fn seconds_of_retry_after(text: &str, server_now: Option<i64>) -> Option<u32> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let wait = (millis_of_date(text)? - server_now?).max(0) / 1_000;
    u32::try_from(wait).ok()
}
