//! In any page: other origins, two copies, strict policies, tampered files, elements that come and go.

use itsm_e2e::{Backend, Browser, Form, PageServer, Profile, Stage};
use serde_json::Value;

const SHELL: &str = "itsm-widgets.js";

fn page(head: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Host</title><link rel=\"icon\" href=\"data:,\">{head}</head><body>{body}</body></html>"
    )
}

fn module(origin: &str) -> String {
    format!("<script type=\"module\" src=\"{origin}/{SHELL}\"></script>")
}

#[tokio::test]
async fn page_module_and_api_on_three_origins() {
    let (pages, modules, profile) = (PageServer::start(), PageServer::start(), Profile::new());
    let backend = Backend::start(&["--allow-origin", &pages.origin()]).await;
    modules.put_dist();
    let element =
        format!("<itsm-ticket-form api=\"{}\" form=\"something-is-broken\"></itsm-ticket-form>", backend.api());
    pages.put("/", "text/html", &[], page(&module(&modules.origin()), &element));
    let browser = Browser::start(&profile).await;
    browser.open(&pages.origin()).await;
    let form = Form::ready(&browser).await;
    form.fill("what", "The door does not open").await;
    form.send().await;
    form.says("INC-000001").await;
    assert_eq!(backend.tickets().await, 1);
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test]
async fn a_page_that_is_not_on_the_list_is_told_and_its_request_is_kept() {
    let (pages, profile) = (PageServer::start(), Profile::new());
    let backend = Backend::start(&["--allow-origin", "https://other.example"]).await;
    pages.put_dist();
    let element =
        format!("<itsm-ticket-form api=\"{}\" form=\"something-is-broken\"></itsm-ticket-form>", backend.api());
    pages.put("/", "text/html", &[], page(&module(&pages.origin()), &element));
    let browser = Browser::start(&profile).await;
    browser.open(&pages.origin()).await;
    let form = Form::at(&browser, "itsm-ticket-form");
    form.is_in_state("failed").await;
    form.says("This form cannot be shown now").await;
    assert_eq!(backend.tickets().await, 0);
}

#[tokio::test]
async fn a_second_copy_of_the_suite_changes_nothing() {
    let (copies, other, profile) = (PageServer::start(), PageServer::start(), Profile::new());
    copies.put_dist();
    other.put_dist();
    let browser = Browser::start(&profile).await;
    let backend = Backend::start(&["--allow-origin", &copies.origin()]).await;
    let element =
        format!("<itsm-ticket-form api=\"{}\" form=\"something-is-broken\"></itsm-ticket-form>", backend.api());
    copies.put("/", "text/html", &[], page(&[module(&copies.origin()), module(&other.origin())].concat(), &element));
    browser.open(&copies.origin()).await;
    let form = Form::ready(&browser).await;
    form.fill("what", "Two copies").await;
    form.send().await;
    form.says("INC-000001").await;
    assert_eq!(backend.tickets().await, 1);
}

#[tokio::test]
async fn a_page_that_trusts_only_its_own_nonce_is_enough() {
    let (pages, profile) = (PageServer::start(), Profile::new());
    let backend = Backend::start(&["--allow-origin", &pages.origin()]).await;
    pages.put_dist();
    for types in ["itsm-widgets", "'none'"] {
        let policy = format!(
            "default-src 'none'; script-src 'nonce-R4nd0m' 'strict-dynamic' 'wasm-unsafe-eval'; \
             connect-src 'self' http://{}; img-src 'self' blob: data:; style-src 'self'; font-src 'self'; \
             base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; \
             require-trusted-types-for 'script'; trusted-types {types}",
            backend.address()
        );
        let module = format!("<script nonce=\"R4nd0m\" type=\"module\" src=\"/{SHELL}\"></script>");
        let element =
            format!("<itsm-ticket-form api=\"{}\" form=\"something-is-broken\"></itsm-ticket-form>", backend.api());
        pages.put("/", "text/html", &[("Content-Security-Policy", &policy)], page(&module, &element));
        let browser = Browser::start(&profile).await;
        browser.open(&pages.origin()).await;
        let form = Form::ready(&browser).await;
        form.fill("what", "A strict page").await;
        form.send().await;
        form.says("INC-00000").await;
        assert_eq!(browser.complaints().await, [""; 0], "trusted-types {types}");
    }
    assert_eq!(backend.tickets().await, 2);
}

