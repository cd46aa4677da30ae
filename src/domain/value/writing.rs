//! Writing: objects member by member, and JSON text.

use super::Value;
use crate::domain::decimal;
use crate::domain::map::Map;

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
