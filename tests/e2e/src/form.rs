//! The ticket form, used as a person uses it: by its fields, with real keys.

use std::time::Duration;

use fantoccini::elements::Element;
use serde_json::Value;

use crate::{Browser, within};

/// One `<itsm-ticket-form>` of the open page.
pub struct Form<'a> {
    browser: &'a Browser,
    host: String,
}

impl<'a> Form<'a> {
    /// The page's first form, once it is usable.
    pub async fn ready(browser: &'a Browser) -> Self {
        Self::ready_at(browser, "itsm-ticket-form").await
    }

    /// The form that `selector` names, in whatever state it is.
    pub fn at(browser: &'a Browser, selector: &str) -> Self {
        Self { browser, host: format!("document.querySelector({selector:?})") }
    }

    /// The form that `selector` names in the view of the element `outer`, in whatever state it is.
    pub fn inside(browser: &'a Browser, outer: &str, selector: &str) -> Self {
        Self { browser, host: format!("document.querySelector({outer:?}).shadowRoot.querySelector({selector:?})") }
    }

    /// The form that `selector` names, once it is usable.
    pub async fn ready_at(browser: &'a Browser, selector: &str) -> Self {
        let form = Self::at(browser, selector);
        form.is_in_state("ready").await;
        form
    }

    /// Waits for `data-state`.
    pub async fn is_in_state(&self, state: &str) {
        self.browser
            .until(&format!("data-state={state}"), &format!("return {}?.dataset.state === {state:?}", self.host))
            .await;
    }

    /// An element of the view, once it is there.
    pub async fn find(&self, selector: &str) -> Element {
        self.browser.element(selector, &format!("return {}.shadowRoot.querySelector({selector:?})", self.host)).await
    }

    /// Whether an element of the view is there now.
    pub async fn has(&self, selector: &str) -> bool {
        self.browser.run(&format!("return !!{}.shadowRoot.querySelector({selector:?})", self.host)).await
            == Value::Bool(true)
    }

    /// The text of an element of the view, once it is there.
    pub async fn text(&self, selector: &str) -> String {
        self.find(selector).await.text().await.expect("text")
    }

    /// Waits until the whole view says `text`.
    pub async fn says(&self, text: &str) {
        let script = format!("return {}.shadowRoot.querySelector('.base')?.innerText", self.host);
        let last = std::cell::RefCell::new(Value::Null);
        let probe = async || {
            let said = self.browser.run(&script).await;
            let found = said.as_str().is_some_and(|said| said.contains(text));
            *last.borrow_mut() = said;
            found.then_some(())
        };
        tokio::select! {
            () = within(Duration::from_secs(60), text, probe) => {}
            () = tokio::time::sleep(Duration::from_secs(20)) => panic!("does not say {text:?}, but {}", last.borrow()),
        }
    }

    /// Types into a field, in place of what stands there.
    pub async fn fill(&self, field: &str, text: &str) {
        let control = self.find(&format!("[data-field={field:?}] :is(input, textarea)")).await;
        control.clear().await.expect("an empty field");
        self.type_in(field, text).await;
    }

    /// Types into a field, at the end of what stands there.
    pub async fn type_in(&self, field: &str, text: &str) {
        let control = self.find(&format!("[data-field={field:?}] :is(input, textarea)")).await;
        // A line ends with the key that ends it: not every driver makes one of the letter.
        control.send_keys(&text.replace('\n', "\u{e007}")).await.expect("typed");
    }

    /// Sets a property of the element as the page's own script would: what another realm made, such as the driver's, is
    /// hidden from the page in Firefox.
    pub async fn set(&self, property: &str, value: &Value) {
        let text = Value::from(value.to_string());
        let page = "const page = window.wrappedJSObject ?? window";
        let element = self.host.replacen("document", "page.document", 1);
        self.browser.run(&format!("{page}; {element}.{property} = page.JSON.parse({text})")).await;
    }

    /// Chooses from a list.
    pub async fn select(&self, field: &str, value: &str) {
        self.find(&format!("[data-field={field:?}] select")).await.select_by_value(value).await.expect("chosen");
    }

    /// Presses the `position`th radio button or box of a field.
    pub async fn choose(&self, field: &str, position: usize) {
        let script =
            format!("return {}.shadowRoot.querySelectorAll('[data-field={field:?}] input')[{position}]", self.host);
        self.browser.element("a choice", &script).await.click().await.expect("chosen");
    }

    /// What stands in a field.
    pub async fn value(&self, field: &str) -> String {
        let script = format!(
            "return {}.shadowRoot.querySelector('[data-field={field:?}] :is(input, textarea, select)').value",
            self.host
        );
        self.browser.run(&script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Presses the button that sends.
    pub async fn send(&self) {
        self.find("[part=submit]").await.click().await.expect("pressed");
    }

    /// Fills in what `hardware-incident` needs.
    pub async fn fill_incident(&self, summary: &str) {
        self.fill("summary", summary).await;
        self.choose("device", 2).await;
        self.fill("printer_place", "Second floor, beside the stairs").await;
        self.fill("details", "It hums, then it stops.\nThe light blinks twice.").await;
        self.choose("priority", 1).await;
        self.choose("priority", 4).await;
        self.fill("name", "Ada Example").await;
        self.fill("email", "ada@desk.example").await;
    }

    /// Fills in what `access-request` needs.
    pub async fn fill_access_request(&self, reason: &str) {
        self.select("service", "mail").await;
        self.choose("rights", 0).await;
        self.fill("reason", reason).await;
        self.fill("name", "Ada Example").await;
        self.fill("email", "ada@desk.example").await;
        self.choose("rules", 0).await;
    }
}
