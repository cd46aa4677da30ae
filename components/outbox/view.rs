//! What is drawn: a line that says how much is unsent, each request with what can be done about it, and the storage.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::domain::id::EntryId;
use itsm_widgets::domain::value::Document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::item::{File, Item};
use super::messages::Text;
use super::model::{Outbox, copy, encoded};
use crate::element::Cancelable;
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::shared::watched::Watched;
use crate::shared::{announcement, base, file_row, spawn, styles};

/// The whole element.
pub fn outbox(model: Outbox) -> El {
    let theme = move || model.session().and_then(|session| session.host.attribute("theme"));
    if let Some(session) = model.session() {
        styles::adopt_with(session.host.root(), include_str!("outbox.css"));
    }
    let body = base("base outbox", model.messages, theme)
        .when(move || has_title(model).then(String::new), move |_| words(model, heading(), Text::Title))
        .child(el("p").attr("data-role", "count").say(move || count(model)));
    let counted = move |n: usize, other, one| (n > 0).then(|| model.messages.with(|m| m.count(other, one, n)));
    let missing = move || counted(model.missing.get(), Message::MissingOther, Message::MissingOne);
    let passing = move || (!model.is_lasting.get()).then(|| model.messages.with(|m| m.get(Message::NotSaved)));
    let received = move || {
        let line = |number: &String| model.messages.with(|m| m.with(Message::DeliveredText, "number", number));
        let lines = model.received.with(|received| received.iter().map(line).collect::<Vec<_>>().join("\n"));
        (!lines.is_empty()).then(|| [&model.messages.with(|m| m.get(Message::DeliveredTitle)), ". ", &lines].concat())
    };
    body.when(missing, |text| note("danger", text))
        .when(passing, |text| note("warning", text))
        .when(received, |text| note("success", text).attr("data-role", "received"))
        .child(classed("div", "entries").each(move || Some(key(model)), move || entries(model)))
        .child(classed("p", "muted").attr("data-role", "used").say(move || used(model)))
        .when(move || unprotected(model), |text| classed("p", "muted").text(text))
        .child(announcement(model.announcement))
}

fn has_title(model: Outbox) -> bool {
    model.session().is_some_and(|session| session.host.attribute("without-title").is_none())
}

fn heading() -> El {
    el("h2").part("title").attr("tabindex", "-1").attr("data-role", "heading")
}

fn words(model: Outbox, element: El, text: Text) -> El {
    element.say(move || say(model, text))
}

fn say(model: Outbox, text: Text) -> String {
    model.words.with(|words| words.get(text))
}

fn shared(model: Outbox, message: Message) -> String {
    model.messages.with(|messages| messages.get(message))
}

fn note(kind: &str, text: &str) -> El {
    classed("p", &["note ", kind].concat()).part("notice").text(text)
}

fn count(model: Outbox) -> String {
    let count = model.items.with(|items| items.as_deref().map(<[Item]>::len));
    model.words.with(|words| match count {
        None => String::new(),
        Some(0) => words.get(Text::Nothing),
        Some(count) => words.count(Text::CountOther, Text::CountOne, count),
    })
}

fn used(model: Outbox) -> String {
    let Some((used, all)) = model.used.get() else { return String::new() };
    let bytes = |n| model.messages.with(|messages| messages.bytes(n));
    model.words.with(|words| words.with(Text::Used, "used", &bytes(used)).replace("{all}", &bytes(all)))
}

/// Said where something is kept that opens to whoever has the device.
fn unprotected(model: Outbox) -> Option<String> {
    let is_kept = model.items.with(|items| items.as_deref().is_some_and(|items| !items.is_empty()));
    let is_open = model.is_lasting.get() && !model.is_locked.get();
    (is_kept && is_open).then(|| say(model, Text::Unprotected))
}

/// Drawn anew when requests come and go, and not when one of them stands elsewhere: the focus would be lost.
fn key(model: Outbox) -> String {
    let ids = |items: &[Item]| items.iter().map(|item| item.id.as_str()).collect::<Vec<_>>().join(" ");
    model.items.with(|items| items.as_deref().map(ids).unwrap_or_default())
}

fn entries(model: Outbox) -> Vec<El> {
    let items = model.items.get_untracked();
    items.iter().flat_map(|items| items.iter()).map(|item| entry(model, item)).collect()
}

/// One request.
fn entry(model: Outbox, item: &Item) -> El {
    let (id, created): (Rc<str>, _) = (item.id.as_str().into(), item.created);
    let title = ["r", &item.id].concat();
    let when = move || {
        let when = model.messages.with(|messages| messages.date_time(created));
        model.words.with(|words| words.with(Text::From, "when", &when))
    };
    let (stands, said, tone) = (id.clone(), id.clone(), id.clone());
    let state = move || {
        let state = model.item(&stands, |item| item.state.clone()).unwrap_or_default();
        if state.is_empty() { say(model, Text::TakingBack) } else { state }
    };
    let reason = move || {
        let reason = model.item(&said, |item| item.reason.clone()).filter(|reason| !reason.is_empty())?;
        Some(model.words.with(|words| words.with(Text::Reason, "reason", &reason)))
    };
    let class = move || {
        let is_parked = model.item(&tone, |item| item.is_parked).unwrap_or_default();
        Some(if is_parked { "panel danger" } else { "panel note" }.to_owned())
    };
    let copied = Watched::new(None::<String>);
    el("section")
        .bind("class", class)
        .part("entry")
        .attr("aria-labelledby", &title)
        .child(classed("h3", "panel-title").attr("id", &title).text(&item.title))
        .child(el("p").text(&item.about))
        .child(classed("p", "muted").say(when))
        .child(el("p").attr("data-role", "state").say(state))
        .when(reason, |text| el("p").text(text))
        .child(classed("ul", "files").children(item.files.iter().map(|file| file_of(model, file))))
        .child(actions(model, id, copied))
        .when(move || copied.get(), move |text| by_hand(model, text))
}

