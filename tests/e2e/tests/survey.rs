//! Surveys and complaints: answered online and offline, once, to be changed for a while; a low score that becomes a complaint.

use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage, root};
use serde_json::{Value, json};

itsm_e2e::in_every_engine! {
    answers_arrive_and_can_be_changed;
    answers_given_offline_arrive_once;
    a_change_is_none_the_less_one_after_a_reload_or_a_clear;
    what_waits_to_be_sent_is_not_asked_again;
    a_signed_link_used_twice_is_one_answer;
    half_a_survey_survives_a_kill, not in WebKit: "its automation keeps nothing when it ends";
    a_low_score_becomes_a_complaint_of_its_own;
    one_question_at_a_time_by_keyboard;
    an_order_is_made_by_keyboard;
    a_bad_definition_leaves_the_pages_own_children;
    every_kind_of_question_is_accessible_in_both_directions;
    every_kind_of_question_is_answered_by_keyboard_alone_in_both_directions;
}

const SURVEY: &str = "itsm-csat-survey";

/// Chooses an answer on a scale.
async fn choose(form: &Form<'_>, field: &str, answer: &str) {
    form.find(&format!("[data-field={field}] input[value='{answer}']")).await.click().await.expect("chosen");
}

async fn chosen(browser: &Browser, field: &str) -> serde_json::Value {
    let script = format!(
        "return document.querySelector('{SURVEY}').shadowRoot.querySelector('[data-field={field}] :checked')?.value ?? null"
    );
    browser.run(&script).await
}

/// Notes the events of that name, with their details.
async fn note(browser: &Browser, names: &[&str]) {
    let script = format!(
        "window.told = []; for (const name of {}) document.addEventListener(name, ({{ detail }}) => told.push([name, detail.number ?? null]))",
        json!(names)
    );
    browser.run(&script).await;
}

async fn answers_arrive_and_can_be_changed(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    note(&browser, &["itsm-survey-queued", "itsm-survey-delivered"]).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    assert!(!form.has(":checked").await, "nothing is chosen beforehand");
    form.says("How satisfied are you with the help with your workplace?").await;
    form.says("About INC-004711").await;
    choose(&form, "score", "4").await;
    choose(&form, "recommend", "9").await;
    choose(&form, "tone", "5").await;
    form.fill("comment", "Quick and kind").await;
    form.send().await;
    form.says("Thank you, your answers have arrived").await;
    let expected = json!([["itsm-survey-queued", null], ["itsm-survey-delivered", "SAT-000001"]]);
    assert_eq!(browser.run("return told").await, expected);
    let body = stage.backend.bodies().await.remove(0);
    assert_eq!(body["kind"], "satisfaction");
    assert_eq!((&body["ticket"], &body["service_id"]), (&json!("INC-004711"), &json!("workplace")));
    let answers = json!({ "score": 4, "recommend": 9, "tone": 5, "comment": "Quick and kind" });
    assert_eq!(body["answers"], answers);
    // Changed at once, from what stands in the form.
    form.find("[data-role=change]").await.click().await.expect("pressed");
    assert_eq!(chosen(&browser, "score").await, json!("4"));
    choose(&form, "score", "5").await;
    form.send().await;
    form.says("Thank you, your answers have arrived").await;
    let bodies = stage.backend.bodies().await;
    assert_eq!((bodies.len(), &bodies[0]["answers"]["score"]), (1, &json!(5)));
    // And on a later visit, from what the service desk has: nobody answers twice unawares.
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    form.says("Its number is SAT-000001").await;
    assert!(!form.has("form").await, "there is no second survey about the same ticket");
    form.find("[data-role=change]").await.click().await.expect("pressed");
    form.find("[data-field=score]").await;
    assert_eq!(chosen(&browser, "score").await, json!("5"));
    assert_eq!(form.value("comment").await, "Quick and kind");
    choose(&form, "score", "3").await;
    form.send().await;
    form.says("Thank you, your answers have arrived").await;
    let bodies = stage.backend.bodies().await;
    assert_eq!((bodies.len(), &bodies[0]["answers"]["score"]), (1, &json!(3)));
}

