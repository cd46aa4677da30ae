//! A ticket arrives once, whatever the network does. The truth is a count in the backend's database.

use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage};
use serde_json::Value;

itsm_e2e::in_every_engine! {
    sent_online;
    a_request_survives_a_reload_and_an_outage;
    the_backend_fails_twice_then_works;
    the_connection_is_cut_after_the_body_and_before_the_answer;
    signed_out_it_waits_and_signed_in_it_goes_with_the_token;
    sent_offline_the_browser_killed_and_started_again, not in WebKit: "its automation keeps nothing when it ends";
}

const SOON: Duration = Duration::from_secs(10);

async fn sent_online(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("The printer is on fire").await;
    form.send().await;
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
    let [body] = &stage.backend.bodies().await[..] else { panic!("one ticket") };
    assert_eq!(body["answers"]["summary"], "The printer is on fire");
    assert_eq!(body["answers"]["details"], "It hums, then it stops.\nThe light blinks twice.");
    assert_eq!(body["answers"]["printer_place"], "Second floor, beside the stairs");
    assert_eq!(body["requester"]["email"], "ada@desk.example");
    assert_eq!(body["service_id"], "workplace");
    assert_eq!((&body["impact"], &body["urgency"]), (&2.into(), &2.into()));
    browser.complains_of_nothing().await;
}

async fn sent_offline_the_browser_killed_and_started_again(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Written without a network").await;
    stage.cut_api();
    form.send().await;
    form.says("You may close this page").await;
    browser.kill();
    stage.mend();
    assert_eq!(stage.backend.tickets().await, 0);
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    stage.backend.has_tickets(1, SOON).await;
    let form = Form::ready(&browser).await;
    form.says("INC-000001").await;
    assert_eq!(stage.backend.bodies().await[0]["answers"]["summary"], "Written without a network");
    browser.reload().await;
    Form::ready(&browser).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(stage.backend.tickets().await, 1, "and never a second time");
}

async fn the_backend_fails_twice_then_works(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Third time lucky").await;
    let mut left = 2;
    stage.network.set_rule(move |head| {
        if head.method == "POST" && left > 0 {
            left -= 1;
            return Fate::Answer { status: 500, content_type: "text/plain", body: "oops".into() };
        }
        Fate::Pass
    });
    form.send().await;
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
}

async fn the_connection_is_cut_after_the_body_and_before_the_answer(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Was it sent?").await;
    let mut first = true;
    stage.network.set_rule(move |head| {
        if head.method == "POST" && std::mem::take(&mut first) { Fate::CutAnswer } else { Fate::Pass }
    });
    form.send().await;
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
}

async fn signed_out_it_waits_and_signed_in_it_goes_with_the_token(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("401");
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    browser.run("document.querySelector('itsm-ticket-form').getToken = () => window.token ?? null").await;
    form.fill_incident("Who am I?").await;
    let seen = std::sync::Arc::new(std::sync::Mutex::new(vec![]));
    let log = seen.clone();
    stage.network.set_rule(move |head| {
        if head.method != "POST" {
            return Fate::Pass;
        }
        log.lock().expect("a log").push(head.authorization.clone());
        if head.authorization == "Bearer abc.def" {
            return Fate::Pass;
        }
        let body = r#"{"type":"about:blank","status":401}"#.into();
        Fate::Answer { status: 401, content_type: "application/problem+json", body }
    });
    form.send().await;
    form.says("as soon as you have signed in").await;
    assert_eq!(stage.backend.tickets().await, 0);
    browser
        .run("window.token = 'abc.def'; document.querySelector('itsm-ticket-form').getToken = async () => window.token")
        .await;
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
    assert_eq!(*seen.lock().expect("a log"), ["", "Bearer abc.def"]);
    let stored = browser.stored().await;
    assert!(stored.contains("anonymous@"), "the receipt is there: {stored}");
    for word in ["abc.def", "INC-000001", "Who am I?"] {
        assert!(!stored.contains(word), "{word} can be read: {stored}");
    }
}

async fn a_request_survives_a_reload_and_an_outage(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Kept over a reload").await;
    // The draft is written a moment after the last key.
    tokio::time::sleep(Duration::from_secs(1)).await;
    browser.reload().await;
    let form = Form::ready(&browser).await;
    form.says("What you typed earlier is here again").await;
    assert_eq!(form.value("summary").await, "Kept over a reload");
    stage.cut_api();
    form.send().await;
    form.says("You may close this page").await;
    assert_eq!(stage.backend.tickets().await, 0);
    stage.mend();
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
    assert_eq!(stage.backend.bodies().await[0]["answers"]["summary"], "Kept over a reload");
    let parts = "return performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => /itsm-c.*wasm/.test(name))";
    let parts = browser.run(parts).await;
    let mut parts: Vec<&str> = parts.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let fetched = parts.len();
    parts.sort_unstable();
    parts.dedup();
    assert!(fetched > 2 && parts.len() == fetched, "each part once: {parts:?}");
}
