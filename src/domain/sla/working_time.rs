//! Working time: a table of the stretches in which time counts, with what has been counted before each, so that any question
//! is one search. An instant counts exactly when its local civil time lies in the hours of that civil day: an hour that
//! happens twice counts twice, and one that is skipped not at all.

use super::calendar::Calendar;
use super::zone::ZoneRules;
use crate::domain::time::Timestamp;

const MILLIS_A_DAY: i64 = 86_400_000;
/// How far the table is extended at a time: what a search costs grows with its logarithm only.
const STEP: i64 = 400 * MILLIS_A_DAY;
/// Nothing is looked for beyond: what is not due within that many days is due never.
const HORIZON: i64 = 40_000 * MILLIS_A_DAY;

/// A stretch in which time counts: milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first instant.
    pub from: i64,
    /// The first instant after.
    pub to: i64,
    /// What has been counted before it.
    before: i64,
}

/// The working time of a calendar, from an instant on.
#[derive(Clone, Debug)]
pub struct WorkingTime<'a, Z> {
    calendar: &'a Calendar,
    zone: &'a Z,
    stretches: Vec<Stretch>,
    from: i64,
    to: i64,
}

impl<'a, Z: ZoneRules> WorkingTime<'a, Z> {
    /// That of `calendar` in `zone`, which is the one that it names, from `from` on.
    pub fn new(calendar: &'a Calendar, zone: &'a Z, from: Timestamp) -> Self {
        let from = from.as_millis();
        let mut time = Self { calendar, zone, stretches: vec![], from, to: from };
        time.extend(from.saturating_add(STEP));
        time
    }

    /// Makes the table reach to `to`.
    fn extend(&mut self, to: i64) {
        while self.to < to {
            let offset = self.zone.offset(Timestamp::from_millis(self.to));
            let shift = i64::from(offset.seconds) * 1_000;
            let end = offset.until.map_or(to, |until| until.as_millis().min(to)).max(self.to + 1);
            let (first, last) =
                ((self.to + shift).div_euclid(MILLIS_A_DAY), (end - 1 + shift).div_euclid(MILLIS_A_DAY));
            for day in first..=last {
                let midnight = day * MILLIS_A_DAY - shift;
                for hours in self.calendar.hours(day) {
                    let from = (midnight + i64::from(hours.from) * 1_000).max(self.to);
                    let to = (midnight + i64::from(hours.to) * 1_000).min(end);
                    self.add(from, to);
                }
            }
            self.to = end;
        }
    }

    fn add(&mut self, from: i64, to: i64) {
        if from >= to {
            return;
        }
        match self.stretches.last_mut() {
            Some(last) if last.to == from => last.to = to,
            last => {
                let before = last.map_or(0, |last| last.before + last.to - last.from);
                self.stretches.push(Stretch { from, to, before });
            }
        }
    }

    /// How many milliseconds have counted from the beginning to `instant`.
    pub fn counted(&mut self, instant: Timestamp) -> i64 {
        let at = instant.as_millis();
        self.extend(at);
        let next = self.stretches.partition_point(|stretch| stretch.from < at);
        let Some(stretch) = next.checked_sub(1).map(|last| self.stretches[last]) else { return 0 };
        stretch.before + at.min(stretch.to) - stretch.from
    }

    /// The earliest instant to which so many milliseconds have counted; `None` if that never comes.
    pub fn reached(&mut self, counted: i64) -> Option<Timestamp> {
        if counted <= 0 {
            return Some(Timestamp::from_millis(self.from));
        }
        loop {
            let next = self.stretches.partition_point(|stretch| stretch.before < counted);
            let last = self.stretches[..next].last().copied();
            if let Some(at) =
                last.map(|last| last.from + counted - last.before).filter(|at| *at <= last.map_or(0, |l| l.to))
            {
                return Some(Timestamp::from_millis(at));
            }
            // The day after the last one that opens has begun everywhere two days later.
            let opens_no_more = self
                .calendar
                .last_day()
                .is_some_and(|day| self.to > day.saturating_add(3).saturating_mul(MILLIS_A_DAY));
            if opens_no_more || self.to - self.from > HORIZON {
                return None;
            }
            self.extend(self.to.saturating_add(STEP));
        }
    }

    /// The stretches between two instants, in order.
    pub fn between(&mut self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (i64, i64)> + '_ {
        let (from, to) = (from.as_millis(), to.as_millis());
        self.extend(to);
        let first = self.stretches.partition_point(|stretch| stretch.to <= from);
        let stretches = self.stretches[first..].iter().take_while(move |stretch| stretch.from < to);
        stretches.map(move |stretch| (stretch.from.max(from), stretch.to.min(to)))
    }
}
