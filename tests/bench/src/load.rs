//! From the address to a field that takes the focus.

use std::time::Duration;

use itsm_e2e::{Browser, PageServer, Profile};
use serde_json::{Value, json};

use crate::contender::{Contender, FLOOR, FORMBRICKS, HINTED, OUR_SURVEY, OURS, SURVEY_FLOOR, position};
use crate::figures::{Goal, Section, Table, median};
use crate::machine::{FULL, Machine, THROTTLED};

const ABOUT: &str = "\
The same form of eight fields, one of them conditional, with validation. *Usable*: a field of the widget itself takes the
focus. *Blocking*: the sum of what tasks took over 50 ms, until half a second after. *Throttled*: a fourth of the processor,
1.6 Mbit/s, 150 ms for a round trip. *Warm*: files and storage are there from earlier visits. Files are packed by brotli 11.
Goals are of ours, preloaded.";

const WHY: &str = "\
the first field waits for the first part of the wasm, which is mostly the reactive system, the allocator, the glue's other
side, the reading of definitions and the rules; [size.md](size.md) has what was tried. Compiling it is off the main thread,
and keeps the blocking time low; it is not free. The whole form has twice the bytes that were wished for: what keeps and sends
is as large again, and both halves carry what the compiler makes of futures and of lists for each of their uses.";

const ABOUT_SURVEYS: &str = "\
The same survey, one question at a time: five faces, a follow-up to a low score, 0 to 10, and a comment. *Usable*: an answer
to its first question takes the focus. Ours is preloaded, and so is our form, which stands here to be compared with.";

const WHY_SURVEYS: &str = "\
what Formbricks draws is neither kept nor sent: drafts, outbox and delivery are its page's business, as are languages and
definitions that are checked. Ours waits for the first part of the wasm, as the form does, and then for the survey's own.";

/// Under what a page is visited.
struct Condition {
    name: &'static str,
    machine: Machine,
    /// Whether files and storage are there from an earlier visit.
    warm: bool,
}

const CONDITIONS: &[Condition] = &[
    Condition { name: "Cold, throttled", machine: THROTTLED, warm: false },
    Condition { name: "Warm, throttled", machine: THROTTLED, warm: true },
    Condition { name: "Cold", machine: FULL, warm: false },
    Condition { name: "Warm", machine: FULL, warm: true },
];

/// One visit.
struct Visit {
    /// Milliseconds until the first field took the focus.
    usable: f64,
    /// Milliseconds by which tasks were longer than 50 ms, until half a second after.
    blocked: f64,
    /// Bytes over the wire until then.
    bytes: f64,
    /// Bytes over the wire until half a second after.
    whole: f64,
}

/// All that the page has loaded by now.
const WHOLE: &str =
    "return performance.getEntriesByType('resource').reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)";

/// One figure of a visit.
type Figure = fn(&Visit) -> f64;

/// All visits: by condition, by contender.
type Visits = Vec<Vec<Vec<Visit>>>;

/// Measures all forms in turn, `rounds` times.
pub async fn measure(contenders: &[Contender], server: &PageServer, rounds: usize) -> Section {
    section(contenders, &visits(contenders, server, rounds).await)
}

/// Measures all surveys in turn, `rounds` times.
pub async fn measure_surveys(contenders: &[Contender], server: &PageServer, rounds: usize) -> Section {
    survey_section(contenders, &visits(contenders, server, rounds).await)
}

async fn visits(contenders: &[Contender], server: &PageServer, rounds: usize) -> Visits {
    let mut visits: Visits = CONDITIONS.iter().map(|_| contenders.iter().map(|_| vec![]).collect()).collect();
    for round in 0..rounds {
        let (profile, mut known) = (Profile::new(), vec![false; contenders.len()]);
        let browser = Browser::start(&profile).await;
        browser.devtools("Network.enable", json!({})).await;
        for (at, condition) in CONDITIONS.iter().enumerate() {
            for turn in 0..contenders.len() {
                // Another order in each round.
                let number = (turn + round) % contenders.len();
                let url = contenders[number].url(server);
                if !condition.warm {
                    forget(&browser, &server.origin()).await;
                    known.fill(false);
                } else if !known[number] {
                    FULL.give(&browser).await;
                    // Twice: browsers keep compiled code from the second visit on.
                    for _ in 0..2 {
                        visit(&browser, &url).await;
                    }
                    known[number] = true;
                }
                condition.machine.give(&browser).await;
                visits[at][number].push(visit(&browser, &url).await);
            }
        }
        eprintln!("load: round {} of {rounds}", round + 1);
    }
    visits
}

const USABLE: Figure = |visit| visit.usable;
const BLOCKED: Figure = |visit| visit.blocked;
const BYTES: Figure = |visit| visit.bytes;
const WHOLE_BYTES: Figure = |visit| visit.whole;

