//! A line for each thing that earlier visits left: what waits, what was refused, what has just been received.

use itsm_widgets::domain::outbox::{Intent, OutboxEntry, OutboxState, ParkReason, RetryPolicy};
use itsm_widgets::domain::ticket::Receipt;

use super::{Keeping, submit};
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::shared::spawn;
use crate::shared::watched::Watched;
use crate::ticket_form::model::{Notice, Phase};
use crate::ticket_form::view::notice_text;

/// Reads the outbox anew.
pub fn refresh(model: Keeping) {
    let Some(runtime) = model.runtime() else { return };
    spawn(async move {
        let entries = runtime.store().entries(runtime.part()).await.unwrap_or_default();
        let Some(session) = model.session() else { return };
        let here = match (model.form.phase.get_untracked(), model.kept.get_untracked()) {
            (Phase::Kept, Some(kept)) => Some(kept.entry),
            _ => session.replaces.borrow().as_ref().map(|replaced| replaced.entry.clone()),
        };
        let form = model.form.definition.with_untracked(|d| d.as_ref().map(|d| d.id().clone()));
        let is_other = |entry: &OutboxEntry| {
            // What is being taken back is the requester's no more.
            entry.progress.intent == Intent::Submit
                && Some(&entry.id) != here.as_ref()
                && Some(&entry.form) == form.as_ref()
        };
        model.others.set(entries.into_iter().filter(is_other).collect());
    });
}

/// Adds the lines to `body`; nothing if there is nothing to say.
pub fn notes(body: El, model: Keeping) -> El {
    let form = model.form;
    let counted = move |n: usize, other, one| (n > 0).then(|| form.messages.with(|m| m.count(other, one, n)));
    let waiting = move || {
        let n = model.others.with(|others| others.iter().filter(|entry| !is_parked(entry)).count());
        counted(n, Message::PendingOther, Message::PendingOne)
    };
    let late = move || {
        let now = model.runtime()?.now();
        let is_late = |entry: &&OutboxEntry| !is_parked(entry) && RetryPolicy::default().is_late(entry, now);
        let since = model.others.with(|others| others.iter().filter(is_late).map(|entry| entry.created).min())?;
        Some(form.say_with(Message::Late, "when", &form.messages.with(|m| m.date_time(since))))
    };
    let missing = move || counted(model.missing.get(), Message::MissingOther, Message::MissingOne);
    let received = move || {
        let lines = model.received.get();
        let line = |receipt: &Receipt| {
            let text = form.say_with(Message::DeliveredText, "number", &receipt.number);
            [&form.say(Message::DeliveredTitle), ". ", &text].concat()
        };
        (!lines.is_empty()).then(|| lines.iter().map(line).collect::<Vec<_>>().join("\n"))
    };
    let received_line = |text: &str| note("success", text).attr("data-role", "received");
    let parked_key = move || {
        let ids = model.others.with(|others| {
            others.iter().filter(|entry| is_parked(entry)).map(|entry| entry.id.to_string()).collect::<Vec<_>>()
        });
        (!ids.is_empty()).then(|| [&ids.join(" "), form.language_tag().as_str()].concat())
    };
    let parked = move || {
        let parked: Vec<_> = model.others.get().into_iter().filter(is_parked).collect();
        parked.into_iter().map(|entry| refused(model, entry)).collect()
    };
    body.when(missing, |text| note("danger", text))
        .when(received, received_line)
        .when(waiting, |text| note("", text).attr("data-role", "pending"))
        .when(late, |text| note("warning", text).attr("data-role", "late"))
        .each(parked_key, parked)
}

fn note(kind: &str, text: &str) -> El {
    classed("p", &["note ", kind].concat()).part("notice").text(text)
}

fn is_parked(entry: &OutboxEntry) -> bool {
    matches!(entry.progress.state, OutboxState::Parked { .. })
}

/// A refused request of an earlier visit, with what can be done about it.
fn refused(model: Keeping, entry: OutboxEntry) -> El {
    let form = model.form;
    let why = match entry.progress.state {
        OutboxState::Parked { why } => why,
        _ => ParkReason::Broken,
    };
    let reason = entry.progress.refusal.as_ref().map(|refusal| refusal.detail.clone()).unwrap_or_default();
    let text = match why {
        ParkReason::Rejected => notice_text(form, &Notice::Rejected(reason)),
        ParkReason::Expired => form.say(Message::Expired),
        ParkReason::Broken | ParkReason::Orphaned => notice_text(form, &Notice::Broken),
    };
    let sure = Watched::new(false);
    let (id, again) = (entry.id.clone(), entry.id.clone());
    let try_again = move |_: &web_sys::Event| {
        let (id, Some(runtime)) = (again.clone(), model.runtime()) else { return };
        spawn(async move {
            let _ = runtime.send_now(&id).await;
            refresh(model);
        });
    };
    let discard = move || {
        if !sure.get_untracked() {
            sure.set(true);
            return;
        }
        let (id, Some(runtime)) = (id.clone(), model.runtime()) else { return };
        spawn(async move {
            let _ = runtime.discard(&id).await;
            refresh(model);
        });
    };
    let edit = classed("button", "secondary").attr("type", "button");
    let discard_words = move || form.say(if sure.get() { Message::ConfirmDiscard } else { Message::Discard });
    classed("div", "note danger")
        .part("notice")
        .attr("data-role", "refused")
        .child(el("p").text(&text))
        .child(form.words(edit, Message::Edit).on("click", move |_| submit::edit_earlier(model, &entry, why)))
        .text(" ")
        .child(form.words(classed("button", "quiet").attr("type", "button"), Message::TryAgain).on("click", try_again))
        .text(" ")
        .child(classed("button", "quiet").attr("type", "button").say(discard_words).on("click", move |_| discard()))
}