#[tokio::test]
async fn without_leave_for_wasm_the_page_authors_own_form_stays() {
    let (pages, profile) = (PageServer::start(), Profile::new());
    pages.put_dist();
    let element = "<itsm-ticket-form api=\"/api/v1\" form=\"x\"><form id=\"plain\"><input name=\"what\"><button>Send</button></form></itsm-ticket-form>";
    let policy = "default-src 'none'; script-src 'self'; connect-src 'self'; img-src data:; style-src 'self'";
    pages.put("/", "text/html", &[("Content-Security-Policy", policy)], page(&module(&pages.origin()), element));
    let browser = Browser::start(&profile).await;
    browser.open(&pages.origin()).await;
    Form::at(&browser, "itsm-ticket-form").is_in_state("failed").await;
    let visible = browser.run("const box = document.querySelector('#plain input').getBoundingClientRect(); return box.width > 0 && box.height > 0").await;
    assert_eq!(visible, Value::Bool(true));
}

#[tokio::test]
async fn a_flipped_byte_is_refused() {
    for (name, part) in [("the glue", ".js"), ("the wasm", ".wasm")] {
        let (pages, profile) = (PageServer::start(), Profile::new());
        pages.put_dist();
        pages.change(
            |path| path.starts_with("/itsm-core-") && path.ends_with(part),
            |bytes| {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            },
        );
        let element = "<itsm-ticket-form api=\"/api/v1\" form=\"x\"><p id=\"plain\">Call 4711</p></itsm-ticket-form>";
        let listen = "<script>addEventListener('itsm-error', (event) => (window.told = event.detail.code))</script>";
        pages.put("/", "text/html", &[], page(&[listen, &module(&pages.origin())].concat(), element));
        let browser = Browser::start(&profile).await;
        browser.open(&pages.origin()).await;
        Form::at(&browser, "itsm-ticket-form").is_in_state("failed").await;
        assert_eq!(browser.run("return window.told").await, "not_loaded", "{name}");
        assert_eq!(
            browser.run("return document.querySelector('#plain').offsetHeight > 0").await,
            Value::Bool(true),
            "{name}"
        );
    }
}

#[tokio::test]
async fn elements_come_go_and_move() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill("summary", "Moved about").await;
    browser
        .run("const form = document.querySelector('itsm-ticket-form'); document.querySelector('footer').append(form)")
        .await;
    assert_eq!(form.value("summary").await, "Moved about", "a move keeps the view");
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    browser.run("window.kept = document.querySelector('itsm-ticket-form'); kept.remove()").await;
    browser.run("document.querySelector('main').append(kept); kept.scrollIntoView()").await;
    let form = Form::ready_at(&browser, "itsm-ticket-form:not(#second)").await;
    browser
        .until(
            "the draft",
            "return kept.shadowRoot.querySelector('[data-field=summary] input')?.value === 'Moved about'",
        )
        .await;
    browser.run("const second = kept.cloneNode(true); second.setAttribute('form', 'something-is-broken'); second.id = 'second'; kept.before(second)").await;
    let second = Form::ready_at(&browser, "#second").await;
    second.fill("what", "Two forms on one page").await;
    second.send().await;
    second.says("INC-000001").await;
    assert_eq!(form.value("summary").await, "Moved about");
    assert_eq!(browser.complaints().await, [""; 0]);
}

#[tokio::test]
async fn a_page_may_keep_a_request_from_being_sent_and_hears_what_becomes_of_it() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    browser
        .run(
            "window.heard = []; window.refuse = true;
             for (const name of ['submit', 'queued', 'delivered']) addEventListener('itsm-ticket-' + name, (event) => {
                 heard.push([name, event.detail]); if (name === 'submit' && refuse) event.preventDefault();
             })",
        )
        .await;
    form.fill_incident("May it be sent?").await;
    form.send().await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert_eq!(browser.run("return heard.map(([name]) => name)").await, serde_json::json!(["submit"]));
    assert_eq!(stage.backend.tickets().await, 0);
    browser.run("refuse = false").await;
    form.send().await;
    form.says("INC-000001").await;
    assert_eq!(
        browser.run("return heard.map(([name]) => name)").await,
        serde_json::json!(["submit", "submit", "queued", "delivered"])
    );
    assert_eq!(browser.run("return heard[3][1].number").await, "INC-000001");
    assert_eq!(browser.run("return heard[0][1].answers.summary").await, "May it be sent?");
}

