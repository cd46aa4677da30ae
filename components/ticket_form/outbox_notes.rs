//! A line for each thing that earlier visits left: what waits, what was refused, what has just been received.

use itsm_widgets::domain::outbox::{OutboxEntry, OutboxState, ParkReason};
use itsm_widgets::ports::OutboxStore;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::model::{Notice, Phase, TicketForm};
use super::submit;
use super::view::notice_text;
use crate::shared::erase::{all, dynamic, maybe, words};
use crate::shared::messages::Message;

/// Reads the outbox anew.
pub fn refresh(model: TicketForm) {
    let Some(runtime) = model.runtime() else { return };
    spawn_local(async move {
        let entries = runtime.store().entries(runtime.part()).await.unwrap_or_default();
        let Some(session) = model.session() else { return };
        let here = match model.phase.get_untracked() {
            Phase::Kept(kept) => Some(kept.entry),
            _ => session.replaces.borrow().as_ref().map(|replaced| replaced.entry.clone()),
        };
        let form = model.definition.with_untracked(|d| d.as_ref().map(|d| d.id().clone()));
        let others =
            entries.into_iter().filter(|entry| Some(&entry.id) != here.as_ref() && Some(&entry.form) == form.as_ref());
        model.others.set(others.collect());
    });
}

/// The lines; nothing if there is nothing to say.
pub fn notes(model: TicketForm) -> AnyView {
    let waiting = move || {
        let n = model.others.with(|others| others.iter().filter(|entry| !is_parked(entry)).count());
        (n > 0).then(|| {
            let text = model.messages.with(|m| m.count(Message::PendingOther, Message::PendingOne, n));
            view! { <p part="notice" class="note" data-role="pending">{text}</p> }.into_any()
        })
    };
    let missing = move || {
        let n = model.missing.get();
        (n > 0).then(|| {
            let text = model.messages.with(|m| m.count(Message::MissingOther, Message::MissingOne, n));
            view! { <p part="notice" class="note danger">{text}</p> }.into_any()
        })
    };
    let received = move || {
        let line = |receipt: itsm_widgets::domain::ticket::Receipt| {
            let text = model.say_with(Message::DeliveredText, "number", &receipt.number);
            view! { <p part="notice" class="note success" data-role="received">{model.say(Message::DeliveredTitle)} ". " {text}</p> }.into_any()
        };
        all(model.received.get().into_iter().map(line))
    };
    let parked = move || all(model.others.get().into_iter().filter(is_parked).map(|entry| refused(model, entry)));
    let lines =
        [dynamic(move || maybe(missing())), dynamic(received), dynamic(move || maybe(waiting())), dynamic(parked)];
    all(lines.into_iter())
}

fn is_parked(entry: &OutboxEntry) -> bool {
    matches!(entry.progress.state, OutboxState::Parked { .. })
}

/// A refused request of an earlier visit, with what can be done about it.
fn refused(model: TicketForm, entry: OutboxEntry) -> AnyView {
    let why = match entry.progress.state {
        OutboxState::Parked { why } => why,
        _ => ParkReason::Broken,
    };
    let reason = entry.progress.refusal.as_ref().map(|refusal| refusal.detail.clone()).unwrap_or_default();
    let notice = if why == ParkReason::Rejected { Notice::Rejected(reason) } else { Notice::Broken };
    let sure = RwSignal::new(false);
    let id = entry.id.clone();
    let discard = move |_| {
        if !sure.get_untracked() {
            sure.set(true);
            return;
        }
        let (id, Some(runtime)) = (id.clone(), model.runtime()) else { return };
        spawn_local(async move {
            let _ = runtime.discard(&id).await;
            refresh(model);
        });
    };
    view! {
        <div part="notice" class="note danger" data-role="refused">
            <p>{notice_text(model, &notice)}</p>
            <button type="button" class="secondary" on:click=move |_| submit::edit(model, &entry, why)>{model.words(Message::Edit)}</button>
            " "
            <button type="button" class="quiet" on:click=discard>
                {words(move || model.say(if sure.get() { Message::ConfirmDiscard } else { Message::Discard }))}
            </button>
        </div>
    }
    .into_any()
}
