//! Instants and calendar dates, without a clock and without a time-zone database.

use core::fmt;
use core::time::Duration;

use super::value::{Document, Reading, Value};

/// An instant: milliseconds since 1970-01-01T00:00:00Z, leap seconds ignored. On the wire RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

const MILLIS_A_DAY: i64 = 86_400_000;

impl Timestamp {
    /// The first instant of the year 0 in UTC.
    const FIRST: Self = Self(-62_167_219_200_000);
    /// The last instant of the year 9999 in UTC.
    const LAST: Self = Self(253_402_300_799_999);

    /// The instant `millis` after 1970-01-01T00:00:00Z.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn as_millis(self) -> i64 {
        self.0
    }

    /// `self` moved by `millis`, which may be negative.
    #[must_use]
    pub const fn shifted(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// How much later `self` is than `earlier`, in milliseconds; negative if it is not.
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Reads an RFC 3339 date-time with an offset, for example `2026-11-22T09:30:00.5+01:00`.
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let (local, rest) = LocalDateTime::parse_prefix(text)?;
        let (fraction, rest) = parse_fraction(rest)?;
        let offset = match rest {
            "Z" | "z" => 0,
            _ => {
                let (sign, digits) = match rest.as_bytes().first()? {
                    b'+' => (1, rest.get(1..)?),
                    b'-' => (-1, rest.get(1..)?),
                    _ => return None,
                };
                let (hours, minutes) = digits.split_once(':')?;
                sign * (number(hours, 2, 23)? * 60 + number(minutes, 2, 59)?)
            }
        };
        let instant = Self(local.millis() + fraction - offset * 60_000);
        // RFC 3339 has four digits for the year: what UTC cannot write with them cannot be handed on.
        (Self::FIRST..=Self::LAST).contains(&instant).then_some(instant)
    }
}

impl core::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        self.shifted(i64::try_from(span.as_millis()).unwrap_or(i64::MAX))
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-22T08:30:00.500Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(self.0.div_euclid(MILLIS_A_DAY));
        let millis = self.0.rem_euclid(MILLIS_A_DAY);
        let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60);
        let (second, fraction) = (millis / 1_000 % 60, millis % 1_000);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
    }
}

impl Document for Timestamp {
    fn read(value: Value, reading: &mut Reading) -> Self {
        Self::parse_rfc3339(&String::read(value, reading)).unwrap_or_else(|| {
            reading.wrong("must be an RFC 3339 date-time with an offset");
            Self::default()
        })
    }
    fn write(&self) -> Value {
        Value::Text(self.to_string())
    }
}

crate::as_serde!(Timestamp);

/// Date and time of day as a person wrote them, in a zone that stands elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalDateTime {
    /// Days since 1970-01-01.
    days: i64,
    /// Milliseconds since midnight.
    millis: i64,
}

impl LocalDateTime {
    /// Reads `YYYY-MM-DDThh:mm` with optional seconds, as `<input type="datetime-local">` gives it.
    pub fn parse(text: &str) -> Option<Self> {
        match Self::parse_prefix(text)? {
            (local, "") => Some(local),
            _ => None,
        }
    }

    /// Milliseconds between 1970-01-01T00:00 and this, both read in the same zone without changes of its offset.
    pub fn millis(self) -> i64 {
        self.days * MILLIS_A_DAY + self.millis
    }

    fn parse_prefix(text: &str) -> Option<(Self, &str)> {
        let days = days_of_date(text.get(..10)?)?;
        if !matches!(text.as_bytes().get(10)?, b'T' | b't' | b' ') {
            return None;
        }
        let hour = number(text.get(11..13)?, 2, 23)?;
        if text.as_bytes().get(13)? != &b':' {
            return None;
        }
        let minute = number(text.get(14..16)?, 2, 59)?;
        let (second, rest) = match text.as_bytes().get(16) {
            Some(b':') => (number(text.get(17..19)?, 2, 60)?, text.get(19..)?),
            _ => (0, text.get(16..)?),
        };
        Some((Self { days, millis: ((hour * 60 + minute) * 60 + second) * 1_000 }, rest))
    }
}

/// Whether `text` is a date of the Gregorian calendar, `YYYY-MM-DD`.
pub fn is_date(text: &str) -> bool {
    days_of_date(text).is_some()
}

/// Days since 1970-01-01 of a date, `YYYY-MM-DD`; none if there is no such date.
pub fn days_of_date(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let year = number(parts.next()?, 4, 9_999)?;
    let month = number(parts.next()?, 2, 12)?;
    let day = number(parts.next()?, 2, 31)?;
    let days = days_from_civil(year, month, day);
    (month >= 1 && day >= 1 && civil_from_days(days) == (year, month, day)).then_some(days)
}

fn number(text: &str, digits: usize, max: i64) -> Option<i64> {
    if text.len() != digits || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|n| *n <= max)
}

fn parse_fraction(rest: &str) -> Option<(i64, &str)> {
    let Some(digits) = rest.strip_prefix('.') else { return Some((0, rest)) };
    let end = digits.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
    let (fraction, rest) = digits.split_at(end);
    let millis = fraction.bytes().chain(*b"000").take(3).fold(0, |n, b| n * 10 + i64::from(b - b'0'));
    (!fraction.is_empty()).then_some((millis, rest))
}

/// Days since 1970-01-01 of a proleptic Gregorian date. Source: H. Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms", `days_from_civil`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`], from the same source.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted_month + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn instants_print_and_parse_as_rfc3339() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_350_731_042, "2026-11-22T12:32:11.042Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).to_string(), text);
            assert_eq!(Timestamp::parse_rfc3339(text), Some(Timestamp::from_millis(millis)));
        }
    }

    #[test]
    fn an_offset_moves_the_instant() {
        let utc = Timestamp::parse_rfc3339("2026-03-29T00:30:00Z");
        assert_eq!(Timestamp::parse_rfc3339("2026-03-29T01:30:00+01:00"), utc);
        assert_eq!(Timestamp::parse_rfc3339("2026-03-28T21:00:00.0-03:30"), utc);
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "2026-11-22",
            "2026-11-22T10:00:00",
            "2026-02-30T10:00:00Z",
            "2026-13-01T10:00:00Z",
            "2026-11-22T24:00:00Z",
            "2026-11-22T10:00:00+1:00",
            "2026-11-22T10:00:00.Z",
            "2026-11-22T10:00:00Zx",
            "2026-00-10T10:00:00Z",
            "0000-01-01T00:00:00+23:59",
            "9999-12-31T23:59:59-23:59",
            "２026-11-22T10:00:00Z",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_must_exist() {
        assert!(is_date("2024-02-29"));
        for text in ["2023-02-29", "2026-04-31", "2026-4-1", "26-04-01", "2026-04-01T", "1900-02-29"] {
            assert!(!is_date(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_instant_of_four_digit_years_survives_the_round_trip(millis in -62_135_596_800_000i64..253_402_300_800_000) {
            let instant = Timestamp::from_millis(millis);
            prop_assert_eq!(Timestamp::parse_rfc3339(&instant.to_string()), Some(instant));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in ".{0,40}") {
            let _ = (Timestamp::parse_rfc3339(&text), LocalDateTime::parse(&text), is_date(&text));
        }
    }
}
