//! What is loaded when: the first field before all that comes after it, and nothing for what is far away.

use itsm_e2e::{Backend, Browser, Engine, Fate, Form, PageServer, Profile, Stage};
use serde_json::{Value, json};

itsm_e2e::in_every_engine! {
    a_broken_part_is_told_and_mended_and_nothing_typed_meanwhile_is_lost;
    nothing_is_loaded_for_an_element_that_is_far_away;
    a_draft_is_found_without_the_word_that_there_is_one;
}

/// A page whose form is `style`d, and that notes when it was ready.
fn page(style: &str, api: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Host</title><link rel=\"icon\" href=\"data:,\">\
         <script>addEventListener('itsm-ready', () => (window.readyAt = performance.now()))</script>\
         <script type=\"module\" src=\"/itsm-widgets.js\"></script></head><body>\
         <div style=\"{style}\"></div><itsm-ticket-form api=\"{api}\" form=\"something-is-broken\"></itsm-ticket-form></body></html>"
    )
}

/// Such a page on an origin of its own, and a backend that lets it in.
async fn host(style: &str) -> (PageServer, Backend) {
    let pages = PageServer::start();
    let backend = Backend::start(&["--allow-origin", &pages.origin()]).await;
    pages.put_dist();
    pages.put("/", "text/html", &[], page(style, &backend.api()));
    (pages, backend)
}

/// Once something was typed here, the next visit notes what the form looks like.
async fn let_its_look_be_noted(browser: &Browser) {
    Form::ready(browser).await.find("input, textarea").await.send_keys("x").await.expect("typed");
    browser.keeps_something().await;
    browser.run("document.querySelector('itsm-ticket-form').clear()").await;
    browser.reload().await;
    Form::ready(browser).await;
    let noted = "return Object.keys(localStorage).some((name) => name.includes('.1 look /'))";
    browser.until("its look is noted", noted).await;
}

/// What an element looked like on the first visit is known on the next, which comes over a slow line.
async fn second_visit(browser: &Browser, (pages, backend): &(PageServer, Backend), children: &str) {
    let shell = std::fs::read(itsm_e2e::dist().join("itsm-widgets.js")).expect("a built suite");
    pages.put("/itsm-widgets.js", "text/javascript", &[("Cache-Control", "max-age=600")], shell);
    browser.open(&pages.origin()).await;
    let_its_look_be_noted(browser).await;
    // Where it stands, and that nothing moves: from the first thing drawn on.
    let watch = "<script>window.moved = 0;
        const look = () => {
            const skeleton = document.querySelector('itsm-ticket-form')?.shadowRoot?.querySelector('[data-role=skeleton]');
            if (skeleton) window.seen = { bars: skeleton.childElementCount, top: document.getElementById('below').getBoundingClientRect().top };
            requestAnimationFrame(look);
        };
        look();
        new PerformanceObserver((list) => list.getEntries().forEach(({ value }) => (moved += value))).observe({ type: 'layout-shift', buffered: true });
        </script>";
    let page = page("", &backend.api()).replace("</head>", &format!("{watch}</head>"));
    // Else a busy machine may draw the page once before it runs the script.
    let page = page.replace("<script type=\"module\"", "<script type=\"module\" blocking=\"render\"");
    let page = page.replace("</itsm-ticket-form>", &format!("{children}</itsm-ticket-form><p id=\"below\">Below</p>"));
    pages.put("/", "text/html", &[], page);
    let line = json!({ "offline": false, "latency": 800, "downloadThroughput": 400_000, "uploadThroughput": 400_000 });
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.emulateNetworkConditions", line).await;
    browser.open(&pages.origin()).await;
}

#[tokio::test]
async fn an_element_that_was_seen_here_before_has_its_place_and_look_at_once() {
    let (host, profile) = (host("").await, Profile::new());
    let browser = Browser::start(&profile).await;
    second_visit(&browser, &host, "<a href=\"/plain\">The plain form</a>").await;
    let form = Form::ready(&browser).await;
    let seen = browser.run("return seen").await;
    assert!(seen["bars"].as_u64().is_some_and(|bars| bars > 8), "{seen}");
    assert!(!form.has("[data-role=skeleton]").await);
    assert_eq!(browser.run("return document.getElementById('below').getBoundingClientRect().top").await, seen["top"]);
    assert_eq!(browser.run("return moved").await.as_f64(), Some(0.0), "nothing moved");
    let words = "return Object.entries(localStorage).filter(([name]) => name.includes(' look ')).map(([, look]) => look.replace(/[0-9.,;]/g, '')).join('')";
    assert_eq!(browser.run(words).await, Value::from(""), "numbers, and not a word");
}

#[tokio::test]
async fn a_fallback_that_can_be_typed_into_is_not_covered() {
    let (host, profile) = (host("").await, Profile::new());
    let browser = Browser::start(&profile).await;
    second_visit(&browser, &host, "<input name=\"what\">").await;
    let typed = browser.element("the fallback", "return document.querySelector('input[name=what]')").await;
    typed.send_keys("Typed early").await.expect("typed");
    let form = Form::ready(&browser).await;
    browser
        .until("the focus goes along", "return document.querySelector('itsm-ticket-form').shadowRoot.activeElement")
        .await;
    browser.press(", and later").await;
    assert_eq!(form.value("what").await, "Typed early, and later");
}

