//! What sending costs the page: tasks that keep it from answering, in our portal, with the real backend.

use std::time::Duration;

use itsm_e2e::{Browser, Form, Profile, Stage};

use crate::machine::SLOW;

/// What a requester does.
pub const FLOWS: [&str; 3] = ["sending, until the receipt", "reading a file of 9 MB", "sending it, until the receipt"];

const WATCH: &str = "window.tasks = [];
    new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask' })";

/// The longest task over 50 ms in each flow, of all rounds; 0 if there was none.
pub async fn longest_tasks(rounds: usize) -> Vec<f64> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("screen.png");
    let rest = (0..9_000_000u32).map(|at| (at * 7 % 253) as u8);
    std::fs::write(&file, b"\x89PNG\r\n\x1a\n".iter().copied().chain(rest).collect::<Vec<u8>>()).expect("a file");
    let mut longest = vec![0.0; FLOWS.len()];
    for round in 0..rounds {
        let (stage, profile) = (Stage::set().await, Profile::new());
        let browser = Browser::start(&profile).await;
        browser.open(&stage.url("/portal/")).await;
        let form = Form::ready(&browser).await;
        form.fill_incident("Without a file").await;
        browser.run(WATCH).await;
        SLOW.give(&browser).await;
        form.send().await;
        form.says("INC-000001").await;
        note(&browser, &mut longest[0]).await;
        browser
            .element(
                "another",
                "return document.querySelector('itsm-ticket-form').shadowRoot.querySelector('.actions button')",
            )
            .await
            .click()
            .await
            .expect("pressed");
        form.fill_incident("With a file").await;
        forget(&browser).await;
        form.find("[data-field=files] input").await.send_keys(&file.display().to_string()).await.expect("chosen");
        form.says("9 MB").await;
        note(&browser, &mut longest[1]).await;
        form.send().await;
        form.says("INC-000002").await;
        note(&browser, &mut longest[2]).await;
        eprintln!("delivery: round {} of {rounds}", round + 1);
    }
    longest
}

/// What came before is not meant.
async fn forget(browser: &Browser) {
    tokio::time::sleep(Duration::from_millis(500)).await;
    browser.run("tasks.splice(0)").await;
}

async fn note(browser: &Browser, longest: &mut f64) {
    tokio::time::sleep(Duration::from_millis(500)).await;
    let found = browser.run("return Math.max(0, ...tasks.splice(0))").await;
    *longest = longest.max(found.as_f64().unwrap_or_default());
}
