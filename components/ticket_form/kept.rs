//! The request on its way, and its receipt.

use itsm_widgets::domain::ticket::Receipt;

use super::model::{Kept, Phase, TicketForm};
use super::texts::state_text;
use super::{outbox_notes, view};
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;

fn current(model: TicketForm) -> Option<Kept> {
    match model.phase.get() {
        Phase::Kept(kept) => Some(kept),
        _ => None,
    }
}

/// What became of the request that was submitted here.
pub fn kept(model: TicketForm) -> El {
    // Drawn anew when the receipt comes, and not with every try.
    let key = move || current(model).map(|kept| kept.receipt.map(|receipt| receipt.number).unwrap_or_default());
    let draw = move |_: &str| match current(model).and_then(|kept| kept.receipt) {
        Some(receipt) => received(model, &receipt),
        None => waiting(model),
    };
    let again = classed("button", "secondary").attr("type", "button").on("click", move |_| {
        model.start_over();
        view::focus_heading(model);
    });
    let body = outbox_notes::notes(classed("div", "kept").when(key, draw), model);
    body.child(classed("div", "actions").child(model.words(again, Message::Another)))
}

fn heading() -> El {
    classed("h2", "panel-title").attr("tabindex", "-1").attr("data-role", "heading")
}

fn received(model: TicketForm, receipt: &Receipt) -> El {
    let (number, at, priority) = (receipt.number.clone(), receipt.received_at, receipt.priority);
    let arrived = move || {
        let when = model.say_with(Message::DeliveredAt, "when", &model.messages.with(|m| m.date_time(at)));
        let priority =
            priority.map(|priority| model.say_with(Message::PriorityIs, "priority", &u8::from(priority).to_string()));
        [&when, " ", &priority.unwrap_or_default()].concat()
    };
    let number = move || model.say_with(Message::DeliveredText, "number", &number);
    classed("div", "panel success")
        .child(model.words(heading(), Message::DeliveredTitle))
        .child(classed("p", "receipt").part("receipt").say(number))
        .child(classed("p", "muted").say(arrived))
}

fn waiting(model: TicketForm) -> El {
    let state = move || {
        let now = model.runtime().map(|runtime| runtime.now()).unwrap_or_default();
        current(model).map(|kept| model.messages.with(|m| state_text(m, &kept.state, now))).unwrap_or_default()
    };
    let text = move || model.say(if model.lasting.get() { Message::SavedText } else { Message::NotSaved });
    classed("div", "panel note")
        .child(model.words(heading(), Message::SavedTitle))
        .child(el("p").part("notice").say(text))
        .child(classed("p", "muted").attr("data-role", "delivery").say(state))
}
