//! A scale: radio buttons beside each other, with numbers, stars, faces or thumbs on them. None is chosen before somebody
//! chooses.

use itsm_widgets::domain::form::{Answer, Look};
use itsm_widgets::domain::survey::measure::Measure;

use super::wasm::Survey;
use crate::shared::dom::{El, classed};
use crate::ticket_form::fields::{FieldModel, grouped, radio};

/// The scale of a field, in `body`.
pub(super) fn scale(body: El, survey: Survey, field: FieldModel, measure: Measure, look: Look) -> El {
    let answers = answers(survey, field, measure, look);
    let parts = match measure {
        Measure::Nps | Measure::Ces => vec![answers, ends(survey, field, measure)],
        Measure::Csat | Measure::Thumbs => vec![answers],
    };
    grouped(body, field, parts)
}

/// What the ends of a scale mean: for eyes, since its buttons have it in their names.
fn ends(survey: Survey, field: FieldModel, measure: Measure) -> El {
    let (least, greatest) = measure.scale();
    let end = |number: u8| {
        let words = move || {
            let name = field.field.with_untracked(|f| survey.words.name(field.form, f, measure, number));
            [&survey.words.number(number.into()), " = ", &name].concat()
        };
        classed("span", "answer-name").say(words)
    };
    classed("div", "ends muted").attr("aria-hidden", "true").child(end(least)).child(end(greatest))
}

/// The buttons.
pub(super) fn answers(survey: Survey, field: FieldModel, measure: Measure, look: Look) -> El {
    let drawn = match (measure, look) {
        (Measure::Thumbs, _) => "thumbs",
        (_, Look::Stars) => "stars",
        (_, Look::Smileys) => "faces",
        (Measure::Csat, Look::Plain) => "words",
        (_, Look::Plain) => "numbers",
    };
    let (least, greatest) = measure.scale();
    let buttons = (least..=greatest).map(|number| answer(survey, field, measure, number, drawn));
    let count = usize::from(greatest - least) + 1;
    classed("div", "answers").attr("data-look", drawn).attr("data-count", &count.to_string()).children(buttons)
}

fn answer(survey: Survey, field: FieldModel, measure: Measure, number: u8, drawn: &str) -> El {
    let value = number.to_string();
    let chosen = move || field.answer().and_then(|answer| answer.as_number()) == Some(f64::from(number));
    let choose = {
        let value = value.clone();
        move || field.edit(Answer::Text(value.clone()))
    };
    let name = move || field.field.with_untracked(|f| survey.words.name(field.form, f, measure, number));
    let (icon, shows_number) = match (drawn, number) {
        ("stars", _) => ("★", false),
        ("faces" | "thumbs", _) => ("", false),
        _ => ("", true),
    };
    let icon = classed("span", "icon").attr("data-answer", &value).attr("aria-hidden", "true").text(icon);
    let button = radio(field, &field.control_id(), chosen, choose).attr("value", &value);
    let label = classed("label", "answer").child(button);
    let label = if shows_number {
        label.child(classed("span", "number").say(move || survey.words.number(number.into()))).text(" ")
    } else {
        label.child(icon)
    };
    label.child(classed("span", "answer-name").say(name))
}
