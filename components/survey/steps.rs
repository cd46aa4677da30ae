//! One step after the other: how far one is, what is asked now, back and forward.

use itsm_widgets::domain::id::FieldId;
use itsm_widgets::domain::survey::step::{shown, steps as steps_of};

use super::messages::Text;
use super::wasm::Survey;
use crate::shared::dom::{El, classed, el};
use crate::ticket_form::model::TicketForm;
use crate::ticket_form::view;

/// Where one is among the steps that are shown: the place before, the place after, how far, of how many.
struct Standing {
    before: Option<usize>,
    after: Option<usize>,
    number: usize,
    of: usize,
}

/// What stands, followed as the answers change what is shown.
fn standing(survey: Survey, form: TicketForm) -> Standing {
    let at = survey.step.get();
    let shown = form.definition.with(|definition| {
        let Some(definition) = definition.as_ref() else { return vec![] };
        let is_visible = |id: &FieldId| {
            let at = definition.position(id.as_str());
            at.is_some_and(|at| form.field(at).state.with(|state| state.is_visible))
        };
        shown(&steps_of(definition), is_visible)
    });
    Standing {
        before: shown.iter().rev().find(|place| **place < at).copied(),
        after: shown.iter().find(|place| **place > at).copied(),
        number: shown.iter().filter(|place| **place <= at).count().max(1),
        of: shown.len().max(1),
    }
}

/// The steps, in `body`.
pub(super) fn steps(body: El, survey: Survey, form: TicketForm) -> El {
    let far = move || {
        let Standing { number, of, .. } = standing(survey, form);
        let words = survey.words.with(Text::Step, "step", &survey.words.number(number));
        words.replace("{of}", &survey.words.number(of))
    };
    let bar = el("progress")
        .attr("aria-hidden", "true")
        .bind("max", move || Some(standing(survey, form).of.to_string()))
        .bind("value", move || Some(standing(survey, form).number.to_string()));
    let how_far = classed("p", "muted step").attr("tabindex", "-1").attr("data-role", "step").say(far);
    let key = move || Some(survey.step.get().to_string());
    let asked = move |_: &str| {
        let at = survey.step.get_untracked();
        form.definition.with_untracked(|definition| {
            let fields = view::fields(form);
            let Some(definition) = definition.as_ref() else { return fields };
            match steps_of(definition).into_iter().nth(at) {
                Some(step) => view::nodes(fields, form, definition, step.nodes),
                None => fields,
            }
        })
    };
    // Drawn anew only when the one is another button.
    let buttons_key = move || {
        let standing = standing(survey, form);
        Some([standing.before.is_some(), standing.after.is_some()].map(|is| if is { "y" } else { "n" }).concat())
    };
    let buttons = move |key: &str| {
        let previous = classed("button", "secondary").attr("type", "button").on("click", move |_| {
            if let Some(before) = leptos::prelude::untrack(|| standing(survey, form)).before {
                go_to(survey, form, before);
            }
        });
        let previous = previous.say(move || survey.words.say(Text::Previous));
        let next = classed("button", "primary").part("next").attr("type", "submit");
        let next = next.say(move || survey.words.say(Text::Next));
        let is_last = key.ends_with('n');
        let row = if is_last { view::actions(form) } else { classed("div", "actions").child(next) };
        if key.starts_with('y') { row.child(previous) } else { row }
    };
    body.child(bar).child(how_far).when(key, asked).when(buttons_key, buttons)
}

fn go_to(survey: Survey, form: TicketForm, place: usize) {
    survey.step.set(place);
    view::focus_later(form, "[data-role=step]");
}

/// Whether there is something left in the steps before sending: goes on to it, or shows what is wrong here.
pub(super) fn goes_on(survey: Survey, form: TicketForm) -> bool {
    let Some(definition) = form.definition.get_untracked() else { return false };
    let after = leptos::prelude::untrack(|| standing(survey, form)).after;
    let at = survey.step.get_untracked();
    let steps = steps_of(&definition);
    let (Some(after), Some(step)) = (after, steps.get(at)) else { return false };
    form.change(|form| step.fields.iter().for_each(|field| form.touch((*field).clone())));
    if step.fields.iter().any(|field| is_wrong(form, field)) {
        view::focus_wrong(form);
    } else {
        go_to(survey, form, after);
    }
    true
}

fn is_wrong(form: TicketForm, id: &FieldId) -> bool {
    let at = form.definition.with_untracked(|definition| definition.as_ref()?.position(id.as_str()));
    at.is_some_and(|at| form.field(at).state.with_untracked(|state| state.is_visible && state.error.is_some()))
}

/// Goes to the step with the first error.
pub(super) fn to_error(survey: Survey, form: TicketForm) {
    let Some(definition) = form.definition.get_untracked() else { return };
    let is_wrong = |field: &&FieldId| is_wrong(form, field);
    let wrong = steps_of(&definition).iter().position(|step| step.fields.iter().any(&is_wrong));
    if let Some(place) = wrong {
        survey.step.set(place);
    }
}
