//! What lies on the device: nothing before the first input, nothing that others can read, nothing where nothing may.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage};

itsm_e2e::in_every_engine! {
    nothing_is_stored_before_something_is_typed_and_then_nothing_that_can_be_read;
    with_storage_off_nothing_is_stored_and_a_request_is_sent_from_memory;
    everybody_finds_only_what_is_theirs;
    what_is_written_while_the_page_cannot_say_who_is_here_goes_with_its_person;
    signing_out_leaves_nothing_behind_in_any_tab, not in WebKit: "its driver opens tabs that are never shown";
    after_signing_out_nothing_typed_is_in_the_whole_profile, not in WebKit: "its driver's profile is gone when it ends";
    what_is_unsent_is_sent_before_signing_out_if_that_is_wished;
    what_is_kept_locked_is_there_when_its_person_is;
    a_refused_request_is_not_replaced_by_somebody_elses;
    who_comes_without_a_word_sends_under_their_own_name;
    signing_out_in_the_middle_of_the_first_words_keeps_none_of_them;
    a_page_that_never_says_who_is_here_still_shows_its_form;
    what_is_sent_is_saved_before_a_slow_page_says_who_is_here;
    one_can_sign_out_where_the_form_cannot_be_shown;
}

/// Says who is here: `answer` is a script's expression, in which `jwt(name)` is a token of that person.
async fn sign_in(browser: &Browser, answer: &str) {
    let script = format!(
        "const letters = (value) => btoa(JSON.stringify(value)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
         const jwt = (sub) => [{{}}, {{ iss: 'https://desk.example/', sub, iat: Date.now() }}].map(letters).join('.') + '.sealed';
         document.querySelector('itsm-ticket-form').getToken = async () => {answer};"
    );
    browser.run(&script).await;
}

/// Under which header `Authorization` requests are sent from now on.
fn sent_under(stage: &Stage) -> Arc<Mutex<Vec<String>>> {
    let seen = Arc::new(Mutex::new(vec![]));
    let log = seen.clone();
    stage.network.set_rule(move |head| {
        if head.method == "POST" {
            log.lock().expect("a log").push(head.authorization.clone());
        }
        Fate::Pass
    });
    seen
}

/// Waits until the form shows `text` in its field `summary`.
async fn summary_is(browser: &Browser, text: &str) {
    let script = format!(
        "return document.querySelector('itsm-ticket-form').shadowRoot.querySelector('[data-field=summary] input')?.value === {text:?}"
    );
    browser.until(&format!("the summary {text:?}"), &script).await;
}

async fn nothing_is_stored_before_something_is_typed_and_then_nothing_that_can_be_read(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.says("What you type is kept on this device").await;
    // What is loaded after the first field, and what waits to be written, has had its time.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(browser.stored().await, "{}\n{}\n", "local and session storage, cookies, no database");

    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    form.fill_incident("CANARY in the summary").await;
    form.send().await;
    form.says("You may close this page").await;
    browser.reload().await;
    let form = Form::ready(&browser).await;
    form.says("1 form on this device waits to be sent").await;
    form.fill("summary", "CANARY in a draft").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let stored = browser.stored().await;
    assert!(stored.contains("sealed"), "{stored}");
    for word in ["CANARY", "Ada Example", "ada@desk.example", "Second floor"] {
        assert!(!stored.contains(word), "{word} can be read: {stored}");
    }
    browser.reload().await;
    assert_eq!(Form::ready(&browser).await.value("summary").await, "CANARY in a draft");
    stage.mend();
    stage.backend.has_tickets(1, Duration::from_secs(20)).await;
    assert_eq!(stage.backend.bodies().await[0]["answers"]["summary"], "CANARY in the summary");
}

async fn with_storage_off_nothing_is_stored_and_a_request_is_sent_from_memory(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    browser.run("document.querySelector('itsm-ticket-form').setAttribute('storage', 'off')").await;
    let form = Form::ready(&browser).await;
    form.says("This browser keeps nothing").await;
    form.fill_incident("Only for as long as the page lasts").await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    form.send().await;
    form.says("please leave this page open until it has arrived").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(browser.stored().await, "{}\n{}\n");
    stage.mend();
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
    assert_eq!(browser.stored().await, "{}\n{}\n", "no receipt either");
}

