//! Names of things: one type for each, so that none is taken for another.

use super::value::{Document, Reading, Value};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub struct $name(String);

        impl $name {
            /// Takes `text` as it is; whether such a thing exists is for its owner to say.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text as it stands in a URL, a store or a document.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl Document for $name {
            fn read(value: Value, reading: &mut Reading) -> Self {
                Self(String::read(value, reading))
            }
            fn write(&self) -> Value {
                self.0.write()
            }
        }
        crate::as_serde!($name);

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }
    )*};
}

ids! {
    /// A form's name in its definition, for example `hardware-incident`.
    FormId;
    /// A field's name within its form: the property's name in the form's JSON Schema.
    FieldId;
    /// A service of the catalogue.
    ServiceId;
    /// An unfinished request on one device.
    DraftId;
    /// An entry of the outbox on one device; stays the same when the request is edited.
    EntryId;
    /// The idempotency key of a submission: a UUID made once, bound to one body.
    SubmissionKey;
    /// A file that travels with a submission: a UUID.
    AttachmentId;
}

/// Whether `text` is a UUID in its hyphenated form (RFC 9562, section 4), as every key on the wire must be.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::is_uuid;

    #[test]
    fn a_uuid_has_hex_digits_and_four_hyphens() {
        assert!(is_uuid("018f4e2a-7c1b-7def-8a00-0123456789ab"));
        for wrong in [
            "",
            "018f4e2a7c1b7def8a000123456789ab",
            "018f4e2a-7c1b-7def-8a00-0123456789ag",
            "../../etc/passwd-padded-to-36-chars!",
        ] {
            assert!(!is_uuid(wrong), "{wrong}");
        }
    }
}
