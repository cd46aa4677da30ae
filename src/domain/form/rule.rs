//! Conditions and calculations over the answers that stand before a field.

use core::fmt;

use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{Answer, Answers};
use crate::domain::id::FieldId;

/// When a field is shown, or must be answered. A hidden field counts as unanswered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "ConditionRecord")]
pub enum Condition {
    /// All of them hold.
    All {
        /// At least none: an empty list holds.
        all: Vec<Condition>,
    },
    /// One of them holds.
    Any {
        /// An empty list does not hold.
        any: Vec<Condition>,
    },
    /// It does not hold.
    Not {
        /// What must not hold.
        not: Box<Condition>,
    },
    /// The field's answer is `equals`; of a list, one of its values.
    Equals {
        /// The field asked.
        field: FieldId,
        /// Text, a number, or `true` for a ticked box; `false` also holds for an unticked one.
        equals: Answer,
    },
    /// The field's answer is one of `in`.
    In {
        /// The field asked.
        field: FieldId,
        /// The values.
        #[serde(rename = "in")]
        values: Vec<String>,
    },
    /// The field's number is at least `atLeast`.
    AtLeast {
        /// The field asked.
        field: FieldId,
        /// The bound, itself included.
        #[serde(rename = "atLeast")]
        at_least: f64,
    },
    /// The field's number is at most `atMost`.
    AtMost {
        /// The field asked.
        field: FieldId,
        /// The bound, itself included.
        #[serde(rename = "atMost")]
        at_most: f64,
    },
    /// The field was answered (`true`) or not (`false`).
    Answered {
        /// The field asked.
        field: FieldId,
        /// Which of the two must be the case.
        answered: bool,
    },
}

/// A condition as it is written: one of its forms, told by the members that are there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ConditionRecord {
    all: Option<Vec<Condition>>,
    any: Option<Vec<Condition>>,
    not: Option<Box<Condition>>,
    field: Option<FieldId>,
    equals: Option<Answer>,
    r#in: Option<Vec<String>>,
    at_least: Option<f64>,
    at_most: Option<f64>,
    answered: Option<bool>,
}

impl TryFrom<ConditionRecord> for Condition {
    type Error = &'static str;

    fn try_from(record: ConditionRecord) -> Result<Self, Self::Error> {
        let ConditionRecord { all, any, not, field, equals, r#in, at_least, at_most, answered } = record;
        match (field, all, any, not) {
            (None, Some(all), None, None) => Ok(Self::All { all }),
            (None, None, Some(any), None) => Ok(Self::Any { any }),
            (None, None, None, Some(not)) => Ok(Self::Not { not }),
            (Some(field), None, None, None) => match (equals, r#in, at_least, at_most, answered) {
                (Some(equals), None, None, None, None) => Ok(Self::Equals { field, equals }),
                (None, Some(values), None, None, None) => Ok(Self::In { field, values }),
                (None, None, Some(at_least), None, None) => Ok(Self::AtLeast { field, at_least }),
                (None, None, None, Some(at_most), None) => Ok(Self::AtMost { field, at_most }),
                (None, None, None, None, Some(answered)) => Ok(Self::Answered { field, answered }),
                _ => Err("a field is asked by one of equals, in, atLeast, atMost, answered"),
            },
            _ => Err("a condition has one of all, any, not, field"),
        }
    }
}

impl Condition {
    /// Whether it holds for `answers`, in which hidden fields have none.
    pub fn holds(&self, answers: &Answers) -> bool {
        match self {
            Self::All { all } => all.iter().all(|condition| condition.holds(answers)),
            Self::Any { any } => any.iter().any(|condition| condition.holds(answers)),
            Self::Not { not } => !not.holds(answers),
            Self::Equals { field, equals } => equal(answers.get(field), equals),
            Self::In { field, values } => {
                values.iter().any(|value| equal(answers.get(field), &Answer::Text(value.clone())))
            }
            Self::AtLeast { field, at_least } => number(answers, field).is_some_and(|n| n >= *at_least),
            Self::AtMost { field, at_most } => number(answers, field).is_some_and(|n| n <= *at_most),
            Self::Answered { field, answered } => answers.get(field).is_some() == *answered,
        }
    }

    /// Calls `see` with every field that it asks.
    pub fn for_each_field(&self, see: &mut dyn FnMut(&FieldId)) {
        match self {
            Self::All { all: parts } | Self::Any { any: parts } => {
                parts.iter().for_each(|part| part.for_each_field(see))
            }
            Self::Not { not } => not.for_each_field(see),
            Self::Equals { field, .. }
            | Self::In { field, .. }
            | Self::AtLeast { field, .. }
            | Self::AtMost { field, .. }
            | Self::Answered { field, .. } => see(field),
        }
    }
}

fn number(answers: &Answers, field: &FieldId) -> Option<f64> {
    answers.get(field)?.as_number()
}

fn equal(answer: Option<&Answer>, wanted: &Answer) -> bool {
    match (answer, wanted) {
        (None, Answer::Flag(false)) => true,
        (None, _) => false,
        (Some(Answer::Choices(values)), Answer::Text(text)) => values.contains(text),
        (Some(answer), Answer::Number(number)) => answer.as_number() == Some(*number),
        (Some(answer), _) => answer == wanted,
    }
}

/// A part of a calculation: what stands in a field, or a constant.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Operand {
    /// The answer in a field.
    Field {
        /// The field asked.
        field: FieldId,
    },
    /// A number.
    Number(f64),
    /// A piece of text.
    Text(String),
}

