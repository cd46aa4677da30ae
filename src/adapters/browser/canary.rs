//! A word outside the database that something is in it: so that the page's small script knows, without opening the
//! database, that there is something to send; and so that a lost database is noticed.

use super::js::{from_json, to_json, window};

struct Canary {
    pending: usize,
}

crate::document! { open Canary { pending: "pending", } }

/// Where it stands in `localStorage`; the element shell reads it too.
const NAME: &str = "itsm.default.1";

/// Says that `pending` entries are in the outbox.
pub(super) fn set(pending: usize) {
    let Ok(Some(storage)) = window().local_storage() else { return };
    if pending == 0 {
        let _ = storage.remove_item(NAME);
    } else {
        let _ = storage.set_item(NAME, &to_json(&Canary { pending }));
    }
}

/// How many entries were in the outbox when it last changed.
pub(super) fn pending() -> usize {
    let text = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(NAME).ok().flatten());
    text.and_then(|text| from_json::<Canary>(&text).ok()).map_or(0, |canary| canary.pending)
}
