//! Surveys that are offered: after what the rules name, never more often than they allow, in all tabs; and never again once
//! somebody does not want to be asked.

use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage, root};
use serde_json::{Value, json};
use tempfile::TempDir;

itsm_e2e::in_every_engine! {
    offered_after_a_ticket_and_about_it;
    a_refusal_silences_all_tabs_and_all_surveys;
    one_budget_for_all_surveys_and_tabs;
    the_page_may_veto_at_no_cost;
    occasions_are_what_the_rules_name;
    answers_that_were_begun_are_there_on_the_next_page;
    a_survey_is_shown_in_one_tab_at_a_time;
    what_waits_is_sent_from_a_page_that_has_an_invitation_only;
    the_page_goes_first;
    by_keyboard_the_focus_comes_and_goes_back;
    nothing_is_noted_before_an_offer_and_nothing_where_nothing_may_be;
    what_was_offered_goes_with_who_signs_out;
    what_cannot_be_shown_was_not_offered;
    every_placement_is_accessible_in_both_directions;
}

const INVITATION: &str = "itsm-survey-invitation";
const SURVEY: &str = "itsm-csat-survey";

/// A backend whose surveys have these rules.
struct Offering {
    stage: Stage,
    _definitions: TempDir,
}

impl Offering {
    async fn with(rules: Value) -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::create_dir(folder.path().join("forms")).expect("a folder");
        let examples = root().join("examples/definitions");
        for name in [
            "services.json",
            "complaints.json",
            "forms/pulse.json",
            "forms/feedback.json",
            "forms/hardware-incident.json",
        ] {
            let mut definition: Value =
                serde_json::from_slice(&std::fs::read(examples.join(name)).expect("an example")).expect("JSON");
            if definition["kind"] == "satisfaction" {
                definition["invitations"] = rules.clone();
            }
            std::fs::write(folder.path().join(name), definition.to_string()).expect("a file");
        }
        let stage = Stage::set_with(&["--definitions", &folder.path().display().to_string()]).await;
        Self { stage, _definitions: folder }
    }

    /// Opens a page with invitations to these surveys and nothing else, in the tab that is talked to.
    async fn open(&self, browser: &Browser, invitations: &[(&str, Value)]) {
        browser.open(&self.stage.url("/portal/feedback/")).await;
        let invitations: Vec<_> =
            invitations.iter().map(|(form, more)| json!({ "form": form, "more": more })).collect();
        let script = format!(
            "document.body.replaceChildren();
             const main = document.body.appendChild(document.createElement('main'));
             main.append(Object.assign(document.createElement('h1'), {{ textContent: 'A page' }}));
             main.append(Object.assign(document.createElement('button'), {{ textContent: 'Before', id: 'before' }}));
             window.told = [];
             for (const name of ['itsm-survey-invitation', 'itsm-survey-invitation-closed'])
                 document.addEventListener(name, ({{ detail }}) => told.push([name, detail.occasion ?? detail.state]));
             for (const {{ form, more }} of {}) {{
                 const invitation = document.createElement('{INVITATION}');
                 for (const [name, value] of Object.entries({{ api: '/api/v1', form, ...more }})) invitation.setAttribute(name, value);
                 main.append(invitation);
             }}",
            json!(invitations)
        );
        browser.run(&script).await;
        browser
            .until(
                "invitations",
                &format!(
                    "return [...document.querySelectorAll('{INVITATION}')].every((it) => it.dataset.state === 'ready')"
                ),
            )
            .await;
    }
}

/// Calls `ask()` of the invitation at that place of the page.
async fn ask(browser: &Browser, at: usize) -> Value {
    let script = format!(
        "const done = arguments[0]; document.querySelectorAll('{INVITATION}')[{at}].ask().then(done, (error) => done(String(error)))"
    );
    browser.client().execute_async(&script, vec![]).await.expect("an answer")
}

async fn is_shown(browser: &Browser) -> bool {
    let script = format!(
        "return [...document.querySelectorAll('{INVITATION}')].some((it) => it.shadowRoot.querySelector('.offer'))"
    );
    browser.run(&script).await == true
}

