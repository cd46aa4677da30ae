//! What is drawn, by phase.

use itsm_widgets::domain::form::{Definition, Field, Node};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::fields::field_view;
use super::keeper::Keeper;
use super::load;
use super::model::{Keeps, Notice, Phase, TicketForm};
use super::questions::Place;
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::shared::{announcement, base, spawn};

/// The whole element.
pub fn ticket_form(model: TicketForm) -> El {
    let theme = move || model.session().and_then(|session| session.host.attribute("theme"));
    // By the phase's name: an entry's new state must not draw the receipt anew.
    let shown = move || Some([model.phase.with(Phase::name), &model.opened.get().to_string()].concat());
    let body = move |_: &str| match model.phase.get_untracked() {
        Phase::Loading => model.words(classed("p", "muted").attr("role", "status"), Message::Loading),
        Phase::Unavailable { .. } => unavailable(model),
        Phase::Filling => filling(model),
        Phase::Reviewing => kept_side(model, |keeper| keeper.review()),
        Phase::Kept => kept_side(model, |keeper| keeper.kept()),
    };
    base("base", model.messages, theme)
        .on("pointerdown", move |_| {
            if let Some(session) = model.session() {
                session.pressed.set(true);
                session.presses.set(session.presses.get() + 1);
            }
        })
        .when(shown, body)
        .child(announcement(model.announcement))
}

/// What the keeper draws: it is there, since nothing else leads into the phases that it shows.
fn kept_side(model: TicketForm, draw: fn(&dyn Keeper) -> El) -> El {
    model.keeper().map_or_else(|| el("div"), |keeper| draw(&*keeper))
}

fn unavailable(model: TicketForm) -> El {
    let read = move || match model.phase.get() {
        Phase::Unavailable { why, detail } => (model.say(why), detail),
        _ => Default::default(),
    };
    let again = classed("button", "secondary").attr("type", "button").on("click", move |_| load::load(model));
    classed("div", "panel danger")
        .part("error")
        .attr("role", "alert")
        .child(model.words(classed("p", "panel-title"), Message::UnavailableTitle))
        .child(el("p").say(move || read().0))
        .child(classed("p", "muted").say(move || read().1))
        .child(model.words(again, Message::TryAgain))
}

/// A heading that takes the focus when it is new.
pub fn title() -> El {
    el("h2").part("title").attr("tabindex", "-1").attr("data-role", "heading")
}

fn headed(form: El, model: TicketForm) -> El {
    let hidden = model.session().is_some_and(|session| session.host.attribute("without-title").is_some());
    if hidden {
        return form;
    }
    let words = move || {
        let usual =
            model.text(|d, texts| texts.and_then(|t| t.title.clone()).unwrap_or_else(|| d.source().title.clone()));
        model.tailored(Place::Title, usual)
    };
    let introduction = move || {
        let usual =
            model.text(|d, texts| texts.and_then(|t| t.description.clone()).or_else(|| d.source().description.clone()));
        usual.map(|usual| model.tailored(Place::Introduction, usual))
    };
    form.child(title().say(words)).when(introduction, |text| classed("p", "introduction").text(text))
}

fn filling(model: TicketForm) -> El {
    let Some(definition) = model.definition.get_untracked() else { return el("div") };
    let form = el("form").attr("novalidate", "").on("submit", move |event| {
        event.prevent_default();
        model.go_on();
    });
    let is_kept = move || model.is_kept().then(String::new);
    let form = headed(form, model).when(is_kept, move |_| kept_side(model, |keeper| keeper.notes()));
    let form = notices(form, model);
    if let (Some(questions), Some(_)) = (model.questions(), definition.source().steps) {
        return questions.steps(form, model);
    }
    form.child(nodes(fields(model), model, &definition, &definition.source().ui)).child(actions(model))
}

/// The place for fields, in the language of the form's own texts.
pub fn fields(model: TicketForm) -> El {
    classed("div", "fields").bind("lang", move || Some(model.form_language()))
}

/// The buttons below what is asked.
pub fn actions(model: TicketForm) -> El {
    // It has its place before it holds: nothing moves when it comes.
    let saved = move || match model.keeps.get() {
        Keeps::Lasting | Keeps::NotYet => model.say(Message::DraftSaved),
        Keeps::Passing => model.say(Message::NotSaved),
        Keeps::NotLoaded => String::new(),
    };
    let is_not_yet = move || (model.keeps.get() == Keeps::NotYet).then(String::new);
    let submit_label = move || {
        let review = model.definition.with(|d| d.as_ref().is_some_and(|d| d.source().review));
        model.say(if review { Message::Review } else { Message::Send })
    };
    let submit = classed("button", "primary").part("submit").attr("type", "submit").say(submit_label);
    let clear = classed("button", "quiet").attr("type", "button").on("click", move |_| model.clear());
    classed("div", "actions")
        .child(submit)
        .child(model.words(clear, Message::Clear))
        .child(classed("span", "muted saved-hint").bind("data-not-yet", is_not_yet).say(saved))
}

