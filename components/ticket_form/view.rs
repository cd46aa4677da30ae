//! What is drawn, by phase.

use itsm_widgets::domain::form::{Answer, Definition, Field, FieldKind, Node};
use itsm_widgets::domain::ticket::{Impact, Urgency};
use leptos::prelude::*;
use leptos::task::spawn_local_scoped_with_cancellation;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use super::fields::{field_view, levels};
use super::model::{Notice, Phase, TicketForm};
use super::{kept, load, outbox_notes, submit};
use crate::shared::erase::{all, attribute, dynamic, maybe, words};
use crate::shared::messages::{Message, Messages};

/// The whole element.
pub fn ticket_form(model: TicketForm) -> AnyView {
    let theme = attribute(move || model.session().and_then(|session| session.host.attribute("theme")));
    let right_to_left = move || model.messages.with(Messages::is_right_to_left);
    let direction = attribute(move || Some(if right_to_left() { "rtl" } else { "ltr" }.to_owned()));
    let language = attribute(move || Some(model.messages.with(|m| m.tag().to_owned())));
    // One memo a phase's name: an entry's new state must not draw the receipt anew.
    let shown = Memo::new(move |_| model.phase.with(std::mem::discriminant));
    let body = dynamic(move || {
        // Read, not only tracked: a memo that was never read has no sources.
        shown.get();
        match model.phase.get_untracked() {
            Phase::Loading => view! { <p class="muted" role="status">{model.words(Message::Loading)}</p> }.into_any(),
            Phase::Unavailable { .. } => unavailable(model),
            Phase::Filling => filling(model),
            Phase::Reviewing => reviewing(model),
            Phase::Kept(_) => kept::kept(model),
        }
    });
    view! {
        <div part="base" class="base" data-theme=theme dir=direction lang=language>
            {body}
            <p class="visually-hidden" role="status" data-role="announcement">{words(move || model.announcement.get())}</p>
        </div>
    }
    .into_any()
}

fn unavailable(model: TicketForm) -> AnyView {
    let read = move || match model.phase.get() {
        Phase::Unavailable { why, detail } => (model.say(why), detail),
        _ => Default::default(),
    };
    view! {
        <div part="error" class="panel danger" role="alert">
            <p class="panel-title">{model.words(Message::UnavailableTitle)}</p>
            <p>{words(move || read().0)}</p>
            <p class="muted">{words(move || read().1)}</p>
            <button type="button" class="secondary" on:click=move |_| load::load(model)>{model.words(Message::TryAgain)}</button>
        </div>
    }
    .into_any()
}

fn heading(model: TicketForm) -> AnyView {
    let hidden = model.session().is_some_and(|session| session.host.attribute("without-title").is_some());
    if hidden {
        return ().into_any();
    }
    let title =
        move || model.text(|d, texts| texts.and_then(|t| t.title.clone()).unwrap_or_else(|| d.source().title.clone()));
    let introduction = move || {
        model.text(|d, texts| texts.and_then(|t| t.description.clone()).or_else(|| d.source().description.clone()))
    };
    view! {
        <h2 part="title" tabindex="-1" data-role="heading">{words(title)}</h2>
        {dynamic(move || maybe(introduction().map(|text| view! { <p class="introduction">{text}</p> }.into_any())))}
    }
    .into_any()
}

fn filling(model: TicketForm) -> AnyView {
    let Some(definition) = model.definition.get_untracked() else { return ().into_any() };
    let submit_label = move || {
        let review = model.definition.with(|d| d.as_ref().is_some_and(|d| d.source().review));
        model.say(if review { Message::Review } else { Message::Send })
    };
    let nodes = nodes_view(model, &definition, &definition.source().ui);
    view! {
        <form novalidate on:submit=move |event| { event.prevent_default(); submit::send(model) }>
            {heading(model)}
            {outbox_notes::notes(model)}
            {notices(model)}
            <div class="fields" lang=attribute(move || Some(model.form_language()))>{nodes}</div>
            <div class="actions">
                <button part="submit" type="submit" class="primary">{words(submit_label)}</button>
                <button type="button" class="quiet" on:click=move |_| model.clear()>{model.words(Message::Clear)}</button>
                <span class="muted saved-hint">{words(move || model.say(if model.lasting.get() { Message::DraftSaved } else { Message::NotSaved }))}</span>
            </div>
        </form>
    }
    .into_any()
}

fn nodes_view(model: TicketForm, definition: &Definition, nodes: &[Node]) -> AnyView {
    all(nodes.iter().map(|node| node_view(model, definition, node)))
}

fn node_view(model: TicketForm, definition: &Definition, node: &Node) -> AnyView {
    match node {
        Node::Control(control) => {
            let position = definition.fields().iter().position(|field| field.id == control.field);
            maybe(position.map(|at| shown_field(model, definition.fields()[at].clone(), at)))
        }
        Node::Group { id, title, elements } => {
            let (id, title) = (id.clone(), title.clone());
            let heading = move || {
                model.text(|_, texts| texts.and_then(|t| t.groups.get(&id).cloned()).unwrap_or_else(|| title.clone()))
            };
            let inner = nodes_view(model, definition, elements);
            view! { <fieldset class="group"><legend class="group-title">{words(heading)}</legend>{inner}</fieldset> }
                .into_any()
        }
    }
}

