//! How many requests a browser keeps in a second: the outbox, libraries, and the browser's own calls.

use std::path::Path;

use itsm_e2e::{Browser, PageServer, Profile};
use serde_json::{Value, json};

use crate::contender::{packed_files, put_files};
use crate::figures::{Goal, Section, Table, median};

const COMMITS: u32 = 400;
const ENTRIES: u32 = 10_000;

const OURS: &str = "itsm-widgets, strict";
const RAW: &str = "raw IndexedDB, strict";
const RAW_WHOLE: &str = "raw IndexedDB, strict, all that ours does";
/// All that are measured, by the names of the page's script.
const KEEPERS: &[&str] = &[
    OURS,
    RAW,
    RAW_WHOLE,
    "idb, strict",
    "Dexie, strict",
    "raw IndexedDB, relaxed",
    "idb, relaxed",
    "Dexie, relaxed",
    "Workbox background sync, relaxed",
];

const WHY: &str = "\
a commit reads before it writes, and writes three records, so that numbers go on across tabs and no draft is left beside its
request: the browser's own calls that do the same are the row after the first two. And what is written is sealed, which no
transaction waits for: one becomes two, the second of which writes only what is still true. Reading back opens every record,
turns it into the suite's own values and checks it; a person's device holds a few, not thousands.";

/// Each request of the length of a ticket.
const PAGE: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Stores</title><link rel=\"icon\" href=\"data:,\">
<script type=\"module\" src=\"main.js\"></script>
<script type=\"module\">
import init, { Outbox } from './outbox.js';
await init({ module_or_path: 'outbox_bg.wasm' });
const body = JSON.stringify({ summary: 'x'.repeat(80), description: 'y'.repeat(600), email: 'ada@desk.example' });
const entry = (at) => ({ id: 'entry-' + at, key: 'entry-' + at, part: 'part', form: 'form', body, created: Date.now(), state: 'Queued' });
keepers['itsm-widgets, strict'] = async (name) => {
  const outbox = await Outbox.open(name);
  for (let at = 0; at < COMMITS; at++) await outbox.draft('entry-' + at);
  return ({ id, body }) => outbox.commit(id, body);
};
window.commits = async (keeper) => {
  const keep = await keepers[keeper](crypto.randomUUID());
  const began = performance.now();
  for (let at = 0; at < COMMITS; at++) await keep(entry(at));
  return COMMITS * 1000 / (performance.now() - began);
};
let full;
window.fill = async (from, to) => {
  full ??= await Outbox.open('full');
  for (let at = from; at < to; at++) await full.commit('entry-' + at, body);
  return true;
};
const timed = async (read, count) => {
  const began = performance.now();
  if (await read() !== count) throw new Error('not all were read');
  return performance.now() - began;
};
window.reading = async (count) => {
  const db = await new Promise((resolve) => (indexedDB.open('full').onsuccess = ({ target }) => resolve(target.result)));
  const raw = () => new Promise((resolve) => (db.transaction('outbox').objectStore('outbox').getAll().onsuccess = ({ target }) => resolve(target.result.length)));
  const figures = [await timed(raw, count), await timed(() => full.entries(), count)];
  db.close();
  return figures;
};
window.loaded = true;
</script></head><body></body></html>";

/// Measures all in turn, `rounds` times.
pub async fn measure(peers: &Path, server: &PageServer, rounds: usize) -> Section {
    server.put("/store/", "text/html", &[], PAGE.replace("COMMITS", &COMMITS.to_string()));
    for name in ["store", "outbox"] {
        put_files(server, "store", &packed_files(&peers.join("built").join(name)));
    }
    let mut rates = vec![vec![]; KEEPERS.len()];
    let mut reading = [vec![], vec![]];
    let profile = Profile::new();
    let browser = Browser::start(&profile).await;
    browser.open(&format!("{}/store/", server.origin())).await;
    browser.until("the stores' page", "return window.loaded").await;
    for round in 0..rounds {
        for turn in 0..KEEPERS.len() {
            let number = (turn + round) % KEEPERS.len();
            rates[number].extend(awaited(&browser, "commits", &[json!(KEEPERS[number])]).await.as_f64());
        }
        eprintln!("store: round {} of {rounds}", round + 1);
    }
    for from in (0..ENTRIES).step_by(2_000) {
        awaited(&browser, "fill", &[json!(from), json!(from + 2_000)]).await;
    }
    for _ in 0..rounds {
        let figures = awaited(&browser, "reading", &[json!(ENTRIES)]).await;
        reading.iter_mut().enumerate().for_each(|(at, times)| times.extend(figures[at].as_f64()));
    }
    section(&rates, &reading)
}

/// What a function of the page gives.
async fn awaited(browser: &Browser, function: &str, words: &[Value]) -> Value {
    let script = "const words = [...arguments], done = words.pop(), name = words.pop();
        window[name](...words).then(done, (cause) => done({ failed: String(cause) }))";
    let words = words.iter().cloned().chain([json!(function)]).collect();
    let value = browser.client().execute_async(script, words).await.expect(function);
    assert!(value["failed"].is_null(), "{function}: {value}");
    value
}

fn section(rates: &[Vec<f64>], reading: &[Vec<f64>; 2]) -> Section {
    let middle = |name: &str| {
        let at = KEEPERS.iter().position(|keeper| *keeper == name).expect("it takes part");
        median(rates[at].iter().copied())
    };
    let (ours, raw) = (middle(OURS), middle(RAW));
    let libraries = KEEPERS.iter().filter(|name| name.ends_with("strict") && **name != OURS && **name != RAW);
    let best = libraries.map(|name| middle(name)).fold(0.0, f64::max);
    let [read_raw, read_ours] = reading.each_ref().map(|times| median(times.iter().copied()));
    Section {
        title: "Keeping requests",
        about: format!(
            "{COMMITS} requests a round, one after the other, each in a transaction of its own that is waited for. *Strict*: on disk \
             before\nthat is said; *relaxed*: a loss of power may take it. Ours is the outbox's whole commit: it numbers the request, takes \
             over its\nfiles and deletes its draft in the same transaction; the others put one record. Then {ENTRIES} requests are read back."
        ),
        tables: vec![
            Table {
                title: "Commits".into(),
                columns: vec![("a second", 0), ("× raw, strict", 2)],
                rows: KEEPERS.iter().map(|name| ((*name).to_owned(), vec![middle(name), middle(name) / raw])).collect(),
            },
            Table {
                title: "Reading back".into(),
                columns: vec![("ms", 0), ("× raw", 2)],
                rows: vec![
                    ("raw IndexedDB".into(), vec![read_raw, 1.0]),
                    ("itsm-widgets, each read and put in order".into(), vec![read_ours, read_ours / read_raw]),
                ],
            },
        ],
        goals: vec![
            Goal::at_least("commits ≥ 0.9 × raw IndexedDB, strict, one record", ours / raw, 0.9),
            Goal::at_least("commits ≥ 0.9 × raw IndexedDB, strict, all that ours does", ours / middle(RAW_WHOLE), 0.9),
            Goal::at_least("commits ≥ those of every library, strict", ours / best, 1.0),
            Goal::at_most("reading back ≤ 1.2 × raw", read_ours / read_raw, 1.2),
        ],
        why: WHY,
    }
}
