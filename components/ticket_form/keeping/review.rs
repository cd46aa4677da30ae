//! The answers once more, before they are sent.

use itsm_widgets::domain::form::{Answer, Field, FieldKind};
use itsm_widgets::domain::ticket::{Impact, Urgency};

use super::{Keeping, submit};
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::ticket_form::fields::levels;
use crate::ticket_form::model::Phase;
use crate::ticket_form::view::{focus_heading, notices, title};

/// The answers once more, before they are sent.
pub fn review(keeping: Keeping) -> El {
    let model = keeping.form;
    let language = move || Some(model.form_language());
    let key = move || Some([&model.form_language(), " ", &model.language_tag()].concat());
    let draw = move || {
        let Some(definition) = model.definition.get() else { return vec![] };
        let row = |(position, field): (usize, &Field)| {
            let shown = model.field(position);
            let spoken = |answer: &Answer| spoken(keeping, field, answer);
            let answer = shown.answer.get().as_ref().map_or_else(|| model.say(Message::NoAnswer), spoken);
            let row = || classed("div", "row").child(el("dt").text(&model.label(field))).child(el("dd").text(&answer));
            shown.state.with(|state| state.is_visible).then(row)
        };
        definition.fields().iter().enumerate().filter_map(row).collect()
    };
    let send = classed("button", "primary").part("submit").attr("type", "button");
    let back = classed("button", "secondary").attr("type", "button").on("click", move |_| {
        model.phase.set(Phase::Filling);
        focus_heading(model);
    });
    notices(classed("div", "review").child(model.words(title(), Message::ReviewTitle)), model)
        .child(el("dl").bind("lang", language).each(key, draw))
        .child(
            classed("div", "actions")
                .child(model.words(send, Message::Send).on("click", move |_| submit::send(keeping)))
                .child(model.words(back, Message::Back)),
        )
}

/// An answer as a person would say it.
fn spoken(keeping: Keeping, field: &Field, answer: &Answer) -> String {
    let model = keeping.form;
    if let Some(spoken) = model.questions().and_then(|questions| questions.spoken(model, field, answer)) {
        return spoken;
    }
    let title_of = |value: &str| match &field.kind {
        FieldKind::Service => {
            let language = model.session().map(|session| session.host.language()).unwrap_or_default();
            let services = model.services.get();
            services
                .iter()
                .find(|s| s.id.as_str() == value)
                .map_or_else(|| value.to_owned(), |s| s.name_in(&language).to_owned())
        }
        FieldKind::DateTime => value.replace('T', " "),
        _ => model.chosen(field, value),
    };
    match answer {
        Answer::Flag(true) => model.say(Message::Yes),
        Answer::Flag(false) => model.say(Message::No),
        Answer::Number(number) => model.messages.with(|m| m.number(*number)),
        Answer::Text(text) => title_of(text),
        Answer::Choices(values) if matches!(field.kind, FieldKind::Files(_)) => keeping.files.with(|files| {
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
