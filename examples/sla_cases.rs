//! Working time for others to check: reads cases as JSON Lines on standard input, and writes a line for each.
//!
//! ```text
//! {"calendar": {"zone": "Europe/Berlin", "weekly": {"mon": [["09:00", "17:00"]]}, "holidays": ["2026-12-25"]},
//!  "start": "2026-11-30T08:30:00Z", "target_s": 14400, "holds": [["2026-11-30T09:00:00Z", "2026-11-30T10:00:00Z"]],
//!  "now": "2026-11-30T11:00:00Z"}
//! ```
//!
//! becomes, on one line, `{"due", "elapsed_business_s", "remaining_business_s", "standing", "spans": [{"from", "to",
//! "reason"}]}`; a line that is no case becomes `{"error"}`.

#[path = "../tests/native/zones.rs"]
mod zones;

use std::collections::HashMap;
use std::io::{BufRead, Write};

use itsm_widgets::domain::sla::calendar::{Calendar, CalendarSource};
use itsm_widgets::domain::sla::clock::{Hold, TargetClock};
use itsm_widgets::domain::time::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use zones::IanaZone;

#[derive(Deserialize)]
struct Case {
    calendar: CalendarSource,
    start: Timestamp,
    target_s: f64,
    #[serde(default)]
    holds: Vec<(Timestamp, Timestamp)>,
    now: Timestamp,
}

/// Seconds; without a fraction if there is none.
fn seconds(millis: i64) -> Value {
    if millis % 1_000 == 0 { json!(millis / 1_000) } else { json!(millis as f64 / 1_000.0) }
}

fn answer(line: &str, zones: &mut HashMap<String, IanaZone>) -> Result<Value, Box<dyn std::error::Error>> {
    let case: Case = serde_json::from_str(line)?;
    let calendar = Calendar::parse(case.calendar)?;
    if !zones.contains_key(calendar.zone()) {
        zones.insert(calendar.zone().to_owned(), IanaZone::named(calendar.zone())?);
    }
    let holds: Vec<Hold> = case.holds.iter().map(|(from, to)| Hold { from: *from, to: Some(*to) }).collect();
    let target = (case.target_s * 1_000.0).round() as i64;
    let mut clock = TargetClock::new(&calendar, &zones[calendar.zone()], case.start, target, &holds);
    let reading = clock.read(case.now);
    let spans = clock.spans(case.now);
    let spans = spans.iter().map(|span| json!({ "from": span.from, "to": span.to, "reason": span.reason }));
    Ok(json!({
        "due": reading.due,
        "elapsed_business_s": seconds(reading.elapsed),
        "remaining_business_s": seconds(reading.remaining),
        "standing": reading.standing,
        "spans": spans.collect::<Vec<_>>(),
    }))
}

fn main() -> std::io::Result<()> {
    let mut zones = HashMap::new();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let answer = answer(&line, &mut zones).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(out, "{answer}")?;
    }
    out.flush()
}
