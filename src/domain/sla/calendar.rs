//! The hours in which time counts: weekly hours in a zone, and holidays.

use crate::domain::map::Map;
use crate::domain::time::days_of_date;
use crate::domain::value::{Document, Members, Reading, Value};
use crate::{as_serde, document};

/// The days of a week, Monday first, as they are written.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const SECONDS_A_DAY: u32 = 86_400;

/// From a time of day to a later one of the same day: seconds since midnight by the local clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hours {
    /// The first second.
    pub from: u32,
    /// The first second after; at most 86,400, which is midnight.
    pub to: u32,
}

/// Reads `hh:mm` or `hh:mm:ss`, `24:00` as well.
fn seconds_of(text: &str) -> Option<u32> {
    let mut parts = text.split(':');
    let mut number = |max: u32| {
        let part = parts.next()?;
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten().filter(|number| *number <= max)
    };
    let (hour, minute) = (number(24)?, number(59)?);
    let second = if text.len() == 5 { 0 } else { number(59)? };
    let seconds = (hour * 60 + minute) * 60 + second;
    (parts.next().is_none() && seconds <= SECONDS_A_DAY).then_some(seconds)
}

fn text_of(seconds: u32) -> String {
    let two = |number: u32| [if number < 10 { "0" } else { "" }, &number.to_string()].concat();
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let text = [two(hour), two(minute)].join(":");
    if second == 0 { text } else { [text, two(second)].join(":") }
}

/// As `["09:00", "17:00"]`.
impl Document for Hours {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let texts = Vec::<String>::read(value, reading);
        let times: Vec<Option<u32>> = texts.iter().map(|text| seconds_of(text)).collect();
        match times[..] {
            [Some(from), Some(to)] if from < to => Self { from, to },
            _ => {
                reading.wrong("must be two times of a day, the earlier first, such as [\"09:00\", \"17:00\"]");
                Self { from: 0, to: SECONDS_A_DAY }
            }
        }
    }
    fn write(&self) -> Value {
        vec![text_of(self.from), text_of(self.to)].write()
    }
}

as_serde!(Hours);

/// A day on which the weekly hours do not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The date, `YYYY-MM-DD`.
    pub date: String,
    /// The hours of a half holiday; none on a whole one.
    pub hours: Vec<Hours>,
}

/// As `"2026-12-25"`, or `{ "date": "2026-12-24", "hours": [["09:00", "12:00"]] }`.
impl Document for Holiday {
    fn read(value: Value, reading: &mut Reading) -> Self {
        if let Value::Text(date) = value {
            return Self { date, hours: vec![] };
        }
        let mut members = Members::of(value, reading);
        let holiday = Self { date: members.take("date"), hours: members.take_or_default("hours") };
        members.end();
        holiday
    }
    fn write(&self) -> Value {
        if self.hours.is_empty() {
            return self.date.write();
        }
        crate::domain::value::object([("date", self.date.write(), false), ("hours", self.hours.write(), false)])
    }
}

as_serde!(Holiday);

/// A calendar as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CalendarSource {
    /// The zone of its hours: a name of the IANA database, such as `Europe/Berlin`.
    pub zone: String,
    /// The hours of each day of the week: `mon` to `sun`. One across midnight is two, on two days.
    pub weekly: Map<String, Vec<Hours>>,
    /// Holidays.
    pub holidays: Vec<Holiday>,
}

document! { closed CalendarSource { zone: "zone", weekly: "weekly", holidays or_default: "holidays", } }

/// Why a calendar cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct CalendarError {
    /// Where, in words of the document: `weekly.mon`.
    pub place: String,
    /// What is wrong there.
    pub reason: &'static str,
}

/// A calendar in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    zone: String,
    weekly: [Vec<Hours>; 7],
    /// By day since 1970-01-01, in order.
    holidays: Vec<(i64, Vec<Hours>)>,
}

fn in_order(mut hours: Vec<Hours>, place: impl Fn() -> String) -> Result<Vec<Hours>, CalendarError> {
    hours.sort_unstable_by_key(|hours| hours.from);
    let overlap = hours.windows(2).any(|two| two[0].to > two[1].from);
    if overlap { Err(CalendarError { place: place(), reason: "these hours overlap" }) } else { Ok(hours) }
}

impl Calendar {
    /// Checks `source`.
    pub fn parse(source: CalendarSource) -> Result<Self, CalendarError> {
        let mut weekly: [Vec<Hours>; 7] = Default::default();
        for (name, hours) in source.weekly {
            let place = || ["weekly.", &name].concat();
            let Some(day) = DAYS.iter().position(|day| *day == name) else {
                return Err(CalendarError { place: place(), reason: "must be one of mon tue wed thu fri sat sun" });
            };
            weekly[day] = in_order(hours, place)?;
        }
        let mut holidays = vec![];
        for holiday in source.holidays {
            let place = || ["holidays.", &holiday.date].concat();
            let Some(day) = days_of_date(&holiday.date) else {
                return Err(CalendarError { place: place(), reason: "must be a date, such as 2026-12-25" });
            };
            holidays.push((day, in_order(holiday.hours, place)?));
        }
        holidays.sort_by_key(|(day, _)| *day);
        if holidays.windows(2).any(|two| two[0].0 == two[1].0) {
            return Err(CalendarError { place: "holidays".into(), reason: "a date stands there twice" });
        }
        Ok(Self { zone: source.zone, weekly, holidays })
    }