#[tokio::test]
async fn what_was_typed_early_counts_more_than_an_earlier_draft_and_a_choice_is_taken_over_too() {
    let ((pages, backend), profile) = (host("").await, Profile::new());
    let page = page("", &backend.api()).replace("something-is-broken", "hardware-incident");
    pages.put("/", "text/html", &[], page.clone());
    let browser = Browser::start(&profile).await;
    browser.open(&pages.origin()).await;
    let form = Form::ready(&browser).await;
    form.fill("summary", "The draft of last week").await;
    form.fill("details", "Its details").await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let children = "<input name=summary><input type=password name=name>\
        <select name=device><option value=\"\">-<option value=phone>Phone</select></itsm-ticket-form>";
    pages.put("/", "text/html", &[], page.replace("</itsm-ticket-form>", children));
    let line =
        json!({ "offline": false, "latency": 1_500, "downloadThroughput": 400_000, "uploadThroughput": 400_000 });
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
    browser.devtools("Network.emulateNetworkConditions", line).await;
    browser.open(&pages.origin()).await;
    for (name, words) in [("summary", "Typed just now"), ("name", "hunter2")] {
        let script = format!("return document.querySelector('itsm-ticket-form > [name={name}]')");
        browser.element("the fallback", &script).await.send_keys(words).await.expect("typed");
    }
    browser.run("document.querySelector('itsm-ticket-form > select').value = 'phone'").await;
    let form = Form::ready(&browser).await;
    browser.until("the draft", "return document.querySelector('itsm-ticket-form').shadowRoot.querySelector('[data-field=details] textarea').value").await;
    assert_eq!(
        (form.value("summary").await, form.value("details").await),
        ("Typed just now".into(), "Its details".into())
    );
    assert_eq!(form.value("name").await, "", "a password is nobody's name");
    let chosen = "return [...document.querySelector('itsm-ticket-form').shadowRoot.querySelectorAll('[data-field=device] input')].findIndex(({ checked }) => checked)";
    assert_eq!(browser.run(chosen).await, 1, "the phone");
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    browser.reload().await;
    assert_eq!(Form::ready(&browser).await.value("summary").await, "Typed just now", "it is a draft now");
}

#[tokio::test]
async fn what_hangs_hides_the_page_authors_own_form_for_a_while_only() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let_its_look_be_noted(&browser).await;
    stage.network.set_rule(|head| {
        if head.path.ends_with(".wasm") && head.path.contains("/itsm-core-") { Fate::Hold } else { Fate::Pass }
    });
    browser.devtools("Network.enable", json!({})).await;
    browser.devtools("Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
    browser.open(&stage.url("/portal/?again")).await;
    let seen = "return document.querySelector('itsm-ticket-form p').offsetHeight > 0";
    browser
        .until(
            "the outline",
            "return document.querySelector('itsm-ticket-form').shadowRoot.querySelector('[data-role=skeleton]')",
        )
        .await;
    assert_eq!(browser.run(seen).await, false, "covered");
    browser.until("the page's own words", seen).await;
}

#[tokio::test]
async fn a_second_part_that_hangs_is_told() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    stage.network.set_rule(|head| if head.path.contains("/itsm-chunk-") { Fate::Hold } else { Fate::Pass });
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await.says("nothing is saved or sent yet").await;
}

fn is_chunk(path: &str) -> bool {
    path.starts_with("/itsm-chunk-") && path.ends_with(".wasm")
}

fn flip(bytes: &mut [u8]) {
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
}

#[tokio::test]
async fn the_first_field_comes_before_what_keeps_it() {
    let ((pages, _backend), profile) = (host("").await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&pages.origin()).await;
    Form::ready(&browser).await;
    let began =
        "const chunk = performance.getEntriesByType('resource').find(({ name }) => name.includes('/itsm-chunk-'));
                 return chunk?.startTime - readyAt";
    let after = browser.until("the second part", began).await;
    assert!(after.as_f64().is_some_and(|after| after >= 0.0), "{after} ms after the form was ready");
    assert_eq!(browser.complaints().await, [""; 0]);
}

async fn nothing_is_loaded_for_an_element_that_is_far_away(engine: Engine) {
    let ((pages, _backend), profile) = (host("height: 5000px").await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&pages.origin()).await;
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    let loaded =
        "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/itsm-c')).length";
    assert_eq!(browser.run(loaded).await, Value::from(0));
    browser.run("document.querySelector('itsm-ticket-form').scrollIntoView()").await;
    Form::ready(&browser).await;
}

async fn a_broken_part_is_told_and_mended_and_nothing_typed_meanwhile_is_lost(engine: Engine) {
    let ((pages, backend), profile) = (host("").await, Profile::new());
    pages.change(is_chunk, |bytes| flip(bytes));
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&pages.origin()).await;
    let form = Form::ready(&browser).await;
    form.fill("what", "Typed while half of it was missing").await;
    form.says("nothing is saved or sent yet").await;
    form.send().await;
    assert_eq!(backend.tickets().await, 0);
    pages.change(is_chunk, |bytes| flip(bytes));
    form.says("INC-000001").await;
    assert_eq!(backend.tickets().await, 1);
    assert_eq!(backend.bodies().await[0]["answers"]["what"], "Typed while half of it was missing");
}

async fn a_draft_is_found_without_the_word_that_there_is_one(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill("summary", "Half a sentence").await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    browser.run("localStorage.clear()").await;
    browser.reload().await;
    let form = Form::ready(&browser).await;
    form.says("What you typed earlier is here again").await;
    assert_eq!(form.value("summary").await, "Half a sentence");
    browser.complains_of_nothing().await;
}
