//! What is wrong with an answer, as a fact without words.

use crate::domain::id::FieldId;
use crate::domain::map::Map;
use crate::domain::value::{Document, Members, Reading, Value, object};
use crate::{as_serde, words};

/// A format that an answer should have and has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// An e-mail address.
    Email,
    /// A telephone number.
    Phone,
    /// An absolute `http` or `https` URL.
    Url,
    /// A number.
    Number,
    /// A number without a fraction.
    WholeNumber,
    /// A date of the calendar.
    Date,
    /// A date with a time of day.
    DateTime,
    /// The pattern that the form's definition gives.
    Pattern,
}

words! {
    Format {
        Email = "email",
        Phone = "phone",
        Url = "url",
        Number = "number",
        WholeNumber = "whole_number",
        Date = "date",
        DateTime = "date_time",
        Pattern = "pattern",
    }
}

/// What is wrong with one answer. `code` is the name on the wire, in a problem's `errors`.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldError {
    /// Nothing was answered.
    Required,
    /// Fewer characters than `min`.
    TooShort {
        /// Characters.
        min: usize,
    },
    /// More characters than `max`.
    TooLong {
        /// Characters.
        max: usize,
    },
    /// A number below `min`.
    TooSmall {
        /// The least number allowed.
        min: f64,
    },
    /// A number above `max`.
    TooLarge {
        /// The greatest number allowed.
        max: f64,
    },
    /// More choices or files than `max`.
    TooMany {
        /// How many are allowed.
        max: usize,
    },
    /// A file of more than `max` bytes.
    FileTooLarge {
        /// Bytes.
        max: u64,
    },
    /// A file of a type that the field does not take.
    FileType,
    /// A value that is none of the choices.
    NotAnOption,
    /// Not of the form it should have.
    Malformed {
        /// That form.
        format: Format,
    },
    /// The field does not exist, or is not asked for after the other answers.
    NotExpected,
    /// The service desk's own reason, in its words.
    Other {
        /// A sentence for the person who filled in the form.
        detail: String,
    },
}

impl FieldError {
    /// Reads an error whose members stand among others. A code that is not known, or lacks what belongs to it, says
    /// only what it says in words.
    pub fn read_from(members: &mut Members<'_>) -> Self {
        let code: String = members.take_or_default("code");
        let (min, max): (Option<f64>, Option<f64>) = (members.take("min"), members.take("max"));
        let (format, detail): (Option<Format>, Option<String>) = (members.take("format"), members.take("detail"));
        let count = |bound: f64| bound.max(0.0) as usize;
        match (code.as_str(), min, max, format) {
            ("required", ..) => Self::Required,
            ("too_short", Some(min), ..) => Self::TooShort { min: count(min) },
            ("too_long", _, Some(max), _) => Self::TooLong { max: count(max) },
            ("too_small", Some(min), ..) => Self::TooSmall { min },
            ("too_large", _, Some(max), _) => Self::TooLarge { max },
            ("too_many", _, Some(max), _) => Self::TooMany { max: count(max) },
            ("file_too_large", _, Some(max), _) => Self::FileTooLarge { max: max.max(0.0) as u64 },
            ("file_type", ..) => Self::FileType,
            ("not_an_option", ..) => Self::NotAnOption,
            ("malformed", _, _, Some(format)) => Self::Malformed { format },
            ("not_expected", ..) => Self::NotExpected,
            _ => Self::Other { detail: detail.unwrap_or(code) },
        }
    }

    /// Its members: the code, and the bound that was broken.
    pub fn members(&self) -> [(&'static str, Value, bool); 2] {
        let (code, bound) = match self {
            Self::Required => ("required", None),
            Self::TooShort { min } => ("too_short", Some(("min", min.write()))),
            Self::TooLong { max } => ("too_long", Some(("max", max.write()))),
            Self::TooSmall { min } => ("too_small", Some(("min", min.write()))),
            Self::TooLarge { max } => ("too_large", Some(("max", max.write()))),
            Self::TooMany { max } => ("too_many", Some(("max", max.write()))),
            Self::FileTooLarge { max } => ("file_too_large", Some(("max", max.write()))),
            Self::FileType => ("file_type", None),
            Self::NotAnOption => ("not_an_option", None),
            Self::Malformed { format } => ("malformed", Some(("format", format.write()))),
            Self::NotExpected => ("not_expected", None),
            Self::Other { detail } => ("other", Some(("detail", detail.write()))),
        };
        let (name, value) = bound.unwrap_or(("detail", Value::Null));
        [("code", Value::Text(code.to_owned()), false), (name, value, false)]
    }
}

impl Document for FieldError {
    fn read(value: Value, reading: &mut Reading) -> Self {
        Self::read_from(&mut Members::of(value, reading))
    }
    fn write(&self) -> Value {
        object(self.members())
    }
}

as_serde!(FieldError);

/// All that is wrong with a form: at least one error, in the order of the fields.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldErrors(Map<FieldId, FieldError>);

impl FieldErrors {
    /// `None` if there are no errors.
    pub fn new(errors: Map<FieldId, FieldError>) -> Option<Self> {
        (!errors.is_empty()).then_some(Self(errors))
    }

    /// What is wrong with `field`, if anything.
    pub fn get(&self, field: &FieldId) -> Option<&FieldError> {
        self.0.get(field)
    }

    /// All errors, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = (&FieldId, &FieldError)> {
        self.0.iter()
    }

    /// How many fields are wrong; never 0.
    pub fn count(&self) -> usize {
        self.0.len()
    }
}