    /// The zone of its hours.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// The hours of a day of the week without holidays. `day` counts from 1970-01-01, a Thursday.
    pub fn weekly(&self, day: i64) -> &[Hours] {
        &self.weekly[(day + 3).rem_euclid(7) as usize]
    }

    /// The hours of that day.
    pub fn hours(&self, day: i64) -> &[Hours] {
        match self.holidays.binary_search_by_key(&day, |(day, _)| *day) {
            Ok(at) => &self.holidays[at].1,
            Err(_) => self.weekly(day),
        }
    }

    /// Whether the weekly hours hold on that day.
    pub fn is_holiday(&self, day: i64) -> bool {
        self.holidays.binary_search_by_key(&day, |(day, _)| *day).is_ok()
    }

    /// The same without its holidays.
    pub(super) fn without_holidays(&self) -> Self {
        Self { zone: self.zone.clone(), weekly: self.weekly.clone(), holidays: vec![] }
    }

    /// The last day on which it may open, if it opens on no day of the week.
    pub(super) fn last_day(&self) -> Option<i64> {
        let opens = self.weekly.iter().any(|hours| !hours.is_empty());
        let last = self.holidays.iter().filter(|(_, hours)| !hours.is_empty()).map(|(day, _)| *day).next_back();
        (!opens).then_some(last.unwrap_or(i64::MIN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Calendar, CalendarError> {
        Calendar::parse(serde_json::from_str(json).expect("a calendar"))
    }

    #[test]
    fn hours_are_those_of_the_day_of_the_week_or_of_the_holiday() {
        let calendar = parse(
            r#"{"zone": "Europe/Berlin", "weekly": {"mon": [["13:00", "17:30"], ["09:00", "12:00"]], "sat": [["22:00", "24:00"]]},
                "holidays": ["2026-01-05", {"date": "2026-01-06", "hours": [["09:00", "12:00"]]}]}"#,
        )
        .expect("in order");
        let day = |date| days_of_date(date).expect("a date");
        let hours = |from: u32, to: u32| Hours { from: from * 60, to: to * 60 };
        assert_eq!(calendar.hours(day("2026-01-12")), [hours(540, 720), hours(780, 1_050)], "a Monday");
        assert_eq!(calendar.hours(day("2026-01-05")), [], "a holiday");
        assert_eq!(calendar.hours(day("2026-01-06")), [hours(540, 720)], "half of one, on a Tuesday");
        assert_eq!(calendar.hours(day("2026-01-10")), [hours(1_320, 1_440)], "a Saturday");
        assert_eq!(calendar.weekly(day("1970-01-03")), calendar.hours(day("2026-01-10")));
        assert!(calendar.is_holiday(day("2026-01-06")) && !calendar.is_holiday(day("2026-01-07")));
    }

    #[test]
    fn what_is_no_calendar_is_refused_with_its_place() {
        for (json, place) in [
            (r#"{"zone": "UTC", "weekly": {"monday": []}}"#, "weekly.monday"),
            (r#"{"zone": "UTC", "weekly": {"mon": [["09:00", "12:00"], ["11:59", "13:00"]]}}"#, "weekly.mon"),
            (r#"{"zone": "UTC", "weekly": {}, "holidays": ["2026-02-30"]}"#, "holidays.2026-02-30"),
            (r#"{"zone": "UTC", "weekly": {}, "holidays": ["2026-02-03", "2026-02-03"]}"#, "holidays"),
        ] {
            assert_eq!(parse(json).map_err(|error| error.place), Err(place.to_owned()), "{json}");
        }
        for hours in
            [r#"["17:00", "09:00"]"#, r#"["09:00"]"#, r#"["9:00", "17:00"]"#, r#"["09:00", "24:01"]"#, r#""always""#]
        {
            let json = format!(r#"{{"zone": "UTC", "weekly": {{"mon": [{hours}]}}}}"#);
            assert!(serde_json::from_str::<CalendarSource>(&json).is_err(), "{hours}");
        }
    }

    #[test]
    fn a_calendar_is_written_as_it_is_read() {
        let json = r#"{"zone":"UTC","weekly":{"mon":[["09:00","24:00"],["00:00","08:59:30"]]},"holidays":["2026-12-25",{"date":"2026-12-24","hours":[["09:00","12:00"]]}]}"#;
        let source: CalendarSource = serde_json::from_str(json).expect("a calendar");
        assert_eq!(serde_json::to_string(&source).expect("JSON"), json);
    }
}
