//! Pages that have changed the browser under our feet: the form works, or fails closed with the page author's own
//! fallback and an error event. Nothing is asked of any other origin.

use std::time::Duration;

use itsm_e2e::{Backend, Browser, PageServer, Profile};
use serde_json::{Value, json};

/// What becomes of the form on such a page.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Outcome {
    /// A ticket arrives, whole.
    Works,
    /// The fallback is seen, and the page is told.
    Closed,
}
use Outcome::{Closed, Works};

/// Each page runs its script before anything of ours.
const PAGES: &[(&str, Outcome, &str)] = &[
    (
        "members on all objects",
        Works,
        "Object.prototype.evil = 'x'; Object.prototype.default = 1; Object.prototype.value = 'y';",
    ),
    (
        "setters on all objects",
        Works,
        "for (const name of ['detail', 'key', 'answers', 'id']) Object.defineProperty(Object.prototype, name, { set() {}, get() { return 'x' }, configurable: true });",
    ),
    ("members on all arrays", Works, "Array.prototype.remove = function () { return 'x' }; Array.prototype.last = 1;"),
    (
        "arrays that write themselves as text",
        Works,
        "Array.prototype.toJSON = function () { return 'an array' }; String.prototype.toJSON = function () { return 'a text' }; Object.prototype.toJSON = function () { return 'an object' };",
    ),
    (
        "array methods that throw",
        Works,
        "for (const name of ['forEach', 'map', 'filter', 'find']) Array.prototype[name] = () => { throw new Error('mine') };",
    ),
    (
        "a patched then",
        Works,
        "const then = Promise.prototype.then; Promise.prototype.then = function (a, b) { return then.call(this, a, b) };",
    ),
    ("a promise of its own", Works, "window.Promise = class extends Promise {};"),
    ("a wrapped fetch", Works, "const real = window.fetch; window.fetch = (...words) => real(...words);"),
    ("a fetch that throws", Closed, "window.fetch = () => { throw new Error('mine') };"),
    (
        "a fetch that refuses the module",
        Closed,
        "const real = window.fetch; window.fetch = (url, ...rest) => String(url.url ?? url).endsWith('.wasm') ? Promise.reject(new Error('mine')) : real(url, ...rest);",
    ),
    ("no XMLHttpRequest", Works, "delete window.XMLHttpRequest;"),
    (
        "a wrapped JSON",
        Works,
        "const { parse, stringify } = JSON; JSON.parse = (text) => parse(text); JSON.stringify = (value) => stringify(value, null, 2);",
    ),
    ("no IndexedDB", Works, "Object.defineProperty(window, 'indexedDB', { value: undefined });"),
    (
        "an IndexedDB that throws",
        Works,
        "IDBFactory.prototype.open = () => { throw new DOMException('mine', 'UnknownError') };",
    ),
    (
        "no local storage",
        Works,
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('mine', 'SecurityError') } });",
    ),
    ("no digests", Works, "Object.defineProperty(Crypto.prototype, 'subtle', { value: undefined });"),
    ("no locks", Works, "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });"),
    ("no channels", Works, "delete window.BroadcastChannel;"),
    ("no observer of what is in sight", Works, "delete window.IntersectionObserver;"),
    ("no idle callback", Works, "delete window.requestIdleCallback;"),
    ("keys of objects that throw", Works, "Object.keys = () => { throw new Error('mine') };"),
    ("no shadow roots", Closed, "Element.prototype.attachShadow = () => { throw new Error('mine') };"),
    (
        "an append that throws",
        Closed,
        "for (const of of [Element, DocumentFragment]) of.prototype.append = () => { throw new Error('mine') };",
    ),
    ("lists that cannot be walked", Works, "Array.prototype[Symbol.iterator] = () => { throw new Error('mine') };"),
    (
        "a wrapped define",
        Works,
        "const { define } = CustomElementRegistry.prototype; CustomElementRegistry.prototype.define = function (...words) { return define.apply(this, words) };",
    ),
    (
        "an element of its own by our name",
        Closed,
        "customElements.define('itsm-ticket-form', class extends HTMLElement {});",
    ),
    (
        "an element without a box",
        Works,
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('itsm-ticket-form { display: contents }'); document.adoptedStyleSheets = [sheet];",
    ),
    (
        "names in the way of the document's",
        Works,
        "addEventListener('DOMContentLoaded', () => document.body.insertAdjacentHTML('beforeend', '<form name=currentScript></form><img name=head><form id=itsm><input name=nodeName></form>'));",
    ),
    (
        "an observer that takes attributes away",
        Works,
        "addEventListener('DOMContentLoaded', () => new MutationObserver((all) => all.forEach(({ target }) => target.removeAttribute('data-state'))).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-state'] }));",
    ),
    (
        "an observer that moves what is new",
        Works,
        "addEventListener('DOMContentLoaded', () => setTimeout(() => document.body.append(document.querySelector('itsm-ticket-form')), 60));",
    ),
    (
        "wrapped tree methods",
        Works,
        "for (const name of ['appendChild', 'insertBefore', 'removeChild']) { const real = Node.prototype[name]; Node.prototype[name] = function (...words) { return real.apply(this, words) } }",
    ),
    (
        "wrapped listeners",
        Works,
        "const real = EventTarget.prototype.addEventListener; EventTarget.prototype.addEventListener = function (name, listener, options) { return real.call(this, name, function (event) { return listener.handleEvent ? listener.handleEvent(event) : listener.call(this, event) }, options) };",
    ),
    ("a clock that stands still", Works, "Date.now = () => 0;"),
    (
        "a wrapped createElement",
        Works,
        "const real = Document.prototype.createElement; Document.prototype.createElement = function (...words) { return real.apply(this, words) };",
    ),
    ("no style sheets that can be made", Closed, "delete window.CSSStyleSheet;"),
    ("no URL", Closed, "delete window.URL;"),
    (
        "text methods that throw",
        Works,
        "for (const name of ['replace', 'split', 'trim']) String.prototype[name] = () => { throw new Error('mine') };",
    ),
    (
        "closed shadow roots only",
        Works,
        "const real = Element.prototype.attachShadow; Element.prototype.attachShadow = function () { return (window.root = real.call(this, { mode: 'closed' })) };",
    ),
    (
        "console that throws",
        Works,
        "for (const name of ['warn', 'error', 'log']) console[name] = () => { throw new Error('mine') };",
    ),
];