async fn answers_given_offline_arrive_once(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    form.says("kept on this device").await;
    stage.network.set_rule(|head| if head.path.starts_with("/api") { Fate::Cut } else { Fate::Pass });
    choose(&form, "score", "2").await;
    form.says("You said “Dissatisfied”. What went wrong?").await;
    form.fill("why", "It took a week").await;
    form.send().await;
    form.says("Saved on this device").await;
    assert_eq!(stage.backend.tickets().await, 0);
    // The answer of the first try is lost on the way.
    let mut tries = 0;
    stage.network.set_rule(move |head| {
        tries += usize::from(head.method == "POST");
        if head.method == "POST" && tries == 1 { Fate::CutAnswer } else { Fate::Pass }
    });
    browser.run("dispatchEvent(new Event('online'))").await;
    stage.backend.has_tickets(1, Duration::from_secs(10)).await;
    for _ in 0..40 {
        browser.run("dispatchEvent(new Event('online'))").await;
        tokio::time::sleep(Duration::from_millis(250)).await;
        if browser
            .run("return document.querySelector('itsm-csat-survey').shadowRoot.textContent.includes('SAT-')")
            .await
            == true
        {
            break;
        }
    }
    form.says("SAT-000001").await;
    assert_eq!(stage.backend.bodies().await[0]["answers"], json!({ "score": 2, "why": "It took a week" }));
    assert_eq!(stage.backend.tickets().await, 1);
}

async fn a_change_is_none_the_less_one_after_a_reload_or_a_clear(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    choose(&form, "score", "4").await;
    form.fill("comment", "First").await;
    form.send().await;
    form.says("SAT-000001").await;
    // Given up, it shows what was answered; nothing is asked again.
    form.find("[data-role=change]").await.click().await.expect("pressed");
    choose(&form, "score", "1").await;
    form.find(".actions .quiet").await.click().await.expect("pressed");
    form.says("SAT-000001").await;
    // Begun and left, it is still a change.
    form.find("[data-role=change]").await.click().await.expect("pressed");
    form.find("[data-field=comment]").await;
    browser.until("what was sent", "return document.querySelector('itsm-csat-survey').shadowRoot.querySelector('[data-field=comment] textarea').value === 'First'").await;
    choose(&form, "score", "2").await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    browser.reload().await;
    let form = Form::ready_at(&browser, SURVEY).await;
    form.says("What you typed earlier is here again").await;
    form.send().await;
    form.says("SAT-000001").await;
    let bodies = stage.backend.bodies().await;
    assert_eq!((bodies.len(), &bodies[0]["answers"]["score"]), (1, &json!(2)), "one record: {bodies:?}");
}