async fn everybody_finds_only_what_is_theirs(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    sign_in(&browser, "({ token: jwt('ada'), storageKey: 'ada-s-secret' })").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    form.fill("summary", "CANARY of Ada").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    // A fresh token of the same person changes nothing.
    sign_in(&browser, "({ token: jwt('ada'), storageKey: 'ada-s-secret' })").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(form.value("summary").await, "CANARY of Ada");
    sign_in(&browser, "jwt('bob')").await;
    summary_is(&browser, "").await;
    Form::ready(&browser).await.fill("summary", "CANARY of Bob").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    let stored = browser.stored().await;
    for word in ["CANARY", "ada", "bob"] {
        assert!(!stored.contains(word), "{word} can be read: {stored}");
    }
    // The wrong key opens nothing, and spoils nothing.
    sign_in(&browser, "({ token: jwt('ada'), storageKey: 'guessed' })").await;
    summary_is(&browser, "").await;
    browser.reload().await;
    Form::ready(&browser).await;
    sign_in(&browser, "({ token: jwt('ada'), storageKey: 'ada-s-secret' })").await;
    summary_is(&browser, "CANARY of Ada").await;
    sign_in(&browser, "jwt('bob')").await;
    summary_is(&browser, "CANARY of Bob").await;
    sign_in(&browser, "null").await;
    summary_is(&browser, "").await;
}

async fn what_is_written_while_the_page_cannot_say_who_is_here_goes_with_its_person(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    sign_in(&browser, "Promise.reject(new Error('no connection'))").await;
    // A change of person opens the form anew, and so does this.
    tokio::time::sleep(Duration::from_millis(500)).await;
    browser.reload().await;
    let form = Form::ready(&browser).await;
    sign_in(&browser, "Promise.reject(new Error('no connection'))").await;
    let seen = sent_under(&stage);
    form.fill_incident("Written on the train").await;
    form.send().await;
    form.says("You may close this page").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(*seen.lock().expect("a log"), [""; 0], "nothing is sent for nobody knows whom");
    sign_in(&browser, "jwt('ada')").await;
    stage.backend.has_tickets(1, Duration::from_secs(20)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.backend.tickets().await, 1);
    let seen = seen.lock().expect("a log").clone();
    assert!(matches!(&seen[..], [token] if token.len() > 20), "with the token: {seen:?}");
}

/// Calls `signOut`, and notes in the page what comes of it.
async fn begin_to_sign_out(browser: &Browser) {
    browser
        .run(
            "window.left = undefined; if (!window.told) addEventListener('itsm-signed-out', () => told.push(1)); window.told = [];
             document.querySelector('itsm-ticket-form').signOut().then((left) => (window.left = left))",
        )
        .await;
}

/// Waits until the question says `text`.
async fn asks(browser: &Browser, text: &str) {
    let script = format!(
        "return document.querySelector('itsm-ticket-form').shadowRoot.querySelector('dialog')?.innerText.includes({text:?})"
    );
    browser.until(&format!("the question {text:?}"), &script).await;
}

/// A button of the question.
async fn press(form: &Form<'_>, position: usize) {
    form.find(&format!("dialog .actions button:nth-of-type({position})")).await.click().await.expect("pressed");
}

async fn signing_out_leaves_nothing_behind_in_any_tab(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let first = browser.client().window().await.expect("a tab");
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    let form = Form::ready(&browser).await;
    form.fill_incident("CANARY that was sent").await;
    form.send().await;
    form.says("You may close this page").await;
    browser.open_tab(&stage.url("/portal/?other")).await;
    let other = Form::ready(&browser).await;
    other.fill("summary", "CANARY in another tab").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let second = browser.client().window().await.expect("a tab");

    browser.switch_to(first).await;
    begin_to_sign_out(&browser).await;
    asks(&browser, "1 request is not at the service desk yet").await;
    asks(&browser, "What stands in forms that were not sent goes from this device too").await;
    // Who stays has lost nothing.
    press(&form, 3).await;
    browser.until("an answer", "return window.left === false").await;
    assert!(browser.stored().await.contains("sealed"));
    begin_to_sign_out(&browser).await;
    press(&form, 2).await;
    asks(&browser, "Discard for good").await;
    press(&form, 2).await;
    browser.until("signed out", "return window.left === true && told.length === 1").await;
    summary_is(&browser, "").await;
    assert_eq!(browser.stored().await, "{}\n{}\n");
    browser.switch_to(second).await;
    summary_is(&browser, "").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(browser.stored().await, "{}\n{}\n", "nor does the other tab write anything");
    // What is typed from then on is kept again.
    Form::ready(&browser).await.fill("summary", "Typed afterwards").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    browser.reload().await;
    assert_eq!(Form::ready(&browser).await.value("summary").await, "Typed afterwards");
    stage.mend();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.backend.tickets().await, 0, "discarded is discarded");
}

