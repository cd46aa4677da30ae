//! Questions with the same answers: a row for each. Every row is a group of radio buttons with all their names; where there
//! is room the names stand once, above the columns.

use itsm_widgets::domain::form::{Definition, Field, FieldKind, Node};

use super::wasm::Survey;
use crate::shared::dom::{El, classed, el};
use crate::ticket_form::model::TicketForm;
use crate::ticket_form::view::nodes;

/// The matrix.
pub(super) fn matrix(
    survey: Survey,
    form: TicketForm,
    definition: &Definition,
    (id, title): (&str, &str),
    elements: &[Node],
) -> El {
    let (id, title) = (id.to_owned(), title.to_owned());
    let heading = classed("legend", "group-title").say(move || form.heading(&id, &title));
    let group = classed("fieldset", "group matrix").child(heading);
    let first = elements.iter().find_map(|element| match element {
        Node::Control(control) => definition.field(&control.field).cloned(),
        Node::Group { .. } => None,
    });
    let Some(first) = first else { return group };
    let columns = columns(survey, form, &first);
    let columns = classed("div", "columns")
        .attr("aria-hidden", "true")
        .child(el("span"))
        .child(classed("div", "answers").children(columns));
    nodes(group.child(columns), form, definition, elements)
}

fn columns(survey: Survey, form: TicketForm, field: &Field) -> Vec<El> {
    match &field.kind {
        FieldKind::Scale(measure, _) => {
            let (measure, (least, greatest)) = (*measure, measure.scale());
            let column = |number: u8| {
                let field = field.clone();
                classed("span", "answer-name").say(move || survey.words.name(form, &field, measure, number))
            };
            (least..=greatest).map(column).collect()
        }
        kind => {
            let column = |choice: &itsm_widgets::domain::form::Choice| {
                let (field, choice) = (field.clone(), choice.clone());
                classed("span", "answer-name").say(move || form.choice(&field, &choice.value, &choice.title))
            };
            kind.choices().iter().map(column).collect()
        }
    }
}
