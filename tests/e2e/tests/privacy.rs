//! What lies on the device: nothing before the first input, nothing that others can read, nothing where nothing may.

use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage};

itsm_e2e::in_every_engine! {
    nothing_is_stored_before_something_is_typed_and_then_nothing_that_can_be_read;
    with_storage_off_nothing_is_stored_and_a_request_is_sent_from_memory;
    everybody_finds_only_what_is_theirs;
    what_is_written_while_the_page_cannot_say_who_is_here_goes_with_its_person;
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
    form.says("1 request on this device waits to be sent").await;
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
    form.says("please leave this page open until your request has arrived").await;
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
    let seen = std::sync::Arc::new(std::sync::Mutex::new(vec![]));
    let log = seen.clone();
    stage.network.set_rule(move |head| {
        if head.method == "POST" {
            log.lock().expect("a log").push(head.authorization.len());
        }
        Fate::Pass
    });
    form.fill_incident("Written on the train").await;
    form.send().await;
    form.says("You may close this page").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(*seen.lock().expect("a log"), [0usize; 0], "nothing is sent for nobody knows whom");
    sign_in(&browser, "jwt('ada')").await;
    stage.backend.has_tickets(1, Duration::from_secs(20)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.backend.tickets().await, 1);
    let seen = seen.lock().expect("a log").clone();
    assert!(matches!(seen[..], [length] if length > 20), "with the token: {seen:?}");
}