async fn what_is_unsent_is_sent_before_signing_out_if_that_is_wished(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    form.fill_incident("Sent at the last moment").await;
    form.send().await;
    form.says("You may close this page").await;
    begin_to_sign_out(&browser).await;
    press(&form, 1).await;
    asks(&browser, "You are signed out as soon as everything has arrived").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(browser.run("return window.left ?? null").await, serde_json::Value::Null, "it waits");
    stage.mend();
    browser.until("signed out", "return window.left === true").await;
    assert_eq!(stage.backend.tickets().await, 1);
    assert_eq!(browser.stored().await, "{}\n{}\n");
}

async fn what_is_kept_locked_is_there_when_its_person_is(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    let ada = "({ token: jwt('ada'), storageKey: 'ada-s-secret' })";
    sign_in(&browser, ada).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let form = Form::ready(&browser).await;
    form.fill("summary", "CANARY under lock").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    begin_to_sign_out(&browser).await;
    asks(&browser, "What you keep opens only when you sign in on this device again").await;
    press(&form, 1).await;
    browser.until("signed out", "return window.left === true").await;
    sign_in(&browser, "null").await;
    summary_is(&browser, "").await;
    let stored = browser.stored().await;
    assert!(stored.contains("sealed") && !stored.contains("CANARY"), "{stored}");
    sign_in(&browser, ada).await;
    summary_is(&browser, "CANARY under lock").await;
}

/// All files below `folder` that hold `word`, in one byte or two for each letter.
fn files_with(folder: &std::path::Path, word: &str, found: &mut Vec<std::path::PathBuf>) {
    let narrow = word.as_bytes().to_vec();
    let wide: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() && !path.is_symlink() {
            files_with(&path, word, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            let has = |word: &[u8]| bytes.windows(word.len()).any(|part| part == word);
            if has(&narrow) || has(&wide) {
                found.push(path);
            }
        }
    }
}

async fn after_signing_out_nothing_typed_is_in_the_whole_profile(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    let form = Form::ready(&browser).await;
    for number in 0..5 {
        form.fill_incident(&format!("Zaunkoenig{number}")).await;
        form.fill("details", &"Zaunkoenig and more, line by line.\n".repeat(8)).await;
        form.send().await;
        form.says("You may close this page").await;
        form.find(".kept button").await.click().await.expect("another request");
    }
    form.fill("summary", "Zaunkoenig of a draft").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    begin_to_sign_out(&browser).await;
    for _ in 0..2 {
        press(&form, 2).await;
    }
    browser.until("signed out", "return window.left === true").await;
    assert_eq!(browser.stored().await, "{}\n{}\n");
    browser.close().await;
    let mut found = vec![];
    files_with(profile.path(), "Zaunkoenig", &mut found);
    assert!(found.is_empty(), "{found:#?}");
}

/// What was refused waits for its person, whatever the next one sends.
async fn a_refused_request_is_not_replaced_by_somebody_elses(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("422");
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    sign_in(&browser, "jwt('ada')").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let form = Form::ready(&browser).await;
    let body = r#"{"type":"about:blank","status":422,"code":"invalid_answers","detail":"Not like this."}"#;
    stage.network.set_rule(move |head| match head.method.as_str() {
        "POST" => Fate::Answer { status: 422, content_type: "application/problem+json", body: body.into() },
        _ => Fate::Pass,
    });
    form.fill_incident("Of Ada, refused").await;
    form.send().await;
    form.says("Not like this.").await;
    stage.mend();
    sign_in(&browser, "jwt('bob')").await;
    summary_is(&browser, "").await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Of Bob").await;
    form.send().await;
    form.says("INC-000001").await;
    let bodies = stage.backend.bodies().await;
    assert!(bodies[0]["supersedes"].as_array().is_none_or(Vec::is_empty), "{}", bodies[0]);
    sign_in(&browser, "jwt('ada')").await;
    form.says("Not like this.").await;
}

