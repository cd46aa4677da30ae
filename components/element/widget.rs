//! What the shell calls.

use std::cell::RefCell;
use std::rc::Rc;

use any_spawner::Executor;
use js_sys::{Function, Promise};
use leptos::prelude::Owner;
use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;

use super::host::{Host, Leaving, Methods, Values};
use crate::shared::dom::El;
use crate::ticket_form::Surface;
use crate::{outbox, satisfaction_report, survey_invitation, ticket_form};

thread_local! {
    static BASE: RefCell<Rc<str>> = RefCell::new("".into());
    static ON_PANIC: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// Tells where the suite was loaded from, and whom to tell of a panic: this instance is suspect then, and the shell
/// starts a fresh one.
#[wasm_bindgen]
pub fn start(base: &str, on_panic: Function) {
    BASE.set(base.into());
    ON_PANIC.set(Some(on_panic));
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(String::new, |at| [at.file(), ":", &at.line().to_string()].concat());
        // Nothing of this instance is dropped any more.
        itsm_widgets::adapters::browser::locks::release_all();
        if let Some(on_panic) = ON_PANIC.take() {
            let _ = on_panic.call1(&JsValue::UNDEFINED, &place.into());
        }
    }));
}

/// One element, from the moment it is first mounted until it leaves the page. Every method takes `&self`: a page's event
/// listener may call back while another call is under way.
#[wasm_bindgen]
pub struct Widget {
    attributes: Rc<Values>,
    properties: Rc<Values>,
    methods: Rc<RefCell<Option<Methods>>>,
    mounted: RefCell<Option<(Owner, El)>>,
    leaving: Rc<Leaving>,
}

#[wasm_bindgen]
impl Widget {
    /// An element that is not mounted yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self {
            attributes: Rc::default(),
            properties: Rc::default(),
            methods: Rc::default(),
            mounted: RefCell::new(None),
            leaving: Rc::default(),
        }
    }

    /// An attribute has this value now; none if it is gone.
    pub fn attribute(&self, name: &str, value: Option<String>) {
        self.attributes.set(name, value.map_or(JsValue::UNDEFINED, Into::into));
    }

    /// A property has this value now.
    pub fn property(&self, name: &str, value: JsValue) {
        self.properties.set(name, if value.is_null() { JsValue::UNDEFINED } else { value });
    }

    /// Shows the view of `tag` in `place`. `report` is called with the state, a code and a message.
    pub fn mount(&self, tag: &str, element: HtmlElement, place: HtmlElement, report: Function) {
        let host = Host {
            attributes: self.attributes.clone(),
            properties: self.properties.clone(),
            element,
            root: place.get_root_node().unchecked_into(),
            report,
            base: BASE.with_borrow(Clone::clone),
            leaving: self.leaving.clone(),
            methods: self.methods.clone(),
        };
        // It is there already from the second element on.
        let _ = Executor::init_wasm_bindgen();
        let owner = Owner::new();
        let view = owner.with(|| match tag {
            "itsm-outbox" => outbox::mount(host),
            "itsm-satisfaction-report" => satisfaction_report::mount(host),
            "itsm-survey-invitation" => survey_invitation::mount(host),
            "itsm-csat-survey" => ticket_form::mount(host, &Surface::SURVEY),
            "itsm-complaint-form" => ticket_form::mount(host, &Surface::COMPLAINT),
            _ => ticket_form::mount(host, &Surface::TICKET),
        });
        let _ = place.append_child(view.node());
        *self.mounted.borrow_mut() = Some((owner, view));
    }

    /// Takes the view down, and ends what belongs to it.
    pub fn unmount(&self) {
        self.leaving.end();
        // The borrow ends first: what is taken down may call back.
        let mounted = self.mounted.borrow_mut().take();
        if let Some((owner, view)) = mounted {
            owner.cleanup();
            view.node().remove();
        }
    }

    /// Calls a method of the element. Gives what its promise waits for, if that is anything.
    pub fn call(&self, name: &str) -> JsValue {
        if name == "signOut" {
            return Promise::new(&mut |resolve, _| self.leaving.ask(resolve)).into();
        }
        // The borrow ends first: what is called may call back.
        let methods = self.methods.borrow().clone();
        methods.map_or(JsValue::UNDEFINED, |call| call(name))
    }
}
