//! The request on its way, and its receipt.

use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::ticket::Receipt;
use itsm_widgets::domain::time::Timestamp;

use super::{Keeping, changing, notes};
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
        Some(receipt) => received(model, &receipt),
        None => waiting(model),
    };
    let body = notes::notes(classed("div", "kept").when(key, draw), model);
    let (Some(session), true) = (form.session(), changing::may_repeat(model)) else { return body };
    let again = classed("button", "secondary").attr("type", "button").on("click", move |_| {
        model.start_over();
        view::focus_heading(form);
    });
    body.child(classed("div", "actions").child(form.words(again, session.surface.another)))
}

fn heading() -> El {
    classed("h2", "panel-title").attr("tabindex", "-1").attr("data-role", "heading")
}

fn received(model: Keeping, receipt: &Receipt) -> El {
    let form = model.form;
    let title = form.session().map_or(Message::DeliveredTitle, |session| session.surface.arrived);
    let (number, at, priority) = (receipt.number.clone(), receipt.received_at, receipt.priority);
    let arrived = move || {
        let when = form.say_with(Message::DeliveredAt, "when", &form.messages.with(|m| m.date_time(at)));
        let priority =
            priority.map(|priority| form.say_with(Message::PriorityIs, "priority", &u8::from(priority).to_string()));
        [&when, " ", &priority.unwrap_or_default()].concat()
    };
    let number = move || form.say_with(Message::DeliveredText, "number", &number);
    let panel = classed("div", "panel success")
        .child(form.words(heading(), title))
        .child(classed("p", "receipt").part("receipt").say(number))
        .child(classed("p", "muted").say(arrived));
    let panel = promised(panel, form, receipt);
    let panel = match receipt.editable_until.filter(|_| changing::may_change(model, receipt)) {
        Some(until) => changeable(panel, model, receipt, until),
        None => panel,
    };
    match form.questions() {
        Some(questions) => questions.afterwards(panel, form),
        None => panel,
    }
}

/// Adds until when an answer was promised, and where its requester sees how it stands.
fn promised(panel: El, form: TicketForm, receipt: &Receipt) -> El {
    let Some(by) = receipt.answer_by else { return panel };
    let words = move || form.say_with(Message::AnswerBy, "when", &form.messages.with(|m| m.date_time(by)));
    let panel = panel.child(el("p").attr("data-role", "answer-by").say(words));
    let desk = form.session().and_then(|session| session.desk.borrow().clone());
    let (Some(page), Some(desk)) = (&receipt.read_link, desk) else { return panel };
    // Below the API's address, whatever it says.
    let link = el("a").part("status").attr("href", &[desk.api(), "/", page].concat());
    panel.child(el("p").child(form.words(link, Message::StatusPage)))
}

/// Adds how answers can be changed, and until when.
fn changeable(panel: El, model: Keeping, receipt: &Receipt, until: Timestamp) -> El {
    let form = model.form;
    let words = move || form.say_with(Message::Changeable, "when", &form.messages.with(|m| m.date_time(until)));
    let receipt = receipt.clone();
    let button = classed("button", "secondary").attr("type", "button").attr("data-role", "change");
    let button = button.on("click", move |_| changing::change(model, &receipt));
    panel.child(el("p").say(words)).child(form.words(button, Message::ChangeAnswers))
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
