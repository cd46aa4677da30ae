//! Files: chosen, pasted, dropped; kept, cut off and resumed; refused where they are not what the form asks for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use itsm_e2e::{Browser, Engine, Fate, Form, Profile, Stage, chance, from_env, within};

itsm_e2e::in_every_engine! {
    a_file_travels_with_its_ticket_through_a_kill, not in WebKit: "its automation keeps nothing when it ends";
    a_file_arrives_whole_through_a_network_that_cuts;
    large_files_arrive_whole_through_cuts_kills_and_reloads;
    files_are_pasted_and_dropped;
    what_is_no_picture_is_refused_at_once;
}

const FORM: &str = "document.querySelector('itsm-ticket-form')";

/// A picture, as far as anybody can tell from its beginning.
fn picture(size: usize) -> Vec<u8> {
    let rest = (0..size - 8).map(|at| (at * 7 % 253) as u8);
    b"\x89PNG\r\n\x1a\n".iter().copied().chain(rest).collect()
}

/// A form that is filled in, with this file chosen.
async fn with_file<'a>(browser: &'a Browser, stage: &Stage, name: &str, bytes: &[u8]) -> (Form<'a>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(browser).await;
    form.fill_incident("With a file").await;
    form.find("[data-field=files] input").await.send_keys(&path.display().to_string()).await.expect("chosen");
    (form, folder)
}

/// The only ticket's only file is these bytes.
async fn has_file(stage: &Stage, name: &str, bytes: &[u8]) {
    let [body] = &stage.backend.bodies().await[..] else { panic!("one ticket") };
    let file = &body["attachments"][0];
    assert_eq!((file["name"].as_str(), file["size"].as_u64()), (Some(name), Some(bytes.len() as u64)));
    let id = file["id"].as_str().expect("a name");
    assert!(stage.backend.file(id).await == bytes, "byte by byte");
}

/// From now on pieces of files meet what `fault` says of each, by its number. How many were sent, and how many met a fault.
fn break_off(
    stage: &Stage,
    mut fault: impl FnMut(usize) -> Option<Fate> + Send + 'static,
) -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let (sent, broken) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (count, breaks) = (sent.clone(), broken.clone());
    stage.network.set_rule(move |head| {
        if head.method != "PATCH" {
            return Fate::Pass;
        }
        let fault = fault(count.fetch_add(1, Ordering::Relaxed));
        breaks.fetch_add(usize::from(fault.is_some()), Ordering::Relaxed);
        fault.unwrap_or(Fate::Pass)
    });
    (sent, broken)
}

async fn a_file_travels_with_its_ticket_through_a_kill(engine: Engine) {
    let (stage, profile, bytes) = (Stage::set().await, Profile::new(), picture(3_000_000));
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    let (form, _folder) = with_file(&browser, &stage, "screen.png", &bytes).await;
    form.says("screen.png").await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    stage.cut_api();
    form.send().await;
    form.says("You may close this page").await;
    browser.kill();
    stage.mend();
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    stage.backend.has_tickets(1, Duration::from_secs(15)).await;
    has_file(&stage, "screen.png", &bytes).await;
}

async fn a_file_arrives_whole_through_a_network_that_cuts(engine: Engine) {
    const PIECES: usize = 6;
    let (stage, profile, bytes) = (Stage::set().await, Profile::new(), picture((PIECES << 20) - 7));
    let mut browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.expect_complaints("ERR_");
    let (form, _folder) = with_file(&browser, &stage, "screen.png", &bytes).await;
    form.find("[data-field=files] li button").await;
    let (sent, cut) = break_off(&stage, |piece| match piece {
        1 | 5 => Some(Fate::CutAnswer),
        3 => Some(Fate::Cut),
        _ => None,
    });
    form.send().await;
    form.says("INC-000001").await;
    has_file(&stage, "screen.png", &bytes).await;
    let (sent, cut) = (sent.load(Ordering::Relaxed), cut.load(Ordering::Relaxed));
    assert_eq!(cut, 3, "the network did cut");
    assert!(sent <= PIECES + cut, "at most one piece is sent again for each break: {sent}");
}

/// The definitions of the demo, with files of up to 25 MB.
fn generous_definitions() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let forms = folder.path().join("forms");
    std::fs::create_dir(&forms).expect("a folder");
    let examples = itsm_e2e::root().join("examples/definitions");
    let form = std::fs::read_to_string(examples.join("forms/hardware-incident.json")).expect("a form");
    std::fs::write(forms.join("hardware-incident.json"), form.replace("10000000", "25000000")).expect("a form");
    std::fs::copy(examples.join("services.json"), folder.path().join("services.json")).expect("services");
    folder
}

