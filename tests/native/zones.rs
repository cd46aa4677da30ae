//! The zones of the system's database, or of a copy of it where there is none.

use itsm_widgets::domain::sla::zone::{Offset, ZoneRules};
use itsm_widgets::domain::time::Timestamp;
use jiff::tz::TimeZone;

/// A zone by its name in the IANA database.
pub struct IanaZone(TimeZone);

impl IanaZone {
    /// The zone of that name.
    pub fn named(name: &str) -> Result<Self, jiff::Error> {
        TimeZone::get(name).map(Self)
    }
}

impl ZoneRules for IanaZone {
    fn offset(&self, instant: Timestamp) -> Offset {
        let at = jiff::Timestamp::from_millisecond(instant.as_millis()).unwrap_or(jiff::Timestamp::MAX);
        let until = self.0.following(at).next();
        let until = until.map(|change| Timestamp::from_millis(change.timestamp().as_millisecond()));
        Offset { seconds: self.0.to_offset(at).seconds(), until }
    }
}
