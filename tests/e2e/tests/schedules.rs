//! Requests by the dozen through a network that fails at random, and through kills at random moments: all that was said to
//! be saved arrives, and nothing arrives twice.
//!
//! `ITSM_SCHEDULES`, `ITSM_BROWSER_KILLS` and `ITSM_TYPING_KILLS` make the tests larger than they are of themselves: in
//! Chromium as large as they say, in the others in proportion. `ITSM_SEED` makes the same faults again.

use std::collections::BTreeSet;
use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage, chance, from_env};
use serde_json::Value;

itsm_e2e::in_every_engine! {
    every_request_arrives_once_through_a_network_that_fails;
    what_is_refused_is_in_nobodys_way_and_comes_back;
    what_was_saved_survives_kills_at_any_moment, not in WebKit: "its automation keeps nothing when it ends";
    a_kill_in_the_middle_of_typing_costs_little, not in WebKit: "its automation keeps nothing when it ends";
}

/// How often the page is told that the network is there: it need not wait out a pause then.
const AGAIN: Duration = Duration::from_millis(150);

/// How many requests wait at the same time.
const BATCH: usize = 10;

/// How often, in that engine: of itself as often as `usual` says for Chromium, Firefox and WebKit.
fn times(engine: Engine, name: &str, usual: [usize; 3]) -> usize {
    let here = match engine {
        Engine::Chromium => usual[0],
        Engine::Firefox => usual[1],
        Engine::WebKit => usual[2],
    };
    from_env(name).map_or(here, |chromium: usize| (chromium * here).div_ceil(usual[0]))
}

/// From now on half of what is sent meets a fault.
fn fail_at_random(stage: &Stage, mut chance: fastrand::Rng) {
    let answer = |status, content_type, body: &str| Fate::Answer { status, content_type, body: body.to_owned() };
    stage.network.set_rule(move |head| match head.method.as_str() {
        "POST" => match chance.u8(0..16) {
            0 | 1 => Fate::Cut,
            2..=4 => Fate::CutAnswer,
            5 => answer(503, "text/html", "<h1>Busy</h1>"),
            6 => answer(200, "text/html", "<h1>Please sign in to this network</h1>"),
            7 => answer(500, "application/problem+json", "{\"type\":\"about:blank\",\"status\":500}"),
            _ => Fate::Pass,
        },
        _ => Fate::Pass,
    });
}

/// Begins to send one request after the other, each as soon as the one before is saved, up to `last`. The page notes what is
/// saved and what is received.
async fn begin_to_send(browser: &Browser, name: &str, last: usize) {
    let script = format!(
        "window.saved = []; window.promised = []; window.received = [];
         const form = document.querySelector('itsm-ticket-form');
         let words;
         form.addEventListener('itsm-ticket-queued', () => saved.push(words));
         form.addEventListener('itsm-ticket-delivered', ({{ detail }}) => received.push(detail.number));
         const until = async (probe) => {{
             for (let found; ; await new Promise((go) => setTimeout(go, 10))) if ((found = probe())) return found;
         }};
         const find = (selector) => () => form.shadowRoot.querySelector(selector);
         (async () => {{
             for (let number = 0; number < {last}; number++) {{
                 const field = await until(find('[data-field=what] textarea'));
                 words = '{name} ' + number;
                 field.value = words;
                 field.dispatchEvent(new Event('input', {{ bubbles: true, composed: true }}));
                 form.shadowRoot.querySelector('[part=submit]').click();
                 await until(() => saved.at(-1) === words);
                 const again = await until(find('.kept button'));
                 if (/You may close this page|INC-/.test(find('.kept')().textContent)) promised.push(words);
                 again.click();
             }}
         }})()"
    );
    browser.run(&script).await;
}