/// Adds what the tree of controls names.
pub fn nodes<'a>(
    body: El,
    model: TicketForm,
    definition: &Definition,
    nodes: impl IntoIterator<Item = &'a Node>,
) -> El {
    nodes.into_iter().fold(body, |body, node| node_view(body, model, definition, node))
}

fn node_view(body: El, model: TicketForm, definition: &Definition, node: &Node) -> El {
    match node {
        Node::Control(control) => {
            let Some(at) = definition.position(control.field.as_str()) else { return body };
            shown_field(body, model, definition.fields()[at].clone(), at)
        }
        Node::Group { id, title, layout, elements } => {
            if let (Some(questions), Some(_)) = (model.questions(), layout) {
                return questions.group(body, model, definition, node);
            }
            let (id, title) = (id.clone(), title.clone());
            let heading = classed("legend", "group-title").say(move || model.heading(&id, &title));
            body.child(nodes(classed("fieldset", "group").child(heading), model, definition, elements))
        }
    }
}

/// Adds the field, while its condition holds.
fn shown_field(body: El, model: TicketForm, field: Field, position: usize) -> El {
    if field.control.visible_when.is_none() {
        return body.child(field_view(model, field, position));
    }
    let state = model.field(position).state;
    let visible = move || state.with(|state| state.is_visible.then(String::new));
    body.when(visible, move |_| field_view(model, field.clone(), position))
}

/// A notice's sentence.
pub fn notice_text(model: TicketForm, notice: &Notice) -> String {
    match notice {
        Notice::DraftRestored => model.say(Message::DraftRestored),
        Notice::NoSpace => model.say(Message::NoSpace),
        Notice::Rejected(reason) if reason.is_empty() => model.say(Message::RejectedPlain),
        Notice::Rejected(reason) => model.say_with(Message::Rejected, "reason", reason),
        Notice::Broken => model.say(Message::Broken),
    }
}

/// Adds what the reader should know while filling in.
pub fn notices(body: El, model: TicketForm) -> El {
    let stale = move || {
        let as_of = model.stale_since.get()?;
        let when = model.messages.with(|m| m.date_time(as_of));
        Some(model.say_with(Message::Stale, "when", &when))
    };
    let passing = move || match model.keeps.get() {
        Keeps::Passing => Some(model.say(Message::NotSaved)),
        Keeps::NotLoaded => Some(model.say(Message::NotKept)),
        Keeps::Lasting | Keeps::NotYet => None,
    };
    let notice = move || model.notice.get().map(|notice| notice_text(model, &notice));
    let draw = move |text: &str| {
        let harmless = model.notice.with(|notice| *notice == Some(Notice::DraftRestored));
        classed("p", if harmless { "note" } else { "note danger" }).part("notice").text(text)
    };
    let warning = |text: &str| classed("p", "note warning").part("notice").text(text);
    body.when(notice, draw).when(stale, warning).when(passing, warning)
}

/// Puts the focus on the first wrong field, once it is drawn.
pub fn focus_first_error(model: TicketForm) {
    if let Some(questions) = model.questions() {
        questions.to_error(model);
    }
    focus_wrong(model);
}

/// Puts the focus on the first wrong field of those that are drawn.
pub fn focus_wrong(model: TicketForm) {
    focus_later(model, "[data-invalid] :is(input, select, textarea, button):not([hidden])");
}

/// Puts the focus on the heading of what has just been drawn, or on its first control where the page has the heading.
pub fn focus_heading(model: TicketForm) {
    focus_later(model, "[data-role=heading], .fields :is(input, select, textarea):not([hidden])");
}

/// Puts the focus on the field of that position, once it is drawn.
pub fn focus_field(model: TicketForm, position: usize) {
    focus_later(model, &["#f", &position.to_string()].concat());
}

/// Puts the focus on what `selector` finds, once it is drawn.
pub fn focus_later(model: TicketForm, selector: &str) {
    let selector = selector.to_owned();
    spawn(async move {
        gloo_timers::future::TimeoutFuture::new(0).await;
        let Some(session) = model.session() else { return };
        let found = session.host.root().query_selector(&selector).ok().flatten();
        if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
