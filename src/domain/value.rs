//! Plain values, as JSON has them, and how the suite's types are read from them and written as them.
//!
//! One small reader for all types: derived visitors, one set for each type and each format, would be a third of what
//! people on slow lines wait for. Where a program reads JSON text, [`Value`] comes from serde; in a page it comes from
//! the browser's own objects.

use core::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::decimal;
use super::map::Map;

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

/// Objects of more members are refused: no document of ours has so many, and looking them up takes its time.
const MAX_MEMBERS: usize = 1_000;

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

/// Where a reader stands, and the first thing that was wrong.
#[derive(Default)]
pub struct Reading {
    place: String,
    wrong: Option<Misread>,
}

impl Reading {
    /// Here is something wrong.
    #[inline(never)]
    pub fn wrong(&mut self, reason: &'static str) {
        if self.wrong.is_none() {
            self.wrong = Some(Misread { place: self.place.clone(), reason });
        }
    }

    /// Goes into a part; returns where it stood.
    #[inline(never)]
    fn enter(&mut self, part: &str) -> usize {
        let outside = self.place.len();
        if outside > 0 && !part.starts_with('[') {
            self.place.push('.');
        }
        self.place.push_str(part);
        outside
    }

    #[inline(never)]
    fn enter_item(&mut self, at: usize) -> usize {
        self.enter(&["[", &at.to_string(), "]"].concat())
    }

    #[inline(never)]
    fn leave(&mut self, outside: usize) {
        self.place.truncate(outside);
    }
}

const MISSING: &str = "is missing";

/// An object that is being read, member by member.
pub struct Members<'a> {
    members: Map<String, Value>,
    reading: &'a mut Reading,
}

impl<'a> Members<'a> {
    /// The members of `value`.
    #[inline(never)]
    pub fn of(value: Value, reading: &'a mut Reading) -> Self {
        let members = match value {
            Value::Object(members) => members,
            _ => {
                reading.wrong("must be an object");
                Map::default()
            }
        };
        Self { members, reading }
    }

    /// Something is wrong with the object.
    pub fn wrong(&mut self, reason: &'static str) {
        self.reading.wrong(reason);
    }

    /// Goes to the member `name`; null if it is missing.
    #[inline(never)]
    fn enter(&mut self, name: &str, optional: bool) -> (Value, usize) {
        let outside = self.reading.enter(name);
        let value = self.members.remove(name).unwrap_or(Value::Null);
        if !optional && value == Value::Null {
            self.reading.wrong(MISSING);
        }
        (value, outside)
    }

    /// The member `name`.
    pub fn take<T: Document>(&mut self, name: &str) -> T {
        let (value, outside) = self.enter(name, T::OPTIONAL);
        let read = T::read(value, self.reading);
        self.reading.leave(outside);
        read
    }

    /// The member `name`, or the type's default.
    pub fn take_or_default<T: Document + Default>(&mut self, name: &str) -> T {
        let (value, outside) = self.enter(name, true);
        let read = if value == Value::Null { T::default() } else { T::read(value, self.reading) };
        self.reading.leave(outside);
        read
    }

    /// Nothing else may be there.
    #[inline(never)]
    pub fn end(self) {
        let Some(name) = self.members.keys().next() else { return };
        // A name that is missing and one that is not known are one mistake, a misspelt name: the latter says more.
        let place = self.reading.place.as_str();
        let is_here = |wrong: &Misread| wrong.place.rsplit_once('.').map_or("", |(outside, _)| outside) == place;
        if self.reading.wrong.as_ref().is_some_and(|wrong| wrong.reason == MISSING && is_here(wrong)) {
            self.reading.wrong = None;
        }
        self.reading.enter(name);
        self.reading.wrong("is not known here");
    }
}

/// An object of `members`; those that are nothing, or empty, are left out if `sparse`.
pub fn object<const N: usize>(members: [(&str, Value, bool); N]) -> Value {
    object_of(&mut members.into_iter())
}

