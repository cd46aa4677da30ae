//! What using costs: a key until its letter is seen, and many forms on one page.

use std::time::Duration;

use itsm_e2e::{Browser, PageServer, Profile};
use serde_json::json;

use crate::contender::{Contender, FLOOR, HINTED, OURS, position};
use crate::delivery;
use crate::figures::{Goal, Section, Table, median, quantile};
use crate::machine::SLOW;

const KEYS: u64 = 60;
const FORMS: u32 = 20;

/// What a requester does after typing, and the letters that do it. The form is not complete: sending shows what is missing.
const FLOWS: [(&str, &[Key]); 3] =
    [("typing", &[]), ("from field to field", &[TAB; 7]), ("sending what is incomplete", &[ENTER])];

/// A key: its letter, its name, its number.
type Key = (&'static str, &'static str, u32);
const LETTER: Key = ("a", "a", 65);
const TAB: Key = ("", "Tab", 9);
const ENTER: Key = ("\r", "Enter", 13);

const WHY_MANY: &str = "\
a third of the time is the suite's: each form reads and checks its definition, makes a signal for all that may change, crosses
from wasm to the browser for every node and attribute, and asks its store and its outbox. Half is the browser's layout and
drawing, which happen several times, since the forms give way to the browser between reading and showing.";

/// What one contender needed: milliseconds by key, by twenty forms.
#[derive(Default)]
struct Needed {
    keys: Vec<f64>,
    forms: Vec<f64>,
    /// The longest task over 50 ms in each flow; 0 if there was none.
    longest: [Vec<f64>; FLOWS.len()],
}

/// Measures all contenders in turn, `rounds` times.
pub async fn measure(contenders: &[Contender], server: &PageServer, rounds: usize) -> Vec<Section> {
    let mut needed: Vec<Needed> = contenders.iter().map(|_| Needed::default()).collect();
    for round in 0..rounds {
        let profile = Profile::new();
        let browser = Browser::start(&profile).await;
        browser.devtools("Network.enable", json!({})).await;
        for turn in 0..contenders.len() {
            let number = (turn + round) % contenders.len();
            // Once there, it is the same as without hints.
            if contenders[number].name == HINTED {
                continue;
            }
            browser.open(&contenders[number].url(server)).await;
            browser.until(contenders[number].name, "return window.usable").await;
            // What follows the first field, such as the part that keeps what is typed.
            tokio::time::sleep(Duration::from_secs(1)).await;
            SLOW.give(&browser).await;
            browser.run("tasks.splice(0)").await;
            needed[number].keys.extend(type_keys(&browser).await);
            for (flow, (_, keys)) in FLOWS.iter().enumerate() {
                for key in *keys {
                    press(&browser, *key).await;
                    tokio::time::sleep(Duration::from_millis(80)).await;
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
                let longest = browser.run("return Math.max(0, ...tasks.splice(0))").await;
                needed[number].longest[flow].extend(longest.as_f64());
            }
            browser.run(&format!("mount({FORMS})")).await;
            let forms = browser.until(contenders[number].name, "return window.mounted").await;
            needed[number].forms.extend(forms.as_f64());
        }
        eprintln!("type, many: round {} of {rounds}", round + 1);
    }
    let delivery = delivery::longest_tasks(rounds).await;
    vec![typing(contenders, &needed), flows(contenders, &needed, &delivery), many(contenders, &needed)]
}

/// Types into the field that has the focus; pauses differ, so that keys meet frames at all times.
async fn type_keys(browser: &Browser) -> Vec<f64> {
    for key in 0..KEYS {
        press(browser, LETTER).await;
        tokio::time::sleep(Duration::from_millis(50 + key * 7 % 31)).await;
    }
    let script = format!("return keys.length >= {KEYS} && keys");
    let keys = browser.until("all keys", &script).await;
    keys.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64).collect()
}

