//! The request on its way, and its receipt.

use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::ticket::Receipt;

use super::{Keeping, notes};
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::shared::{file_row, state_text};
use crate::ticket_form::model::{Keeps, TicketForm};
use crate::ticket_form::view;

/// What became of the request that was submitted here.
pub fn kept(model: Keeping) -> El {
    let form = model.form;
    // Drawn anew when the receipt comes, and not with every try.
    let key = move || model.kept.get().map(|kept| kept.receipt.map(|receipt| receipt.number).unwrap_or_default());
    let draw = move |_: &str| match model.kept.get().and_then(|kept| kept.receipt) {
        Some(receipt) => received(form, &receipt),
        None => waiting(model),
    };
    let again = classed("button", "secondary").attr("type", "button").on("click", move |_| {
        model.start_over();
        view::focus_heading(form);
    });
    let body = notes::notes(classed("div", "kept").when(key, draw), model);
    body.child(classed("div", "actions").child(form.words(again, Message::Another)))
}

fn heading() -> El {
    classed("h2", "panel-title").attr("tabindex", "-1").attr("data-role", "heading")
}

fn received(form: TicketForm, receipt: &Receipt) -> El {
    let (number, at, priority) = (receipt.number.clone(), receipt.received_at, receipt.priority);
    let arrived = move || {
        let when = form.say_with(Message::DeliveredAt, "when", &form.messages.with(|m| m.date_time(at)));
        let priority =
            priority.map(|priority| form.say_with(Message::PriorityIs, "priority", &u8::from(priority).to_string()));
        [&when, " ", &priority.unwrap_or_default()].concat()
    };
    let number = move || form.say_with(Message::DeliveredText, "number", &number);
    classed("div", "panel success")
        .child(form.words(heading(), Message::DeliveredTitle))
        .child(classed("p", "receipt").part("receipt").say(number))
        .child(classed("p", "muted").say(arrived))
}

/// What there is to say first of a request that is on its way: whether it is safe.
pub fn waiting_title(form: TicketForm) -> Message {
    if form.keeps.get() == Keeps::Lasting { Message::SavedTitle } else { Message::HeldTitle }
}

fn waiting(model: Keeping) -> El {
    let form = model.form;
    let state = move || {
        let now = model.runtime().map(|runtime| runtime.now()).unwrap_or_default();
        model.kept.get().map(|kept| form.messages.with(|m| state_text(m, &kept.state, now))).unwrap_or_default()
    };
    let text =
        move || form.say(if form.keeps.get() == Keeps::Lasting { Message::SavedText } else { Message::NotSaved });
    classed("div", "panel note")
        .child(heading().say(move || form.say(waiting_title(form))))
        .child(el("p").part("notice").say(text))
        .child(classed("p", "muted").attr("data-role", "delivery").say(state))
        .child(on_their_way(model))
}

/// A bar for each file, once it is on its way.
fn on_their_way(model: Keeping) -> El {
    let row = move |file: Attachment| {
        let id = file.id.clone();
        let sent = move || Some(model.sent.with(|sent| sent.get(id.as_str()).copied().unwrap_or_default()));
        file_row(model.form.messages, &file.name, file.size, sent)
    };
    let files = move || model.files.with_untracked(|files| files.values().cloned().collect::<Vec<_>>());
    let key = move || model.sent.with(|sent| !sent.is_empty()).then(String::new);
    classed("div", "uploads").when(key, move |_| classed("ul", "files").children(files().into_iter().map(row)))
}