async fn is_gone(browser: &Browser) {
    let script = format!(
        "return ![...document.querySelectorAll('{INVITATION}')].some((it) => it.shadowRoot.querySelector('.offer'))"
    );
    for _ in 0..50 {
        if browser.run(&script).await == true {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let view = format!(
        "const it = document.querySelector('{INVITATION}'); const box = (found) => found && JSON.stringify(found.getBoundingClientRect());
         return [JSON.stringify(window.told), JSON.stringify(localStorage), innerWidth, innerHeight, ...['.offer', '[data-role=snoozed]', '[data-role=refused]'].map((found) => box(it.shadowRoot.querySelector(found))), it.shadowRoot.activeElement?.outerHTML, it.shadowRoot.querySelector('[data-role=announcement]')?.textContent].join('\\n')"
    );
    panic!("still offered: {}", browser.run(&view).await.as_str().unwrap_or_default());
}

/// Lets the page have the shadow root of the survey in the invitation as if it were its own.
async fn survey(browser: &Browser) -> Form<'_> {
    let ready = format!(
        "return document.querySelector('{INVITATION}').shadowRoot.querySelector('{SURVEY}')?.dataset.state === 'ready'"
    );
    browser.until("the survey", &ready).await;
    Form::inside(browser, INVITATION, SURVEY)
}

async fn press(browser: &Browser, role: &str) {
    // It is where it stays once the survey is there.
    survey(browser).await;
    Form::at(browser, INVITATION).find(&format!("[data-role={role}]")).await.click().await.expect("pressed");
}

async fn told(browser: &Browser) -> Value {
    browser.run("return told").await
}

async fn offered_after_a_ticket_and_about_it(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("It hums").await;
    assert!(!is_shown(&browser).await);
    form.send().await;
    form.says("INC-000001").await;
    let survey = survey(&browser).await;
    survey.says("How likely is it that you would recommend Workplace and devices to a colleague").await;
    survey.find("[data-field=recommend] input[value='9']").await.click().await.expect("chosen");
    survey.find("[part=next]").await.click().await.expect("pressed");
    survey.says("What should we do next?").await;
    survey.send().await;
    survey.says("Thank you, your answers have arrived").await;
    let bodies = stage.backend.bodies().await;
    assert_eq!((&bodies[1]["kind"], &bodies[1]["ticket"]), (&json!("satisfaction"), &json!("INC-000001")));
    assert_eq!(bodies[1]["service_id"], "workplace", "the form's own service");
    // It goes when it is told to, and does not come again after the next ticket.
    press(&browser, "answered").await;
    is_gone(&browser).await;
    let another = "return [...document.querySelector('itsm-ticket-form').shadowRoot.querySelectorAll('button')]
        .find((button) => button.textContent === 'Send another request')";
    browser.element("another", another).await.click().await.expect("pressed");
    form.fill_incident("It hums again").await;
    form.send().await;
    form.says("INC-000003").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!is_shown(&browser).await);
}

async fn a_refusal_silences_all_tabs_and_all_surveys(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 0, "snoozeDays": 0, "atMost": 50 })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("pulse", json!({}))]).await;
    assert_eq!(ask(&browser, 0).await, true);
    let first = browser.open_window("about:blank").await;
    offering.open(&browser, &[("feedback", json!({}))]).await;
    assert_eq!(ask(&browser, 0).await, true, "nothing is against it");
    press(&browser, "refused").await;
    is_gone(&browser).await;
    assert_eq!(ask(&browser, 0).await, false);
    browser.switch_to(first).await;
    is_gone(&browser).await;
    assert_eq!(told(&browser).await[1], json!(["itsm-survey-invitation-closed", "refused"]));
    assert_eq!(ask(&browser, 0).await, false);
    offering.open(&browser, &[("feedback", json!({})), ("pulse", json!({}))]).await;
    assert_eq!((ask(&browser, 0).await, ask(&browser, 1).await), (json!(false), json!(false)), "nor on a later visit");
}

