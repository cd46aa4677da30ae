//! A ticket arrives once, whatever the network does. The truth is a count in the backend's database.

use std::time::Duration;

use itsm_e2e::{Browser, Fate, Form, Profile, Stage};

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn sent_online() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
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
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test]
async fn sent_offline_the_browser_killed_and_started_again() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Written without a network").await;
    stage.cut_api();
    form.send().await;
    form.says("You may close this page").await;
    browser.kill();
    stage.mend();
    assert_eq!(stage.backend.tickets().await, 0);
    let browser = Browser::start(&profile).await;
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

#[tokio::test]
async fn the_backend_fails_twice_then_works() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
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

#[tokio::test]
async fn the_connection_is_cut_after_the_body_and_before_the_answer() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
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
