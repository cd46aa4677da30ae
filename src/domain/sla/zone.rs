//! What a time zone does, as a value: the rules themselves come from the browser, or from the system's database.

use crate::domain::time::Timestamp;

/// An offset that holds until it changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offset {
    /// Seconds that the local clock is ahead of UTC; negative west of it.
    pub seconds: i32,
    /// The first instant at which another holds; `None` if none ever will.
    pub until: Option<Timestamp>,
}

/// The offsets of one zone.
pub trait ZoneRules {
    /// The offset that holds at `instant`.
    fn offset(&self, instant: Timestamp) -> Offset;
}

/// A zone whose offset never changes.
#[derive(Clone, Copy, Debug)]
pub struct Fixed(
    /// Seconds ahead of UTC.
    pub i32,
);

impl ZoneRules for Fixed {
    fn offset(&self, _: Timestamp) -> Offset {
        Offset { seconds: self.0, until: None }
    }
}