#[tokio::test]
async fn languages_directions_prefill_and_a_definition_of_the_page() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    browser.run("const form = document.querySelector('itsm-ticket-form'); form.lang = 'de-AT'; form.prefill = { device: { value: 'laptop', locked: true }, name: 'Ada' }").await;
    form.says("Ein Problem mit einem Gerät melden").await;
    form.says("Absenden").await;
    form.find("[data-field=asset] input").await;
    assert_eq!(form.value("name").await, "Ada");
    browser.run("document.querySelector('itsm-ticket-form').lang = 'ar'").await;
    form.says("الإبلاغ عن عطل في جهاز").await;
    // The suite's own words, and with them the direction, come by a file of their own.
    let direction =
        "getComputedStyle(document.querySelector('itsm-ticket-form').shadowRoot.querySelector('.base')).direction";
    browser.until("from right to left", &format!("return {direction} === 'rtl'")).await;
    browser
        .run(
            "const form = document.querySelector('itsm-ticket-form'); form.lang = 'en';
             form.definition = { id: 'own', version: 1, kind: 'incident', locale: 'en', title: 'The page’s own form',
                schema: { type: 'object', properties: { a: { type: 'string', title: 'A' } } }, ui: [{ type: 'control', field: 'a' }] }",
        )
        .await;
    form.says("The page’s own form").await;
    form.find("[data-field=a] input").await;
    assert!(!form.has("[data-field=summary]").await, "the other form's fields are gone");
    browser.run("document.querySelector('itsm-ticket-form').definition = { id: 'own' }").await;
    form.says("The form's definition has a mistake").await;
}

#[tokio::test]
async fn after_a_panic_the_element_starts_anew_with_all_that_was_typed() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    form.fill_incident("Typed before the panic").await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    // The one thing that the suite takes for granted fails until that is noticed.
    browser
        .run(
            "window.told = []; addEventListener('itsm-error', (event) => told.push(event.detail.code));
             const real = window.crypto;
             Object.defineProperty(window, 'crypto', { get() { if (!told.includes('panicked')) throw new Error('gone'); return real } })",
        )
        .await;
    form.send().await;
    browser.until("the panic is told", "return told.includes('panicked')").await;
    let form = Form::ready(&browser).await;
    form.says("What you typed earlier is here again").await;
    assert_eq!(form.value("summary").await, "Typed before the panic");
    form.send().await;
    form.says("INC-000001").await;
    assert_eq!(stage.backend.tickets().await, 1);
}

/// Bytes of the page's heap after a collection, nodes, and listeners.
async fn memory(browser: &Browser) -> [i64; 3] {
    for _ in 0..2 {
        browser.devtools("HeapProfiler.collectGarbage", serde_json::json!({})).await;
    }
    let heap = browser.devtools("Runtime.getHeapUsage", serde_json::json!({})).await;
    let counters = browser.devtools("Memory.getDOMCounters", serde_json::json!({})).await;
    [&heap["usedSize"], &counters["nodes"], &counters["jsEventListeners"]].map(|n| n.as_f64().expect("a number") as i64)
}

#[tokio::test]
async fn a_hundred_mounts_give_their_memory_back() {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start(&profile).await;
    browser.open(&stage.url("/portal/")).await;
    Form::ready(&browser).await;
    // From here on none is there but the one that comes and goes.
    browser.run("window.pattern = document.querySelector('itsm-ticket-form'); pattern.remove()").await;
    let come_and_go = async |times: u32| {
        let script = "const [times, done] = arguments;
            (async () => {
                for (let n = 0; n < times; n++) {
                    const form = pattern.cloneNode(true);
                    form.setAttribute('context', 'memory');
                    document.querySelector('main').append(form);
                    form.scrollIntoView();
                    await form.ready;
                    form.remove();
                    await new Promise((resolve) => setTimeout(resolve, 5));
                }
                done(true);
            })()";
        browser.client().execute_async(script, vec![times.into()]).await.expect("all were ready");
    };
    come_and_go(10).await;
    let [heap, nodes, listeners] = memory(&browser).await;
    for _ in 0..5 {
        come_and_go(20).await;
    }
    let [heap_after, nodes_after, listeners_after] = memory(&browser).await;
    assert!(heap_after - heap < 1_000_000, "{heap} bytes became {heap_after}");
    // What the browser itself has in hand may differ by a few.
    assert!(nodes_after - nodes < 50, "{nodes} nodes became {nodes_after}");
    assert!(listeners_after - listeners < 20, "{listeners} listeners became {listeners_after}");
    assert_eq!(browser.complaints().await, [""; 0]);
}