async fn one_budget_for_all_surveys_and_tabs(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 30 })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    let surveys = ["pulse", "feedback", "pulse", "feedback"].map(|form| (form, json!({ "placement": "inline" })));
    offering.open(&browser, &surveys).await;
    // All at the same moment, in this tab and in another.
    let at_once = format!(
        "for (const it of document.querySelectorAll('{INVITATION}')) it.ask().then((is) => (window.asked ??= []).push(is))"
    );
    let first = browser.open_window("about:blank").await;
    offering.open(&browser, &surveys).await;
    let later = "const at = Math.ceil(Date.now() / 1000 + 1) * 1000; setTimeout(() => { ACT }, at - Date.now())"
        .replace("ACT", &at_once);
    browser.run(&later).await;
    let second = browser.client().window().await.expect("a tab");
    browser.switch_to(first.clone()).await;
    browser.run(&at_once).await;
    browser.until("all answers", "return window.asked?.length === 4").await;
    let here = browser.run("return window.asked.filter(Boolean).length").await.as_u64().expect("a number");
    browser.switch_to(second).await;
    // A tab that is not seen offers nothing; seen, it finds that something was offered.
    browser.until("all answers", "return window.asked?.length === 4").await;
    let there = browser.run("return window.asked.filter(Boolean).length").await.as_u64().expect("a number");
    assert_eq!(here + there, 1, "{here} here, {there} there");
}

async fn the_page_may_veto_at_no_cost(engine: Engine) {
    let offering = Offering::with(json!({})).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("pulse", json!({}))]).await;
    let veto =
        "window.veto = (event) => event.preventDefault(); document.addEventListener('itsm-survey-invitation', veto)";
    browser.run(veto).await;
    assert_eq!(ask(&browser, 0).await, false);
    assert!(!is_shown(&browser).await);
    browser.run("document.removeEventListener('itsm-survey-invitation', veto)").await;
    assert_eq!(ask(&browser, 0).await, true);
    assert_eq!(ask(&browser, 0).await, false, "it is shown already");
    press(&browser, "snoozed").await;
    is_gone(&browser).await;
    assert_eq!(ask(&browser, 0).await, false, "it is put off");
}

async fn occasions_are_what_the_rules_name(engine: Engine) {
    let out = "document.dispatchEvent(new MouseEvent('mouseout', { clientY: -1, bubbles: true }))";
    let within_page = "document.dispatchEvent(new MouseEvent('mouseout', { clientY: 40, bubbles: true }))";
    let scroll = "document.body.style.height = '9000px'; scrollTo(0, 5000)";
    let scroll_a_little = "document.body.style.height = '9000px'; scrollTo(0, 500)";
    let resolved =
        "document.dispatchEvent(new CustomEvent('itsm-ticket-resolved', { detail: { number: 'INC-000042' } }))";
    for (rules, not, act, occasion) in [
        (json!({ "exit": true }), within_page, out, "exit"),
        (json!({ "scrollPercent": 50 }), scroll_a_little, scroll, "scroll"),
        (json!({ "seconds": 2 }), out, "", "time"),
        (json!({ "resolved": true }), out, resolved, "resolved"),
        (json!({ "exit": true, "pages": ["/portal/*"] }), within_page, out, "exit"),
    ] {
        let offering = Offering::with(rules).await;
        let profile = Profile::new();
        let browser = Browser::start_engine(engine, &profile, &[]).await;
        offering.open(&browser, &[("pulse", json!({}))]).await;
        browser.run(not).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(told(&browser).await, json!([]), "{occasion}");
        browser.run(act).await;
        browser.until(occasion, "return told.length > 0").await;
        assert_eq!(told(&browser).await, json!([["itsm-survey-invitation", occasion]]));
        if occasion == "resolved" {
            let survey = survey(&browser).await;
            survey.find("[data-field=recommend]").await;
            let ticket =
                format!("return document.querySelector('{INVITATION}').shadowRoot.querySelector('{SURVEY}').ticket");
            assert_eq!(browser.run(&ticket).await, "INC-000042");
        }
    }
    // Not on that page, and to nobody.
    for rules in [json!({ "pages": ["/elsewhere"] }), json!({ "samplePercent": 0 })] {
        let offering = Offering::with(rules).await;
        let profile = Profile::new();
        let browser = Browser::start_engine(engine, &profile, &[]).await;
        offering.open(&browser, &[("pulse", json!({}))]).await;
        assert_eq!((ask(&browser, 0).await, is_shown(&browser).await), (json!(false), false));
    }
}

