//! Text is text: whatever a service desk, a page or a person writes, nothing of it runs and nothing of it becomes markup.

use itsm_e2e::{Backend, Browser, Engine, Fate, Form, PageServer, Profile, Stage};
use serde_json::{Value, json};

itsm_e2e::in_every_engine! {
    nothing_that_is_shown_runs_or_becomes_markup;
    nothing_that_was_refused_runs_or_becomes_markup;
}

/// How many texts are tried; each in another place, and in the places of its neighbours.
const PAYLOADS: usize = 2_000;
/// How many stand in one form.
const AT_ONCE: usize = 40;

/// What has been used to run a script where text was meant; `!` is the script.
const VECTORS: [&str; 40] = [
    "<script>!</script>",
    "<img src=x onerror=!>",
    "<svg onload=!>",
    "<svg><script>!</script></svg>",
    "<body onload=!>",
    "<iframe src=\"javascript:!\"></iframe>",
    "<iframe srcdoc=\"<script>!</script>\"></iframe>",
    "<a href=\"javascript:!\">x</a>",
    "javascript:!",
    "data:text/html,<script>!</script>",
    "<details open ontoggle=!>x</details>",
    "<input autofocus onfocus=!>",
    "<select autofocus onfocus=!></select>",
    "<textarea autofocus onfocus=!></textarea>",
    "<video><source onerror=!></video>",
    "<audio src=x onerror=!>",
    "<object data=\"javascript:!\"></object>",
    "<embed src=\"javascript:!\">",
    "<math><mtext><table><mglyph><style><img src=x onerror=!></style></mglyph></table></mtext></math>",
    "<form><button formaction=\"javascript:!\">x</button></form>",
    "<style>@import 'javascript:!';</style>",
    "<link rel=stylesheet href=\"javascript:!\">",
    "<base href=\"javascript:!//\">",
    "<meta http-equiv=refresh content=\"0;url=javascript:!\">",
    "<template><script>!</script></template>",
    "<div style=\"animation-name:x\" onanimationstart=!>x</div>",
    "<marquee onstart=!>x</marquee>",
    "<xss id=x tabindex=1 onfocus=!></xss>",
    "<noscript><p title=\"</noscript><img src=x onerror=!>\"></noscript>",
    "<svg><animate onbegin=! attributeName=x dur=1s></svg>",
    "<svg><use href=\"data:image/svg+xml,<svg id='x' onload='!'/>#x\"/></svg>",
    "{{constructor.constructor('!')()}}",
    "${!}",
    "<%= ! %>",
    "__proto__",
    "constructor",
    "[click](javascript:!)",
    "![x](x\"onerror=\"!)",
    "<!--<img src=\"--><img src=x onerror=!>\">",
    "<![CDATA[<script>!</script>]]>",
];

/// What gets out of the place where a text stands.
const ESCAPES: [&str; 10] = [
    "",
    "\">",
    "'>",
    "</textarea>",
    "</title>",
    "</style>",
    "</script>",
    "-->",
    "\" onmouseover=\"!\" x=\"",
    "\u{0}\u{202e}",
];

/// The same, written otherwise.
const DISGUISES: [fn(&str) -> String; 5] = [
    str::to_owned,
    |text| text.replace("script", "ScRiPt").replace("onerror", "OnErRoR"),
    |text| text.replace(' ', "/").replace("javascript:", "java\tscript:"),
    |text| text.replace('<', "&lt;").replace('>', "&gt;"),
    |text| text.replace('<', "%3C").replace("javascript:", "&#106;avascript:"),
];

fn payload(number: usize) -> String {
    let vector = VECTORS[number % VECTORS.len()];
    let escape = ESCAPES[number / VECTORS.len() % ESCAPES.len()];
    let disguise = DISGUISES[number / VECTORS.len() / ESCAPES.len() % DISGUISES.len()];
    disguise(&[escape, vector].concat()).replace('!', &format!("ran({number})"))
}

/// What a script that runs tells, and what has no business in the elements' views.
const WATCH: &str = "
    window.runs = []; window.ran = (number) => runs.push(number);
    for (const name of ['alert', 'eval', 'open']) window[name] = () => runs.push(name);
    addEventListener('securitypolicyviolation', (event) => runs.push('policy ' + event.blockedURI));
    window.strange = () => [...document.querySelectorAll('itsm-ticket-form, itsm-outbox')].flatMap((element) =>
        [...element.shadowRoot.querySelectorAll('*')].flatMap((node) => [
            ...(/^(script|img|svg|math|iframe|object|embed|video|audio|style|link|base|meta|template|marquee|xss|noscript|details|body)$/i.test(node.localName) ? [node.localName] : []),
            ...[...node.attributes].filter(({ name, value }) => /^on/i.test(name) || /^(src|srcdoc|action|formaction)$/i.test(name) || (name === 'style' && /animation/.test(value)) || (/href/i.test(name) && !/^(data:application\\/json|https?:|blob:)/.test(value))).map(({ name }) => node.localName + ' ' + name),
        ]));";

