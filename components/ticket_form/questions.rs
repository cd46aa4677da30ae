//! The seam between the form and the module that draws a survey's questions: scales, orders, matrices, one step after the
//! other. The form names no type of that module, so that a form without such questions does not wait for it.

use std::rc::Rc;

use itsm_widgets::domain::form::{Answer, Definition, Field, FieldKind, Node};
use itsm_widgets::domain::ticket::SubmissionKind;

use super::fields::FieldModel;
use super::model::TicketForm;
use crate::shared::dom::El;
use crate::shared::late::NotLoaded;

/// A text of the definition.
#[derive(Clone, Copy, Debug)]
pub enum Place<'a> {
    /// The form's heading.
    Title,
    /// The sentence under it.
    Introduction,
    /// A group's heading.
    Group(&'a str),
    /// A field's label.
    Label(&'a Field),
    /// The sentence under a field.
    Hint(&'a Field),
    /// A choice's name.
    Choice(&'a Field, &'a str),
}

/// What a survey's questions need beyond a form's.
pub trait Questions {
    /// What is wrong with the definition as a survey's; an error names the place.
    fn check(&self, definition: &Definition) -> Result<(), String>;
    /// The form begins anew.
    fn begin(&self);
    /// The controls of a scale or an order, in `body`.
    fn controls(&self, body: El, field: FieldModel) -> El;
    /// A group with a layout of its own, in `body`.
    fn group(&self, body: El, form: TicketForm, definition: &Definition, group: &Node) -> El;
    /// One step after the other, instead of all at once; with the buttons.
    fn steps(&self, body: El, form: TicketForm) -> El;
    /// The button was pressed, or Enter: whether there is a further step to go to, or an error in this one to look at.
    fn goes_on(&self, form: TicketForm) -> bool;
    /// Goes to the step of the first error.
    fn to_error(&self, form: TicketForm);
    /// `usual`, or what stands in its place for this service, with what its names in braces stand for.
    fn text(&self, form: TicketForm, place: Place<'_>, usual: String) -> String;
    /// What is offered when the answers have been sent, added to `body`.
    fn afterwards(&self, body: El, form: TicketForm) -> El;
    /// An answer as a person would say it, if it is one of a scale or an order.
    fn spoken(&self, form: TicketForm, field: &Field, answer: &Answer) -> Option<String>;
}

/// Whether a form has questions that the module draws.
pub fn needs_module(definition: &Definition) -> bool {
    let source = definition.source();
    let is_drawn_there = |field: &Field| matches!(field.kind, FieldKind::Scale(..) | FieldKind::Ranking { .. });
    source.kind == SubmissionKind::Satisfaction
        || source.steps.is_some()
        || definition.fields().iter().any(is_drawn_there)
}

impl TicketForm {
    /// What draws a survey's questions, once it is there.
    pub fn questions(&self) -> Option<Rc<dyn Questions>> {
        self.session()?.questions.borrow().clone()
    }

    /// Loads what draws a survey's questions, if it is not there yet.
    pub async fn load_questions(&self) -> Result<Rc<dyn Questions>, NotLoaded> {
        if let Some(questions) = self.questions() {
            return Ok(questions);
        }
        let questions = crate::survey::load(*self).await?;
        let session = self.session().ok_or(NotLoaded)?;
        *session.questions.borrow_mut() = Some(questions.clone());
        Ok(questions)
    }

    /// A text of the definition as it is shown.
    pub fn tailored(&self, place: Place<'_>, usual: String) -> String {
        match self.questions() {
            Some(questions) => questions.text(*self, place, usual),
            None => usual,
        }
    }
}