/// `ITSM_LARGE_FILES` says how many in Chromium, a third as many elsewhere; `ITSM_SEED` makes the same faults again.
async fn large_files_arrive_whole_through_cuts_kills_and_reloads(engine: Engine) {
    const PIECES: usize = 24;
    let wanted = from_env("ITSM_LARGE_FILES").unwrap_or(12_usize);
    let files = if engine == Engine::Chromium { wanted } else { wanted.div_ceil(3) };
    let mut chance = chance();
    let definitions = generous_definitions();
    for number in 0..files {
        let stage = Stage::set_with(&["--definitions", &definitions.path().display().to_string()]).await;
        let (profile, mut bytes) = (Profile::new(), picture(25_000_000));
        chance.fill(&mut bytes[8..]);
        let mut browser = Browser::start_engine(engine, &profile, &[]).await;
        browser.expect_complaints("ERR_");
        let (form, _folder) = with_file(&browser, &stage, "large.png", &bytes).await;
        // Three engines read so much at the same time.
        let is_read = async || form.has("[data-field=files] li button").await.then_some(());
        within(Duration::from_secs(90), "the file is read", is_read).await;
        let mut faults = chance.fork();
        let (sent, broken) = break_off(&stage, move |_| match faults.u8(0..20) {
            0 => Some(Fate::Cut),
            1 => Some(Fate::CutAnswer),
            _ => None,
        });
        form.send().await;
        form.says("large.png").await;
        form.says("You may close this page").await;
        tokio::time::sleep(Duration::from_millis(chance.u64(0..800))).await;
        // What is on its way then is broken off as well: two files at a time at most.
        broken.fetch_add(1, Ordering::Relaxed);
        if engine == Engine::WebKit || number % 2 == 1 {
            browser.reload().await;
        } else {
            // It ends whatever was started with its profile: before the next one is.
            drop(browser);
            browser = Browser::start_engine(engine, &profile, &[]).await;
            browser.expect_complaints("ERR_");
            browser.open(&stage.url("/portal/")).await;
        }
        stage.backend.has_tickets(1, Duration::from_secs(90)).await;
        has_file(&stage, "large.png", &bytes).await;
        let (sent, broken) = (sent.load(Ordering::Relaxed), broken.load(Ordering::Relaxed));
        assert!(sent <= PIECES + broken, "at most one piece is sent again for each of {broken} breaks: {sent}");
    }
}

async fn files_are_pasted_and_dropped(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    // Its place is as high before it is there: nothing below moves when it comes.
    form.find("[data-field=files] input").await;
    let as_high = "const find = (selector) => document.querySelector('itsm-ticket-form').shadowRoot.querySelector(selector);
        return parseFloat(getComputedStyle(find('.files-place')).minHeight) === find('.file-field').getBoundingClientRect().height";
    assert_eq!(browser.run(as_high).await, true);
    form.fill_incident("With files").await;
    let put = async |event: &str, transfer: &str, kind: &str, name: &str| {
        let script = format!(
            "const data = new DataTransfer(), png = new Uint8Array([0x89, 80, 78, 71, 13, 10, 26, 10, 1, 2, 3]);
             data.items.add(new File([png], '{name}', {{ type: 'image/png' }}));
             const event = new {kind}('{event}', {{ {transfer}: data, bubbles: true, composed: true, cancelable: true }});
             // Not every engine takes it from the constructor.
             Object.defineProperty(event, '{transfer}', {{ value: data }});
             {FORM}.shadowRoot.querySelector('[data-field=details] textarea').dispatchEvent(event);
             return event.defaultPrevented"
        );
        browser.run(&script).await
    };
    assert_eq!(put("paste", "clipboardData", "ClipboardEvent", "pasted.png").await, true);
    form.says("pasted.png").await;
    assert_eq!(put("dragover", "dataTransfer", "DragEvent", "x.png").await, true, "or nothing can be dropped");
    assert_eq!(put("drop", "dataTransfer", "DragEvent", "dropped.png").await, true);
    form.says("dropped.png").await;
    // Both are kept: what is still being read would move the button under a press.
    form.find("[data-field=files] li + li button").await;
    form.send().await;
    form.says("INC-000001").await;
    let names: Vec<String> = stage.backend.bodies().await[0]["attachments"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| file["name"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(names, ["pasted.png", "dropped.png"]);
    browser.complains_of_nothing().await;
}

async fn what_is_no_picture_is_refused_at_once(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    let program = [&b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff"[..], &[0; 2_000]].concat();
    let (form, _folder) = with_file(&browser, &stage, "picture.png", &program).await;
    form.says("Files of this type cannot be sent").await;
    form.send().await;
    form.says("INC-000001").await;
    assert!(stage.backend.bodies().await[0]["attachments"].as_array().is_none_or(Vec::is_empty));
    browser.complains_of_nothing().await;
}