async fn answers_that_were_begun_are_there_on_the_next_page(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 30, "resolved": true })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("feedback", json!({ "placement": "inline" }))]).await;
    let resolved = "document.dispatchEvent(new CustomEvent('itsm-ticket-resolved', { detail: { number: 'INC-7', service: 'mail' } }))";
    browser.run(resolved).await;
    let form = survey(&browser).await;
    form.find("[data-field=score] input[value='4']").await.click().await.expect("chosen");
    form.says("kept on this device").await;
    // Escape leaves it for later: nobody has said no.
    browser.press("\u{e00c}").await;
    is_gone(&browser).await;
    assert_eq!(told(&browser).await[1], json!(["itsm-survey-invitation-closed", "begun"]));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    for _ in 0..2 {
        offering.open(&browser, &[("feedback", json!({ "placement": "inline" }))]).await;
        let form = survey(&browser).await;
        form.says("What you typed earlier is here again").await;
        assert_eq!(told(&browser).await, json!([["itsm-survey-invitation", "resumed"]]));
    }
    let form = survey(&browser).await;
    form.send().await;
    form.says("Thank you, your answers have arrived").await;
    let body = offering.stage.backend.bodies().await.remove(0);
    assert_eq!(
        (&body["answers"], &body["ticket"], &body["service_id"]),
        (&json!({ "score": 4 }), &json!("INC-7"), &json!("mail"))
    );
    offering.open(&browser, &[("feedback", json!({}))]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let noted = browser.run("return JSON.stringify(localStorage)").await;
    assert!(!is_shown(&browser).await, "what was sent is done: {noted} {}", told(&browser).await);
}

async fn a_survey_is_shown_in_one_tab_at_a_time(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 0, "snoozeDays": 0, "atMost": 50 })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering
        .open(
            &browser,
            &[("feedback", json!({ "placement": "inline" })), ("feedback", json!({})), ("pulse", json!({}))],
        )
        .await;
    assert_eq!(ask(&browser, 0).await, true);
    // Nor are several shown above each other.
    assert_eq!((ask(&browser, 1).await, ask(&browser, 2).await), (json!(false), json!(false)));
    assert_eq!(told(&browser).await, json!([["itsm-survey-invitation", "call"]]), "and the page is told of one");
    let form = survey(&browser).await;
    form.find("[data-field=score] input[value='4']").await.click().await.expect("chosen");
    form.says("kept on this device").await;
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    let first = browser.open_window("about:blank").await;
    offering.open(&browser, &[("feedback", json!({}))]).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(!is_shown(&browser).await, "it is being answered there");
    assert_eq!(ask(&browser, 0).await, false);
    browser.switch_to(first).await;
    form.send().await;
    form.says("Thank you, your answers have arrived").await;
    assert_eq!(offering.stage.backend.tickets().await, 1);
}

async fn what_waits_is_sent_from_a_page_that_has_an_invitation_only(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 30 })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("feedback", json!({ "placement": "inline" }))]).await;
    assert_eq!(ask(&browser, 0).await, true);
    let form = survey(&browser).await;
    form.find("[data-field=score] input[value='4']").await.click().await.expect("chosen");
    form.says("kept on this device").await;
    offering.stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    form.send().await;
    form.says("Saved on this device").await;
    offering.stage.mend();
    offering.open(&browser, &[("feedback", json!({}))]).await;
    assert!(!is_shown(&browser).await);
    offering.stage.backend.has_tickets(1, Duration::from_secs(20)).await;
}

