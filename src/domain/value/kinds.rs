//! The plain forms of the language's own types.

use super::{Document, Members, Reading, Value};
use crate::domain::map::Map;

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
pub(super) const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

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
