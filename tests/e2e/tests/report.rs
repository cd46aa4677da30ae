//! The report on satisfaction: figures that the page gives or the service desk has, never of few, never stale unawares.

use itsm_e2e::{Browser, Engine, Form, Profile, Stage};
use serde_json::{Value, json};

itsm_e2e::in_every_engine! {
    figures_are_drawn_and_told;
    few_answers_tell_nothing;
    what_cannot_be_read_leaves_the_pages_own_children;
}

const REPORT: &str = "itsm-satisfaction-report";

/// A page with one report and nothing else.
async fn open(browser: &Browser, stage: &Stage, attributes: Value) {
    browser.open(&stage.url("/portal/")).await;
    let script = format!(
        "const report = document.createElement('{REPORT}');
         for (const [name, value] of Object.entries({attributes})) report.setAttribute(name, value);
         const child = document.createElement('p');
         child.textContent = 'Its own child';
         report.append(child);
         const main = document.createElement('main');
         const heading = document.createElement('h1');
         heading.textContent = 'Satisfaction';
         main.append(heading, report);
         document.body.replaceChildren(main)"
    );
    browser.run(&script).await;
}

fn figures(answered: u32) -> Value {
    let score = json!({ "value": 75.0, "low": 60.2, "high": 85.5 });
    json!({
        "title": "How did we do?",
        "by": "week",
        "least": 5,
        "answered": answered,
        "asked": 100,
        "response": { "value": 40.0, "low": 30.9, "high": 49.8 },
        "scales": [
            { "field": "score", "title": "How satisfied are you?", "measure": "csat", "n": 40, "counts": [2, 3, 5, 10, 20], "mean": 4.08, "score": score },
            { "field": "recommend", "title": "Would you recommend us?", "measure": "nps", "n": 40, "counts": [1, 0, 0, 1, 2, 3, 3, 5, 5, 10, 10], "mean": 7.6,
              "score": { "value": 25.0, "low": 2.5, "high": 47.5 } },
            { "field": "solved", "title": "Solved?", "measure": "thumbs", "n": 3 },
        ],
        "choices": [{ "field": "channel", "title": "How did you reach us?", "n": 30, "choices": [{ "title": "By phone", "count": 10 }, { "title": "<img src=x onerror=alert(1)>", "count": 20 }] }],
        "trend": [{ "name": "2026-11-16", "n": 4 }, { "name": "2026-11-23", "n": 36, "score": score }],
        "services": [{ "name": "mail", "n": 40, "score": score }],
        "channels": [{ "name": "widget", "n": 40, "score": score }],
        "comments": [{ "since": "2026-11-23", "question": "Anything else?", "text": "=HYPERLINK(\"https://evil.example\")" }],
    })
}

async fn figures_are_drawn_and_told(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    open(&browser, &stage, json!({ "api": "/api/v1" })).await;
    let report = Form::at(&browser, REPORT);
    report.set("results", &figures(40)).await;
    report.is_in_state("ready").await;
    for text in [
        "40 answers",
        "40\u{a0}% of 100 who were asked",
        "75\u{a0}%",
        "between 60.2\u{a0}% and 85.5\u{a0}%",
        "As of ",
        "too few",
    ] {
        report.says(text).await;
    }
    report.says("the share of 9 and 10 less the share of 0 to 6").await;
    // A bar is as long as its share of the longest.
    let widths = "const bars = [...document.querySelector('itsm-satisfaction-report').shadowRoot.querySelectorAll('section:nth-of-type(1) .bar')];
        return bars.map((bar) => Math.round(bar.getBoundingClientRect().width / bars[4].getBoundingClientRect().width * 100))";
    let widths = browser.run(widths).await;
    assert_eq!((&widths[1], &widths[3], &widths[4]), (&json!(15), &json!(50), &json!(100)), "{widths}");
    for language in ["en", "ar"] {
        browser.run(&format!("document.querySelector('{REPORT}').setAttribute('lang', '{language}')")).await;
        report.find(&format!(".base[lang={language}] table")).await;
        assert_eq!(browser.violations().await, [""; 0], "{language}");
    }
    // Nothing of it is markup, and no spreadsheet runs what it saves.
    assert!(!report.has("img").await);
    let saved = "return decodeURIComponent(document.querySelector('itsm-satisfaction-report').shadowRoot.querySelector('[download]').href)";
    let saved = browser.run(saved).await;
    let saved = saved.as_str().expect("text");
    assert!(saved.contains("\"csat\",\"How satisfied are you?\",40,75,60.2,85.5"), "{saved}");
    assert!(!saved.contains(",=") && !saved.contains(",\"="), "{saved}");
}

async fn few_answers_tell_nothing(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    open(&browser, &stage, json!({ "api": "/api/v1" })).await;
    let report = Form::at(&browser, REPORT);
    report.set("results", &figures(3)).await;
    report.says("Fewer than 5 answers").await;
    assert!(!report.has("table").await && !report.has(".score").await);
    report.set("results", &figures(0)).await;
    report.says("Nobody has answered yet.").await;
}

async fn what_cannot_be_read_leaves_the_pages_own_children(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    // Nobody is signed in here, and the figures are for analysts.
    open(&browser, &stage, json!({ "api": "/api/v1", "form": "feedback" })).await;
    let report = Form::at(&browser, REPORT);
    report.is_in_state("failed").await;
    report.says("The figures cannot be shown now").await;
    assert_eq!(browser.run(&format!("return document.querySelector('{REPORT} p').checkVisibility()")).await, true);
    report.set("results", &json!({ "title": 5 })).await;
    browser.run(&format!("window.wrong = []; document.querySelector('{REPORT}').addEventListener('itsm-error', ({{ detail }}) => wrong.push(detail.code))")).await;
    report.set("results", &json!({ "title": 6 })).await;
    browser.until("the place is named", "return wrong.includes('wrong_results')").await;
    report.set("results", &figures(40)).await;
    report.is_in_state("ready").await;
    report.says("40 answers").await;
}
