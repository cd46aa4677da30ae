//! A request on this device, as it is shown.

use itsm_widgets::adapters::browser::js::from_json;
use itsm_widgets::domain::form::{Definition, Field, FieldKind, Role};
use itsm_widgets::domain::id::AttachmentId;
use itsm_widgets::domain::outbox::{Intent, OutboxEntry, OutboxState, ParkReason};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::domain::value::Value;

use super::source::Source;
use crate::shared::messages::{Message, Messages};

/// A request on this device.
pub struct Item {
    /// Its entry.
    pub id: String,
    /// Its key.
    pub key: String,
    /// The name of the form it came from.
    pub form: String,
    /// The form's title in the reader's language, where the form is known; else its name.
    pub title: String,
    /// What it is about: its one-line account, or the first words of it.
    pub about: String,
    /// When it was submitted.
    pub created: Timestamp,
    /// Where it stands and when it is tried next, in words; empty for what is being taken back.
    pub state: String,
    /// What the service desk said.
    pub reason: String,
    /// Whether it waits for a person.
    pub is_parked: bool,
    /// Whether it can be tried at once.
    pub can_send: bool,
    /// Whether it can be edited.
    pub can_edit: bool,
    /// Whether it can be discarded.
    pub can_discard: bool,
    /// What is sent: JSON.
    pub body: String,
    /// Its files.
    pub files: Vec<File>,
}

/// A file of a request.
pub struct File {
    /// Names it.
    pub id: String,
    /// Its name, as its requester had it.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

impl Item {
    /// What is shown of `entry`.
    pub fn of(entry: &OutboxEntry, source: &dyn Source, messages: &Messages) -> Self {
        let progress = &entry.progress;
        let is_ours = progress.intent == Intent::Submit;
        let is_parked = matches!(progress.state, OutboxState::Parked { .. });
        let reason = progress.refusal.as_ref().map(|refusal| refusal.detail.clone()).unwrap_or_default();
        let state = match &progress.state {
            _ if !is_ours => String::new(),
            OutboxState::Parked { why: ParkReason::Expired } => messages.get(Message::Expired),
            OutboxState::Parked { why: ParkReason::Broken | ParkReason::Orphaned } => messages.get(Message::Broken),
            state => source.state_text(messages, state),
        };
        let file = |id: &AttachmentId, name: &str, size| File { id: id.to_string(), name: name.to_owned(), size };
        Self {
            id: entry.id.to_string(),
            key: entry.key.to_string(),
            form: entry.form.to_string(),
            title: entry.form.to_string(),
            about: String::new(),
            created: entry.created,
            state,
            reason,
            is_parked,
            can_send: is_parked || matches!(progress.state, OutboxState::Waiting { .. }),
            can_edit: is_ours && is_parked,
            can_discard: (is_ours || is_parked) && !matches!(progress.state, OutboxState::InFlight { .. }),
            body: entry.body.clone(),
            files: entry.attachments.iter().map(|one| file(&one.id, &one.name, one.size)).collect(),
        }
    }

    /// Takes the title from the form's definition, if that can be read, and says what the request is about.
    pub fn entitle(&mut self, definition: Option<String>, tag: &str) {
        let definition = definition.as_deref().and_then(definition_of);
        let is_account = |field: &&Field| field.control.role == Some(Role::Summary);
        let account =
            definition.as_ref().and_then(|d| d.fields().iter().find(is_account)).map(|field| field.id.as_str());
        let texts = self.answers().into_iter().filter_map(|(id, answer)| match answer {
            Value::Text(text) => Some((id, text)),
            _ => None,
        });
        let found = texts.min_by_key(|(id, _)| account.is_some_and(|account| account != id.as_str()));
        self.about = found.map(|(_, text)| text.chars().take(120).collect()).unwrap_or_default();
        if let Some(definition) = definition {
            let translated = definition.texts(tag).1.and_then(|texts| texts.title.clone());
            self.title = translated.unwrap_or_else(|| definition.source().title.clone());
        }
    }

    /// The request as a person would write it down: a line for each answer, by the form's words where the form is known.
    pub fn written_down(&self, definition: Option<&str>, messages: &Messages) -> String {
        let definition = definition.and_then(definition_of);
        let mut lines = String::new();
        for (id, answer) in &self.answers() {
            let field = definition.as_ref().and_then(|d| d.fields().iter().find(|field| field.id.as_str() == id));
            let label = field.map_or(id.as_str(), |field| &field.title);
            lines.push_str(&[label, ": ", &self.words_of(field, answer, messages), "\n"].concat());
        }
        lines
    }

    fn answers(&self) -> Vec<(String, Value)> {
        match from_json::<Value>(&self.body) {
            Ok(Value::Object(mut body)) => match body.remove("answers") {
                Some(Value::Object(answers)) => answers.into_iter().collect(),
                _ => vec![],
            },
            _ => vec![],
        }
    }

    fn words_of(&self, field: Option<&Field>, answer: &Value, messages: &Messages) -> String {
        match answer {
            Value::Null => String::new(),
            Value::Flag(flag) => messages.get(if *flag { Message::Yes } else { Message::No }),
            Value::Number(number) => messages.number(*number),
            Value::Text(text) => self.title_of(field, text),
            Value::List(values) => {
                let words: Vec<String> = values.iter().map(|value| self.words_of(field, value, messages)).collect();
                words.join(", ")
            }
            Value::Object(scales) => {
                let words: Vec<String> =
                    scales.iter().map(|(_, level)| self.words_of(field, level, messages)).collect();
                words.join(" / ")
            }
        }
    }

    fn title_of(&self, field: Option<&Field>, value: &str) -> String {
        let choices = match field.map(|field| &field.kind) {
            Some(FieldKind::Select(choices) | FieldKind::Radio(choices) | FieldKind::MultiSelect(choices)) => choices,
            _ => {
                let file = self.files.iter().find(|file| file.id == value);
                return file.map_or(value, |file| &file.name).to_owned();
            }
        };
        choices.iter().find(|choice| choice.value == value).map_or(value, |choice| &choice.title).to_owned()
    }
}

fn definition_of(text: &str) -> Option<Definition> {
    Definition::parse(from_json(text).ok()?).ok()
}
