//! What people and pages do while a form is being filled in: real presses, locks, languages, refusals, files.

use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, FaultProxy, Form, Profile, Stage};
use serde_json::{Value, json};

itsm_e2e::in_every_engine! {
    what_was_refused_is_shown_again_whatever_was_typed_since;
    locks_follow_the_page;
    the_focus_goes_on_to_the_receipt;
    a_delivery_is_told_once_by_the_form_that_shows_it;
    files_outlive_the_field_that_took_them;
}

/// Refuses the next request with an error in `asset`.
fn refuse_once(network: &FaultProxy) {
    let mut left = 1;
    network.set_rule(move |head| {
        if head.method != "POST" || left == 0 {
            return Fate::Pass;
        }
        left -= 1;
        let body = r##"{"type":"urn:itsm-widgets:problem:invalid_answers","title":"No","status":422,"detail":"No such asset.",
            "errors":[{"pointer":"#/answers/asset","code":"other","detail":"There is no such asset."}]}"##;
        Fate::Answer { status: 422, content_type: "application/problem+json", body: body.into() }
    });
}

const FORM: &str = "document.querySelector('itsm-ticket-form')";
const FOCUSED: &str = "document.querySelector('itsm-ticket-form').shadowRoot.activeElement";

async fn focused(browser: &Browser, script: &str) -> Value {
    browser.run(&format!("return {FOCUSED}{script}")).await
}

#[tokio::test]
async fn a_press_arrives_although_the_field_that_was_left_turns_red() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    browser
        .run(&format!(
            "window.tries = 0; {FORM}.shadowRoot.querySelector('form').addEventListener('submit', () => tries++)"
        ))
        .await;
    form.find("[data-field=email] input").await.click().await.expect("focus");
    let script = format!(
        "const button = {FORM}.shadowRoot.querySelector('[part=submit]'); button.scrollIntoView({{ block: 'center' }});
         const box = button.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height * 0.2]"
    );
    let at = browser.run(&script).await;
    let mouse = async |kind: &str| {
        let event = json!({ "type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1 });
        browser.devtools("Input.dispatchMouseEvent", event).await;
    };
    mouse("mousePressed").await;
    tokio::time::sleep(Duration::from_millis(80)).await;
    mouse("mouseReleased").await;
    form.says("answers need your attention").await;
    assert_eq!(browser.run("return tries").await, 1);
    assert!(form.has("[data-field=email] [part=error]").await);
}

async fn what_was_refused_is_shown_again_whatever_was_typed_since(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("422");
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.set("prefill", &json!({ "name": { "value": "Ada Locked", "locked": true } })).await;
    form.fill("summary", "Refused the first time").await;
    form.choose("device", 0).await;
    form.fill("asset", "IT-0").await;
    form.choose("priority", 1).await;
    form.choose("priority", 4).await;
    form.fill("email", "ada@desk.example").await;
    refuse_once(&stage.network);
    form.send().await;
    form.says("There is no such asset").await;
    let read_only = format!("return {FORM}.shadowRoot.querySelector('[data-field=name] input').readOnly");
    assert_eq!(browser.run(&read_only).await, true, "what the page has fixed stays fixed");
    browser.reload().await;
    let form = Form::ready(&browser).await;
    form.find("[data-role=refused]").await;
    form.fill("summary", "Something else").await;
    form.find("[data-role=refused] button.secondary").await.click().await.expect("pressed");
    form.says("There is no such asset").await;
    assert_eq!(form.value("summary").await, "Refused the first time");
    form.fill("asset", "IT-1042").await;
    form.send().await;
    form.says("INC-000001").await;
    let [body] = &stage.backend.bodies().await[..] else { panic!("one ticket") };
    assert_eq!(body["answers"]["summary"], "Refused the first time");
    // The other text is a draft still.
    browser.reload().await;
    assert_eq!(Form::ready(&browser).await.value("summary").await, "Something else");
}

async fn locks_follow_the_page(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    let read_only = format!("{FORM}.shadowRoot.querySelector('[data-field=summary] input').readOnly");
    form.set("prefill", &json!({ "summary": { "value": "Fixed", "locked": true } })).await;
    browser.until("a lock", &format!("return {read_only}")).await;
    assert_eq!(form.value("summary").await, "Fixed");
    form.set("prefill", &Value::Null).await;
    browser.until("no lock", &format!("return !{read_only}")).await;
    form.fill("summary", "Free again").await;
    browser.run(&format!("{FORM}.setAttribute('service', 'mail')")).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(form.value("summary").await, "Free again", "another service draws nothing anew");
    assert_eq!(focused(&browser, ".closest('[data-field]').dataset.field").await, "summary");
}

async fn the_focus_goes_on_to_the_receipt(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Where is the focus?").await;
    form.send().await;
    form.says("INC-000001").await;
    browser.until("the focus", &format!("return {FOCUSED}?.textContent === 'Your request has arrived'")).await;
    browser.run(&format!("{FORM}.lang = 'de'")).await;
    form.says("Ihre Anfrage ist angekommen").await;
    assert_eq!(focused(&browser, "?.dataset.role").await, "heading", "another language takes it not away");
    browser.run(&format!("{FORM}.setAttribute('without-title', '')")).await;
    form.find(".actions button").await.click().await.expect("another");
    browser.until("a field", &format!("return {FOCUSED}?.closest('[data-field]')?.dataset.field === 'summary'")).await;
}

#[tokio::test]
async fn all_words_follow_the_language_that_was_asked_for_last() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start(&profile).await;
    browser.expect_complaints("wrong_setting");
    browser.open(&stage.url("/gallery/")).await;
    let selector = "#access itsm-ticket-form";
    let form = Form::ready_at(&browser, selector).await;
    browser.run(&format!("const form = document.querySelector('{selector}'); form.lang = 'ar'; setTimeout(() => (form.lang = 'de'), 1)")).await;
    form.says("Bitte wählen").await;
    form.fill_access_request("Ich beantworte Briefe.").await;
    form.send().await;
    form.says("Ist alles richtig?").await;
    form.says("Keine Angabe").await;
    browser.run(&format!("document.querySelector('{selector}').lang = 'en'")).await;
    form.says("No answer").await;
}