fn definition(first: usize) -> Value {
    let text = |n: usize| payload((first + n) % PAYLOADS);
    let field = |n: usize| format!("f{n}");
    let fields = AT_ONCE / 4;
    let properties: serde_json::Map<String, Value> = (0..fields)
        .map(|n| {
            let (title, description) = (text(n * 4), text(n * 4 + 1));
            let property = match n % 3 {
                0 => json!({ "type": "string", "title": title, "description": description, "maxLength": 1000 }),
                1 => json!({ "type": "string", "title": title, "description": description,
                    "oneOf": [{ "const": "a", "title": text(n * 4 + 2) }, { "const": "b", "title": text(n * 4 + 3) }] }),
                _ => json!({ "type": "boolean", "title": title, "description": description }),
            };
            (field(n), property)
        })
        .collect();
    let ui: Vec<Value> = (0..fields).map(|n| json!({ "type": "control", "field": field(n) })).collect();
    json!({ "id": format!("x{first}"), "version": 1, "kind": "incident", "locale": "en", "title": text(2),
        "description": text(3), "schema": { "type": "object", "properties": properties }, "ui": ui })
}

/// Nothing has run, and nothing strange stands in the views.
async fn is_harmless(browser: &Browser, what: &str) {
    let found = browser.run("return [runs, strange()]").await;
    assert_eq!(found, json!([[], []]), "{what}");
}

/// On a page that no policy protects.
async fn nothing_that_is_shown_runs_or_becomes_markup(engine: Engine) {
    let (pages, profile) = (PageServer::start(), Profile::new());
    let backend = Backend::start(&["--allow-origin", &pages.origin()]).await;
    pages.put_dist();
    let page = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Host</title><link rel=\"icon\" href=\"data:,\">\
         <script type=\"module\" src=\"/itsm-widgets.js\"></script></head><body>\
         <itsm-ticket-form api=\"{}\" form=\"something-is-broken\"></itsm-ticket-form></body></html>",
        backend.api()
    );
    pages.put("/", "text/html", &[], page);
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&pages.origin()).await;
    let form = Form::ready(&browser).await;
    browser.run(WATCH).await;
    // The watch sees what it is there for.
    let planted = "const root = document.querySelector('itsm-ticket-form').shadowRoot;
        root.querySelector('h2').innerHTML = '<img src=x onerror=ran(-1)>';
        const found = strange().length; root.querySelector('img').remove(); return found";
    assert_eq!(browser.run(planted).await, 3, "the picture, where it is from, and what it does");
    browser.until("it ran", "return runs.splice(0)[0] === -1").await;
    for first in (0..PAYLOADS).step_by(AT_ONCE) {
        let answers: serde_json::Map<String, Value> =
            (0..AT_ONCE / 4).map(|n| (format!("f{n}"), payload(first + n * 3).into())).collect();
        form.set("prefill", &Value::Object(answers)).await;
        form.set("definition", &definition(first)).await;
        let heading = serde_json::to_string(&payload((first + 2) % PAYLOADS)).expect("text");
        let shown = format!(
            "return document.querySelector('itsm-ticket-form').shadowRoot.querySelector('h2')?.textContent === {heading}"
        );
        browser.until(&format!("the form of {first}"), &shown).await;
        is_harmless(&browser, &format!("texts from {first} on")).await;
    }
}

async fn nothing_that_was_refused_runs_or_becomes_markup(engine: Engine) {
    let (stage, profile) = (Stage::set().await, Profile::new());
    let browser = Browser::start_engine(engine, &profile, &[]).await;
    browser.open(&stage.url("/portal/")).await;
    let form = Form::ready(&browser).await;
    browser.run(WATCH).await;
    browser.run("window.rejected = []; addEventListener('itsm-ticket-rejected', () => rejected.push(1))").await;
    let outbox = "const outbox = document.createElement('itsm-outbox'); outbox.setAttribute('api', '/api/v1');
        document.querySelector('itsm-ticket-form').after(outbox)";
    browser.run(outbox).await;
    for number in 0..6 {
        let reason = payload(number * 331);
        let problem = json!({ "type": "about:blank", "status": 422, "code": payload(number * 7 + 1), "title": reason,
            "detail": reason, "errors": [{ "field": "summary", "code": "pattern", "detail": reason }] });
        let body = problem.to_string();
        stage.network.set_rule(move |head| match head.method.as_str() {
            "POST" => Fate::Answer { status: 422, content_type: "application/problem+json", body: body.clone() },
            _ => Fate::Pass,
        });
        form.fill_incident(&payload(number * 17)).await;
        form.send().await;
        browser.until(&format!("the reason of {number}"), &format!("return rejected.length > {number}")).await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        is_harmless(&browser, &format!("refused for {reason:?}")).await;
        browser.run("document.querySelector('itsm-ticket-form').clear()").await;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    browser.run("document.querySelector('itsm-outbox').scrollIntoView()").await;
    let listed =
        "return document.querySelector('itsm-outbox').shadowRoot?.querySelectorAll('[part=entry]').length === 6";
    browser.until("all in the outbox", listed).await;
    is_harmless(&browser, "the outbox").await;
}
