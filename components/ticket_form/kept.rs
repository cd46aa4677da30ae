//! The request on its way, and its receipt.

use leptos::prelude::*;

use super::model::{Phase, TicketForm};
use super::texts::state_text;
use super::{outbox_notes, view};
use crate::shared::erase::{dynamic, words};
use crate::shared::messages::Message;

/// What became of the request that was submitted here.
pub fn kept(model: TicketForm) -> AnyView {
    let read = move || match model.phase.get() {
        Phase::Kept(kept) => Some(kept),
        _ => None,
    };
    let receipt = Memo::new(move |_| read().and_then(|kept| kept.receipt));
    let body = move || match receipt.get() {
        Some(receipt) => {
            let number = receipt.number.clone();
            let priority = receipt
                .priority
                .map(|priority| model.say_with(Message::PriorityIs, "priority", &u8::from(priority).to_string()));
            let when = model.messages.with(|m| m.date_time(receipt.received_at));
            view! {
                <div class="panel success">
                    <h2 class="panel-title" tabindex="-1" data-role="heading">{model.say(Message::DeliveredTitle)}</h2>
                    <p part="receipt" class="receipt">{model.say_with(Message::DeliveredText, "number", &number)}</p>
                    <p class="muted">{model.say_with(Message::DeliveredAt, "when", &when)} " " {priority.unwrap_or_default()}</p>
                </div>
            }
            .into_any()
        }
        None => {
            let state = move || {
                let now = model.runtime().map(|runtime| runtime.now()).unwrap_or_default();
                read().map(|kept| model.messages.with(|m| state_text(m, &kept.state, now))).unwrap_or_default()
            };
            let text = move || model.say(if model.lasting.get() { Message::SavedText } else { Message::NotSaved });
            view! {
                <div class="panel note">
                    <h2 class="panel-title" tabindex="-1" data-role="heading">{model.words(Message::SavedTitle)}</h2>
                    <p part="notice">{words(text)}</p>
                    <p class="muted" data-role="delivery">{words(state)}</p>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <div class="kept">
            {dynamic(body)}
            {outbox_notes::notes(model)}
            <div class="actions">
                <button type="button" class="secondary" on:click=move |_| { model.start_over(); view::focus_heading(model) }>
                    {model.words(Message::Another)}
                </button>
            </div>
        </div>
    }
    .into_any()
}
