//! Sealing: what people write lies on the device such that only who has the key can read it.

use super::{Later, StoreError};
use crate::domain::value::Value;

/// Which way something goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Onto the device: it is sealed.
    In,
    /// From the device: it is opened.
    Out,
}

/// Seals what is kept, and opens it again. `about` names what it belongs to: what was sealed for one thing opens for no
/// other.
pub trait Vault {
    /// A piece of a file.
    type Bytes;
    /// Seals a value, which becomes text; or opens that text.
    fn value<'a>(&'a self, way: Way, about: &'a str, value: Value) -> Later<'a, Result<Value, StoreError>>;
    /// Seals a piece of a file, or opens one.
    fn piece<'a>(&'a self, way: Way, about: &'a str, piece: Self::Bytes) -> Later<'a, Result<Self::Bytes, StoreError>>;
}
