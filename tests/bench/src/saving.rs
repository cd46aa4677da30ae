//! From the press of the button until the page says that a request is saved, which then would survive a loss of power.

use std::time::Duration;

use itsm_e2e::{Browser, Fate, Form, Profile, Stage};
use serde_json::json;

use crate::figures::{Goal, Section, Table, quantile};

/// How long a request is, in letters.
const LENGTH: usize = 64 * 1024;
/// How many are sent in each round.
const PRESSES: usize = 20;

/// The network is cut: what is measured is this device alone.
pub async fn measure(rounds: usize) -> Section {
    let mut spans = vec![];
    for round in 0..rounds {
        let (stage, profile) = (Stage::set().await, Profile::new());
        let browser = Browser::start(&profile).await;
        browser.open(&stage.url("/portal/")).await;
        let form = Form::ready(&browser).await;
        stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
        let definition = json!({
            "id": "long", "version": 1, "kind": "incident", "locale": "en", "title": "At length",
            "schema": { "type": "object", "required": ["what"], "properties": {
                "what": { "type": "string", "title": "What?", "maxLength": LENGTH } } },
            "ui": [{ "type": "control", "field": "what", "widget": "textarea", "role": "summary" }],
        });
        form.set("definition", &definition).await;
        browser
            .run(
                "window.spans = []; addEventListener('click', (event) => (window.pressed = event.timeStamp), true);
                 addEventListener('itsm-ticket-queued', () => spans.push(performance.now() - pressed))",
            )
            .await;
        for press in 0..PRESSES {
            let script = format!(
                "const field = document.querySelector('itsm-ticket-form').shadowRoot.querySelector('textarea');
                 if (!field) return false;
                 field.value = Array.from({{ length: {LENGTH} }}, (_, at) => 'abcdefgh '[at * 7 % 9]).join('');
                 return field.dispatchEvent(new Event('input', {{ bubbles: true, composed: true }}))"
            );
            browser.until("a long text", &script).await;
            // Its draft is saved meanwhile, as a person's is.
            tokio::time::sleep(Duration::from_millis(600)).await;
            form.send().await;
            browser.until("it is saved", &format!("return spans.length > {press}")).await;
            form.find(".kept button").await.click().await.expect("another request");
        }
        let found = browser.run("return spans").await;
        spans.extend(found.as_array().into_iter().flatten().filter_map(serde_json::Value::as_f64));
        eprintln!("saving: round {} of {rounds}", round + 1);
    }
    let of = |share| quantile(spans.iter().copied(), share);
    Section {
        title: "Saving",
        about: format!(
            "From the press of the button until a request of {} KB is sealed and saved such that it would survive a loss of power. {} a round.",
            LENGTH / 1024,
            PRESSES
        ),
        tables: vec![Table {
            title: String::new(),
            columns: vec![("median, ms", 1), ("p95, ms", 1)],
            rows: vec![("itsm-widgets".to_owned(), vec![of(0.5), of(0.95)])],
        }],
        goals: vec![Goal::at_most("p95 ≤ 50 ms", of(0.95), 50.0)],
        why: "a request of that length is read, checked, sealed and written, and the disk is waited for.",
    }
}
