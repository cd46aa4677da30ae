//! An order: what was put in it, to be moved up and down, and below it what was not. All by buttons, for every kind of
//! pointer and for the keyboard.

use itsm_widgets::domain::form::{Answer, Choice};

use super::messages::Text;
use super::wasm::Survey;
use crate::shared::dom::{El, classed, el};
use crate::ticket_form::fields::{FieldModel, grouped};
use crate::ticket_form::view::focus_later;

/// The order of a field, in `body`.
pub(super) fn ranking(body: El, survey: Survey, field: FieldModel, choices: Vec<Choice>, places: usize) -> El {
    let order = move || field.answer().map_or_else(Vec::new, |answer| answer.as_choices().to_vec());
    let key =
        move || Some([&order().join("\n"), "\n", &field.form.form_language(), &field.form.language_tag()].concat());
    let (ranked, rest) = (choices.clone(), choices);
    let rows = move || {
        let order = order();
        order.iter().enumerate().map(|(at, value)| row(survey, field, &ranked, &order, at, value)).collect()
    };
    let left = move || {
        let order = order();
        let is_left = |choice: &&Choice| order.len() < places && !order.contains(&choice.value);
        rest.iter().filter(is_left).map(|choice| left(survey, field, &rest, &order, choice)).collect()
    };
    let nothing = move || order().is_empty().then(|| survey.words.say(Text::NothingRanked));
    let hint = classed("p", "hint").say(move || survey.words.say(Text::RankHint));
    grouped(
        body,
        field,
        vec![
            hint,
            classed("ol", "ranking").each(key, rows),
            el("div").when(nothing, |text| classed("p", "muted").text(text)),
            classed("div", "unranked").each(key, left),
        ],
    )
}

fn title(field: FieldModel, value: &str) -> String {
    field.field.with_untracked(|f| field.form.chosen(f, value))
}

/// What a button does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Do {
    Up,
    Down,
    In,
    Out,
}

impl Do {
    fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::In => "in",
            Self::Out => "out",
        }
    }
}

/// Puts a new order in the place of the old, says where the moved one is, and keeps the focus on it: on the button that was
/// pressed, if it is still there.
fn put(survey: Survey, field: FieldModel, choices: &[Choice], order: Vec<String>, moved: &str, done: Do) {
    let place = order.iter().position(|value| value == moved);
    let last = order.len().saturating_sub(1);
    if let Some(place) = place {
        let words = survey.words.with(Text::Place, "place", &survey.words.number(place + 1));
        field.form.announce(words.replace("{choice}", &title(field, moved)));
    }
    field.edit(Answer::Choices(order));
    let then = match (done, place) {
        (Do::Up, Some(place)) if place > 0 => Do::Up,
        (Do::Down, Some(place)) if place < last => Do::Down,
        (Do::Up, Some(_)) if last > 0 => Do::Down,
        (Do::Down, Some(_)) if last > 0 => Do::Up,
        (_, Some(_)) => Do::Out,
        (_, None) => Do::In,
    };
    focus_later(field.form, &["#", &item_id(field, choices, moved), " [data-do=", then.name(), "]"].concat());
}

fn button(survey: Survey, does: Do, name: &str) -> El {
    let (words, icon) = match does {
        Do::Up => (Text::Up, "↑"),
        Do::Down => (Text::Down, "↓"),
        Do::In | Do::Out => (Text::Out, "✕"),
    };
    let name = name.to_owned();
    let label = move || Some(survey.words.with(words, "choice", &name));
    let button = classed("button", "quiet").attr("type", "button").attr("data-do", does.name());
    button.bind("aria-label", label).text(icon)
}

fn item_id(field: FieldModel, choices: &[Choice], value: &str) -> String {
    let at = choices.iter().position(|choice| choice.value == value).unwrap_or_default();
    [&field.part_id("order"), at.to_string().as_str()].concat()
}

fn row(survey: Survey, field: FieldModel, choices: &[Choice], order: &[String], at: usize, value: &str) -> El {
    let name = title(field, value);
    let moved = |does: Do| {
        let (choices, value, mut order) = (choices.to_vec(), value.to_owned(), order.to_vec());
        match does {
            Do::Up => order.swap(at, at - 1),
            Do::Down => order.swap(at, at + 1),
            Do::In | Do::Out => drop(order.remove(at)),
        }
        let listener = move |_: &web_sys::Event| put(survey, field, &choices, order.clone(), &value, does);
        button(survey, does, &name).on("click", listener)
    };
    let row = el("li").attr("id", &item_id(field, choices, value)).child(classed("span", "ranked").text(&name));
    if field.is_locked() {
        return row;
    }
    let up = (at > 0).then(|| moved(Do::Up));
    let down = (at + 1 < order.len()).then(|| moved(Do::Down));
    row.children([up, down].into_iter().flatten()).child(moved(Do::Out))
}

fn left(survey: Survey, field: FieldModel, choices: &[Choice], order: &[String], choice: &Choice) -> El {
    let name = title(field, &choice.value);
    let place = order.len() + 1;
    let label = {
        let name = name.clone();
        move || {
            let words = survey.words.with(Text::Add, "place", &survey.words.number(place));
            Some(words.replace("{choice}", &name))
        }
    };
    let (choices, value) = (choices.to_vec(), choice.value.clone());
    let id = item_id(field, &choices, &value);
    let mut after = order.to_vec();
    after.push(value.clone());
    let add = classed("button", "secondary").attr("type", "button").attr("data-do", Do::In.name());
    let add = add.bind("aria-label", label).text(&name);
    let is_locked = move || field.is_locked();
    let add = add.flag("disabled", is_locked);
    let add = add.on("click", move |_| put(survey, field, &choices, after.clone(), &value, Do::In));
    el("span").attr("id", &id).child(add)
}