async fn press(browser: &Browser, (text, name, number): Key) {
    for kind in [if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "keyUp"] {
        let key = json!({ "type": kind, "text": text, "key": name, "windowsVirtualKeyCode": number });
        browser.devtools("Input.dispatchKeyEvent", key).await;
    }
}

fn measured<'a>(
    contenders: &'a [Contender],
    needed: &'a [Needed],
) -> impl Iterator<Item = (&'a Contender, &'a Needed)> {
    contenders.iter().zip(needed).filter(|(_, needed)| !needed.keys.is_empty())
}

fn typing(contenders: &[Contender], needed: &[Needed]) -> Section {
    let figures = |needed: &Needed| {
        let of = |share| quantile(needed.keys.iter().copied(), share);
        vec![of(0.5), of(0.95)]
    };
    let p95 = |name| quantile(needed[position(contenders, name)].keys.iter().copied(), 0.95);
    Section {
        title: "Typing",
        about: format!(
            "From a key to the first frame after it, {KEYS} keys a round into the first field, with a fourth of the processor. Ours \
             keeps\nwhat is typed meanwhile; the others do not."
        ),
        tables: vec![Table {
            title: String::new(),
            columns: vec![("median, ms", 1), ("p95, ms", 1)],
            rows: measured(contenders, needed)
                .map(|(contender, each)| (contender.title.clone(), figures(each)))
                .collect(),
        }],
        goals: vec![Goal::at_most("p95 within 1 ms of vanilla's", p95(OURS) - p95(FLOOR), 1.0)],
        why: "each key is checked against the rules of the whole form before the frame, and every 400 ms what was typed is kept.",
    }
}

fn flows(contenders: &[Contender], needed: &[Needed], delivery: &[f64]) -> Section {
    let longest = |needed: &Needed| {
        let worst = |tasks: &Vec<f64>| tasks.iter().copied().fold(0.0, f64::max);
        needed.longest.iter().map(worst).collect::<Vec<_>>()
    };
    let ours = longest(&needed[position(contenders, OURS)]);
    let ours = ours.iter().chain(delivery).copied().fold(0.0, f64::max);
    Section {
        title: "Long tasks",
        about: "The longest task of all rounds in each flow, with a fourth of the processor; 0 where none took more than 50 ms."
            .to_owned(),
        tables: vec![Table {
            title: String::new(),
            columns: FLOWS.iter().map(|(name, _)| (*name, 0)).collect(),
            rows: measured(contenders, needed)
                .map(|(contender, each)| (contender.title.clone(), longest(each)))
                .collect(),
        }, Table {
            title: "With the real backend, which only ours has".to_owned(),
            columns: delivery::FLOWS.iter().map(|name| (*name, 0)).collect(),
            rows: vec![(OURS.to_owned(), delivery.to_vec())],
        }],
        goals: vec![Goal::at_most("no task over 50 ms, in milliseconds", ours, 50.0)],
        why: "the browser's own garbage collection and drawing count too, and strike at times.",
    }
}

fn many(contenders: &[Contender], needed: &[Needed]) -> Section {
    let middle = |needed: &Needed| median(needed.forms.iter().copied());
    let floor = middle(&needed[position(contenders, FLOOR)]);
    let row = |(contender, needed): (&Contender, &Needed)| {
        let time = middle(needed);
        (contender.title.clone(), vec![time, time / floor])
    };
    Section {
        title: "Many forms",
        about: format!(
            "{FORMS} more forms on a page that has shown one, until the first field of the last is drawn, with a fourth of the processor."
        ),
        tables: vec![Table {
            title: String::new(),
            columns: vec![("ms", 0), ("× vanilla", 2)],
            rows: measured(contenders, needed).map(row).collect(),
        }],
        goals: vec![Goal::at_most(
            "time to mount ≤ 2 × vanilla's",
            middle(&needed[position(contenders, OURS)]) / floor,
            2.0,
        )],
        why: WHY_MANY,
    }
}
