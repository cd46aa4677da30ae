//! Conditions and calculations over the answers that stand before a field.

use super::{Answer, Answers};
use crate::as_serde;
use crate::domain::decimal;
use crate::domain::id::FieldId;
use crate::domain::value::{Document, Members, Reading, Value, object};

/// When a field is shown, or must be answered. A hidden field counts as unanswered.
#[derive(Clone, Debug, PartialEq)]
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
        values: Vec<String>,
    },
    /// The field's number is at least `atLeast`.
    AtLeast {
        /// The field asked.
        field: FieldId,
        /// The bound, itself included.
        at_least: f64,
    },
    /// The field's number is at most `atMost`.
    AtMost {
        /// The field asked.
        field: FieldId,
        /// The bound, itself included.
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

/// Its forms are told by the members that are there.
impl Document for Condition {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let mut members = Members::of(value, reading);
        let condition = match members.take::<Option<FieldId>>("field") {
            Some(field) => asking(field, &mut members),
            None => match (members.take("all"), members.take("any"), members.take("not")) {
                (Some(all), None, None) => Some(Self::All { all }),
                (None, Some(any), None) => Some(Self::Any { any }),
                (None, None, Some(not)) => Some(Self::Not { not }),
                _ => None,
            },
        };
        if condition.is_none() {
            members.wrong(
                "a condition has one of all, any, not, field; and field one of equals, in, atLeast, atMost, answered",
            );
        }
        members.end();
        condition.unwrap_or(Self::All { all: vec![] })
    }

    fn write(&self) -> Value {
        let asked = |field: &FieldId, name, value| object([("field", field.write(), false), (name, value, false)]);
        match self {
            Self::All { all } => object([("all", all.write(), false)]),
            Self::Any { any } => object([("any", any.write(), false)]),
            Self::Not { not } => object([("not", not.write(), false)]),
            Self::Equals { field, equals } => asked(field, "equals", equals.write()),
            Self::In { field, values } => asked(field, "in", values.write()),
            Self::AtLeast { field, at_least } => asked(field, "atLeast", at_least.write()),
            Self::AtMost { field, at_most } => asked(field, "atMost", at_most.write()),
            Self::Answered { field, answered } => asked(field, "answered", answered.write()),
        }
    }
}

as_serde!(Condition);

fn asking(field: FieldId, members: &mut Members<'_>) -> Option<Condition> {
    let found = (
        members.take("equals"),
        members.take("in"),
        members.take("atLeast"),
        members.take("atMost"),
        members.take("answered"),
    );
    match found {
        (Some(equals), None, None, None, None) => Some(Condition::Equals { field, equals }),
        (None, Some(values), None, None, None) => Some(Condition::In { field, values }),
        (None, None, Some(at_least), None, None) => Some(Condition::AtLeast { field, at_least }),
        (None, None, None, Some(at_most), None) => Some(Condition::AtMost { field, at_most }),
        (None, None, None, None, Some(answered)) => Some(Condition::Answered { field, answered }),
        _ => None,
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
#[derive(Clone, Debug, PartialEq)]
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

impl Document for Operand {
    fn read(value: Value, reading: &mut Reading) -> Self {
        match value {
            Value::Number(number) => Self::Number(number),
            Value::Text(text) => Self::Text(text),
            Value::Null | Value::Flag(_) | Value::List(_) | Value::Object(_) => {
                let mut members = Members::of(value, reading);
                let field = members.take("field");
                members.end();
                Self::Field { field }
            }
        }
    }

    fn write(&self) -> Value {
        match self {
            Self::Field { field } => object([("field", field.write(), false)]),
            Self::Number(number) => number.write(),
            Self::Text(text) => text.write(),
        }
    }
}

/// What a field shows that nobody fills in.
#[derive(Clone, Debug, PartialEq)]
pub enum Calculation {
    /// The parts as text, one after the other.
    Concat(Vec<Operand>),
    /// The sum of all numbers; none if a part is no number.
    Sum(Vec<Operand>),
    /// The product of all numbers; none if a part is no number.
    Product(Vec<Operand>),
}

impl Document for Calculation {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let mut members = Members::of(value, reading);
        let calculation = match (members.take("concat"), members.take("sum"), members.take("product")) {
            (Some(parts), None, None) => Self::Concat(parts),
            (None, Some(parts), None) => Self::Sum(parts),
            (None, None, Some(parts)) => Self::Product(parts),
            _ => {
                members.wrong("a calculation has one of concat, sum, product");
                Self::Concat(vec![])
            }
        };
        members.end();
        calculation
    }

    fn write(&self) -> Value {
        let name = match self {
            Self::Concat(_) => "concat",
            Self::Sum(_) => "sum",
            Self::Product(_) => "product",
        };
        object([(name, self.operands().to_vec().write(), false)])
    }
}

as_serde!(Calculation);

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
                Answer::Number(number) => Some(decimal::print(*number)),
                Answer::Choices(values) => Some(values.join(", ")),
                Answer::Flag(_) | Answer::Levels { .. } => None,
            },
            Self::Number(number) => Some(decimal::print(*number)),
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
