//! What a survey's texts say: for this service, and with what was answered before.

use itsm_widgets::domain::form::{Answer, Definition, Field, FieldKind, Texts};
use itsm_widgets::domain::locale;
use itsm_widgets::domain::survey::measure::Measure;
use itsm_widgets::domain::survey::pipe;
use itsm_widgets::domain::ticket::SubmissionKind;
use leptos::prelude::untrack;

use super::messages::Text;
use crate::element::Host;
use crate::shared::dom::follow;
use crate::shared::messages::Messages;
use crate::shared::spawn;
use crate::shared::watched::Watched;
use crate::ticket_form::model::TicketForm;
use crate::ticket_form::questions::Place;

/// The survey's own words, in the reader's language.
#[derive(Clone, Copy)]
pub(super) struct Words(Watched<Messages>);

impl Words {
    /// They change with the element's language.
    pub(super) fn follow(host: &Host) -> Self {
        let words = Self(Watched::new(Messages::english()));
        let host = host.clone();
        follow(move || {
            let tag = Messages::tag_for(&host.language());
            if words.0.with_untracked(|messages| messages.tag() == tag) {
                return;
            }
            let host = host.clone();
            spawn(async move {
                let is_wanted = || words.0.is_there() && host.reads(tag);
                if let Some(messages) = Messages::load(host.base(), "survey.", tag, is_wanted).await {
                    words.0.set(messages);
                }
            });
        });
        words
    }

    /// The text.
    pub(super) fn say(self, text: Text) -> String {
        self.0.with(|messages| messages.get(text))
    }

    /// The text with `value` for `{name}`.
    pub(super) fn with(self, text: Text, name: &str, value: &str) -> String {
        self.0.with(|messages| messages.with(text, name, value))
    }

    /// A number as the language writes it.
    pub(super) fn number(self, number: usize) -> String {
        self.0.with(|messages| messages.number(number as f64))
    }

    /// `usual`, or what the definition has in its place for this service, with what its names in braces stand for.
    pub(super) fn tailor(self, form: TicketForm, place: Place<'_>, usual: String) -> String {
        let text = form.definition.with(|definition| {
            let definition = definition.as_ref()?;
            let own = of_service(form, definition, place);
            let is_survey = definition.source().kind == SubmissionKind::Satisfaction;
            is_survey.then(|| own.unwrap_or_else(|| usual.clone()))
        });
        match text {
            Some(text) => pipe::fill(&text, |name| self.stands_for(form, name)),
            None => usual,
        }
    }

    fn stands_for(self, form: TicketForm, name: &str) -> Option<String> {
        match name {
            pipe::TICKET => Some(attribute(form, "ticket").unwrap_or_else(|| self.say(Text::ThisTicket))),
            pipe::SERVICE => Some(self.service(form)),
            _ => form.definition.with(|definition| {
                let definition = definition.as_ref()?;
                let at = definition.position(name)?;
                let answer = form.field(at).answer.get()?;
                self.spoken(form, &definition.fields()[at], &answer)
                    .or_else(|| said(form, &definition.fields()[at], &answer))
            }),
        }
    }

    /// The service's name: the page's own word for it, or the catalogue's.
    fn service(self, form: TicketForm) -> String {
        let Some(id) = attribute(form, "service") else { return self.say(Text::ThisService) };
        let language = form.session().map(|session| session.host.language()).unwrap_or_default();
        let named = form.services.with(|services| {
            services
                .iter()
                .find(|service| service.id.as_str() == id)
                .map(|service| service.name_in(&language).to_owned())
        });
        named.unwrap_or_else(|| self.say(Text::ThisService))
    }

    /// An answer on a scale, or an order, as a person would say it.
    pub(super) fn spoken(self, form: TicketForm, field: &Field, answer: &Answer) -> Option<String> {
        match (&field.kind, answer) {
            (FieldKind::Scale(measure, _), answer) => {
                let number = measure.answer(answer.as_number()?)?;
                let name = self.name(form, field, *measure, number);
                Some(match (name.is_empty(), measure) {
                    (true, _) => self.number(number.into()),
                    (false, Measure::Csat | Measure::Thumbs) => name,
                    (false, Measure::Nps | Measure::Ces) => [&self.number(number.into()), " – ", &name].concat(),
                })
            }
            (FieldKind::Ranking { .. }, Answer::Choices(values)) => {
                let numbered = values
                    .iter()
                    .enumerate()
                    .map(|(at, value)| [&self.number(at + 1), ". ", &form.chosen(field, value)].concat());
                Some(numbered.collect::<Vec<_>>().join(", "))
            }
            _ => None,
        }
    }

    /// The name of an answer on a scale: the definition's, or the suite's own; empty if it has none.
    pub(super) fn name(self, form: TicketForm, field: &Field, measure: Measure, number: u8) -> String {
        let own = match (measure, number) {
            (Measure::Csat, 1) => Some(Text::Csat1),
            (Measure::Csat, 2) => Some(Text::Csat2),
            (Measure::Csat, 3) => Some(Text::Csat3),
            (Measure::Csat, 4) => Some(Text::Csat4),
            (Measure::Csat, 5) => Some(Text::Csat5),
            (Measure::Nps, 0) => Some(Text::Nps0),
            (Measure::Nps, 10) => Some(Text::Nps10),
            (Measure::Ces, 1) => Some(Text::Ces1),
            (Measure::Ces, 7) => Some(Text::Ces7),
            (Measure::Thumbs, 0) => Some(Text::Thumbs0),
            (Measure::Thumbs, 1) => Some(Text::Thumbs1),
            _ => None,
        };
        let value = number.to_string();
        let usual = field.labels.get(&value).cloned().or_else(|| own.map(|text| self.say(text))).unwrap_or_default();
        form.choice(field, &value, &usual)
    }
}

fn attribute(form: TicketForm, name: &str) -> Option<String> {
    form.session()?.host.attribute(name).filter(|value| !value.is_empty())
}

/// An answer of a question that every form may have.
fn said(form: TicketForm, field: &Field, answer: &Answer) -> Option<String> {
    let title_of = |value: &str| form.chosen(field, value);
    match answer {
        Answer::Text(text) => Some(title_of(text)),
        Answer::Choices(values) => Some(values.iter().map(|value| title_of(value)).collect::<Vec<_>>().join(", ")),
        Answer::Number(number) => Some(form.messages.with(|messages| messages.number(*number))),
        Answer::Flag(_) | Answer::Levels { .. } => None,
    }
}

/// What the definition says of that place for the service that the survey is about, in the language of its other texts.
fn of_service(form: TicketForm, definition: &Definition, place: Place<'_>) -> Option<String> {
    let service = attribute(form, "service")?;
    let languages = definition.source().services.get(service.as_str())?;
    let tag = form.form_language();
    let tag = locale::lookup(&tag, languages.keys().map(String::as_str))?;
    untrack(|| text_at(languages.get(tag)?, place))
}

fn text_at(texts: &Texts, place: Place<'_>) -> Option<String> {
    let of_field = |field: &Field| texts.fields.get(&field.id);
    match place {
        Place::Title => texts.title.clone(),
        Place::Introduction => texts.description.clone(),
        Place::Group(id) => texts.groups.get(id).cloned(),
        Place::Label(field) => of_field(field)?.title.clone(),
        Place::Hint(field) => of_field(field)?.description.clone(),
        Place::Choice(field, value) => of_field(field)?.choices.get(value).cloned(),
    }
}