async fn the_page_goes_first(engine: Engine) {
    let offering =
        Offering::with(json!({ "scrollPercent": 20, "resolved": true, "quietDays": 0, "snoozeDays": 0, "atMost": 50 }))
            .await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("pulse", json!({}))]).await;
    // It is asked once, however much is scrolled.
    let scroll =
        "document.addEventListener('itsm-survey-invitation', (event) => event.preventDefault(), { once: true });
        document.body.style.height = '9000px';
        const done = arguments[0]; let at = 3000;
        const step = () => { scrollTo(0, at += 20); at < 4000 ? requestAnimationFrame(step) : setTimeout(done, 500) };
        step()";
    browser.client().execute_async(scroll, vec![]).await.expect("scrolled");
    assert_eq!(told(&browser).await, json!([["itsm-survey-invitation", "scroll"]]));
    assert!(!is_shown(&browser).await);
    // Behind a dialog that has everything, nothing is offered; after it, it is.
    let dialog = "const dialog = document.body.appendChild(document.createElement('dialog')); dialog.id = 'd'; dialog.showModal();
        document.dispatchEvent(new CustomEvent('itsm-ticket-resolved'))";
    browser.run(dialog).await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert!(!is_shown(&browser).await);
    browser.run("document.getElementById('d').close()").await;
    survey(&browser).await;
    // Another survey is meant from now on.
    browser.run(&format!("document.addEventListener('itsm-survey-invitation-closed', ({{ detail }}) => (window.closedForm = detail.form)); document.querySelector('{INVITATION}').form = 'feedback'")).await;
    is_gone(&browser).await;
    assert_eq!(browser.run("return window.closedForm").await, "pulse");
    // What nobody touched before the page took it away was not offered.
    browser
        .until("ready again", &format!("return document.querySelector('{INVITATION}').dataset.state === 'ready'"))
        .await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(ask(&browser, 0).await, true);
    let offered = "return JSON.parse(Object.entries(localStorage).find(([name]) => name.startsWith('itsm.offers'))[1]).offers.length";
    let before = browser.run(offered).await.as_u64().expect("a number");
    browser.run(&format!("document.querySelector('{INVITATION}').remove()")).await;
    browser.until("it is taken back", &format!("{offered} === {}", before - 1)).await;
}

async fn by_keyboard_the_focus_comes_and_goes_back(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 0, "snoozeDays": 0, "atMost": 50 })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("pulse", json!({}))]).await;
    let on_click =
        format!("document.getElementById('before').onclick = () => {{ document.querySelector('{INVITATION}').ask() }}");
    browser.run(&on_click).await;
    browser.run("document.getElementById('before').focus()").await;
    browser.press("\u{e007}").await;
    let focused = "let found = document.activeElement; while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement; return FOUND";
    browser.until("the focus is in it", &focused.replace("FOUND", "found?.classList.contains('offer')")).await;
    survey(&browser).await;
    // The ways out come first, then the questions.
    browser.press("\u{e004}").await;
    browser.until("the first way out", &focused.replace("FOUND", "found?.dataset.role === 'snoozed'")).await;
    browser.press("\u{e00c}").await;
    is_gone(&browser).await;
    browser.until("the focus is back", "return document.activeElement?.id === 'before'").await;
    // Also to what lies in the view of another element.
    let inner = format!(
        "const host = document.querySelector('main').appendChild(document.createElement('div'));
         host.id = 'host';
         const inner = host.attachShadow({{ mode: 'open' }}).appendChild(document.createElement('button'));
         inner.onclick = () => {{ document.querySelector('{INVITATION}').ask() }};
         inner.focus()"
    );
    browser.run(&inner).await;
    browser.press("\u{e007}").await;
    browser.until("the focus is in it", &focused.replace("FOUND", "found?.classList.contains('offer')")).await;
    browser.press("\u{e00c}").await;
    is_gone(&browser).await;
    browser.until("the focus is back", "return !!document.getElementById('host').shadowRoot.activeElement").await;
    browser.run("document.getElementById('before').focus()").await;
    Form::at(&browser, INVITATION).find("[data-role=announcement]").await;
    assert_eq!(told(&browser).await[1], json!(["itsm-survey-invitation-closed", "snoozed"]));
    // Offered by itself it leaves the focus alone, and gives it back where it was taken from.
    browser.run("document.dispatchEvent(new CustomEvent('itsm-ticket-resolved'))").await;
    assert_eq!(browser.run("return document.activeElement.id").await, "before");
}

async fn nothing_is_noted_before_an_offer_and_nothing_where_nothing_may_be(engine: Engine) {
    let offering = Offering::with(json!({ "exit": true })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("pulse", json!({ "storage": "off" }))]).await;
    assert_eq!(
        (ask(&browser, 0).await, is_shown(&browser).await),
        (json!(false), false),
        "it could not keep to its rules"
    );
    offering.open(&browser, &[("pulse", json!({}))]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let stored = browser.stored().await;
    assert!(!stored.contains("itsm"), "{stored}");
    assert_eq!(ask(&browser, 0).await, true);
    let stored = browser.stored().await;
    assert!(stored.contains("itsm.offers anonymous@") && stored.contains("offered"), "{stored}");
}

