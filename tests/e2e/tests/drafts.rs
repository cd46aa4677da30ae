//! Nothing that was typed is lost: drafts, files, refusals.

use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage};

itsm_e2e::in_every_engine! {
    what_was_just_typed_is_kept_when_the_element_is_taken_away;
    what_the_service_desk_refuses_goes_back_into_the_form;
    the_page_of_a_captive_portal_is_no_receipt;
    a_database_that_was_wiped_is_told_and_not_passed_over;
    two_tabs_never_overwrite_each_other, not in WebKit: "its driver draws one tab only";
    a_draft_survives_a_kill_and_a_cold_start_without_the_api, not in WebKit: "its automation keeps nothing when it ends";
}

/// Longer than a draft may wait to be saved.
const SAVED: Duration = Duration::from_millis(700);

async fn a_draft_survives_a_kill_and_a_cold_start_without_the_api(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill("summary", "Half a sentence").await;
    form.choose("device", 3).await;
    form.fill("other_device", "The coffee machine").await;
    tokio::time::sleep(SAVED).await;
    browser.kill();
    stage.cut_api();
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("ERR_");
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    assert_eq!(form.value("summary").await, "Half a sentence");
    assert_eq!(form.value("other_device").await, "The coffee machine");
    form.says("What you typed earlier is here again").await;
    form.says("The service desk does not answer").await;
    form.choose("priority", 1).await;
    form.choose("priority", 4).await;
    form.fill("email", "ada@desk.example").await;
    form.send().await;
    form.says("You may close this page").await;
    assert_eq!(stage.backend.tickets().await, 0);
    stage.mend();
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
    assert_eq!(stage.backend.bodies().await[0]["answers"]["other_device"], "The coffee machine");
    browser.complains_of_nothing().await;
}

async fn two_tabs_never_overwrite_each_other(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    let first_tab = browser.client().window().await.expect("a window");
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await.fill("summary", "Typed in the first tab").await;
    tokio::time::sleep(SAVED).await;
    let second_tab = browser.client().new_window(true).await.expect("a tab").handle;
    browser.client().switch_to_window(second_tab).await.expect("the second tab");
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    assert_eq!(form.value("summary").await, "", "the other tab's draft is not taken over");
    form.fill("summary", "Typed in the second tab").await;
    tokio::time::sleep(SAVED).await;
    browser.client().switch_to_window(first_tab).await.expect("the first tab");
    assert_eq!(Form::ready(&browser).await.value("summary").await, "Typed in the first tab");
    browser.reload().await;
    assert_eq!(Form::ready(&browser).await.value("summary").await, "Typed in the first tab");
}

async fn what_the_service_desk_refuses_goes_back_into_the_form(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("422");
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Asset unknown").await;
    let problem = r##"{"type":"urn:itsm-widgets:problem:invalid_answers","title":"Some answers cannot be accepted","status":422,
        "detail":"The printer is not known.","errors":[{"pointer":"#/answers/printer_place","code":"other","detail":"There is no printer there."}]}"##;
    let mut first = true;
    stage.network.set_rule(move |head| {
        if head.method == "POST" && std::mem::take(&mut first) {
            return Fate::Answer { status: 422, content_type: "application/problem+json", body: problem.into() };
        }
        Fate::Pass
    });
    form.send().await;
    form.says("The printer is not known.").await;
    form.says("There is no printer there.").await;
    assert_eq!(form.value("summary").await, "Asset unknown", "nothing is lost");
    let focused = browser.run("return document.querySelector('itsm-ticket-form').shadowRoot.activeElement.closest('[data-field]').dataset.field").await;
    assert_eq!(focused, "printer_place");
    form.fill("printer_place", "Third floor").await;
    form.send().await;
    form.says("INC-000001").await;
    let [body] = &stage.backend.bodies().await[..] else { panic!("one ticket") };
    assert_eq!(body["answers"]["printer_place"], "Third floor");
    assert_eq!(body["supersedes"].as_array().map(Vec::len), Some(1));
    browser.complains_of_nothing().await;
}

async fn the_page_of_a_captive_portal_is_no_receipt(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("In a hotel").await;
    stage.network.set_rule(|head| match head.path.starts_with("/api/") {
        true => {
            Fate::Answer { status: 200, content_type: "text/html", body: "<h1>Welcome! Please sign in.</h1>".into() }
        }
        false => Fate::Pass,
    });
    form.send().await;
    form.says("does not answer").await;
    assert!(!form.has("[part=receipt]").await);
    stage.mend();
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
}

/// What waits comes back from its copy; without one the loss is told.
async fn a_database_that_was_wiped_is_told_and_not_passed_over(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    for (words, wiped, told) in [
        ("Soon back", "", "Your request has arrived. Its number is INC-000001."),
        ("Soon gone", "await caches.delete('itsm.default.1');", "1 saved form could not be read any more."),
    ] {
        browser.open(&stage.url("/portal/")).await;
        let form = Form::ready(&browser).await;
        form.fill_incident(words).await;
        stage.cut_api();
        form.send().await;
        form.says("You may close this page").await;
        browser.open(&stage.url("/portal/icon.svg")).await;
        let wipe = format!(
            "const done = arguments[0];
             (async () => {{
                 {wiped}
                 const wipe = indexedDB.deleteDatabase('itsm.default.1');
                 wipe.onsuccess = () => done(true);
             }})()"
        );
        browser.client().execute_async(&wipe, vec![]).await.expect("wiped");
        stage.mend();
        browser.open(&stage.url("/portal/")).await;
        Form::ready(&browser).await.says(told).await;
    }
    assert_eq!(stage.backend.tickets().await, 1);
}

/// As a page does that changes its view without a load.
async fn what_was_just_typed_is_kept_when_the_element_is_taken_away(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.says("kept on this device").await;
    for words in ["First", "and more"] {
        let form = Form::ready(&browser).await;
        form.type_in("summary", words).await;
        let away = "window.form = document.querySelector('itsm-ticket-form'); window.place = form.parentElement; form.remove()";
        browser.run(away).await;
        tokio::time::sleep(Duration::from_millis(1_000)).await;
        browser.run("place.append(form)").await;
        let form = Form::ready(&browser).await;
        form.says("What you typed earlier is here again").await;
        let value = form.value("summary").await;
        assert!(value.ends_with(words), "{value}");
    }
    assert_eq!(Form::ready(&browser).await.value("summary").await, "Firstand more");
}