fn page(script: &str, module: &str, api: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Host</title><link rel=\"icon\" href=\"data:,\">\
         <script>window.told = []; addEventListener('itsm-error', (event) => told.push(event.detail.code)); {script}</script>\
         <script type=\"module\" src=\"{module}/itsm-widgets.js\"></script><style>* {{ all: unset }} div, p {{ display: block }}</style></head>\
         <body><itsm-ticket-form api=\"{api}\" form=\"something-is-broken\"><p id=\"plain\">Call 4711</p></itsm-ticket-form></body></html>"
    )
}

/// The view's root, also where the page has closed it.
const ROOT: &str = "(window.root ?? document.querySelector('itsm-ticket-form').shadowRoot)";

/// What `probe` finds within ten seconds.
async fn soon<T>(mut probe: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    for _ in 0..100 {
        if let Some(found) = probe().await {
            return Some(found);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

/// What an expression gives. Not by the driver's own scripts, which such pages break too.
async fn evaluate(browser: &Browser, expression: &str) -> Value {
    let parameters = json!({ "expression": expression, "returnByValue": true });
    browser.devtools("Runtime.evaluate", parameters).await["result"]["value"].clone()
}

async fn is(browser: &Browser, expression: &str) -> bool {
    evaluate(browser, expression).await == Value::Bool(true)
}

async fn outcome(browser: &Browser) -> Option<Outcome> {
    let plain = "told.length > 0 && document.querySelector('#plain').getBoundingClientRect().height > 0";
    soon(async || {
        let usable = is(browser, &format!("!!{ROOT}?.querySelector('textarea')")).await;
        if usable { Some(Works) } else { is(browser, plain).await.then_some(Closed) }
    })
    .await
}

/// Sends a request with the open page's form; what is wrong if it does not arrive as the `expected`th, whole.
async fn send(browser: &Browser, backend: &Backend, text: &str, expected: i64) -> Result<(), String> {
    evaluate(browser, &format!("{ROOT}.querySelector('textarea').focus()")).await;
    // A page may take the focus away just then, by moving the element: whoever types sees that, and types again.
    let typed = soon(async || {
        evaluate(browser, &format!("{ROOT}.querySelector('textarea').select()")).await;
        browser.devtools("Input.insertText", json!({ "text": text })).await;
        is(browser, &format!("{ROOT}.querySelector('textarea').value === {text:?}")).await.then_some(())
    });
    typed.await.ok_or("cannot be typed into".to_owned())?;
    evaluate(browser, &format!("{ROOT}.querySelector('[part=submit]').click()")).await;
    let arrived = soon(async || (backend.tickets().await == expected).then_some(())).await;
    arrived.ok_or(format!("{} tickets", backend.tickets().await))?;
    let bodies = backend.bodies().await;
    let what = bodies.last().map(|body| &body["answers"]["what"]);
    if what != Some(&Value::from(text)) {
        return Err(format!("{what:?} arrived"));
    }
    let receipt = format!("!!{ROOT}.querySelector('[part=receipt]')");
    soon(async || is(browser, &receipt).await.then_some(())).await.ok_or("no receipt".to_owned())
}

/// Origins that were asked and are neither the page's own nor the API's.
async fn strangers(browser: &Browser, known: &[String]) -> Vec<String> {
    let script = "(() => {
        let asked = '';
        const all = performance.getEntriesByType('resource');
        for (let at = 0; at < all.length; at++) asked += all[at].name + ' ';
        return asked;
    })()";
    let asked = evaluate(browser, script).await;
    let urls = asked.as_str().unwrap_or_default().split(' ').filter(|url| url.starts_with("http"));
    let origins = urls.map(|url| url.split('/').take(3).collect::<Vec<_>>().join("/"));
    origins.filter(|origin| !known.contains(origin)).collect()
}

#[tokio::test]
async fn on_hostile_pages_the_form_works_or_fails_closed() {
    assert!(PAGES.len() >= 30);
    let (pages, profile) = (PageServer::start(), Profile::new());
    let backend = Backend::start(&["--allow-origin", &pages.origin()]).await;
    let known = [pages.origin(), format!("http://{}", backend.address())];
    pages.put_dist();
    let browser = Browser::start(&profile).await;
    let mut wrong = vec![];
    for (at, (name, expected, script)) in PAGES.iter().enumerate() {
        let path = format!("/{at}");
        pages.put(&path, "text/html", &[], page(script, &pages.origin(), &backend.api()));
        browser.devtools("Page.navigate", json!({ "url": format!("{}{path}", pages.origin()) })).await;
        soon(async || {
            is(&browser, &format!("location.pathname === {path:?} && window.told !== undefined")).await.then_some(())
        })
        .await;
        let found = outcome(&browser).await;
        if found != Some(*expected) {
            wrong.push(format!("{name}: {found:?}"));
        } else if found == Some(Works) {
            let expected = backend.tickets().await + 1;
            wrong.extend(send(&browser, &backend, name, expected).await.err().map(|why| format!("{name}: {why}")));
        }
        wrong.extend(strangers(&browser, &known).await.into_iter().map(|origin| format!("{name}: asked {origin}")));
    }
    assert_eq!(wrong, [""; 0]);
}