/// A page that changes its person without telling anybody: whose words these are is seen before they are kept.
async fn who_comes_without_a_word_sends_under_their_own_name(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    browser.run("window.who = ['ada']").await;
    sign_in(&browser, "(who[0] ? jwt(who[0]) : null)").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let seen = sent_under(&stage);
    let form = Form::ready(&browser).await;
    form.fill("summary", "CANARY of Ada").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    begin_to_sign_out(&browser).await;
    for _ in 0..2 {
        press(&form, 1).await;
    }
    browser.until("signed out", "return window.left === true").await;
    browser.run("who[0] = 'bob'").await;
    let form = Form::ready(&browser).await;
    summary_is(&browser, "").await;
    form.fill_incident("Of Bob").await;
    form.send().await;
    form.says("INC-000001").await;
    let seen = seen.lock().expect("a log").clone();
    // The middle of the token is its payload: Base 64 of JSON.
    let [token] = &seen[..] else { panic!("one request: {seen:?}") };
    let payload = browser.run(&format!("return atob('{}')", token.split('.').nth(1).unwrap_or_default())).await;
    assert!(payload.as_str().is_some_and(|payload| payload.contains("bob")), "{payload}");
}

/// The first words are on their way into a database that is just being made.
async fn signing_out_in_the_middle_of_the_first_words_keeps_none_of_them(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    for pause in [0, 255, 262, 270, 290] {
        browser.open(&stage.url("/portal/")).await;
        Form::ready(&browser).await.says("What you type is kept on this device").await;
        begin_to_sign_out_after(&browser, pause).await;
        let confirm = "const buttons = [...document.querySelector('itsm-ticket-form').shadowRoot.querySelectorAll('dialog .actions button')];
            buttons.find((button) => /discard/i.test(button.textContent))?.click(); return window.left === true";
        browser.until("signed out", confirm).await;
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(browser.stored().await, "{}\n{}\n", "after {pause} ms");
    }
}

/// Types, and calls `signOut` so many milliseconds later.
async fn begin_to_sign_out_after(browser: &Browser, pause: u32) {
    let script = format!(
        "window.left = undefined; const form = document.querySelector('itsm-ticket-form');
         const field = form.shadowRoot.querySelector('[data-field=summary] input');
         field.value = 'CANARY'; field.dispatchEvent(new Event('input', {{ bubbles: true, composed: true }}));
         setTimeout(() => form.signOut().then((left) => (window.left = left)), {pause})"
    );
    browser.run(&script).await;
}

async fn one_can_sign_out_where_the_form_cannot_be_shown(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    let form = Form::ready(&browser).await;
    form.fill_incident("CANARY").await;
    form.send().await;
    form.says("You may close this page").await;
    let elsewhere = "const form = document.querySelector('itsm-ticket-form');
        form.setAttribute('form', 'there-is-none');";
    browser.run(elsewhere).await;
    let form = Form::at(&browser, "itsm-ticket-form");
    form.is_in_state("failed").await;
    begin_to_sign_out(&browser).await;
    asks(&browser, "Before you sign out").await;
    for _ in 0..2 {
        press(&form, 2).await;
    }
    browser.until("signed out", "return window.left === true").await;
    // And where nobody has looked at the element yet, nor ever could: out of sight, and with an address that is none.
    let unseen = "const form = document.createElement('itsm-ticket-form');
        form.setAttribute('api', 'http://');
        form.style = 'display: block; margin-top: 9000px';
        document.body.append(form);
        form.signOut().then((left) => (window.unseen = String(left)))";
    browser.run(unseen).await;
    assert_eq!(browser.until("an answer", "return window.unseen").await, "false");
}

async fn what_is_sent_is_saved_before_a_slow_page_says_who_is_here(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    sign_in(&browser, "jwt('ada')").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    form.fill_incident("Saved at once").await;
    tokio::time::sleep(Duration::from_millis(900)).await;
    // From now on it takes four seconds to say that it is still Ada.
    let slow = "(await new Promise((go) => setTimeout(go, 4_000)), jwt('ada'))";
    sign_in(&browser, slow).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let timed = "const form = document.querySelector('itsm-ticket-form');
        form.addEventListener('itsm-ticket-queued', () => (window.took = performance.now() - began));
        window.began = performance.now();
        form.shadowRoot.querySelector('[part=submit]').click()";
    browser.run(timed).await;
    let took = browser.until("it is saved", "return window.took").await.as_f64().expect("a time");
    assert!(took < 2_000.0, "saved after {took} ms");
    // And nothing is sent before it is known under whose name.
    assert_eq!(stage.backend.tickets().await, 0);
    form.says("INC-000001").await;
}

async fn a_page_that_never_says_who_is_here_still_shows_its_form(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    browser.run("document.querySelector('itsm-ticket-form').getToken = () => new Promise(() => {})").await;
    browser.run("document.querySelector('itsm-ticket-form').setAttribute('form', 'something-is-broken')").await;
    Form::ready(&browser).await.find("[data-field=what] textarea").await;
}
