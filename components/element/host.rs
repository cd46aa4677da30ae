//! An element as its view sees it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use itsm_widgets::adapters::browser::js::to_js;
use itsm_widgets::domain::map::Map;
use itsm_widgets::domain::value::Value;
use js_sys::Function;
use leptos::prelude::*;
use wasm_bindgen::prelude::*;
use web_sys::{CustomEvent, CustomEventInit, HtmlElement, ShadowRoot};

use crate::shared::messages::Messages;

/// Where an element stands, as `data-state` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not usable yet.
    Loading,
    /// Usable.
    Ready,
    /// Not usable now; the page author's own children are shown.
    Failed,
}

/// Whether the page may keep the element from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancelable {
    /// It may, by `preventDefault()`.
    Yes,
    /// It is told a fact.
    No,
}

/// Values by name, each followed by those who read it. They belong to no owner: they may be there before the mount, and
/// outlive it.
#[derive(Default)]
pub(super) struct Values(RefCell<Map<String, (JsValue, ArcTrigger)>>);

impl Values {
    pub(super) fn get(&self, name: &str) -> JsValue {
        let known = self.0.borrow().get(name).cloned();
        let (value, changed) = known.unwrap_or_else(|| {
            let unset = (JsValue::UNDEFINED, ArcTrigger::new());
            self.0.borrow_mut().insert(name.to_owned(), unset.clone());
            unset
        });
        changed.track();
        value
    }

    pub(super) fn set(&self, name: &str, value: JsValue) {
        let known = self.0.borrow().get(name).cloned();
        if known.as_ref().is_some_and(|(old, _)| *old == value) {
            return;
        }
        let changed = known.map(|(_, changed)| changed).unwrap_or_default();
        self.0.borrow_mut().insert(name.to_owned(), (value, changed.clone()));
        changed.notify();
    }
}

/// One element of a page.
#[derive(Clone)]
pub struct Host {
    pub(super) attributes: Rc<Values>,
    pub(super) properties: Rc<Values>,
    pub(super) element: HtmlElement,
    pub(super) root: ShadowRoot,
    pub(super) report: Function,
    pub(super) base: Rc<str>,
    pub(super) leaving: Rc<Leaving>,
    pub(super) methods: Rc<RefCell<Option<Methods>>>,
}

/// What a page's script may call, by name. Gives what the promise says, or another promise.
pub type Methods = Rc<dyn Fn(&str) -> JsValue>;

/// The page's wish that who is here be signed out. It may come before there is anybody who can do that.
#[derive(Default)]
pub struct Leaving {
    waiting: RefCell<Vec<Function>>,
    told: RefCell<Option<Rc<dyn Fn()>>>,
    ended: Cell<bool>,
}

impl Leaving {
    /// Asks for it; `resolve` is called with whether it was done.
    pub(super) fn ask(&self, resolve: Function) {
        self.waiting.borrow_mut().push(resolve);
        if self.ended.get() {
            return self.end();
        }
        if let Some(told) = &*self.told.borrow() {
            told();
        }
    }

    /// Calls `told` whenever somebody asks, and at once if somebody has.
    pub fn follow(&self, told: Rc<dyn Fn()>) {
        *self.told.borrow_mut() = Some(told.clone());
        self.ended.set(false);
        if !self.waiting.borrow().is_empty() {
            told();
        }
    }

    /// Nobody is there who could do it, until somebody follows again.
    pub fn end(&self) {
        self.told.take();
        self.ended.set(true);
        for resolve in self.take() {
            let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::FALSE);
        }
    }

    /// Whom to tell whether it was done.
    pub fn take(&self) -> Vec<Function> {
        self.waiting.take()
    }
}

impl Host {
    /// The attribute's value, as it changes.
    pub fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.get(name).as_string()
    }

    /// The attribute's value as it is now, unless it is empty.
    pub fn given(&self, name: &str) -> Option<String> {
        untrack(|| self.attribute(name)).filter(|value| !value.is_empty())
    }

    /// The property's value, as it changes.
    pub fn property(&self, name: &str) -> Option<JsValue> {
        Some(self.properties.get(name)).filter(|value| !value.is_undefined())
    }

    /// The element itself.
    pub fn element(&self) -> &HtmlElement {
        &self.element
    }

    /// The root of its view, which the page may have closed.
    pub fn root(&self) -> &ShadowRoot {
        &self.root
    }

    /// The page's wish that who is here be signed out.
    pub fn leaving(&self) -> &Rc<Leaving> {
        &self.leaving
    }

    /// Answers from now on when the page's script calls a method.
    pub fn answer_calls(&self, methods: impl Fn(&str) -> JsValue + 'static) {
        *self.methods.borrow_mut() = Some(Rc::new(methods));
    }

    /// The folder that the suite was loaded from, with a slash at its end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Says where the element stands now; `code` and `message` go into `itsm-error` if it failed.
    pub fn report(&self, state: State, code: &str, message: &str) {
        let state = match state {
            State::Loading => "loading",
            State::Ready => "ready",
            State::Failed => "failed",
        };
        let _ = self.report.call3(&self.element, &state.into(), &code.into(), &message.into());
    }

    /// Tells the page author that a setting is wrong, while the element goes on without it.
    pub fn complain(&self, code: &str, message: &str) {
        let detail = [("code", Value::Text(code.to_owned())), ("message", Value::Text(message.to_owned()))];
        self.emit("itsm-error", &detail, Cancelable::No);
    }

    /// Tells the page. Returns whether to go on: false only if the page has kept a cancelable event from it.
    pub fn emit(&self, name: &str, detail: &[(&str, Value)], cancelable: Cancelable) -> bool {
        let init = CustomEventInit::new();
        init.set_bubbles(true);
        // Or it would stop at the shadow root.
        init.set_composed(true);
        init.set_cancelable(cancelable == Cancelable::Yes);
        let members = detail.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        init.set_detail(&to_js(&Value::Object(members.collect())));
        let event = CustomEvent::new_with_event_init_dict(name, &init);
        event.is_ok_and(|event| self.element.dispatch_event(&event).unwrap_or(true))
    }

    /// Whether the suite speaks to the reader in the language `tag` now.
    pub fn reads(&self, tag: &str) -> bool {
        Messages::tag_for(&untrack(|| self.language())) == tag
    }

    /// The language that the element is read in: its own `lang`, an ancestor's, or the reader's.
    pub fn language(&self) -> String {
        if let Some(own) = self.attribute("lang").filter(|lang| !lang.is_empty()) {
            return own;
        }
        let ancestor = self.element.closest("[lang]").ok().flatten().and_then(|element| element.get_attribute("lang"));
        let reader = || itsm_widgets::adapters::browser::js::window().navigator().language();
        ancestor.filter(|lang| !lang.is_empty()).or_else(reader).unwrap_or_else(|| "en".to_owned())
    }
}
