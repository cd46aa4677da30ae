//! The clock of one target: how much of it is used, when it is due, and why then.

use super::calendar::Calendar;
use super::working_time::WorkingTime;
use super::zone::ZoneRules;
use crate::domain::time::Timestamp;
use crate::words;

/// A time in which a ticket is on hold: from an instant to another, or until further notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Since when.
    pub from: Timestamp,
    /// The first instant after it; `None` while nobody knows.
    pub to: Option<Timestamp>,
}

/// How a target stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// There is time left.
    Running,
    /// There is time left, and it does not pass: the ticket is on hold.
    OnHold,
    /// It is over.
    Breached,
}

words! { Standing { Running = "running", OnHold = "on_hold", Breached = "breached", } }

/// What a clock says at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The earliest instant at which the target is used up, as far as the holds are known; `None` where the calendar never
    /// opens for long enough, or nobody knows how long the ticket is on hold.
    pub due: Option<Timestamp>,
    /// How much is used: milliseconds of working time outside all holds.
    pub elapsed: i64,
    /// How much is left; less than nothing once it is over.
    pub remaining: i64,
    /// How it stands.
    pub standing: Standing,
}

/// Why time passes, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It counts.
    Running,
    /// Nobody is there at that time of the week.
    OutsideHours,
    /// Somebody would be there, but for a holiday.
    Holiday,
    /// The ticket is on hold.
    OnHold,
}

words! {
    Reason { Running = "running", OutsideHours = "outside_hours", Holiday = "holiday", OnHold = "on_hold", }
}

/// A stretch of real time with one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The first instant.
    pub from: Timestamp,
    /// The first instant after.
    pub to: Timestamp,
    /// Whether time passed in it, and if not, why.
    pub reason: Reason,
}

/// The clock of one target of one ticket.
#[derive(Clone, Debug)]
pub struct TargetClock<'a, Z> {
    calendar: &'a Calendar,
    zone: &'a Z,
    time: WorkingTime<'a, Z>,
    start: Timestamp,
    /// How long it may take: milliseconds of working time.
    target: i64,
    /// In their order, none touching another, none before the start.
    holds: Vec<(i64, i64)>,
}

/// What stands for no end.
const NEVER: i64 = i64::MAX;

