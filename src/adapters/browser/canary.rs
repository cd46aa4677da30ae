//! A word outside the database that something is in it: so that the page's small script knows, without opening the
//! database, that there is something to send; and so that a lost database is noticed.

use super::js::{from_json, to_json, window};

struct Canary {
    pending: usize,
}

crate::document! { open Canary { pending: "pending", } }

/// Where it stands in `localStorage`; the element shell reads it too.
const NAME: &str = "itsm.default.1";

/// Where it says that the database was opened here once.
const KEPT: &str = "itsm.default.1.kept";

/// Says that something is kept on this device from now on.
pub(super) fn set_kept() {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.set_item(KEPT, "");
    }
}

/// Whether something may be kept on this device. Where nothing can be asked, something may.
pub fn has_kept() -> bool {
    match window().local_storage() {
        Ok(Some(storage)) => storage.get_item(KEPT).map_or(true, |kept| kept.is_some()),
        Ok(None) | Err(_) => true,
    }
}

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