async fn a_delivery_is_told_once_by_the_form_that_shows_it(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    browser
        .run(&format!(
            "window.told = []; addEventListener('itsm-ticket-delivered', (event) => told.push(event.target.id));
             const second = {FORM}.cloneNode(true); second.id = 'second'; second.setAttribute('context', 'second');
             {FORM}.before(second); second.scrollIntoView()"
        ))
        .await;
    let second = Form::ready_at(&browser, "#second").await;
    second.fill_incident("Told once").await;
    second.send().await;
    second.says("INC-000001").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(browser.run("return told").await, json!(["second"]));
}

async fn files_outlive_the_field_that_took_them(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    browser
        .run(&format!(
            "window.told = []; addEventListener('itsm-error', (event) => told.push(event.detail.code));
             {FORM}.definition = {{ id: 'own', version: 1, kind: 'incident', locale: 'en', title: 'Own',
                schema: {{ type: 'object', properties: {{ more: {{ type: 'boolean', title: 'More' }}, text: {{ type: 'string', title: 'Text' }},
                    files: {{ type: 'array', title: 'Files', items: {{ type: 'string', format: 'attachment' }} }} }} }},
                ui: [{{ type: 'control', field: 'more' }}, {{ type: 'control', field: 'text', widget: 'textarea' }},
                     {{ type: 'control', field: 'files', visibleWhen: {{ field: 'more', equals: true }} }}] }}"
        ))
        .await;
    let form = Form::at(&browser, "itsm-ticket-form");
    form.type_in("text", "\n  two").await;
    assert_eq!(form.value("text").await, "\n  two", "white space is the beginning of an answer");
    form.choose("more", 0).await;
    form.find("[data-field=files] input").await;
    browser
        .run(&format!(
            "const root = {FORM}.shadowRoot, input = root.querySelector('[data-field=files] input'), all = new DataTransfer();
             for (const name of ['one.bin', 'two.bin']) all.items.add(new File([new Uint8Array(6_000_000)], name));
             input.files = all.files; input.dispatchEvent(new Event('change'));
             setTimeout(() => root.querySelector('[data-field=more] input').click(), 3)"
        ))
        .await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(browser.run("return told").await, json!([]));
    form.choose("more", 0).await;
    form.says("one.bin").await;
    form.says("two.bin").await;
    browser.complains_of_nothing().await;
}
