//! What stands in one field.

use crate::as_serde;
use crate::domain::decimal;
use crate::domain::id::{AttachmentId, FieldId};
use crate::domain::map::Map;
use crate::domain::time::Timestamp;
use crate::domain::value::{Document, Members, Reading, Value, object};

/// What stands in one field, as a person left it: a number not yet read is still text.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// A box that is ticked or not.
    Flag(bool),
    /// A number that was read, on its way to the service desk.
    Number(f64),
    /// Text, a date, the value of a choice, or a number as it was typed.
    Text(String),
    /// The values of several choices, or the names of attachments, in their order.
    Choices(Vec<String>),
    /// Places on the impact and urgency scales; 0 where none was chosen.
    Levels {
        /// 1 to 3, or 0.
        impact: u8,
        /// 1 to 3, or 0.
        urgency: u8,
    },
}

impl Answer {
    /// Whether nothing was answered. An unticked box is no answer.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Flag(ticked) => !ticked,
            Self::Number(_) => false,
            Self::Text(text) => text.trim().is_empty(),
            Self::Choices(values) => values.is_empty(),
            Self::Levels { impact, urgency } => *impact == 0 && *urgency == 0,
        }
    }

    /// The text, or the empty string where the answer is none.
    pub fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Flag(_) | Self::Number(_) | Self::Choices(_) | Self::Levels { .. } => "",
        }
    }

    /// The values chosen, or nothing where the answer is no list.
    pub fn as_choices(&self) -> &[String] {
        match self {
            Self::Choices(values) => values,
            Self::Flag(_) | Self::Number(_) | Self::Text(_) | Self::Levels { .. } => &[],
        }
    }

    /// The answer as a number: read from text with a decimal point or comma.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => decimal::parse(text.trim()),
            Self::Flag(_) | Self::Choices(_) | Self::Levels { .. } => None,
        }
    }
}

/// Told by the shape of the value.
impl Document for Answer {
    fn read(value: Value, reading: &mut Reading) -> Self {
        match value {
            Value::Flag(ticked) => Self::Flag(ticked),
            Value::Number(number) => Self::Number(number),
            Value::Text(text) => Self::Text(text),
            Value::List(_) => Self::Choices(Vec::read(value, reading)),
            Value::Object(_) => {
                let mut members = Members::of(value, reading);
                let (impact, urgency) = (members.take_or_default("impact"), members.take_or_default("urgency"));
                members.end();
                Self::Levels { impact, urgency }
            }
            Value::Null => {
                reading.wrong("must be text, a number, true or false, a list of texts, or impact and urgency");
                Self::Flag(false)
            }
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Flag(ticked) => ticked.write(),
            Self::Number(number) => number.write(),
            Self::Text(text) => text.write(),
            Self::Choices(values) => values.write(),
            Self::Levels { impact, urgency } => {
                object([("impact", impact.write(), false), ("urgency", urgency.write(), false)])
            }
        }
    }
}

as_serde!(Answer);

/// What stands in a form, by field.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answers(Map<FieldId, Answer>);

impl Document for Answers {
    fn read(value: Value, reading: &mut Reading) -> Self {
        Self(Map::read(value, reading))
    }
    fn write(&self) -> Value {
        self.0.write()
    }
}

as_serde!(Answers);

impl Answers {
    /// The answer in `field`, if there is one.
    pub fn get(&self, field: &FieldId) -> Option<&Answer> {
        self.0.get(field)
    }

    /// The text in `field`, or the empty string.
    pub fn text(&self, field: &FieldId) -> &str {
        self.get(field).map_or("", Answer::as_text)
    }

    /// The values chosen in `field`, or nothing.
    pub fn choices(&self, field: &FieldId) -> &[String] {
        self.get(field).map_or(&[], Answer::as_choices)
    }

    /// Puts `answer` into `field`; an empty one takes the field's answer away.
    pub fn put(&mut self, field: FieldId, answer: Answer) {
        if answer.is_empty() {
            self.0.remove(&field);
        } else {
            self.0.insert(field, answer);
        }
    }

    /// All answers, by the fields' names.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldId, &Answer)> {
        self.0.iter()
    }

    /// Whether nothing was answered at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answers as they are typed: numbers as text, times without their offset. The inverse of what submitting does.
    #[must_use]
    pub fn as_typed(&self) -> Self {
        let typed = |answer: &Answer| match answer {
            Answer::Number(number) => Answer::Text(decimal::print(*number)),
            Answer::Text(text) if Timestamp::parse_rfc3339(text).is_some() => {
                Answer::Text(text.chars().take(16).collect())
            }
            other => other.clone(),
        };
        self.0.iter().map(|(field, answer)| (field.clone(), typed(answer))).collect()
    }

    /// The attachments that answers of `fields` name.
    pub fn attachments<'a>(&'a self, fields: impl Iterator<Item = &'a FieldId>) -> Vec<AttachmentId> {
        fields
            .filter_map(|field| self.get(field))
            .flat_map(Answer::as_choices)
            .map(|id| AttachmentId::new(id.as_str()))
            .collect()
    }
}

impl FromIterator<(FieldId, Answer)> for Answers {
    fn from_iter<I: IntoIterator<Item = (FieldId, Answer)>>(answers: I) -> Self {
        let mut all = Self::default();
        answers.into_iter().for_each(|(field, answer)| all.put(field, answer));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_shape_survives_json() {
        for (answer, json) in [
            (Answer::Flag(true), "true"),
            (Answer::Number(2.5), "2.5"),
            (Answer::Text("x".into()), "\"x\""),
            (Answer::Choices(vec!["a".into(), "b".into()]), "[\"a\",\"b\"]"),
            (Answer::Levels { impact: 2, urgency: 1 }, "{\"impact\":2,\"urgency\":1}"),
        ] {
            assert_eq!(serde_json::to_string(&answer).unwrap(), json);
            assert_eq!(serde_json::from_str::<Answer>(json).unwrap(), answer);
        }
    }

    #[test]
    fn an_empty_answer_is_taken_away() {
        let mut answers = Answers::default();
        answers.put("a".into(), Answer::Text("x".into()));
        answers.put("a".into(), Answer::Text("  ".into()));
        assert!(answers.is_empty());
    }

    #[test]
    fn what_was_sent_can_be_typed_again() {
        let sent: Answers = [("n", Answer::Number(2.5)), ("t", Answer::Text("2026-03-29T08:15:00-03:30".into()))]
            .into_iter()
            .map(|(field, answer)| (FieldId::from(field), answer))
            .collect();
        assert_eq!((sent.as_typed().text(&"n".into()), sent.as_typed().text(&"t".into())), ("2.5", "2026-03-29T08:15"));
    }

    #[test]
    fn numbers_are_read_with_point_or_comma() {
        for (text, number) in
            [("2,5", Some(2.5)), (" 7 ", Some(7.0)), ("1e3", Some(1000.0)), ("two", None), ("inf", None), ("", None)]
        {
            assert_eq!(Answer::Text(text.into()).as_number(), number, "{text}");
        }
    }
}