impl<'de> Deserialize<'de> for Operand {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OperandVisitor;
        impl<'de> Visitor<'de> for OperandVisitor {
            type Value = Operand;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, text, or an object with a field")
            }
            fn visit_f64<E>(self, number: f64) -> Result<Operand, E> {
                Ok(Operand::Number(number))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Operand, E> {
                Ok(Operand::Number(number as f64))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Operand, E> {
                Ok(Operand::Number(number as f64))
            }
            fn visit_str<E>(self, text: &str) -> Result<Operand, E> {
                Ok(Operand::Text(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Operand, A::Error> {
                let Some((key, field)) = access.next_entry::<String, FieldId>()? else {
                    return Err(de::Error::missing_field("field"));
                };
                if key == "field" {
                    Ok(Operand::Field { field })
                } else {
                    Err(de::Error::custom("only field is known here"))
                }
            }
        }
        deserializer.deserialize_any(OperandVisitor)
    }
}

/// What a field shows that nobody fills in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub enum Calculation {
    /// The parts as text, one after the other.
    Concat(Vec<Operand>),
    /// The sum of all numbers; none if a part is no number.
    Sum(Vec<Operand>),
    /// The product of all numbers; none if a part is no number.
    Product(Vec<Operand>),
}

impl Calculation {
    /// The value for `answers`; `None` while a part is missing.
    pub fn value(&self, answers: &Answers) -> Option<Answer> {
        match self {
            Self::Concat(parts) => {
                parts.iter().map(|part| part.text(answers)).collect::<Option<String>>().map(Answer::Text)
            }
            Self::Sum(parts) => fold(parts, answers, |a, b| a + b),
            Self::Product(parts) => fold(parts, answers, |a, b| a * b),
        }
    }

    /// Its parts, in their order.
    pub fn operands(&self) -> &[Operand] {
        match self {
            Self::Concat(parts) | Self::Sum(parts) | Self::Product(parts) => parts,
        }
    }
}

fn fold(parts: &[Operand], answers: &Answers, combine: fn(f64, f64) -> f64) -> Option<Answer> {
    let numbers = parts.iter().map(|part| part.number(answers)).collect::<Option<Vec<_>>>()?;
    numbers.into_iter().reduce(combine).map(Answer::Number)
}

impl Operand {
    fn number(&self, answers: &Answers) -> Option<f64> {
        match self {
            Self::Field { field } => number(answers, field),
            Self::Number(number) => Some(*number),
            Self::Text(_) => None,
        }
    }

    fn text(&self, answers: &Answers) -> Option<String> {
        match self {
            Self::Field { field } => match answers.get(field)? {
                Answer::Text(text) => Some(text.clone()),
                Answer::Number(number) => Some(number.to_string()),
                Answer::Choices(values) => Some(values.join(", ")),
                Answer::Flag(_) | Answer::Levels { .. } => None,
            },
            Self::Number(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers() -> Answers {
        [
            ("device", Answer::Text("laptop".into())),
            ("count", Answer::Text("3".into())),
            ("urgent", Answer::Flag(true)),
            ("apps", Answer::Choices(vec!["mail".into(), "crm".into()])),
        ]
        .into_iter()
        .map(|(field, answer)| (FieldId::from(field), answer))
        .collect()
    }

    #[test]
    fn conditions_read_the_answers() {
        for (json, holds) in [
            (r#"{"field":"device","equals":"laptop"}"#, true),
            (r#"{"field":"device","equals":"phone"}"#, false),
            (r#"{"field":"device","in":["phone","laptop"]}"#, true),
            (r#"{"field":"apps","equals":"crm"}"#, true),
            (r#"{"field":"count","equals":3}"#, true),
            (r#"{"field":"count","atLeast":4}"#, false),
            (r#"{"field":"count","atMost":3}"#, true),
            (r#"{"field":"urgent","equals":true}"#, true),
            (r#"{"field":"absent","equals":false}"#, true),
            (r#"{"field":"absent","answered":false}"#, true),
            (r#"{"all":[]}"#, true),
            (r#"{"any":[]}"#, false),
            (r#"{"not":{"field":"device","answered":true}}"#, false),
            (
                r#"{"all":[{"field":"urgent","equals":true},{"any":[{"field":"count","equals":9},{"field":"apps","in":["mail"]}]}]}"#,
                true,
            ),
        ] {
            let condition: Condition = serde_json::from_str(json).unwrap();
            assert_eq!(condition.holds(&answers()), holds, "{json}");
        }
    }

    #[test]
    fn an_unknown_condition_is_refused() {
        for json in [r#"{"field":"a"}"#, r#"{"field":"a","equals":"b","in":["c"]}"#, r#"{"eval":"alert(1)"}"#] {
            assert!(serde_json::from_str::<Condition>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn calculations_wait_for_all_their_parts() {
        for (json, value) in [
            (r#"{"sum":[{"field":"count"},2]}"#, Some(Answer::Number(5.0))),
            (r#"{"product":[{"field":"count"},{"field":"count"},0.5]}"#, Some(Answer::Number(4.5))),
            (r#"{"concat":[{"field":"device"}," × ",{"field":"count"}]}"#, Some(Answer::Text("laptop × 3".into()))),
            (r#"{"sum":[{"field":"device"},1]}"#, None),
            (r#"{"concat":[{"field":"absent"}]}"#, None),
        ] {
            let calculation: Calculation = serde_json::from_str(json).unwrap();
            assert_eq!(calculation.value(&answers()), value, "{json}");
        }
    }
}
