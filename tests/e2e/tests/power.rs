//! What is called saved survives a loss of power: it is asked for, and it is done before the page hears of it.
//!
//! `ITSM_COMMITS` says how many requests are watched on their way to the disk, by strace; without it none is.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage, from_env};

itsm_e2e::in_every_engine! {
    every_request_is_asked_to_survive_a_loss_of_power;
}

/// The page's form, in front of a service desk that never answers.
async fn open<'a>(browser: &'a Browser, stage: &Stage) -> Form<'a> {
    browser.open(&stage.url("/portal/")).await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    Form::ready(browser).await
}

async fn every_request_is_asked_to_survive_a_loss_of_power(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    let form = open(&browser, &stage).await;
    // A transaction in which a request takes the place of its draft is over both tables.
    let watch = "window.asked = [];
        const begin = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (...all) {
            const transaction = begin.apply(this, all);
            const tables = [...transaction.objectStoreNames];
            if (transaction.mode === 'readwrite' && tables.includes('outbox') && tables.includes('drafts')) asked.push(transaction.durability);
            return transaction;
        }";
    form.fill_incident("Not to be lost").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    browser.run(watch).await;
    form.send().await;
    form.says("You may close this page").await;
    assert_eq!(browser.run("return asked").await, serde_json::json!(["strict"]));
}

/// Writes down what `pids` and what they start ask of the disk.
fn watch(pids: &[u32], log: &Path) -> Child {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-e", "trace=fdatasync,fsync", "-o"]).arg(log);
    strace.args(pids.iter().flat_map(|pid| ["-p".to_owned(), pid.to_string()]));
    strace.stderr(Stdio::null()).spawn().expect("strace")
}

/// How often the disk was asked, and had done it.
fn synced(log: &Path) -> usize {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    text.lines().filter(|line| line.contains("sync") && line.ends_with("= 0")).count()
}

#[tokio::test]
async fn what_is_called_saved_is_on_the_disk() {
    let Some(commits) = from_env::<usize>("ITSM_COMMITS") else {
        return println!("not run: ITSM_COMMITS is not set");
    };
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let form = open(&browser, &stage).await;
    let log = profile.path().join("disk.log");
    let mut strace = watch(&browser.processes(), &log);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let mut kept = 0;
    for number in 0..commits {
        form.fill_incident(&format!("Number {number}")).await;
        // What is written of the draft is not asked of the disk; whatever else there is has its time.
        tokio::time::sleep(Duration::from_millis(600)).await;
        let before = synced(&log);
        form.send().await;
        form.says("You may close this page").await;
        kept += usize::from(synced(&log) > before);
        form.find(".kept button").await.click().await.expect("another request");
    }
    let _ = strace.kill();
    let _ = strace.wait();
    println!("{kept} of {commits} were on the disk when they were called saved");
    assert_eq!(kept, commits);
}
