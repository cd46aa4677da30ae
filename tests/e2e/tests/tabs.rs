//! Several tabs, one drainer: whoever is frozen, crashed or closed while it sends is followed by another.

use std::time::Duration;

use fantoccini::wd::WindowHandle;
use itsm_e2e::{Browser, Fate, Form, Profile, Stage, chance, from_env};
use serde_json::json;

/// Sends `words` in the tab that is talked to, into a network that never answers: it stays in flight. Then opens a further
/// tab, to which the network answers.
async fn left_in_flight(stage: &Stage, browser: &Browser, words: &str) -> WindowHandle {
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(browser).await;
    form.fill_incident(words).await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Hold } else { Fate::Pass });
    form.send().await;
    form.says("Sending").await;
    let first = browser.open_tab("about:blank").await;
    stage.mend();
    first
}

#[tokio::test]
async fn another_tab_sends_what_a_frozen_one_was_sending() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let first = left_in_flight(&stage, &browser, "Frozen in the middle").await;
    let second = browser.client().window().await.expect("a tab");
    browser.switch_to(first.clone()).await;
    browser.set_life("frozen").await;
    browser.switch_to(second).await;
    browser.show_tab().await;
    browser.open(&stage.url("/portal/")).await;
    // Ten seconds without a sign of life, and the way there and back.
    stage.backend.has_tickets(1, Duration::from_secs(15)).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("And one more").await;
    form.send().await;
    form.says("INC-000002").await;
    browser.switch_to(first).await;
    browser.set_life("active").await;
    Form::at(&browser, "itsm-ticket-form").says("INC-000001").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(stage.backend.tickets().await, 2, "none twice");
}

#[tokio::test]
async fn another_tab_sends_at_once_what_a_crashed_one_was_sending() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let first = left_in_flight(&stage, &browser, "Crashed in the middle").await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    let second = browser.client().window().await.expect("a tab");
    browser.switch_to(first).await;
    // The tab is gone before it can answer.
    let _ = tokio::time::timeout(Duration::from_secs(1), browser.try_devtools("Page.crash", json!({}))).await;
    browser.switch_to(second).await;
    stage.backend.has_tickets(1, Duration::from_secs(3)).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(stage.backend.tickets().await, 1, "and not twice");
}

#[tokio::test]
async fn without_web_locks_the_tabs_still_take_turns() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let no_locks = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })";
    browser.devtools("Page.enable", json!({})).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": no_locks })).await;
    let first = left_in_flight(&stage, &browser, "Frozen without locks").await;
    let second = browser.client().window().await.expect("a tab");
    browser.switch_to(first).await;
    assert_eq!(browser.run("return navigator.locks === undefined").await, true);
    browser.set_life("frozen").await;
    browser.switch_to(second).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": no_locks })).await;
    browser.open(&stage.url("/portal/")).await;
    stage.backend.has_tickets(1, Duration::from_secs(15)).await;
    assert_eq!(stage.backend.tickets().await, 1);
}

/// Whatever a frozen page had begun in the database, no other page waits for it.
#[tokio::test]
async fn a_tab_frozen_in_the_middle_of_a_transaction_is_in_nobodys_way() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let first = left_in_flight(&stage, &browser, "Frozen while it reads").await;
    let second = browser.client().window().await.expect("a tab");
    browser.switch_to(first.clone()).await;
    // From now on whatever it reads is behind much else.
    let slow = "const read = IDBObjectStore.prototype.getAll;
        IDBObjectStore.prototype.getAll = function (...all) {
            for (let i = 0; i < 20_000; i++) this.count();
            window.reads = true;
            return read.apply(this, all);
        };
        dispatchEvent(new Event('online'))";
    browser.run(slow).await;
    browser.until("a transaction", "return window.reads").await;
    browser.set_life("frozen").await;
    browser.switch_to(second).await;
    browser.show_tab().await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.says("kept on this device").await;
    stage.backend.has_tickets(1, Duration::from_secs(15)).await;
    browser.switch_to(first).await;
    browser.set_life("active").await;
    Form::at(&browser, "itsm-ticket-form").says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1, "none twice");
}

/// How the tab that sends comes to an end.
#[derive(Clone, Copy, Debug)]
enum End {
    Frozen,
    Crashed,
    Closed,
}

/// Among two to five tabs the one that sends ends: another goes on, soon, and nothing is sent twice. `ITSM_TAKEOVERS` says
/// how often, `ITSM_SEED` makes the same again. `ITSM_SOON` is how long it may take, in milliseconds, if the tab is gone; if
/// it is frozen, 13 seconds more. A machine that does much else is slower than a person's.
#[tokio::test]
async fn another_tab_goes_on_however_the_one_that_sends_ends() {
    let mut chance = chance();
    // Six at a time, each in a browser of its own: most of it is waiting.
    for run in (0..from_env("ITSM_TAKEOVERS").unwrap_or(60_usize)).step_by(6) {
        tokio::join!(
            take_over(run, End::Closed, chance.fork()),
            take_over(run + 1, End::Crashed, chance.fork()),
            take_over(run + 2, End::Frozen, chance.fork()),
            take_over(run + 3, End::Closed, chance.fork()),
            take_over(run + 4, End::Crashed, chance.fork()),
            take_over(run + 5, End::Frozen, chance.fork()),
        );
    }
}

async fn take_over(run: usize, end: End, mut chance: fastrand::Rng) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let others = chance.usize(1..5);
    let words = format!("Run {run}, {end:?}");
    let first = left_in_flight(&stage, &browser, &words).await;
    let mut last = browser.client().window().await.expect("a tab");
    for other in 0..others {
        if other > 0 {
            browser.open_tab("about:blank").await;
            last = browser.client().window().await.expect("a tab");
        }
        browser.open(&stage.url("/portal/")).await;
        Form::ready(&browser).await;
    }
    browser.switch_to(first.clone()).await;
    tokio::time::sleep(Duration::from_millis(chance.u64(0..600))).await;
    match end {
        End::Frozen => browser.set_life("frozen").await,
        // The tab is gone before it can answer.
        End::Crashed => {
            let crash = browser.try_devtools("Page.crash", json!({}));
            let _ = tokio::time::timeout(Duration::from_millis(300), crash).await;
        }
        End::Closed => browser.client().close_window().await.expect("closed"),
    }
    browser.switch_to(last).await;
    browser.show_tab().await;
    let soon = from_env("ITSM_SOON").unwrap_or(6_000_u64) + if matches!(end, End::Frozen) { 13_000 } else { 0 };
    let since = tokio::time::Instant::now();
    stage.backend.has_tickets(1, Duration::from_millis(soon)).await;
    println!("{words}: {others} others, after {} ms", since.elapsed().as_millis());
    if matches!(end, End::Frozen) {
        browser.switch_to(first).await;
        browser.set_life("active").await;
        Form::at(&browser, "itsm-ticket-form").says("INC-000001").await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.backend.tickets().await, 1, "none twice");
}