fn file_of(model: Outbox, file: &File) -> El {
    let id = file.id.clone();
    file_row(model.messages, &file.name, file.size, move || model.sent.with(|sent| sent.get(id.as_str()).copied()))
}

/// Whether something can be done about a request.
type Holds = fn(&Item) -> bool;
/// Draws one thing that can be done about a request.
type DrawAction = fn(Outbox, &Rc<str>, Watched<Option<String>>) -> El;

/// What can be done about a request, each as long as it can.
fn actions(model: Outbox, id: Rc<str>, copied: Watched<Option<String>>) -> El {
    let all: [(Holds, DrawAction); 5] = [
        (|item| item.can_send, send_button),
        (|item| item.can_edit, edit_button),
        (|item| !item.body.is_empty(), copy_button),
        (|item| !item.body.is_empty(), |model, id, _| save_link(model, id)),
        (|item| item.can_discard, |model, id, _| discard_button(model, id.clone())),
    ];
    all.into_iter().fold(classed("div", "actions"), |row, (holds, draw)| {
        let (id, drawn) = (id.clone(), id.clone());
        let key = move || model.item(&id, holds).filter(|holds| *holds).map(|_| String::new());
        row.when(key, move |_| draw(model, &drawn, copied))
    })
}

fn plain_button() -> El {
    classed("button", "secondary").attr("type", "button")
}

fn send_button(model: Outbox, id: &Rc<str>, _: Watched<Option<String>>) -> El {
    let id = id.clone();
    words(model, plain_button(), Text::SendNow).on("click", move |_| {
        let id = EntryId::new(&*id);
        model.act(move |source| source.send_now(id));
        focus_heading(model);
    })
}

fn edit_button(model: Outbox, id: &Rc<str>, _: Watched<Option<String>>) -> El {
    let id = id.clone();
    plain_button().say(move || shared(model, Message::Edit)).on("click", move |_| edit(model, &id))
}

fn copy_button(model: Outbox, id: &Rc<str>, copied: Watched<Option<String>>) -> El {
    let id = id.clone();
    words(model, plain_button(), Text::Copy).on("click", move |_| copy_text(model, &id, copied))
}

/// Opens the request in its form: on this page, or where the page goes for it.
fn edit(model: Outbox, id: &str) {
    let (Some(source), Some(session)) = (model.source(), model.session()) else { return };
    let named = model.item(id, |item| [("form", item.form.write()), ("key", item.key.write())]);
    let Some(detail) = named else { return };
    if !source.edit(EntryId::new(id)) && session.host.emit("itsm-outbox-edit", &detail, Cancelable::Yes) {
        model.announcement.set(say(model, Text::Elsewhere));
    }
}

fn copy_text(model: Outbox, id: &str, copied: Watched<Option<String>>) {
    let (Some(source), Some(form)) = (model.source(), model.item(id, |item| item.form.clone())) else { return };
    let id = id.to_owned();
    spawn(async move {
        let form = source.form(form).await;
        let write = |item: &Item| model.messages.with_untracked(|m| item.written_down(form.as_deref(), m));
        let Some(text) = model.session().and_then(|_| model.item(&id, write)) else { return };
        let is_copied = copy(&text).await;
        if model.session().is_none() {
            return;
        }
        if is_copied {
            model.announcement.set(say(model, Text::Copied));
        }
        // Nobody is left without it.
        copied.set((!is_copied).then_some(text));
    });
}

/// The text, where the browser lets nobody put it on the clipboard.
fn by_hand(model: Outbox, text: &str) -> El {
    let area = el("textarea").attr("readonly", "").bind("aria-label", move || Some(say(model, Text::CopyByHand)));
    area.text(text)
}

/// A link to the request itself, as a file.
fn save_link(model: Outbox, id: &str) -> El {
    let read = |item: &Item| (item.body.clone(), [&item.form, "-", &item.key, ".json"].concat());
    let (body, name) = model.item(id, read).unwrap_or_default();
    let href = ["data:application/json;charset=utf-8,", &encoded(&body)].concat();
    words(model, classed("a", "button secondary").attr("href", &href).attr("download", &name), Text::Save)
}

fn discard_button(model: Outbox, id: Rc<str>) -> El {
    let sure = Watched::new(false);
    let words = move || shared(model, if sure.get() { Message::ConfirmDiscard } else { Message::Discard });
    classed("button", "quiet").attr("type", "button").say(words).on("click", move |_| {
        if !sure.get_untracked() {
            return sure.set(true);
        }
        let id = EntryId::new(&*id);
        model.act(move |source| source.discard(id));
        focus_heading(model);
    })
}

/// What had the focus is about to go.
fn focus_heading(model: Outbox) {
    spawn(async move {
        TimeoutFuture::new(50).await;
        let Some(session) = model.session() else { return };
        let root = session.host.root();
        if root.active_element().is_some() {
            return;
        }
        let heading = root.query_selector("[data-role=heading], button").ok().flatten();
        if let Some(heading) = heading.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = heading.focus();
        }
    });
}
