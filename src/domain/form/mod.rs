//! A form: its definition, what stands in it, what is wrong with that, and the request that comes out.

mod answer;
mod check;
mod definition;
mod document;
mod field_error;
mod rule;
mod state;
mod submission;
mod texts;

pub use answer::{Answer, Answers};
pub use check::{Patterns, check_field};
pub use definition::{Definition, DefinitionError, Field, FieldKind, FileLimits, Look, MAX_BYTES_OF_ALL};
pub use document::{
    Choice, Control, DataType, DefinitionSource, FieldTexts, Layout, Node, ObjectSchema, Property, Role, Steps, Texts,
    Widget,
};
pub use field_error::{FieldError, FieldErrors, Format};
pub use rule::{Calculation, Condition, Operand};
pub use state::{Checked, FieldState, FormState};
pub use submission::{LocalZone, Requester, Submission, errors_of_submitted};
pub(in crate::domain) use texts::collect_groups;

#[cfg(test)]
pub(crate) mod fixtures;