async fn what_was_offered_goes_with_who_signs_out(engine: Engine) {
    let offering = Offering::with(json!({})).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    offering.open(&browser, &[("pulse", json!({}))]).await;
    // Somebody who is not signed in refuses; then Ada is here, and refuses for herself.
    browser.run(&format!("document.querySelector('{INVITATION}').getToken = () => ({{ subject: 'ada' }})")).await;
    assert_eq!(ask(&browser, 0).await, true);
    survey(&browser).await;
    let offers = "return Object.keys(localStorage).filter((name) => name.startsWith('itsm.offers'))";
    let noted = browser.run(offers).await;
    assert_eq!(noted.as_array().map(Vec::len), Some(1), "{noted}");
    assert!(!noted[0].as_str().expect("a name").contains("ada"), "{noted}");
    let sign_out = format!(
        "const done = arguments[0]; document.querySelector('{INVITATION}').shadowRoot.querySelector('{SURVEY}').signOut().then(done, (e) => done(String(e)))"
    );
    let left = browser.client().execute_async(&sign_out, vec![]).await.expect("an answer");
    assert_eq!(left, true);
    is_gone(&browser).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let left = browser.run("return Object.entries(localStorage)").await;
    assert_eq!(browser.run(offers).await, json!([]), "{left} {noted}");
}

async fn what_cannot_be_shown_was_not_offered(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 30 })).await;
    let profile = Profile::new();
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("");
    offering.open(&browser, &[("pulse", json!({}))]).await;
    // By the time at which the survey is to be shown, its definition cannot be had.
    offering.stage.cut_api();
    assert_eq!(ask(&browser, 0).await, true);
    is_gone(&browser).await;
    // It is noted while no other tab is at it.
    tokio::time::sleep(Duration::from_millis(1_000)).await;
    offering.stage.mend();
    offering.open(&browser, &[("pulse", json!({}))]).await;
    assert_eq!(ask(&browser, 0).await, true);
    survey(&browser).await;
}

async fn every_placement_is_accessible_in_both_directions(engine: Engine) {
    let offering = Offering::with(json!({ "quietDays": 0, "snoozeDays": 0, "atMost": 50 })).await;
    let profile = Profile::new();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    for placement in ["popover", "full", "inline"] {
        for (language, direction) in [("en", "ltr"), ("ar", "rtl")] {
            offering.open(&browser, &[("pulse", json!({ "placement": placement, "lang": language }))]).await;
            assert_eq!(ask(&browser, 0).await, true);
            let form = survey(&browser).await;
            form.find(&format!(".base[dir={direction}]")).await;
            form.find("[data-field=recommend]").await;
            // It comes in within a fifth of a second.
            tokio::time::sleep(Duration::from_millis(400)).await;
            assert_eq!(browser.violations().await, [""; 0], "{placement} {language}");
            let small = format!(
                "return [...document.querySelector('{INVITATION}').shadowRoot.querySelectorAll('button')].map((it) => it.getBoundingClientRect())
                 .filter(({{ width, height }}) => width < 43.9 || height < 43.9).length"
            );
            assert_eq!(browser.run(&small).await, 0);
            press(&browser, "snoozed").await;
            is_gone(&browser).await;
        }
    }
    browser.complains_of_nothing().await;
}

/// A page without TLS has no cryptography: then who somebody is, and the secret that would seal, are in no name.
#[tokio::test]
async fn what_nothing_could_seal_is_in_no_name() {
    let offering = Offering::with(json!({})).await;
    let profile = Profile::new();
    let browser = Browser::start_with(&profile, &["--host-resolver-rules=MAP insecure.example 127.0.0.1"]).await;
    let page = offering.stage.url("/portal/feedback/").replace("127.0.0.1", "insecure.example");
    browser.open(&page).await;
    let script = format!(
        "document.body.replaceChildren(Object.assign(document.createElement('{INVITATION}'), {{ api: '/api/v1', form: 'pulse' }}));
         document.querySelector('{INVITATION}').getToken = () => ({{ subject: 'ada@corp.example', storageKey: 'a secret of hers alone' }})"
    );
    browser.run(&script).await;
    browser.until("ready", &format!("return document.querySelector('{INVITATION}').dataset.state === 'ready'")).await;
    assert_eq!(browser.run("return window.isSecureContext").await, false);
    assert_eq!(ask(&browser, 0).await, false);
    let stored = browser.run("return JSON.stringify(localStorage)").await.to_string();
    assert!(!stored.contains("secret of hers"), "{stored}");
}
