//! Usable by everyone: by keyboard alone, by a screen reader, on a phone, in light and dark.

use itsm_e2e::{Browser, Form, Profile, Stage};
use serde_json::{Value, json};

/// Shows the page as that device would.
async fn show(browser: &Browser, width: u32, scheme: &str) {
    let metrics = json!({ "width": width, "height": 1200, "deviceScaleFactor": 1, "mobile": width < 600 });
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    browser.devtools("Emulation.setEmulatedMedia", features).await;
}

#[tokio::test]
async fn no_violation_in_any_state() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start(&profile).await;
    browser.expect_complaints("ERR_");
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    for (width, scheme) in [(1000, "light"), (320, "light")] {
        show(&browser, width, scheme).await;
        assert_eq!(browser.violations().await, [""; 0], "filling, {width}, {scheme}");
        let overflow = browser.run("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(overflow.as_i64().unwrap_or(1) <= 0, "nothing is cut off at {width} px: {overflow}");
        let script = "const root = document.querySelector('itsm-ticket-form').shadowRoot;
            const right = (element) => element.getBoundingClientRect().right;
            return [...root.querySelectorAll('.field :is(input, select, textarea)')]
                .filter((control) => right(control) > right(control.closest('.field')) + 1).map((control) => control.type)";
        assert_eq!(browser.run(script).await, json!([]), "no control leaves its field at {width} px");
    }
    form.send().await;
    form.says("answers need your attention").await;
    assert_eq!(browser.violations().await, [""; 0], "with errors");
    form.fill_incident("For axe").await;
    stage.cut_api();
    form.send().await;
    form.says("You may close this page").await;
    form.says("does not answer").await;
    assert_eq!(browser.violations().await, [""; 0], "waiting");
    let outbox = "const outbox = document.createElement('itsm-outbox'); outbox.setAttribute('api', '/api/v1');
        document.querySelector('itsm-ticket-form').after(outbox); outbox.scrollIntoView()";
    browser.run(outbox).await;
    Form::ready_at(&browser, "itsm-outbox").await.says("For axe").await;
    assert_eq!(browser.violations().await, [""; 0], "the outbox");
    browser.run("document.querySelector('itsm-outbox').signOut()").await;
    let question = "return document.querySelector('itsm-outbox').shadowRoot.querySelector('dialog[open] button')";
    let send = browser.element("the question", question).await;
    assert_eq!(browser.violations().await, [""; 0], "the question at sign-out");
    send.click().await.expect("pressed");
    let sending = "return document.querySelector('itsm-outbox').shadowRoot.activeElement?.textContent";
    browser.until("the focus stays in the question", &format!("{sending}.startsWith('Sending')")).await;
    assert_eq!(browser.violations().await, [""; 0], "sending before sign-out");
    // Out of it by the key that leaves every dialog; the page goes on as before.
    browser.press("\u{e00c}").await;
    browser.until("no question", &question.replace("return", "return !")).await;
    stage.mend();
    form.says("INC-000001").await;
    assert_eq!(browser.violations().await, [""; 0], "received");
}

#[tokio::test]
async fn no_violation_in_the_dark_or_in_review() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start(&profile).await;
    // One of the gallery's elements is set up wrong on purpose.
    browser.expect_complaints("wrong_setting");
    browser.open(&stage.url("/gallery/")).await;
    show(&browser, 1000, "dark").await;
    let form = Form::ready_at(&browser, "#access itsm-ticket-form").await;
    form.fill_access_request("I answer the customers' letters.").await;
    form.send().await;
    form.says("Is everything right?").await;
    form.says("Mail and calendar").await;
    assert_eq!(browser.violations().await, [""; 0]);
    form.send().await;
    form.says("REQ-000001").await;
    assert_eq!(browser.violations().await, [""; 0]);
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test]
async fn the_keyboard_is_enough() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.find("[data-field=summary] input").await.send_keys("Only keys").await.expect("typed");
    let key = async |keys: &str| browser.press(keys).await;
    let (tab, space, down) = ("\u{E004}", " ", "\u{E015}");
    // Device: the second of the radio buttons, a phone; the asset's number is not asked for with force.
    key(tab).await;
    key(space).await;
    key(down).await;
    for keys in ["IT-7", "It fell."] {
        key(tab).await;
        key(keys).await;
    }
    let focus = "let at = document.activeElement; while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement; return at.closest('[data-field]')?.dataset.field ?? at.getAttribute('part')";
    // On to the priority, whose two groups are one stop each, and further to the e-mail address and the button.
    for wanted in ["priority", "email", "submit"] {
        // A date and time has a stop for each of its parts.
        for _ in 0..30 {
            if browser.run(focus).await == wanted {
                break;
            }
            key(tab).await;
        }
        assert_eq!(browser.run(focus).await, Value::from(wanted));
        match wanted {
            "priority" => {
                key(space).await;
                key(tab).await;
                key(space).await;
            }
            "email" => key("ada@desk.example").await,
            _ => key("\u{E007}").await,
        }
    }
    form.says("INC-000001").await;
    let [body] = &stage.backend.bodies().await[..] else { panic!("one ticket") };
    assert_eq!((&body["answers"]["summary"], &body["answers"]["device"]), (&"Only keys".into(), &"phone".into()));
}