async fn what_waits_to_be_sent_is_not_asked_again(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    form.says("kept on this device").await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    choose(&form, "score", "4").await;
    form.send().await;
    form.says("Saved on this device").await;
    browser.reload().await;
    let form = Form::ready_at(&browser, SURVEY).await;
    form.says("Saved on this device").await;
    assert!(!form.has("form").await, "there is no second survey");
    stage.mend();
    browser.run("dispatchEvent(new Event('online'))").await;
    form.says("SAT-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
}

async fn a_signed_link_used_twice_is_one_answer(engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a secret of at least thirty-two characters").expect("a file");
    let stage = Stage::set_with(&["--invitation-secret", &secret.display().to_string()]).await;
    let token = stage.backend.command(&["invite", "--form", "feedback", "--ticket", "INC-000009"], &secret);
    for (device, (score, comment)) in [("4", "At work"), ("2", "At home")].into_iter().enumerate() {
        let profile = Profile::new();
        let browser = Browser::start_engine(engine, &profile, &[]).await;
        let attributes = json!({ "api": "/api/v1", "form": "feedback", "ticket": "INC-000009", "invitation": token });
        open_survey(&browser, &stage, attributes).await;
        let form = Form::ready_at(&browser, SURVEY).await;
        choose(&form, "score", score).await;
        form.fill("comment", comment).await;
        form.send().await;
        form.says("SAT-000001").await;
        let bodies = stage.backend.bodies().await;
        assert_eq!((bodies.len(), &bodies[0]["answers"]["comment"]), (1, &json!(comment)), "device {device}");
    }
}

async fn half_a_survey_survives_a_kill(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    choose(&form, "score", "4").await;
    choose(&form, "effort", "6").await;
    form.find("[data-field=matters] .unranked button").await.click().await.expect("ranked");
    form.says("kept on this device").await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    browser.kill();
    drop(browser);
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    form.says("What you typed earlier is here again").await;
    assert_eq!((chosen(&browser, "score").await, chosen(&browser, "effort").await), (json!("4"), json!("6")));
    assert_eq!(form.text("[data-field=matters] .ranked").await, "A quick answer");
}

async fn a_low_score_becomes_a_complaint_of_its_own(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    choose(&form, "score", "1").await;
    form.send().await;
    form.says("Thank you, your answers have arrived").await;
    form.find("[part=complaint]").await.click().await.expect("one tap");
    browser.until("the complaint form's page", "return location.pathname === '/portal/complaint/'").await;
    note(&browser, &["itsm-complaint-queued", "itsm-complaint-delivered"]).await;
    let form = Form::ready_at(&browser, "itsm-complaint-form").await;
    form.choose("type", 1).await;
    form.fill("what", "Nobody called back").await;
    form.choose("contact", 2).await;
    form.send().await;
    form.says("Is everything right?").await;
    form.send().await;
    form.says("Your complaint has arrived").await;
    let expected = json!([["itsm-complaint-queued", null], ["itsm-complaint-delivered", "CMP-000002"]]);
    assert_eq!(browser.run("return told").await, expected);
    let bodies = stage.backend.bodies().await;
    assert_eq!(bodies.len(), 2);
    assert_eq!((&bodies[1]["kind"], &bodies[1]["ticket"]), (&json!("complaint"), &json!("INC-004711")));
    assert_eq!(bodies[1]["service_id"], "workplace");
    // It says when an answer is due, and where to look.
    form.says("You will hear from us by").await;
    form.find("[part=status]").await.click().await.expect("pressed");
    browser.until("its page", "return document.body.innerText.includes('Your complaint CMP-000002')").await;
}

/// A page with one survey and nothing else.
async fn open_survey(browser: &Browser, stage: &Stage, attributes: serde_json::Value) {
    browser.open(&stage.url("/portal/")).await;
    let script = format!(
        "const survey = document.createElement('{SURVEY}');
         for (const [name, value] of Object.entries({attributes})) survey.setAttribute(name, value);
         const child = document.createElement('p');
         child.textContent = 'Its own child';
         survey.append(child);
         document.body.replaceChildren(survey)"
    );
    browser.run(&script).await;
}

async fn one_question_at_a_time_by_keyboard(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    open_survey(&browser, &stage, json!({ "api": "/api/v1", "form": "pulse", "service": "workplace" })).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    form.says("Question 1 of 2").await;
    // Enter goes on only when the question is answered.
    form.find("[part=next]").await.click().await.expect("pressed");
    form.says("Please answer this.").await;
    let focus = "return document.querySelector('itsm-csat-survey').shadowRoot.activeElement?.type === 'radio'";
    browser.until("the focus is on what is wrong", focus).await;
    browser.press(" ").await;
    assert_eq!(chosen(&browser, "recommend").await, json!("0"));
    browser.press("\u{e014}\u{e014}\u{e014}").await;
    assert_eq!(chosen(&browser, "recommend").await, json!("3"), "arrows choose, as in every radio group");
    // A detractor is asked why.
    form.says("Question 1 of 3").await;
    browser.press("\u{e007}").await;
    form.says("Question 2 of 3").await;
    form.says("You gave 3. What is the main reason?").await;
    form.fill("reason", "Slow").await;
    form.find("[part=next]").await.click().await.expect("pressed");
    form.says("Question 3 of 3").await;
    let back = "return [...document.querySelector('itsm-csat-survey').shadowRoot.querySelectorAll('button')]
        .find((button) => button.textContent === 'Previous')";
    browser.element("back", back).await.click().await.expect("pressed");
    assert_eq!(form.value("reason").await, "Slow");
    form.find("[part=next]").await.click().await.expect("pressed");
    form.says("Question 3 of 3").await;
    form.send().await;
    form.says("Thank you, your answers have arrived").await;
    assert_eq!(stage.backend.bodies().await[0]["answers"], json!({ "recommend": 3, "reason": "Slow" }));
}

async fn an_order_is_made_by_keyboard(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/feedback/")).await;
    let form = Form::ready_at(&browser, SURVEY).await;
    let focused =
        "let found = document.activeElement; while (found?.shadowRoot) found = found.shadowRoot.activeElement;
        return found?.getAttribute('aria-label')";
    for (nth, name) in [(1, "A quick answer"), (1, "A clear answer"), (1, "Explaining it only once")] {
        let button = form.find(&format!("[data-field=matters] .unranked span:nth-of-type({nth}) button")).await;
        assert_eq!(button.text().await.expect("text"), name);
        button.send_keys("\u{e007}").await.expect("Enter");
        browser.until("the focus stays with it", &format!("{focused} === 'Take out: {name}'")).await;
    }
    // The last one goes up, and again: it keeps the focus.
    form.find("[data-field=matters] li:nth-of-type(3) [data-do=up]").await.send_keys("\u{e007}").await.expect("Enter");
    browser.until("still on it", &format!("{focused} === 'Move up: Explaining it only once'")).await;
    browser.press("\u{e007}").await;
    let order = "return [...document.querySelector('itsm-csat-survey').shadowRoot.querySelectorAll('.ranked')].map((it) => it.textContent).join()";
    browser.until("the order", &format!("{order} === 'Explaining it only once,A quick answer,A clear answer'")).await;
    let said = form.text("[data-role=announcement]").await;
    assert!(said.is_empty() || said.contains("Place 1"), "{said}");
    choose(&form, "score", "5").await;
    form.send().await;
    form.says("Thank you").await;
    assert_eq!(stage.backend.bodies().await[0]["answers"]["matters"], json!(["once", "speed", "clear"]));
}

async fn a_bad_definition_leaves_the_pages_own_children(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    open_survey(&browser, &stage, json!({ "api": "/api/v1" })).await;
    let definition = |title: &str, kind: &str| {
        json!({
            "id": "bad", "version": 1, "kind": kind, "locale": "en", "title": "Bad",
            "schema": { "type": "object", "properties": { "score": { "type": "integer", "format": "csat", "title": title } } },
            "ui": [{ "type": "control", "field": "score" }],
        })
    };
    for (given, place) in [
        (definition("How was {scroe}?", "satisfaction"), "schema.properties.score"),
        (definition("How was it?", "incident"), "kind incident"),
    ] {
        let script = format!(
            "const survey = document.querySelector('{SURVEY}'); window.wrong = [];
             survey.addEventListener('itsm-error', ({{ detail }}) => wrong.push(detail.message));
             survey.scrollIntoView()"
        );
        browser.run(&script).await;
        Form::at(&browser, SURVEY).set("definition", &given).await;
        Form::at(&browser, SURVEY).is_in_state("failed").await;
        browser.until(place, &format!("return wrong.some((message) => message.includes({place:?}))")).await;
        let child = format!("return document.querySelector('{SURVEY} p').checkVisibility()");
        assert_eq!(browser.run(&child).await, true);
    }
}

async fn every_kind_of_question_is_accessible_in_both_directions(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    for (language, direction) in [("en", "ltr"), ("ar", "rtl")] {
        browser.open(&stage.url("/portal/feedback/")).await;
        browser.run(&format!("document.querySelector('{SURVEY}').setAttribute('lang', '{language}')")).await;
        let form = Form::ready_at(&browser, SURVEY).await;
        form.find(&format!(".base[dir={direction}]")).await;
        choose(&form, "score", "1").await;
        form.find("[data-field=why]").await;
        assert_eq!(browser.violations().await, [""; 0], "{language}");
        let small =
            "return [...document.querySelector('itsm-csat-survey').shadowRoot.querySelectorAll('.answer, button')]
            .filter((it) => it.checkVisibility()).map((it) => it.getBoundingClientRect())
            .filter(({ width, height }) => width < 43.9 || height < 43.9).length";
        assert_eq!(browser.run(small).await, 0, "every target has 44 px");
        browser.run("document.querySelector('itsm-csat-survey').clear()").await;
    }
    browser.open(&stage.url("/portal/complaint/")).await;
    Form::ready_at(&browser, "itsm-complaint-form").await;
    assert_eq!(browser.violations().await, [""; 0]);
}

/// A survey with every kind of question that there is.
fn every_kind() -> Value {
    let path = root().join("examples/definitions/forms/feedback.json");
    let mut survey: Value = serde_json::from_slice(&std::fs::read(path).expect("an example")).expect("JSON");
    survey["schema"]["properties"]["short"] = json!({ "type": "string", "title": "Who helped you?" });
    survey["schema"]["properties"]["place"] = json!({ "type": "string", "title": "Where are you?",
        "oneOf": [{ "const": "north", "title": "North" }, { "const": "south", "title": "South" }] });
    let ui = survey["ui"].as_array_mut().expect("controls");
    ui.extend(["short", "place"].map(|field| json!({ "type": "control", "field": field })));
    survey["translations"] = json!({});
    survey
}

async fn every_kind_of_question_is_answered_by_keyboard_alone_in_both_directions(engine: Engine) {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    let down = |times: usize| "\u{e015}".repeat(times);
    let definitions = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(definitions.path().join("forms")).expect("a folder");
    std::fs::write(definitions.path().join("forms/every.json"), every_kind().to_string()).expect("a file");
    std::fs::write(definitions.path().join("services.json"), "[]").expect("a file");
    let stage = Stage::set_with(&["--definitions", &definitions.path().display().to_string()]).await;
    for (number, (language, direction)) in [("en", "ltr"), ("ar", "rtl")].into_iter().enumerate() {
        let profile = Profile::new();
        let browser = Browser::start_engine(engine, &profile, &[]).await;
        open_survey(&browser, &stage, json!({ "api": "/api/v1", "form": "feedback", "lang": language })).await;
        let form = Form::ready_at(&browser, SURVEY).await;
        form.find(&format!(".base[dir={direction}]")).await;
        browser.run(&format!("document.querySelector('{SURVEY}').shadowRoot.querySelector('h2').focus()")).await;
        let deepest = "let found = document.activeElement; while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;";
        for (field, keys) in [
            ("score", format!(" {}", down(3))),
            ("speed", format!(" {}", down(1))),
            ("tone", " ".to_owned()),
            ("result", format!(" {}", down(4))),
            ("effort", format!(" {}", down(5))),
            ("recommend", format!(" {}", down(9))),
            ("stars", format!(" {}", down(2))),
            ("solved", format!(" {}", down(1))),
            ("channel", format!(" {}", down(1))),
            ("again", format!(" {TAB}{TAB} ")),
            // Each that is taken in goes to the list above, where it can be taken out again: the next one comes after it.
            ("matters", format!("{TAB}{ENTER}{TAB}{ENTER}{TAB}")),
            ("comment", format!("Two{ENTER}lines")),
            ("contact", " ".to_owned()),
            ("short", "Ada".to_owned()),
            ("place", "s".to_owned()),
        ] {
            browser.press(TAB).await;
            let at = format!("{deepest} return found?.closest('[data-field]')?.dataset.field === '{field}'");
            browser.until(&format!("the focus is on {field}"), &at).await;
            for key in keys.chars() {
                browser.press(&key.to_string()).await;
                // What was put in order takes the focus once it is drawn.
                if field == "matters" {
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
            }
        }
        browser.press(TAB).await;
        browser.until("the button", &format!("{deepest} return found?.part.contains('submit')")).await;
        browser.press(ENTER).await;
        form.find("[part=receipt]").await;
        let body = stage.backend.bodies().await.remove(number);
        let expected = json!({
            "score": 4, "speed": 2, "tone": 1, "result": 5, "effort": 6, "recommend": 9, "stars": 3, "solved": 1,
            "channel": "phone", "again": ["hours", "people"], "matters": ["clear", "speed"], "comment": "Two\nlines",
            "contact": true, "short": "Ada", "place": "south",
        });
        assert_eq!(body["answers"], expected, "{language}");
    }
}
