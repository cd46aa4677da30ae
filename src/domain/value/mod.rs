//! Plain values, as JSON has them, and how the suite's types are read from them and written as them.
//!
//! One small reader for all types: derived visitors, one set for each type and each format, would be a third of what
//! people on slow lines wait for. Where a program reads JSON text, [`Value`] comes from serde; in a page it comes from
//! the browser's own objects.

mod format;
mod kinds;
mod macros;
mod reading;
mod writing;

use core::fmt;

use super::map::Map;
pub use reading::{Members, Reading};
pub use writing::{object, to_json};

/// A plain value.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the kinds of JSON")]
pub enum Value {
    Null,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Object(Map<String, Value>),
}

/// Why a value is not what it should be, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misread {
    /// Where, from the outside in: `schema.properties.device`. Empty for the value as a whole.
    pub place: String,
    /// What is wrong there.
    pub reason: &'static str,
}

impl fmt::Display for Misread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place.is_empty() {
            f.write_str(&self.place)?;
            f.write_str(": ")?;
        }
        f.write_str(self.reason)
    }
}

/// A type with a plain form.
pub trait Document: Sized {
    /// Whether its name may be missing, since the type has a word for nothing.
    const OPTIONAL: bool = false;
    /// Reads the plain form. What is wrong is noted, and something stands in for it until that is told: so that reading
    /// is one straight line, without a way out after each member.
    fn read(value: Value, reading: &mut Reading) -> Self;
    /// The plain form.
    fn write(&self) -> Value;
}

/// Reads a `T`; the first thing that is wrong is the error.
pub fn read<T: Document>(value: Value) -> Result<T, Misread> {
    let mut reading = Reading::default();
    let read = T::read(value, &mut reading);
    match reading.wrong {
        Some(wrong) => Err(wrong),
        None => Ok(read),
    }
}

#[cfg(test)]
mod tests {
    use super::format::MAX_MEMBERS;
    use super::*;
    use proptest::prelude::*;

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Part {
        n: u32,
        names: Vec<String>,
        more: Option<Box<Part>>,
    }
    crate::document! { closed Part { n: "n", names or_default: "names", more: "more", } }

    fn read(json: &str) -> Result<Part, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        for (json, place) in [
            (r#"{"n":1,"more":{"n":2,"m":3}}"#, "more.m: is not known here"),
            (r#"{"n":1,"more":{"n":2,"names":["a",3]}}"#, "more.names[1]: must be text"),
            (r#"{"names":[]}"#, "n: is missing"),
            (r#"{"m":1}"#, "m: is not known here"),
            (r#"{"n":1,"more":{"m":3}}"#, "more.m: is not known here"),
            (r#"{"n":-1}"#, "n: must be a whole number that fits"),
            (r#"{"n":1.5}"#, "n: must be a whole number that fits"),
            (r#"{"n":4294967296}"#, "n: must be a whole number that fits"),
            ("[]", "must be an object"),
        ] {
            assert_eq!(read(json).unwrap_err().split(" at line").next(), Some(place), "{json}");
        }
    }

    #[test]
    fn an_object_has_a_name_once_and_bounds() {
        assert!(read(r#"{"n":1,"n":2}"#).is_err());
        let many: Vec<String> = (0..=MAX_MEMBERS).map(|at| format!("\"m{at}\":0")).collect();
        assert!(serde_json::from_str::<Value>(&format!("{{{}}}", many.join(","))).is_err());
        assert!(serde_json::from_str::<Value>(&format!("{{{}}}", many[1..].join(","))).is_ok());
    }

    #[test]
    fn what_is_nothing_is_left_out() {
        let part = Part { n: 1, ..Part::default() };
        assert_eq!(serde_json::to_string(&part).unwrap(), r#"{"n":1}"#);
        assert_eq!(read(r#"{"n":1,"more":null,"names":null}"#), Ok(part));
    }

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Flag),
            any::<i32>().prop_map(|n| Value::Number(f64::from(n) / 64.0)),
            (-9_007_199_254_740_991i64..9_007_199_254_740_991).prop_map(|n| Value::Number(n as f64)),
            "[\\x00-\\x7f]{0,8}|.{0,8}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::vec((".{0,4}", inner), 0..4).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn every_value_survives_json(value in values()) {
            for text in [serde_json::to_string(&value).unwrap(), to_json(&value)] {
                prop_assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), &value, "{}", text);
            }
        }
    }
}