fn object_of(members: &mut dyn Iterator<Item = (&str, Value, bool)>) -> Value {
    let mut object = Map::default();
    for (name, value, sparse) in members {
        let is_left_out = match &value {
            Value::Null => true,
            Value::List(list) => sparse && list.is_empty(),
            Value::Object(members) => sparse && members.is_empty(),
            Value::Flag(_) | Value::Number(_) | Value::Text(_) => false,
        };
        if !is_left_out {
            object.append(name.to_owned(), value);
        }
    }
    Value::Object(object)
}

/// `value` as JSON text. By hand, since a page may have taught the browser's own writer other words for lists and texts
/// (`toJSON`).
pub fn to_json(value: &Value) -> String {
    let mut text = String::new();
    write_json(value, &mut text);
    text
}

fn write_json(value: &Value, text: &mut String) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&decimal::print(*number)),
        Value::Text(words) => quote(words, text),
        Value::List(values) => {
            for (at, value) in values.iter().enumerate() {
                text.push(if at == 0 { '[' } else { ',' });
                write_json(value, text);
            }
            text.push_str(if values.is_empty() { "[]" } else { "]" });
        }
        Value::Object(members) => {
            for (at, (name, value)) in members.iter().enumerate() {
                text.push(if at == 0 { '{' } else { ',' });
                quote(name, text);
                text.push(':');
                write_json(value, text);
            }
            text.push_str(if members.is_empty() { "{}" } else { "}" });
        }
    }
}

fn quote(words: &str, text: &mut String) {
    text.push('"');
    for c in words.chars() {
        match c {
            '"' | '\\' => text.extend(['\\', c]),
            '\n' => text.push_str("\\n"),
            // RFC 8259, section 7: all control characters are written by their number.
            '\0'..='\x1f' => {
                text.push_str("\\u00");
                let digit = |four: u32| char::from_digit(four, 16).unwrap_or('0');
                text.extend([digit(c as u32 >> 4), digit(c as u32 & 15)]);
            }
            _ => text.push(c),
        }
    }
    text.push('"');
}

/// Gives structs their plain form: `closed` ones refuse members that are not known, `open` ones overlook them. A member
/// with `or_default` is the type's default where it is missing, and is left out where it is empty.
#[macro_export]
macro_rules! document {
    ($kind:ident $name:ident { $($field:ident $($default:ident)? : $member:literal,)* }) => {
        impl $crate::domain::value::Document for $name {
            fn read(value: $crate::domain::value::Value, reading: &mut $crate::domain::value::Reading) -> Self {
                let mut members = $crate::domain::value::Members::of(value, reading);
                let read = Self { $($field: $crate::document!(@take members $member $($default)?),)* };
                $crate::document!(@end members $kind);
                read
            }
            fn write(&self) -> $crate::domain::value::Value {
                $crate::domain::value::object([
                    $(($member, $crate::domain::value::Document::write(&self.$field), $crate::document!(@sparse $($default)?)),)*
                ])
            }
        }
        $crate::as_serde!($name);
    };
    (@take $members:ident $member:literal) => { $members.take($member) };
    (@take $members:ident $member:literal or_default) => { $members.take_or_default($member) };
    (@sparse) => { false };
    (@sparse or_default) => { true };
    (@end $members:ident closed) => { $members.end() };
    (@end $members:ident open) => { drop($members) };
}

/// Gives an enum of names its plain form: text. The first one stands in where another text is read.
#[macro_export]
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal,)* }) => {
        impl $name {
            const NAMED: &[(&str, Self)] = &[$(($word, Self::$variant),)*];

            /// The name in documents, on the wire and in stores.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
        impl $crate::domain::value::Document for $name {
            fn read(value: $crate::domain::value::Value, reading: &mut $crate::domain::value::Reading) -> Self {
                let text = String::read(value, reading);
                match Self::NAMED.iter().find(|(word, _)| *word == text) {
                    Some((_, named)) => *named,
                    None => {
                        reading.wrong(concat!("must be one of" $(, " ", $word)*));
                        Self::NAMED[0].1
                    }
                }
            }
            fn write(&self) -> $crate::domain::value::Value {
                $crate::domain::value::Value::Text(self.as_str().to_owned())
            }
        }
        $crate::as_serde!($name);
    };
}

