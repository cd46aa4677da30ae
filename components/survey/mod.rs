//! A survey's questions: scales, orders, matrices, and one step after the other. A module of its own, loaded by the forms
//! that have such questions.

pub mod messages;

#[cfg(target_family = "wasm")]
mod complaint;
#[cfg(target_family = "wasm")]
mod matrix;
#[cfg(target_family = "wasm")]
mod ranking;
#[cfg(target_family = "wasm")]
mod scale;
#[cfg(target_family = "wasm")]
mod steps;
#[cfg(target_family = "wasm")]
mod words;

#[cfg(target_family = "wasm")]
pub use wasm::load;

#[cfg(target_family = "wasm")]
mod wasm {
    use std::rc::Rc;

    use itsm_widgets::domain::form::{Answer, Definition, Field, FieldKind, Layout, Node};
    use itsm_widgets::domain::survey::check;

    use super::words::Words;
    use super::{complaint, matrix, ranking, scale, steps};
    use crate::element::Host;
    use crate::shared::dom::El;
    use crate::shared::late::NotLoaded;
    use crate::shared::styles;
    use crate::shared::watched::Watched;
    use crate::ticket_form::fields::FieldModel;
    use crate::ticket_form::model::TicketForm;
    use crate::ticket_form::questions::{Place, Questions};

    /// Loads the module, if it is not there yet, and makes what draws the questions of `form`.
    pub async fn load(form: TicketForm) -> Result<Rc<dyn Questions>, NotLoaded> {
        #[cfg(feature = "split")]
        return questions(form).await;
        #[cfg(not(feature = "split"))]
        questions(form)
    }

    #[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(survey, fallible))]
    fn questions(form: TicketForm) -> Result<Rc<dyn Questions>, NotLoaded> {
        let element = form.session().ok_or(NotLoaded)?;
        Ok(element.owner.with(|| Rc::new(Survey::new(&element.host))))
    }

    /// A survey as its views see it: handles, copied freely.
    #[derive(Clone, Copy)]
    pub(super) struct Survey {
        /// Its own words.
        pub(super) words: Words,
        /// The place of the step that is shown.
        pub(super) step: Watched<usize>,
    }

    impl Survey {
        fn new(host: &Host) -> Self {
            styles::add(host.root(), include_str!("survey.css"));
            Self { words: Words::follow(host), step: Watched::new(0) }
        }
    }

    impl Questions for Survey {
        fn begin(&self) {
            self.step.set(0);
        }

        fn check(&self, definition: &Definition) -> Result<(), String> {
            self.begin();
            check::check(definition).map_err(|error| error.to_string())
        }

        fn controls(&self, body: El, field: FieldModel) -> El {
            match field.field.with_untracked(|field| field.kind.clone()) {
                FieldKind::Ranking { choices, places } => ranking::ranking(body, *self, field, choices, places),
                FieldKind::Scale(measure, look) => scale::scale(body, *self, field, measure, look),
                _ => body,
            }
        }

        fn group(&self, body: El, form: TicketForm, definition: &Definition, group: &Node) -> El {
            match group {
                Node::Group { id, title, layout: Some(Layout::Matrix), elements } => {
                    body.child(matrix::matrix(*self, form, definition, (id, title), elements))
                }
                _ => body,
            }
        }

        fn steps(&self, body: El, form: TicketForm) -> El {
            steps::steps(body, *self, form)
        }

        fn goes_on(&self, form: TicketForm) -> bool {
            steps::goes_on(*self, form)
        }

        fn to_error(&self, form: TicketForm) {
            steps::to_error(*self, form);
        }

        fn text(&self, form: TicketForm, place: Place<'_>, usual: String) -> String {
            self.words.tailor(form, place, usual)
        }

        fn afterwards(&self, body: El, form: TicketForm) -> El {
            complaint::offered(body, *self, form)
        }

        fn spoken(&self, form: TicketForm, field: &Field, answer: &Answer) -> Option<String> {
            self.words.spoken(form, field, answer)
        }
    }
}