/// The figure in the middle of a contender's visits under a condition.
fn middle(visits: &Visits, at: usize, contender: usize, of: Figure) -> f64 {
    median(visits[at][contender].iter().map(of))
}

/// A table for each condition.
fn tables(contenders: &[Contender], visits: &Visits, floor: usize) -> Vec<Table> {
    let middle = |at, contender, of| middle(visits, at, contender, of);
    let row = |at: usize, number: usize, contender: &Contender| {
        let soon = middle(at, number, USABLE);
        let figures =
            vec![soon, soon / middle(at, floor, USABLE), middle(at, number, BLOCKED), middle(at, number, BYTES)];
        (contender.title.clone(), figures)
    };
    let tables = CONDITIONS.iter().enumerate().map(|(at, condition)| Table {
        title: condition.name.to_owned(),
        columns: vec![("usable, ms", 0), ("× vanilla", 2), ("blocking, ms", 0), ("bytes until then", 0)],
        rows: contenders.iter().enumerate().map(|(number, contender)| row(at, number, contender)).collect(),
    });
    tables.collect()
}

fn section(contenders: &[Contender], visits: &Visits) -> Section {
    let (ours, floor) = (position(contenders, HINTED), position(contenders, FLOOR));
    let middle = |at, contender, of| middle(visits, at, contender, of);
    let least = |at: usize, of| {
        let peers = contenders.iter().enumerate();
        let peers = peers.filter(|(_, contender)| contender.full_featured && !contender.name.starts_with(OURS));
        peers.map(|(number, _)| middle(at, number, of)).fold(f64::INFINITY, f64::min)
    };
    let goals = vec![
        Goal::at_most(
            "cold, throttled: usable ≤ 0.5 × the fastest full-featured peer",
            middle(0, ours, USABLE) / least(0, USABLE),
            0.5,
        ),
        Goal::at_most(
            "cold, throttled: usable ≤ 1.25 × vanilla",
            middle(0, ours, USABLE) / middle(0, floor, USABLE),
            1.25,
        ),
        Goal::at_most(
            "cold, throttled: blocking ≤ 0.1 × the best full-featured peer's",
            middle(0, ours, BLOCKED) / least(0, BLOCKED),
            0.1,
        ),
        Goal::at_most("warm: usable ≤ 1.15 × vanilla", middle(3, ours, USABLE) / middle(3, floor, USABLE), 1.15),
        Goal::at_most(
            "bytes before the first field ≤ 0.37 × the smallest full-featured peer's",
            middle(0, ours, BYTES) / least(0, BYTES),
            0.37,
        ),
        Goal::at_most("bytes before the first field ≤ 48 KB", middle(0, ours, BYTES) / 1024.0, 48.0),
        Goal::at_most("the whole form with drafts and outbox ≤ 100 KB", middle(2, ours, WHOLE_BYTES) / 1024.0, 100.0),
    ];
    Section { title: "Loading", about: ABOUT.to_owned(), tables: tables(contenders, visits, floor), goals, why: WHY }
}

fn survey_section(contenders: &[Contender], visits: &Visits) -> Section {
    let place = |name| position(contenders, name);
    let ratio =
        |at: usize, to: usize, of: Figure| middle(visits, at, place(OUR_SURVEY), of) / middle(visits, at, to, of);
    let goals = vec![
        Goal::at_most("cold, throttled: first question ≤ 1.0 × Formbricks'", ratio(0, place(FORMBRICKS), USABLE), 1.0),
        Goal::at_most("warm: first question ≤ 1.0 × Formbricks'", ratio(3, place(FORMBRICKS), USABLE), 1.0),
        Goal::at_most("cold, throttled: no later than our form's first field", ratio(0, place(HINTED), USABLE), 1.0),
    ];
    Section {
        title: "Loading a survey",
        about: ABOUT_SURVEYS.to_owned(),
        tables: tables(contenders, visits, place(SURVEY_FLOOR)),
        goals,
        why: WHY_SURVEYS,
    }
}

async fn forget(browser: &Browser, origin: &str) {
    browser.open("about:blank").await;
    browser.devtools("Network.clearBrowserCache", json!({})).await;
    browser.devtools("Storage.clearDataForOrigin", json!({ "origin": origin, "storageTypes": "all" })).await;
}

async fn visit(browser: &Browser, url: &str) -> Visit {
    browser.open(url).await;
    let usable = browser.until(url, "return window.usable").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let blocked = browser.run("return window.blocked").await;
    let whole = browser.run(WHOLE).await;
    let number = |value: &Value| value.as_f64().expect("a number");
    let [at, bytes] = ["at", "bytes"].map(|name| number(&usable[name]));
    Visit { usable: at, blocked: number(&blocked), bytes, whole: number(&whole) }
}
