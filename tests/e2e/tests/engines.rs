//! The suite in the engines beside Chromium: all that a customer does, and a network that fails meanwhile.

use std::time::Duration;

use itsm_e2e::{Browser, Engine, Form, Profile, Stage};
use serde_json::Value;

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
    let parts =
        "return performance.getEntriesByType('resource').filter(({ name }) => /itsm-c.*wasm/.test(name)).length";
    assert_eq!(browser.run(parts).await, Value::from(2));
}

#[tokio::test]
async fn in_firefox_a_request_survives_a_reload_and_an_outage() {
    a_request_survives_a_reload_and_an_outage(Engine::Firefox).await;
}

#[tokio::test]
async fn in_webkit_a_request_survives_a_reload_and_an_outage() {
    a_request_survives_a_reload_and_an_outage(Engine::WebKit).await;
}