/// The field, while its condition holds.
fn shown_field(model: TicketForm, field: Field, position: usize) -> AnyView {
    if field.control.visible_when.is_none() {
        return field_view(model, field, position);
    }
    let id = field.id.clone();
    let visible = Memo::new(move |_| {
        model.definition.with(|d| d.as_ref().is_some_and(|d| model.form.with(|form| form.visible(d).contains(&id))))
    });
    dynamic(move || maybe(visible.get().then(|| field_view(model, field.clone(), position))))
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

fn notices(model: TicketForm) -> AnyView {
    let notice = move || {
        model.notice.get().map(|notice| {
            let class = if notice == Notice::DraftRestored { "note" } else { "note danger" };
            view! { <p part="notice" class=class>{notice_text(model, &notice)}</p> }.into_any()
        })
    };
    let stale = move || {
        model.stale_since.get().map(|as_of| {
            let when = model.messages.with(|m| m.date_time(as_of));
            view! { <p part="notice" class="note warning">{model.say_with(Message::Stale, "when", &when)}</p> }
                .into_any()
        })
    };
    let passing = move || {
        (!model.lasting.get())
            .then(|| view! { <p part="notice" class="note warning">{model.say(Message::NotSaved)}</p> }.into_any())
    };
    all([dynamic(move || maybe(notice())), dynamic(move || maybe(stale())), dynamic(move || maybe(passing()))]
        .into_iter())
}

fn reviewing(model: TicketForm) -> AnyView {
    let rows = move || {
        let Some(definition) = model.definition.get() else { return ().into_any() };
        let effective = model.effective();
        let visible = model.form.with(|form| form.visible(&definition));
        let fields = definition.fields().iter().filter(|field| visible.contains(&field.id));
        let row = |field: &Field| {
            let answer = effective
                .get(&field.id)
                .map_or_else(|| model.say(Message::NoAnswer), |answer| spoken(model, field, answer));
            view! { <div class="row"><dt>{model.label(field)}</dt><dd>{answer}</dd></div> }.into_any()
        };
        all(fields.map(row))
    };
    view! {
        <div class="review">
            <h2 part="title" tabindex="-1" data-role="heading">{model.words(Message::ReviewTitle)}</h2>
            {notices(model)}
            <dl lang=attribute(move || Some(model.form_language()))>{dynamic(rows)}</dl>
            <div class="actions">
                <button part="submit" type="button" class="primary" on:click=move |_| submit::send(model)>{model.words(Message::Send)}</button>
                <button type="button" class="secondary" on:click=move |_| { model.phase.set(Phase::Filling); focus_heading(model) }>
                    {model.words(Message::Back)}
                </button>
            </div>
        </div>
    }
    .into_any()
}

/// An answer as a person would say it.
fn spoken(model: TicketForm, field: &Field, answer: &Answer) -> String {
    let title_of = |value: &str| match &field.kind {
        FieldKind::Select(choices) | FieldKind::Radio(choices) | FieldKind::MultiSelect(choices) => {
            let found = choices.iter().find(|choice| choice.value == value);
            found.map_or_else(|| value.to_owned(), |choice| model.choice(field, value, &choice.title))
        }
        FieldKind::Service => {
            let language = model.session().map(|session| session.host.language()).unwrap_or_default();
            let services = model.services.get();
            services
                .iter()
                .find(|s| s.id.as_str() == value)
                .map_or_else(|| value.to_owned(), |s| s.name_in(&language).to_owned())
        }
        FieldKind::DateTime => value.replace('T', " "),
        _ => value.to_owned(),
    };
    match answer {
        Answer::Flag(true) => model.say(Message::Yes),
        Answer::Flag(false) => model.say(Message::No),
        Answer::Number(number) => model.messages.with(|m| m.number(*number)),
        Answer::Text(text) => title_of(text),
        Answer::Choices(values) if matches!(field.kind, FieldKind::Files(_)) => model.files.with(|files| {
            values
                .iter()
                .filter_map(|id| files.get(id.as_str()))
                .map(|file| file.name.clone())
                .collect::<Vec<_>>()
                .join(", ")
        }),
        Answer::Choices(values) => values.iter().map(|value| title_of(value)).collect::<Vec<_>>().join(", "),
        Answer::Levels { impact, urgency } => {
            let level = |scale: &[(u8, Message)], chosen: u8| {
                scale.iter().find(|(n, _)| *n == chosen).map(|(_, words)| model.say(*words))
            };
            let words = [level(&levels::<Impact>(), *impact), level(&levels::<Urgency>(), *urgency)];
            words.into_iter().flatten().collect::<Vec<_>>().join(" · ")
        }
    }
}

/// Puts the focus on the first wrong field, once it is drawn.
pub fn focus_first_error(model: TicketForm) {
    focus_later(model, "[data-invalid] :is(input, select, textarea):not([hidden])");
}

/// Puts the focus on the heading of what has just been drawn.
pub fn focus_heading(model: TicketForm) {
    focus_later(model, "[data-role=heading]");
}

fn focus_later(model: TicketForm, selector: &'static str) {
    spawn_local_scoped_with_cancellation(async move {
        gloo_timers::future::TimeoutFuture::new(0).await;
        let root = model.session().and_then(|session| session.host.element().shadow_root());
        let found = root.and_then(|root| root.query_selector(selector).ok().flatten());
        if let Some(element) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            let _ = element.focus();
        }
    });
}
