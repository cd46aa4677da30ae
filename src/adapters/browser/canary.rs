//! A word outside the database that something is in it: so that the page's small script knows, without opening the
//! database, that there is something to send; and so that a lost database is noticed.

use js_sys::Reflect;

use super::js::{from_json, to_json, window};
use crate::domain::id::FormId;

struct Canary {
    pending: usize,
}

crate::document! { open Canary { pending: "pending", } }

/// Where it stands in `localStorage`; the element shell reads it too.
const NAME: &str = "itsm.default.1";

/// Where it says that the database was opened here once.
const KEPT: &str = "itsm.default.1.kept";

fn note(name: &str, is_so: bool) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = if is_so { storage.set_item(name, "") } else { storage.remove_item(name) };
    }
}

/// Whether it was noted. Where nothing can be asked, it may be so.
fn is_noted(name: &str) -> bool {
    match window().local_storage() {
        Ok(Some(storage)) => storage.get_item(name).map_or(true, |noted| noted.is_some()),
        Ok(None) | Err(_) => true,
    }
}

/// Says that something is kept on this device from now on.
pub(super) fn set_kept() {
    note(KEPT, true);
}

/// Whether something may be kept on this device.
pub fn has_kept() -> bool {
    is_noted(KEPT)
}

fn draft_of(api: &str, form: &FormId, context: &str) -> String {
    ["itsm.default.1.draft ", api, " ", form.as_str(), " ", context].concat()
}

/// Says whether this form has a draft here. It may be wrong after a crash, or for another tab's draft: who asks must
/// still look, and only need not wait.
pub fn set_draft(api: &str, form: &FormId, context: &str, is_there: bool) {
    note(&draft_of(api, form, context), is_there);
}

/// Whether this form may have a draft here.
pub fn has_draft(api: &str, form: &FormId, context: &str) -> bool {
    is_noted(&draft_of(api, form, context))
}

fn last_of(api: &str) -> String {
    ["itsm.default.1.last ", api].concat()
}

/// Says who was here last, in a word that means nothing elsewhere; empty for nobody who is known.
pub(super) fn set_last_person(api: &str, whose: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let name = last_of(api);
        let _ = if whose.is_empty() { storage.remove_item(&name) } else { storage.set_item(&name, whose) };
    }
}

/// Who was here last.
pub(super) fn last_person(api: &str) -> String {
    let noted = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(&last_of(api)).ok());
    noted.flatten().unwrap_or_default()
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
pub fn pending() -> usize {
    let text = window().local_storage().ok().flatten().and_then(|storage| storage.get_item(NAME).ok().flatten());
    text.and_then(|text| from_json::<Canary>(&text).ok()).map_or(0, |canary| canary.pending)
}

/// Forgets every word that the suite has put here.
pub(super) fn forget() {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let Ok(names) = Reflect::own_keys(&storage) else { return };
    for name in names.iter().filter_map(|name| name.as_string()).filter(|name| name.starts_with(NAME)) {
        let _ = storage.remove_item(&name);
    }
}
