//! The zone in which the reader's device tells the time.

use crate::domain::form::LocalZone;
use crate::domain::time::LocalDateTime;

/// The browser's.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserZone;

impl LocalZone for BrowserZone {
    fn offset_minutes(&self, local: LocalDateTime) -> i32 {
        // The same digits read as UTC, taken apart, and put together again as local time.
        let utc = js_sys::Date::new(&(local.millis() as f64).into());
        let there = js_sys::Date::new_with_year_month_day_hr_min(
            utc.get_utc_full_year(),
            utc.get_utc_month() as i32,
            utc.get_utc_date() as i32,
            utc.get_utc_hours() as i32,
            utc.get_utc_minutes() as i32,
        );
        -(there.get_timezone_offset() as i32)
    }
}
