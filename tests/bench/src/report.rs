//! Medians and ratios, for people and for programs.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::contender::{Contender, FLOOR, HINTED, OURS};
use crate::load::{CONDITIONS, Figures, Visit};

fn median(visits: &[Visit], of: fn(&Visit) -> f64) -> f64 {
    let mut values: Vec<f64> = visits.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

fn usable(visit: &Visit) -> f64 {
    visit.usable
}

fn blocked(visit: &Visit) -> f64 {
    visit.blocked
}

fn bytes(visit: &Visit) -> f64 {
    visit.bytes
}

/// All figures.
pub fn json(contenders: &[Contender], figures: &Figures) -> Value {
    let visit = |visit: &Visit| json!({ "usable_ms": visit.usable, "blocked_ms": visit.blocked, "bytes": visit.bytes });
    let rows = CONDITIONS.iter().zip(&figures.visits).flat_map(|(condition, visits)| {
        contenders.iter().zip(visits).map(move |(contender, visits)| {
            json!({ "condition": condition.name, "contender": contender.title, "visits": visits.iter().map(visit).collect::<Vec<_>>() })
        })
    });
    json!({ "browser": figures.browser, "load": rows.collect::<Vec<_>>() })
}

/// The table of `docs/benchmarks.md`.
pub fn markdown(contenders: &[Contender], figures: &Figures, rounds: usize) -> String {
    let at = |name: &str| contenders.iter().position(|contender| contender.name == name).expect("it takes part");
    let (ours, floor) = (at(HINTED), at(FLOOR));
    let mut text = format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, not by hand. {}, {rounds} rounds, medians. Absolute figures belong to one\n\
         machine on one day; the ratios count.\n\n## Loading\n\nThe same form of eight fields, one of them conditional, with validation. *Usable*: a field of the widget itself\n\
         takes the focus. *Blocking*: the sum of what tasks took over 50 ms, until half a second after. *Throttled*: a fourth\n\
         of the processor, 1.6 Mbit/s, 150 ms for a round trip. *Warm*: files and storage are there from earlier visits. Files\n\
         are packed by brotli 11.\n",
        figures.browser
    );
    for (condition, visits) in CONDITIONS.iter().zip(&figures.visits) {
        let _ = write!(
            text,
            "\n### {}\n\n| contender | usable, ms | × vanilla | blocking, ms | bytes until then |\n|---|--:|--:|--:|--:|\n",
            capital(condition.name)
        );
        let base = median(&visits[floor], usable);
        for (contender, visits) in contenders.iter().zip(visits) {
            let usable = median(visits, usable);
            let _ = writeln!(
                text,
                "| {} | {usable:.0} | {:.2} | {:.0} | {:.0} |",
                contender.title,
                usable / base,
                median(visits, blocked),
                median(visits, bytes)
            );
        }
    }
    let _ = write!(text, "\n### Goals\n\nOf ours, preloaded.\n\n| goal | reached | figure |\n|---|---|--:|\n");
    for (goal, figure, limit) in goals(contenders, figures, ours, floor) {
        let _ = writeln!(text, "| {goal} | {} | {figure:.2} |", if figure <= limit { "yes" } else { "no" });
    }
    text.push_str(WHY);
    text
}

/// Why some goals are not reached.
const WHY: &str = "
What falls short, and why: the first field waits for the first part of the wasm, which is mostly the reactive system, the
allocator, the glue's other side, the reading of definitions and the rules; [size.md](size.md) has what was tried. Compiling
it is off the main thread, and keeps the blocking time low; it is not free.
";

/// Each goal with its figure and the most that it may be.
fn goals(contenders: &[Contender], figures: &Figures, ours: usize, floor: usize) -> Vec<(&'static str, f64, f64)> {
    let least = |condition: usize, of: fn(&Visit) -> f64| {
        let peers = contenders
            .iter()
            .enumerate()
            .filter(|(_, contender)| contender.full_featured && !contender.name.starts_with(OURS));
        peers.map(|(at, _)| median(&figures.visits[condition][at], of)).fold(f64::INFINITY, f64::min)
    };
    let of = |condition: usize, contender: usize, of| median(&figures.visits[condition][contender], of);
    vec![
        ("cold, throttled: usable ≤ 0.5 × the fastest full-featured peer", of(0, ours, usable) / least(0, usable), 0.5),
        ("cold, throttled: usable ≤ 1.25 × vanilla", of(0, ours, usable) / of(0, floor, usable), 1.25),
        (
            "cold, throttled: blocking ≤ 0.1 × the best full-featured peer's",
            of(0, ours, blocked) / least(0, blocked),
            0.1,
        ),
        ("warm: usable ≤ 1.15 × vanilla", of(3, ours, usable) / of(3, floor, usable), 1.15),
        (
            "bytes before the first field ≤ 0.37 × the smallest full-featured peer's",
            of(0, ours, bytes) / least(0, bytes),
            0.37,
        ),
        ("bytes before the first field ≤ 48 KB", of(0, ours, bytes) / 1024.0, 48.0),
    ]
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
