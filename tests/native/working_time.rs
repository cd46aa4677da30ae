//! Working time is that of an independent computation, in forty zones and over their changes.

use itsm_widgets::domain::sla::calendar::{Calendar, CalendarSource};
use itsm_widgets::domain::sla::clock::{Hold, Reason, TargetClock};
use itsm_widgets::domain::time::Timestamp;
use serde::Deserialize;

use crate::zones::IanaZone;

/// What `oracle.py` has written.
const CASES: &str = include_str!("../fixtures/sla/cases.jsonl");

#[derive(Deserialize)]
struct Case {
    calendar: CalendarSource,
    start: Timestamp,
    target_s: i64,
    holds: Vec<(Timestamp, Timestamp)>,
    now: Timestamp,
    due: Option<Timestamp>,
    elapsed_business_s: i64,
}

#[test]
fn every_case_is_counted_as_step_by_step() {
    let mut zones = std::collections::BTreeSet::new();
    for (number, line) in CASES.lines().enumerate() {
        let case: Case = serde_json::from_str(line).expect("a case");
        let calendar = Calendar::parse(case.calendar).expect("a calendar");
        let zone = IanaZone::named(calendar.zone()).expect("a zone");
        zones.insert(calendar.zone().to_owned());
        let holds: Vec<Hold> = case.holds.iter().map(|(from, to)| Hold { from: *from, to: Some(*to) }).collect();
        let mut clock = TargetClock::new(&calendar, &zone, case.start, case.target_s * 1_000, &holds);
        let reading = clock.read(case.now);
        let found = (reading.due, reading.elapsed);
        assert_eq!(found, (case.due, case.elapsed_business_s * 1_000), "case {number}: {line}");
        let running = clock.spans(case.now).into_iter().filter(|span| span.reason == Reason::Running);
        let running: i64 = running.map(|span| span.to.millis_since(span.from)).sum();
        assert_eq!(running, reading.elapsed, "the reasons of case {number}: {line}");
    }
    assert!(CASES.lines().count() >= 1_500 && zones.len() >= 40, "{zones:?}");
}
