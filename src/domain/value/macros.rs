//! A type's plain form, said once: structs by their members, enums by their names.

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

            /// The one of that name.
            pub fn named(name: &str) -> Option<Self> {
                Self::NAMED.iter().find(|(word, _)| *word == name).map(|(_, named)| *named)
            }

            /// The name in documents, on the wire and in stores.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }
        impl $crate::domain::value::Document for $name {
            fn read(value: $crate::domain::value::Value, reading: &mut $crate::domain::value::Reading) -> Self {
                let text = String::read(value, reading);
                match Self::named(&text) {
                    Some(named) => named,
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
