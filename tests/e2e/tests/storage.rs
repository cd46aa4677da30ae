//! Browsers whose database fails: what is not kept is said, and kept as soon as that is possible.

use std::io::Write;
use std::time::Duration;

use itsm_e2e::{Browser, Fate, Form, Profile, Stage};
use serde_json::json;

/// Whether the browser would ask before it leaves the page.
const ASKS: &str = "return !dispatchEvent(new Event('beforeunload', { cancelable: true }))";

#[tokio::test]
async fn what_was_kept_in_memory_moves_into_a_database_that_opens_later() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    let broken = "const open = IDBFactory.prototype.open;
        window.mendStorage = () => { sessionStorage.mended = 1; IDBFactory.prototype.open = open; dispatchEvent(new Event('online')) };
        if (!sessionStorage.mended) IDBFactory.prototype.open = () => { throw new DOMException('mine', 'UnknownError') };";
    browser.devtools("Page.enable", json!({})).await;
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": broken })).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.says("This browser keeps nothing").await;
    assert_eq!(browser.run(ASKS).await, false, "nothing waits");
    form.fill_incident("Only in memory").await;
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    form.send().await;
    form.says("please leave this page open until it has arrived").await;
    assert!(!form.text(".base").await.contains("Saved on this device"), "it is not");
    assert_eq!(browser.run(ASKS).await, true, "what waits would be lost");
    browser.run("mendStorage()").await;
    form.says("Saved on this device").await;
    form.says("You may close this page").await;
    assert_eq!(browser.run(ASKS).await, false, "it is safe");
    browser.reload().await;
    Form::ready(&browser).await.says("1 form on this device waits to be sent").await;
    stage.mend();
    stage.backend.has_tickets(1, Duration::from_secs(20)).await;
    assert_eq!(stage.backend.bodies().await[0]["answers"]["summary"], "Only in memory");
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(stage.backend.tickets().await, 1);
}

/// What may go wrong with a database: its name, and a script that runs before any of the page's; in it `fail(name)` is the
/// browser's error of that name, and `when` whether the fault is on.
const FAULTS: [(&str, &str); 14] = [
    ("there is none", "Object.defineProperty(window, 'indexedDB', { value: undefined })"),
    ("opening throws", "IDBFactory.prototype.open = () => { throw fail('SecurityError') }"),
    ("opening hangs", "IDBFactory.prototype.open = () => new EventTarget()"),
    ("it is of a later version", "indexedDB.open('itsm.default.1', 99)"),
    (
        "opening fails",
        "IDBFactory.prototype.open = () => { const request = new EventTarget(); setTimeout(() => { request.error = fail('UnknownError'); request.onerror?.(new Event('error')); request.dispatchEvent(new Event('error')) }, 5); return request }",
    ),
    ("no transaction begins", "IDBDatabase.prototype.transaction = () => { throw fail('InvalidStateError') }"),
    (
        "it is closed under way",
        "const begin = IDBDatabase.prototype.transaction; let begun = 0; IDBDatabase.prototype.transaction = function (...all) { if (++begun % 4 === 0) { this.close(); } return begin.apply(this, all) }",
    ),
    ("no room at a write", "IDBObjectStore.prototype.put = () => { throw fail('QuotaExceededError') }"),
    (
        "no room at the end",
        "const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (...all) { const request = put.apply(this, all); const { transaction } = request; setTimeout(() => { try { transaction.abort() } catch {} }); return request }",
    ),
    (
        "bytes are refused",
        "const put = IDBObjectStore.prototype.put; IDBObjectStore.prototype.put = function (value, ...key) { if (value instanceof ArrayBuffer) throw fail('DataCloneError'); return put.call(this, value, ...key) }",
    ),
    (
        "reading fails",
        "IDBObjectStore.prototype.getAll = () => { throw fail('UnknownError') }; IDBIndex.prototype.getAll = () => { throw fail('UnknownError') }",
    ),
    (
        "it is wiped again and again",
        "const erase = IDBFactory.prototype.deleteDatabase; setInterval(() => erase.call(indexedDB, 'itsm.default.1'), 1_500)",
    ),
    (
        "another never lets go of it",
        "const asked = indexedDB.open('itsm.default.1', 1); asked.onupgradeneeded = () => { for (const name of ['meta', 'drafts', 'outbox', 'attachments', 'chunks', 'receipts', 'cache']) asked.result.createObjectStore(name) }; asked.onsuccess = () => { const db = asked.result; const all = db.transaction([...db.objectStoreNames], 'readwrite').objectStore('meta'); const hold = () => { all.count().onsuccess = hold }; hold() }",
    ),
    ("there is no cryptography", "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined })"),
];

