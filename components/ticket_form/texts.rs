//! Words for facts: fields and errors.

use itsm_widgets::domain::form::{Definition, Field, FieldError, FieldTexts, Format, Texts};

use super::model::TicketForm;
use super::questions::Place;
use crate::shared::messages::{Message, Messages};

impl TicketForm {
    /// What `read` finds in the definition and in its texts for the reader's language, as both change.
    pub fn text<T: Default>(&self, read: impl Fn(&Definition, Option<&Texts>) -> T) -> T {
        let Some(session) = self.session() else { return T::default() };
        let language = session.host.language();
        self.definition.with(|d| d.as_ref().map(|d| read(d, d.texts(&language).1))).unwrap_or_default()
    }

    /// The language of the form's own texts.
    pub fn form_language(&self) -> String {
        let Some(session) = self.session() else { return String::new() };
        let language = session.host.language();
        self.definition.with(|d| d.as_ref().map(|d| d.texts(&language).0.to_owned())).unwrap_or_default()
    }

    /// A field's label.
    pub fn label(&self, field: &Field) -> String {
        let usual = self.text(|_, texts| {
            field_texts(texts, field).and_then(|t| t.title.clone()).unwrap_or_else(|| field.title.clone())
        });
        self.tailored(Place::Label(field), usual)
    }

    /// The sentence under a field.
    pub fn hint(&self, field: &Field) -> Option<String> {
        let usual = self.text(|_, texts| {
            field_texts(texts, field).and_then(|t| t.description.clone()).or_else(|| field.description.clone())
        });
        usual.map(|usual| self.tailored(Place::Hint(field), usual))
    }

    /// A choice's name.
    pub fn choice(&self, field: &Field, value: &str, title: &str) -> String {
        let usual = self.text(|_, texts| {
            field_texts(texts, field).and_then(|t| t.choices.get(value).cloned()).unwrap_or_else(|| title.to_owned())
        });
        self.tailored(Place::Choice(field, value), usual)
    }

    /// The name of the choice of that value; the value where there is no such choice.
    pub fn chosen(&self, field: &Field, value: &str) -> String {
        let choice = field.kind.choices().iter().find(|choice| choice.value == value);
        choice.map_or_else(|| value.to_owned(), |choice| self.choice(field, value, &choice.title))
    }

    /// A group's heading.
    pub fn heading(&self, id: &str, title: &str) -> String {
        let usual =
            self.text(|_, texts| texts.and_then(|t| t.groups.get(id).cloned()).unwrap_or_else(|| title.to_owned()));
        self.tailored(Place::Group(id), usual)
    }
}

fn field_texts<'a>(texts: Option<&'a Texts>, field: &Field) -> Option<&'a FieldTexts> {
    texts?.fields.get(&field.id)
}

/// What is wrong, in words.
pub fn error_text(messages: &Messages, error: &FieldError) -> String {
    let number = |message, name, number: f64| messages.with(message, name, &messages.number(number));
    match error {
        FieldError::Required => messages.get(Message::ErrorRequired),
        FieldError::TooShort { min } => number(Message::ErrorTooShort, "min", *min as f64),
        FieldError::TooLong { max } => number(Message::ErrorTooLong, "max", *max as f64),
        FieldError::TooSmall { min } => number(Message::ErrorTooSmall, "min", *min),
        FieldError::TooLarge { max } => number(Message::ErrorTooLarge, "max", *max),
        FieldError::TooMany { max } => number(Message::ErrorTooMany, "max", *max as f64),
        FieldError::FileTooLarge { max } => messages.with(Message::ErrorFileTooLarge, "max", &messages.bytes(*max)),
        FieldError::FileType => messages.get(Message::ErrorFileType),
        FieldError::NotAnOption => messages.get(Message::ErrorNotAnOption),
        FieldError::Malformed { format } => messages.get(match format {
            Format::Email => Message::ErrorEmail,
            Format::Phone => Message::ErrorPhone,
            Format::Url => Message::ErrorUrl,
            Format::Number => Message::ErrorNumber,
            Format::WholeNumber => Message::ErrorWholeNumber,
            Format::Date => Message::ErrorDate,
            Format::DateTime => Message::ErrorDateTime,
            Format::Pattern => Message::ErrorPattern,
        }),
        FieldError::NotExpected => messages.get(Message::ErrorNotExpected),
        FieldError::Other { detail } => detail.clone(),
    }
}
