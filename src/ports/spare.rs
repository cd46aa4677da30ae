//! A second place on the device, for copies of the few records that must not be lost with the first.

use super::Later;
use crate::domain::value::Value;

/// Keeps copies of records by name. What fails here is overlooked: it is the second place.
pub trait Spare {
    /// Keeps a copy, or takes it away. It is done soon, in the order in which it is asked for.
    fn put(&self, name: &str, record: Option<Value>);

    /// All copies.
    fn all(&self) -> Later<'_, Vec<(String, Value)>>;
}