/// Whatever the database does: the form can be used soon, what it says of keeping is true, and a request goes out all the
/// same, once.
#[tokio::test]
async fn a_request_goes_out_whatever_the_database_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.png");
    std::fs::write(&file, b"\x89PNG\r\n\x1a\n and so on").expect("a file");
    for (name, fault) in FAULTS {
        let (stage, profile) = (Stage::set().await, Profile::new());
        let browser = Browser::start(&profile).await;
        let source = format!("{{ const fail = (name) => new DOMException('mine', name); {fault} }}");
        browser.devtools("Page.enable", json!({})).await;
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
        browser.open(&stage.url("/portal/")).await;
        let form = Form::ready(&browser).await;
        let soon = browser.run("return performance.now() < 3_000").await;
        assert_eq!(soon, true, "{name}: usable within three seconds");
        form.fill_incident(name).await;
        // A file is kept, or it is said that it is not.
        form.find("[data-field=files] input").await.send_keys(&file.display().to_string()).await.expect("chosen");
        let answered =
            "const text = document.querySelector('itsm-ticket-form').shadowRoot.querySelector('.base').innerText;
            return /a\\.png|no space/i.test(text) && !/Reading/.test(text)";
        browser.until(&format!("{name}: the file is there or refused"), answered).await;
        let kept =
            "const text = document.querySelector('itsm-ticket-form').shadowRoot.querySelector('.base').innerText;
            return [/kept on this device/.test(text), /keeps nothing/.test(text)]";
        let said = browser.run(kept).await;
        form.send().await;
        stage.backend.has_tickets(1, Duration::from_secs(20)).await;
        form.says("INC-000001").await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(stage.backend.tickets().await, 1, "{name}");
        assert_eq!(stage.backend.bodies().await[0]["answers"]["summary"], name);
        println!("{name}: {said}");
        if name.starts_with("opening")
            || name.starts_with("another")
            || name == "there is none"
            || name == "it is of a later version"
        {
            assert_eq!(said, json!([false, true]), "{name}: the truth is told");
        }
    }
}

/// Leaves at the end of Chromium's log the beginning of a record, as a kill between two writes does: the first physical
/// record of one that has two (LevelDB's log format), with less behind it than it announces.
fn tear(profile: &Profile) {
    let folders = std::fs::read_dir(profile.path().join("Default/IndexedDB")).expect("a profile").flatten();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.path()).expect("a folder").flatten());
    let log = files.map(|file| file.path()).find(|path| path.extension().is_some_and(|ending| ending == "log"));
    let mut log = std::fs::File::options().append(true).open(log.expect("a log")).expect("the log");
    let (checksum, length, kind) = ([1, 2, 3, 4], 5_000_u16.to_le_bytes(), [2]);
    log.write_all(&[&checksum[..], &length, &kind, &[7; 100]].concat()).expect("written");
}

/// Keeps two requests in each of two visits, both of which end by a kill, and tears the log in between: Chromium goes on
/// writing behind a torn record, calls that corruption at the start after that, and makes the origin's databases anew, empty.
async fn kept_and_thrown_away(stage: &Stage, profile: &Profile, script: &str, seen: Duration) -> Browser {
    stage.network.set_rule(|head| if head.method == "POST" { Fate::Cut } else { Fate::Pass });
    let visit = async || {
        let mut browser = Browser::start(profile).await;
        browser.expect_complaints("ERR_");
        browser.devtools("Page.enable", json!({})).await;
        browser.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
        browser.open(&stage.url("/portal/")).await;
        browser.run("document.querySelector('itsm-ticket-form').setAttribute('form', 'something-is-broken')").await;
        Form::ready(&browser).await;
        browser
    };
    for number in 0..2 {
        let mut browser = visit().await;
        let form = Form::ready(&browser).await;
        for nth in 0..2 {
            form.fill("what", &format!("visit {number}, {nth}")).await;
            form.send().await;
            form.says("You may close this page").await;
            form.find(".kept button").await.click().await.expect("another");
            form.find("[data-field=what] textarea").await;
        }
        tokio::time::sleep(seen).await;
        browser.kill();
        drop(browser);
        if number == 0 {
            tear(profile);
        }
    }
    visit().await
}

#[tokio::test]
async fn what_waits_comes_back_from_a_database_that_the_browser_throws_away() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = kept_and_thrown_away(&stage, &profile, "", Duration::from_millis(200)).await;
    let form = Form::ready(&browser).await;
    form.says("4 forms on this device wait to be sent.").await;
    assert!(!form.text(".base").await.contains("could not be read"));
    stage.mend();
    browser.run("dispatchEvent(new Event('online'))").await;
    stage.backend.has_tickets(4, Duration::from_secs(60)).await;
    let mut told: Vec<_> =
        stage.backend.bodies().await.iter().map(|body| body["answers"]["what"].to_string()).collect();
    told.sort();
    assert_eq!(told, ["\"visit 0, 0\"", "\"visit 0, 1\"", "\"visit 1, 0\"", "\"visit 1, 1\""]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.backend.tickets().await, 4, "none twice");
    // And it is not sent once more by whoever comes next.
    browser.reload().await;
    Form::ready(&browser).await.says("kept on this device").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stage.backend.tickets().await, 4);
}

/// Where there is no second place.
#[tokio::test]
async fn a_database_that_the_browser_throws_away_is_told() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let without = "Object.defineProperty(window, 'caches', { value: undefined })";
    // What is noted in `localStorage` is on the disk after five seconds.
    let browser = kept_and_thrown_away(&stage, &profile, without, Duration::from_secs(8)).await;
    Form::ready(&browser).await.says("4 saved forms could not be read any more.").await;
}

/// A page may be left between the arrival of a request and the note that nothing waits any more.
#[tokio::test]
async fn a_note_that_comes_too_late_is_no_loss() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("It arrives").await;
    form.send().await;
    form.says("INC-000001").await;
    browser.run("localStorage.setItem('itsm.default.1', JSON.stringify({ pending: 1 }))").await;
    browser.reload().await;
    let form = Form::ready(&browser).await;
    form.says("kept on this device").await;
    browser.until("the note is right", "return localStorage.getItem('itsm.default.1') === null").await;
    assert!(!form.text(".base").await.contains("could not be read"));
}
