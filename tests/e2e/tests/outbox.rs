//! The outbox: what is on this device only, and what can be done about it.

use std::time::Duration;

use itsm_e2e::{Backend, Browser, Engine, Fate, Form, PageServer, Profile, Stage};
use serde_json::json;

itsm_e2e::in_every_engine! {
    what_waits_is_listed_and_is_sent_at_once_if_asked;
    what_was_refused_says_why_and_goes_back_into_its_form;
    what_is_discarded_is_gone_and_stays_gone;
    a_request_can_be_taken_along;
}

#[tokio::test]
async fn it_works_on_a_page_of_its_own() {
    let (pages, profile) = (PageServer::start(), Profile::new());
    let backend = Backend::start(&["--allow-origin", &pages.origin()]).await;
    pages.put_dist();
    let page = format!(
        "<!doctype html><html lang=\"de\"><meta charset=\"utf-8\"><title>Own</title><link rel=\"icon\" href=\"data:,\">\
         <script type=\"module\" src=\"/itsm-widgets.js\"></script><itsm-outbox api=\"{}\"></itsm-outbox></html>",
        backend.api()
    );
    pages.put("/own", "text/html", &[], page);
    let browser = Browser::start(&profile).await;
    browser.open(&format!("{}/own", pages.origin())).await;
    let outbox = Form::ready_at(&browser, "itsm-outbox").await;
    outbox.says("Noch nicht gesendet").await;
    outbox.says("Alles ist gesendet.").await;
    browser.complains_of_nothing().await;
}

const OUTBOX: &str = "document.querySelector('itsm-outbox')";

/// The portal with an outbox beneath its form.
async fn with_outbox<'a>(browser: &'a Browser, stage: &Stage) -> (Form<'a>, Form<'a>) {
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(browser).await;
    browser
        .run(
            "window.counts = []; document.addEventListener('itsm-outbox-count', (event) => counts.push(event.detail.count));
             const outbox = document.createElement('itsm-outbox'); outbox.setAttribute('api', '/api/v1');
             document.querySelector('itsm-ticket-form').after(outbox); outbox.scrollIntoView()",
        )
        .await;
    (form, Form::ready_at(browser, "itsm-outbox").await)
}

async fn press(outbox: &Form<'_>, browser: &Browser, label: &str) {
    let script = format!(
        "const all = {OUTBOX}.shadowRoot.querySelectorAll('button');
         for (const one of all) if (one.textContent === {label:?}) return one"
    );
    outbox.says(label).await;
    browser.element(label, &script).await.click().await.expect("pressed");
}

async fn what_waits_is_listed_and_is_sent_at_once_if_asked(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("503");
    let (form, outbox) = with_outbox(&browser, &stage).await;
    outbox.says("Everything has been sent.").await;
    form.fill_incident("Listed").await;
    // The service desk's own wish: nothing but a person ends this pause.
    stage.network.set_rule(|head| match head.method.as_str() {
        "POST" => Fate::Answer {
            status: 503,
            content_type: "application/problem+json",
            body: r#"{"type":"about:blank","title":"Busy","status":503,"retry_after":3600}"#.into(),
        },
        _ => Fate::Pass,
    });
    form.send().await;
    outbox.says("1 request is not at the service desk yet.").await;
    outbox.says("not protected against somebody who has this device").await;
    outbox.says("Report a hardware problem").await;
    outbox.says("The service desk is busy and asked us to wait until").await;
    stage.mend();
    press(&outbox, &browser, "Send now").await;
    outbox.says("Its number is INC-000001.").await;
    outbox.says("Everything has been sent.").await;
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
    assert_eq!(browser.run("return counts").await, json!([0, 1, 0]));
}

async fn what_was_refused_says_why_and_goes_back_into_its_form(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("422");
    let (form, _) = with_outbox(&browser, &stage).await;
    form.fill_incident("Refused").await;
    stage.network.set_rule(|head| match head.method.as_str() {
        "POST" => Fate::Answer {
            status: 422,
            content_type: "application/problem+json",
            body: r#"{"type":"about:blank","title":"No","status":422,"detail":"There is no printer there."}"#.into(),
        },
        _ => Fate::Pass,
    });
    form.send().await;
    form.says("There is no printer there.").await;
    // A later visit finds it in the outbox, and an empty form.
    let (form, outbox) = with_outbox(&browser, &stage).await;
    outbox.says("There is no printer there.").await;
    assert_eq!(form.value("summary").await, "");
    press(&outbox, &browser, "Edit it").await;
    form.says("There is no printer there.").await;
    assert_eq!(form.value("summary").await, "Refused");
    stage.mend();
    form.fill("summary", "Mended").await;
    form.send().await;
    form.says("INC-000001").await;
    outbox.says("Everything has been sent.").await;
    let [body] = &stage.backend.bodies().await[..] else { panic!("one ticket") };
    assert_eq!(body["answers"]["summary"], "Mended");
    assert_eq!(browser.run("return counts.at(-1)").await, 0);
}

async fn what_is_discarded_is_gone_and_stays_gone(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("ERR_");
    let (form, outbox) = with_outbox(&browser, &stage).await;
    form.fill_incident("Discarded").await;
    stage.cut_api();
    form.send().await;
    outbox.says("The service desk does not answer.").await;
    press(&outbox, &browser, "Discard it").await;
    assert_eq!(browser.run("return counts.at(-1)").await, 1, "not before it is confirmed");
    press(&outbox, &browser, "Discard for good").await;
    outbox.says("The service desk is being told.").await;
    stage.mend();
    outbox.says("Everything has been sent.").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.backend.tickets().await, 0);
}

async fn a_request_can_be_taken_along(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("ERR_");
    let (form, outbox) = with_outbox(&browser, &stage).await;
    form.fill_incident("Taken along & kept").await;
    stage.cut_api();
    form.send().await;
    outbox.says("The service desk does not answer.").await;
    // WebKit's automation says nothing of storage.
    if engine != Engine::WebKit {
        outbox.says("it may store").await;
    }
    let link = "return document.querySelector('itsm-outbox').shadowRoot.querySelector('a[download]')";
    let link = browser.element("a link", link).await;
    let href = link.attr("href").await.expect("an attribute").expect("an address");
    let text = href.strip_prefix("data:application/json;charset=utf-8,").expect("the request itself");
    assert!(text.contains("%22summary%22%3A%22Taken%20along%20%26%20kept%22"), "{text}");
    let name = link.attr("download").await.expect("an attribute").expect("a name");
    assert!(name.starts_with("hardware-incident-") && name.ends_with(".json"), "{name}");
    // As on a page without TLS: nobody puts anything on the clipboard, and the text is shown.
    browser.run("Object.defineProperty(Navigator.prototype, 'clipboard', { value: undefined })").await;
    press(&outbox, &browser, "Copy its text").await;
    let shown = outbox.find("textarea[readonly]").await.prop("value").await.expect("a property").unwrap_or_default();
    assert!(shown.contains("What is wrong?: Taken along & kept\n"), "{shown}");
    assert!(shown.contains("Which device?: Printer\n"), "{shown}");
}