/// Lets serde's formats read and write a type by its plain form.
#[macro_export]
macro_rules! as_serde {
    ($name:ident) => {
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::domain::value::Document::write(self).serialize(serializer)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let value = serde::Deserialize::deserialize(deserializer)?;
                $crate::domain::value::read(value).map_err(serde::de::Error::custom)
            }
        }
    };
}

impl Document for Value {
    fn read(value: Value, _: &mut Reading) -> Self {
        value
    }
    fn write(&self) -> Value {
        self.clone()
    }
}

impl Document for String {
    #[inline(never)]
    fn read(value: Value, reading: &mut Reading) -> Self {
        if let Value::Text(text) = value {
            return text;
        }
        reading.wrong("must be text");
        Self::new()
    }
    fn write(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Document for bool {
    fn read(value: Value, reading: &mut Reading) -> Self {
        if let Value::Flag(flag) = value {
            return flag;
        }
        reading.wrong("must be true or false");
        false
    }
    fn write(&self) -> Value {
        Value::Flag(*self)
    }
}

impl Document for f64 {
    fn read(value: Value, reading: &mut Reading) -> Self {
        if let Value::Number(number) = value {
            return number;
        }
        reading.wrong("must be a number");
        0.0
    }
    fn write(&self) -> Value {
        Value::Number(*self)
    }
}

/// The greatest whole number that every reader of JSON keeps (RFC 8259, section 6).
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

#[inline(never)]
fn whole(value: Value, min: f64, max: f64, reading: &mut Reading) -> f64 {
    let number = f64::read(value, reading);
    if number.trunc() == number && (min..=max.min(MAX_WHOLE)).contains(&number) {
        return number;
    }
    reading.wrong("must be a whole number that fits");
    0.0
}

macro_rules! whole_numbers {
    ($($number:ident)*) => {$(
        impl Document for $number {
            fn read(value: Value, reading: &mut Reading) -> Self {
                whole(value, Self::MIN as f64, Self::MAX as f64, reading) as Self
            }
            fn write(&self) -> Value {
                Value::Number(*self as f64)
            }
        }
    )*};
}

whole_numbers! { u8 u16 u32 u64 usize i64 }

impl<T: Document> Document for Option<T> {
    const OPTIONAL: bool = true;
    fn read(value: Value, reading: &mut Reading) -> Self {
        if value == Value::Null { None } else { Some(T::read(value, reading)) }
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
}

impl<T: Document> Document for Box<T> {
    fn read(value: Value, reading: &mut Reading) -> Self {
        Self::new(T::read(value, reading))
    }
    fn write(&self) -> Value {
        T::write(self)
    }
}

impl<T: Document> Document for Vec<T> {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let mut list = Self::new();
        let Value::List(values) = value else {
            reading.wrong("must be a list");
            return list;
        };
        for (at, value) in values.into_iter().enumerate() {
            let outside = reading.enter_item(at);
            list.push(T::read(value, reading));
            reading.leave(outside);
        }
        list
    }
    fn write(&self) -> Value {
        Value::List(self.iter().map(T::write).collect())
    }
}

impl<K: From<String> + AsRef<str> + PartialEq, V: Document> Document for Map<K, V> {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let mut map = Self::default();
        let Members { members, reading } = Members::of(value, reading);
        for (name, value) in members {
            let outside = reading.enter(&name);
            map.append(name.into(), V::read(value, reading));
            reading.leave(outside);
        }
        map
    }
    fn write(&self) -> Value {
        Value::Object(self.iter().map(|(name, value)| (name.as_ref().to_owned(), value.write())).collect())
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) if number.trunc() == *number && number.abs() <= MAX_WHOLE => {
                serializer.serialize_i64(*number as i64)
            }
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a plain value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }
    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Flag(flag))
    }
    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Number(number))
    }
    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number as f64))
    }
    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = vec![];
        while let Some(value) = access.next_element()? {
            values.push(value);
        }
        Ok(Value::List(values))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::default();
        while let Some((name, value)) = access.next_entry::<String, Value>()? {
            if members.len() == MAX_MEMBERS {
                return Err(de::Error::custom("an object has too many members"));
            }
            if members.insert(name, value).is_some() {
                return Err(de::Error::custom("an object has two members of one name"));
            }
        }
        Ok(Value::Object(members))
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

#[cfg(test)]
mod tests {
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