/// The holds after `start`, in order, those that touch put together.
fn in_order(holds: &[Hold], start: i64) -> Vec<(i64, i64)> {
    let clipped =
        holds.iter().map(|hold| (hold.from.as_millis().max(start), hold.to.map_or(NEVER, Timestamp::as_millis)));
    let mut all: Vec<(i64, i64)> = clipped.filter(|(from, to)| from < to).collect();
    all.sort_unstable();
    let mut merged: Vec<(i64, i64)> = vec![];
    for (from, to) in all {
        match merged.last_mut() {
            Some(last) if last.1 >= from => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}

impl<'a, Z: ZoneRules> TargetClock<'a, Z> {
    /// The clock of a target of `target` milliseconds that began to run at `start`.
    pub fn new(calendar: &'a Calendar, zone: &'a Z, start: Timestamp, target: i64, holds: &[Hold]) -> Self {
        let time = WorkingTime::new(calendar, zone, start);
        Self { calendar, zone, time, start, target, holds: in_order(holds, start.as_millis()) }
    }

    /// What it says at `now`.
    pub fn read(&mut self, now: Timestamp) -> Reading {
        let (due, elapsed) = (self.due(), self.elapsed(now));
        let remaining = self.target - elapsed;
        let at = now.as_millis();
        let is_held = self.holds.iter().any(|(from, to)| *from <= at && at < *to);
        let standing = match (remaining > 0, is_held) {
            (false, _) => Standing::Breached,
            (true, true) => Standing::OnHold,
            (true, false) => Standing::Running,
        };
        Reading { due, elapsed, remaining, standing }
    }

    /// How much is used at `now`.
    pub fn elapsed(&mut self, now: Timestamp) -> i64 {
        let mut elapsed = self.time.counted(now);
        for (from, to) in &self.holds {
            let (from, to) = (Timestamp::from_millis(*from).min(now), Timestamp::from_millis(*to).min(now));
            elapsed -= self.time.counted(to) - self.time.counted(from);
        }
        elapsed
    }

    /// The earliest instant at which it is used up.
    pub fn due(&mut self) -> Option<Timestamp> {
        let (mut left, mut counted) = (self.target, 0);
        if left <= 0 {
            return Some(self.start);
        }
        for (from, to) in &self.holds {
            let until_hold = self.time.counted(Timestamp::from_millis(*from)) - counted;
            if until_hold >= left {
                break;
            }
            if *to == NEVER {
                return None;
            }
            left -= until_hold;
            counted = self.time.counted(Timestamp::from_millis(*to));
        }
        self.time.reached(counted + left)
    }

    /// Why it stands as it stands at `until`: every instant since the start, those of one reason together. The spans in which
    /// it ran add up to what has elapsed.
    pub fn spans(&mut self, until: Timestamp) -> Vec<Span> {
        let (start, until) = (self.start, until);
        let plain = self.calendar.without_holidays();
        let usual: Vec<_> = WorkingTime::new(&plain, self.zone, start).between(start, until).collect();
        let working: Vec<_> = self.time.between(start, until).collect();
        let held: Vec<_> = self.holds.iter().map(|(from, to)| (*from, (*to).min(until.as_millis()))).collect();
        let mut edges = vec![start.as_millis(), until.as_millis()];
        for (from, to) in [&usual, &working, &held].into_iter().flatten() {
            edges.extend([*from, *to]);
        }
        edges.retain(|edge| (start.as_millis()..=until.as_millis()).contains(edge));
        edges.sort_unstable();
        edges.dedup();
        let is_in = |all: &[(i64, i64)], at: i64| {
            let next = all.partition_point(|(from, _)| *from <= at);
            all[..next].last().is_some_and(|(_, to)| at < *to)
        };
        let mut spans: Vec<Span> = vec![];
        for edge in edges.windows(2) {
            let reason = if is_in(&held, edge[0]) {
                Reason::OnHold
            } else if is_in(&working, edge[0]) {
                Reason::Running
            } else if is_in(&usual, edge[0]) {
                Reason::Holiday
            } else {
                Reason::OutsideHours
            };
            let (from, to) = (Timestamp::from_millis(edge[0]), Timestamp::from_millis(edge[1]));
            match spans.last_mut() {
                Some(last) if last.reason == reason => last.to = to,
                _ => spans.push(Span { from, to, reason }),
            }
        }
        spans
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::sla::zone::{Fixed, Offset};

    const HOUR: i64 = 3_600_000;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("an instant")
    }

    fn calendar(json: &str) -> Calendar {
        Calendar::parse(serde_json::from_str(json).expect("a calendar")).expect("in order")
    }

    fn office() -> Calendar {
        let day = r#"[["09:00", "12:00"], ["13:00", "18:00"]]"#;
        calendar(&format!(
            r#"{{"zone": "UTC", "weekly": {{"mon": {day}, "tue": {day}, "wed": {day}, "thu": {day}, "fri": {day}}},
                "holidays": ["2026-12-25", {{"date": "2026-12-24", "hours": [["09:00", "12:00"]]}}]}}"#
        ))
    }

    /// Berlin in 2026: summer time from 29 March to 25 October, each time at one o'clock in UTC.
    struct Berlin;

    impl ZoneRules for Berlin {
        fn offset(&self, instant: Timestamp) -> Offset {
            let changes = ["2026-03-29T01:00:00Z", "2026-10-25T01:00:00Z"].map(at);
            match changes.iter().position(|change| instant < *change) {
                Some(0) => Offset { seconds: 3_600, until: Some(changes[0]) },
                Some(_) => Offset { seconds: 7_200, until: Some(changes[1]) },
                None => Offset { seconds: 3_600, until: None },
            }
        }
    }

    #[test]
    fn time_passes_in_working_hours_only() {
        let (calendar, zone) = (office(), Fixed(0));
        // A Friday afternoon: an hour then, and the rest on Monday.
        let mut clock = TargetClock::new(&calendar, &zone, at("2026-11-27T17:00:00Z"), 4 * HOUR, &[]);
        assert_eq!(clock.due(), Some(at("2026-11-30T12:00:00Z")));
        for (now, elapsed, standing) in [
            ("2026-11-27T17:30:00Z", HOUR / 2, Standing::Running),
            ("2026-11-28T10:00:00Z", HOUR, Standing::Running),
            ("2026-11-30T11:59:59.999Z", 4 * HOUR - 1, Standing::Running),
            ("2026-11-30T12:00:00Z", 4 * HOUR, Standing::Breached),
            ("2026-11-30T12:30:00Z", 4 * HOUR, Standing::Breached),
        ] {
            let reading = clock.read(at(now));
            assert_eq!(
                (reading.elapsed, reading.standing, reading.remaining),
                (elapsed, standing, 4 * HOUR - elapsed),
                "{now}"
            );
        }
    }

    #[test]
    fn holidays_half_holidays_and_weekends_are_told_apart() {
        let (calendar, zone) = (office(), Fixed(0));
        let mut clock = TargetClock::new(&calendar, &zone, at("2026-12-24T11:00:00Z"), 2 * HOUR, &[]);
        assert_eq!(clock.due(), Some(at("2026-12-28T10:00:00Z")));
        let told: Vec<_> = clock.spans(at("2026-12-28T10:00:00Z")).iter().map(|span| (span.to, span.reason)).collect();
        let (running, outside, holiday) = (Reason::Running, Reason::OutsideHours, Reason::Holiday);
        assert_eq!(
            told,
            [
                (at("2026-12-24T12:00:00Z"), running),
                (at("2026-12-24T13:00:00Z"), outside),
                (at("2026-12-24T18:00:00Z"), holiday),
                (at("2026-12-25T09:00:00Z"), outside),
                (at("2026-12-25T12:00:00Z"), holiday),
                (at("2026-12-25T13:00:00Z"), outside),
                (at("2026-12-25T18:00:00Z"), holiday),
                (at("2026-12-28T09:00:00Z"), outside),
                (at("2026-12-28T10:00:00Z"), running),
            ]
        );
    }

    #[test]
    fn a_hold_stops_the_clock_and_one_without_an_end_leaves_it_open() {
        let (calendar, zone) = (office(), Fixed(0));
        let hold = |from: &str, to: Option<&str>| Hold { from: at(from), to: to.map(at) };
        let holds = [
            hold("2026-11-30T10:00:00Z", Some("2026-11-30T11:00:00Z")),
            hold("2026-11-30T10:30:00Z", Some("2026-11-30T14:00:00Z")),
        ];
        let mut clock = TargetClock::new(&calendar, &zone, at("2026-11-30T09:00:00Z"), 2 * HOUR, &holds);
        assert_eq!(clock.due(), Some(at("2026-11-30T15:00:00Z")));
        let reading = clock.read(at("2026-11-30T12:30:00Z"));
        assert_eq!((reading.elapsed, reading.standing), (HOUR, Standing::OnHold));
        let mut open = TargetClock::new(
            &calendar,
            &zone,
            at("2026-11-30T09:00:00Z"),
            2 * HOUR,
            &[hold("2026-11-30T10:00:00Z", None)],
        );
        assert_eq!((open.due(), open.read(at("2027-11-30T10:00:00Z")).elapsed), (None, HOUR));
        let mut late = TargetClock::new(
            &calendar,
            &zone,
            at("2026-11-30T09:00:00Z"),
            2 * HOUR,
            &[hold("2026-11-30T12:00:00Z", None)],
        );
        assert_eq!(late.due(), Some(at("2026-11-30T11:00:00Z")), "it is on hold too late");
    }

    #[test]
    fn an_hour_that_is_skipped_counts_not_at_all_and_one_that_happens_twice_counts_twice() {
        let nights = calendar(r#"{"zone": "Europe/Berlin", "weekly": {"sun": [["00:00", "04:00"]]}}"#);
        for (from, counted) in [("2026-03-28T23:00:00Z", 3), ("2026-10-24T22:00:00Z", 5), ("2026-06-06T22:00:00Z", 4)] {
            let mut time = WorkingTime::new(&nights, &Berlin, at(from));
            assert_eq!(time.counted(at(from).shifted(24 * HOUR)), counted * HOUR, "{from}");
        }
        let mut clock = TargetClock::new(&nights, &Berlin, at("2026-10-24T22:00:00Z"), 4 * HOUR, &[]);
        assert_eq!(clock.due(), Some(at("2026-10-25T02:00:00Z")), "three o'clock, the second time");
    }

    #[test]
    fn what_never_opens_is_never_due() {
        let zone = Fixed(0);
        let never = calendar(r#"{"zone": "UTC", "weekly": {}}"#);
        assert_eq!(TargetClock::new(&never, &zone, at("2026-01-01T00:00:00Z"), 1, &[]).due(), None);
        assert_eq!(
            TargetClock::new(&never, &zone, at("2026-01-01T00:00:00Z"), 0, &[]).due(),
            Some(at("2026-01-01T00:00:00Z"))
        );
        let once = calendar(
            r#"{"zone": "UTC", "weekly": {}, "holidays": [{"date": "2031-05-05", "hours": [["09:00", "10:00"]]}]}"#,
        );
        let due = |target| TargetClock::new(&once, &zone, at("2026-01-01T00:00:00Z"), target, &[]).due();
        assert_eq!((due(HOUR), due(HOUR + 1)), (Some(at("2031-05-05T10:00:00Z")), None));
    }

    proptest! {
        #[test]
        fn the_reasons_add_up_to_what_has_elapsed_and_due_is_when_nothing_is_left(
            start in 1_767_225_600_000i64..1_798_761_600_000,
            target in 1i64..200 * HOUR,
            passes in 0i64..1_000 * HOUR,
            holds in proptest::collection::vec((0i64..900 * HOUR, 1i64..90 * HOUR), 0..5),
        ) {
            let calendar = office();
            let start = Timestamp::from_millis(start);
            let hold = |(from, lasts): &(i64, i64)| Hold { from: start.shifted(*from), to: Some(start.shifted(from + lasts)) };
            let holds: Vec<_> = holds.iter().map(hold).collect();
            let mut clock = TargetClock::new(&calendar, &Berlin, start, target, &holds);
            let now = start.shifted(passes);
            let spans = clock.spans(now);
            prop_assert!(spans.windows(2).all(|two| two[0].to == two[1].from && two[0].reason != two[1].reason));
            let length = |span: &Span| span.to.millis_since(span.from);
            prop_assert_eq!(spans.iter().map(length).sum::<i64>(), passes);
            let running: i64 = spans.iter().filter(|span| span.reason == Reason::Running).map(length).sum();
            prop_assert_eq!(running, clock.elapsed(now));
            let due = clock.due().expect("an office opens");
            prop_assert_eq!(clock.elapsed(due), target);
            prop_assert!(clock.elapsed(due.shifted(-1)) < target, "the earliest");
        }
    }
}
