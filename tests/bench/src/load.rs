//! From the address to a field that takes the focus.

use std::time::Duration;

use itsm_e2e::{Browser, PageServer, Profile};
use serde_json::{Value, json};

use crate::contender::Contender;

/// A line and a machine.
pub struct Condition {
    /// What it is called.
    pub name: &'static str,
    /// How many times slower the processor is made.
    cpu: u32,
    /// Bytes per second down, and milliseconds for a round trip; none if the line is not slowed.
    line: Option<(u32, u32)>,
    /// Whether files and storage are there from an earlier visit.
    warm: bool,
}

/// 1.6 Mbit/s with 150 ms and a fourth of the processor: a phone on a poor line.
pub const CONDITIONS: &[Condition] = &[
    Condition { name: "cold, throttled", cpu: 4, line: Some((200_000, 150)), warm: false },
    Condition { name: "warm, throttled", cpu: 4, line: Some((200_000, 150)), warm: true },
    Condition { name: "cold", cpu: 1, line: None, warm: false },
    Condition { name: "warm", cpu: 1, line: None, warm: true },
];

/// One visit.
#[derive(Clone, Copy)]
pub struct Visit {
    /// Milliseconds until the first field took the focus.
    pub usable: f64,
    /// Milliseconds by which tasks were longer than 50 ms, until half a second after.
    pub blocked: f64,
    /// Bytes over the wire until then.
    pub bytes: f64,
}

/// All visits: by condition, by contender.
pub struct Figures {
    /// The browser's name and version.
    pub browser: String,
    /// What was measured.
    pub visits: Vec<Vec<Vec<Visit>>>,
}

/// Measures all contenders in turn, `rounds` times.
pub async fn measure(contenders: &[Contender], rounds: usize) -> Figures {
    let server = PageServer::start();
    contenders.iter().for_each(|contender| contender.put(&server));
    let mut visits = vec![vec![vec![]; contenders.len()]; CONDITIONS.len()];
    let mut version = String::new();
    for round in 0..rounds {
        let (profile, mut known) = (Profile::new(), vec![false; contenders.len()]);
        let browser = Browser::start(&profile).await;
        version = browser.devtools("Browser.getVersion", json!({})).await["product"].as_str().unwrap_or("?").to_owned();
        browser.devtools("Network.enable", json!({})).await;
        for (at, condition) in CONDITIONS.iter().enumerate() {
            for turn in 0..contenders.len() {
                // Another order in each round.
                let number = (turn + round) % contenders.len();
                let url = format!("{}/{}/", server.origin(), contenders[number].name);
                if !condition.warm {
                    forget(&browser, &server.origin()).await;
                    known.fill(false);
                } else if !known[number] {
                    slow(&browser, &CONDITIONS[2]).await;
                    // Twice: browsers keep compiled code from the second visit on.
                    for _ in 0..2 {
                        visit(&browser, &url).await;
                    }
                    known[number] = true;
                }
                slow(&browser, condition).await;
                visits[at][number].push(visit(&browser, &url).await);
            }
        }
        eprintln!("round {} of {rounds}", round + 1);
    }
    Figures { browser: version, visits }
}

async fn forget(browser: &Browser, origin: &str) {
    browser.open("about:blank").await;
    browser.devtools("Network.clearBrowserCache", json!({})).await;
    browser.devtools("Storage.clearDataForOrigin", json!({ "origin": origin, "storageTypes": "all" })).await;
}

async fn slow(browser: &Browser, condition: &Condition) {
    let (bytes, latency) = condition.line.map_or((-1, 0), |(bytes, latency)| (i64::from(bytes), latency));
    let line = json!({ "offline": false, "latency": latency, "downloadThroughput": bytes, "uploadThroughput": bytes });
    browser.devtools("Network.emulateNetworkConditions", line).await;
    browser.devtools("Emulation.setCPUThrottlingRate", json!({ "rate": condition.cpu })).await;
}

async fn visit(browser: &Browser, url: &str) -> Visit {
    browser.open(url).await;
    let usable = browser.until(url, "return window.usable").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let blocked = browser.run("return window.blocked").await;
    let number = |value: &Value| value.as_f64().expect("a number");
    Visit { usable: number(&usable["at"]), blocked: number(&blocked), bytes: number(&usable["bytes"]) }
}