async fn list(browser: &Browser, name: &str) -> Vec<String> {
    let found = browser.run(&format!("return {name}")).await;
    found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// A page with the shortest of forms.
async fn open(browser: &Browser, stage: &Stage) {
    browser.open(&stage.url("/portal/")).await;
    browser.run("document.querySelector('itsm-ticket-form').setAttribute('form', 'something-is-broken')").await;
    Form::ready(browser).await.find("[data-field=what] textarea").await;
}

/// What has arrived, each once.
async fn arrived(stage: &Stage) -> BTreeSet<String> {
    let bodies = stage.backend.bodies().await;
    let all: Vec<String> =
        bodies.iter().filter_map(|body| body["answers"]["what"].as_str().map(str::to_owned)).collect();
    let each: BTreeSet<String> = all.iter().cloned().collect();
    assert_eq!(all.len(), each.len(), "nothing has arrived twice: {all:?}");
    each
}

/// Says again and again that the network is there, until `n` have arrived.
async fn until_arrived(browser: &Browser, stage: &Stage, n: usize) {
    for _ in 0..400 {
        if arrived(stage).await.len() >= n {
            return;
        }
        browser.run("dispatchEvent(new Event('online'))").await;
        tokio::time::sleep(AGAIN).await;
    }
    panic!("{n} were to arrive, and {:?} have", arrived(stage).await);
}

async fn every_request_arrives_once_through_a_network_that_fails(engine: Engine) {
    let requests = times(engine, "ITSM_SCHEDULES", [200, 50, 20]);
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    open(&browser, &stage).await;
    fail_at_random(&stage, chance());
    for first in (0..requests).step_by(BATCH) {
        let batch = BATCH.min(requests - first);
        begin_to_send(&browser, &format!("batch {first}"), batch).await;
        until_arrived(&browser, &stage, first + batch).await;
        let script = format!("return received.length === {batch}");
        for _ in 0..200 {
            if browser.run(&script).await == true {
                break;
            }
            browser.run("dispatchEvent(new Event('online'))").await;
            tokio::time::sleep(AGAIN).await;
        }
        let told: BTreeSet<String> = list(&browser, "received").await.into_iter().collect();
        assert_eq!(told.len(), batch, "each has been told of, with a number of its own");
    }
    assert_eq!(arrived(&stage).await.len(), requests);
}

async fn what_is_refused_is_in_nobodys_way_and_comes_back(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    open(&browser, &stage).await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    begin_to_send(&browser, "one of twenty", 20).await;
    browser.until("all are saved", "return saved.length === 20").await;
    let mut posts = 0;
    stage.network.set_rule(move |head| {
        posts += usize::from(head.method == "POST");
        if head.method == "POST" && posts == 1 {
            let problem =
                "{\"type\":\"about:blank\",\"status\":400,\"code\":\"not_valid\",\"detail\":\"Not like this.\"}";
            let content_type = "application/problem+json";
            return Fate::Answer { status: 400, content_type, body: problem.to_owned() };
        }
        Fate::Pass
    });
    browser.run("dispatchEvent(new Event('online'))").await;
    stage.backend.has_tickets(19, Duration::from_secs(8)).await;
    // It is here with all that was typed, to be edited, and then it goes too.
    let form = Form::at(&browser, "itsm-ticket-form");
    form.says("Not like this.").await;
    let edit = "return [...document.querySelector('itsm-ticket-form').shadowRoot.querySelectorAll('button')]
        .find((button) => button.textContent === 'Edit it')";
    browser.element("its button", edit).await.click().await.expect("pressed");
    form.says("Not like this.").await;
    // The reason was there before as well: what was typed comes with the form.
    let there = "const form = document.querySelector('itsm-ticket-form').shadowRoot;
        return form.querySelector('[data-field=what] textarea').value.startsWith('one of twenty')";
    browser.until("its words", there).await;
    form.send().await;
    stage.backend.has_tickets(20, Duration::from_secs(8)).await;
    assert_eq!(arrived(&stage).await.len(), 20);
}

/// Once in some hundred kills Chromium throws its database away (see `storage.rs`): what waits comes back from its copies.
async fn what_was_saved_survives_kills_at_any_moment(engine: Engine) {
    let kills = times(engine, "ITSM_BROWSER_KILLS", [40, 20, 0]);
    let (stage, profile, mut chance) = (Stage::set().await, Profile::new(), chance());
    fail_at_random(&stage, chance.fork());
    let mut saved = BTreeSet::new();
    for round in 0..kills {
        let mut browser = Browser::start_engine(engine, &profile, &[]).await;
        open(&browser, &stage).await;
        begin_to_send(&browser, &format!("round {round}"), 1_000).await;
        tokio::time::sleep(Duration::from_millis(chance.u64(50..1_500))).await;
        // What is saved between this word and the kill may arrive, and need not; nor need what the page says it cannot keep.
        let known = list(&browser, "promised").await;
        browser.kill();
        saved.extend(known);
    }
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    open(&browser, &stage).await;
    stage.mend();
    for _ in 0..120 {
        if saved.is_subset(&arrived(&stage).await) {
            break;
        }
        browser.run("dispatchEvent(new Event('online'))").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let arrived = arrived(&stage).await;
    println!("{kills} kills, {} saved before them, {} arrived", saved.len(), arrived.len());
    let lost: Vec<_> = saved.difference(&arrived).collect();
    assert!(lost.is_empty(), "lost: {lost:?}; {}", what_is_left(&browser, &profile).await);
    assert!(saved.len() >= kills, "there was something to lose");
}

/// What a browser has made of its database, for whoever looks for what was lost.
async fn what_is_left(browser: &Browser, profile: &Profile) -> String {
    let stored = browser.stored().await;
    let tables: Vec<String> = stored.lines().map(|line| line.chars().take(60).collect()).collect();
    let mut logs = String::new();
    let folders = std::fs::read_dir(profile.path().join("Default/IndexedDB")).into_iter().flatten().flatten();
    for folder in folders.map(|folder| folder.path()) {
        for name in ["LOG.old", "LOG"] {
            logs += &std::fs::read_to_string(folder.join(name)).unwrap_or_default();
        }
    }
    format!("left: {tables:?}; the browser's log: {logs}")
}

/// What is lost of steady typing: the age of what is found again. `ITSM_MAX_LOSS` is the most that may be, in milliseconds:
/// a machine that does much else is slower than a person's.
async fn a_kill_in_the_middle_of_typing_costs_little(engine: Engine) {
    let kills = times(engine, "ITSM_TYPING_KILLS", [50, 20, 0]);
    let (stage, profile, mut chance) = (Stage::set().await, Profile::new(), chance());
    let mut losses = vec![];
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    open(&browser, &stage).await;
    for _ in 0..kills {
        // A word that says when it was typed, every 20 ms.
        let typing = "const field = document.querySelector('itsm-ticket-form').shadowRoot.querySelector('[data-field=what] textarea');
            setInterval(() => {
                field.value = 'typed ' + Date.now();
                field.dispatchEvent(new Event('input', { bubbles: true, composed: true }));
            }, 20)";
        browser.run(typing).await;
        tokio::time::sleep(Duration::from_millis(chance.u64(900..1_900))).await;
        let now = browser.run("return Date.now()").await.as_u64().expect("a time");
        browser.kill();
        // Who is gone takes all of the profile's processes along: first the old one, then a new one.
        drop(browser);
        browser = Browser::start_engine(engine, &profile, &[]).await;
        open(&browser, &stage).await;
        let form = Form::ready(&browser).await;
        form.says("What you typed earlier is here again").await;
        let found = form.value("what").await;
        let typed: u64 = found.strip_prefix("typed ").and_then(|text| text.parse().ok()).expect("what was typed");
        losses.push(now.saturating_sub(typed));
        browser.run("document.querySelector('itsm-ticket-form').clear()").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    losses.sort_unstable();
    println!(
        "{kills} kills while typing: {} ms lost in the middle, {} ms at most",
        losses[kills / 2],
        losses[kills - 1]
    );
    assert!(losses[kills - 1] <= from_env("ITSM_MAX_LOSS").unwrap_or(1_500_u64), "{losses:?}");
}
