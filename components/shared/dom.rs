//! Elements as values of one type, drawn by Leptos' reactive system.
//!
//! `view!` makes a type of its own for every element, and with it the machinery that draws, redraws and takes down that
//! type: for the ticket form three times the code of the form itself. Here an element is built once; what changes later
//! is a closure behind one pointer, run by a render effect of the current owner, and ended with it.

use gloo_events::{EventListener, EventListenerOptions};
use js_sys::Reflect;
use leptos::prelude::*;
use leptos::reactive::owner::on_cleanup;
use send_wrapper::SendWrapper;
use wasm_bindgen::prelude::*;
use web_sys::{Document, Element, Event, EventTarget, Node, Text};

thread_local! {
    static DOCUMENT: Document = itsm_widgets::adapters::browser::js::window().document().expect("a page has a document");
}

/// Text that may change.
fn text_node(text: &str) -> Text {
    DOCUMENT.with(|document| document.create_text_node(text))
}

/// Keeps `kept` until what is being drawn is taken down or drawn anew.
fn keep(kept: Box<dyn core::any::Any>) {
    let kept = SendWrapper::new(kept);
    on_cleanup(move || drop(kept));
}

/// Runs `run` now, and again whenever something that it read has changed.
pub fn follow(run: impl FnMut() + 'static) {
    follow_erased(Box::new(run));
}

fn follow_erased(mut run: Box<dyn FnMut()>) {
    keep(Box::new(RenderEffect::new(move |_: Option<()>| run())));
}

/// An element that is being put together.
#[derive(Clone)]
#[must_use]
pub struct El(Element);

/// An element `tag`.
pub fn el(tag: &str) -> El {
    El(DOCUMENT.with(|document| document.create_element(tag)).expect("the names of elements are constants"))
}

/// An element `tag` of that class.
pub fn classed(tag: &str, class: &str) -> El {
    el(tag).attr("class", class)
}

impl El {
    /// Sets an attribute for good.
    pub fn attr(self, name: &str, value: &str) -> Self {
        let _ = self.0.set_attribute(name, value);
        self
    }

    /// Makes it a `::part` of the widget.
    pub fn part(self, name: &str) -> Self {
        self.attr("part", name)
    }

    /// Sets an attribute if `value` gives one, and follows it.
    pub fn bind(self, name: &'static str, value: impl Fn() -> Option<String> + 'static) -> Self {
        bind(&self.0, name, Box::new(value));
        self
    }

    /// Sets the property `name`, true or false, and follows it.
    pub fn flag(self, name: &'static str, value: impl Fn() -> bool + 'static) -> Self {
        property(&self.0, name, Box::new(move || value().into()));
        self
    }

    /// Sets the property `value`, and follows it.
    pub fn value(self, value: impl Fn() -> String + 'static) -> Self {
        typed_value(&self.0, Box::new(value));
        self
    }

    /// Adds text that stays.
    pub fn text(self, text: &str) -> Self {
        let _ = self.0.append_child(&text_node(text));
        self
    }

    /// Adds text that changes.
    pub fn say(self, text: impl Fn() -> String + 'static) -> Self {
        say(&self.0, Box::new(text));
        self
    }

    /// Adds an element.
    pub fn child(self, child: El) -> Self {
        let _ = self.0.append_child(&child.0);
        self
    }

    /// Adds elements.
    pub fn children(self, children: impl IntoIterator<Item = El>) -> Self {
        for child in children {
            let _ = self.0.append_child(&child.0);
        }
        self
    }

    /// Adds what `draw` makes of what `key` gives, if it gives anything, and draws it anew when that has changed.
    pub fn when(self, key: impl Fn() -> Option<String> + 'static, draw: impl Fn(&str) -> El + 'static) -> Self {
        let draw = move |key: Option<&str>| key.map(&draw).into_iter().collect();
        region(&self.0, Box::new(key), Box::new(draw));
        self
    }

    /// Adds what `draw` makes, and draws it anew whenever `key` has changed.
    pub fn each(self, key: impl Fn() -> Option<String> + 'static, draw: impl Fn() -> Vec<El> + 'static) -> Self {
        region(&self.0, Box::new(key), Box::new(move |_| draw()));
        self
    }

    /// Calls `listener` at every `event`.
    pub fn on(self, event: &'static str, listener: impl Fn(&Event) + 'static) -> Self {
        listen(&self.0, event, Box::new(listener));
        self
    }

    /// The element.
    pub fn node(&self) -> &Element {
        &self.0
    }
}

fn bind(element: &Element, name: &'static str, value: Box<dyn Fn() -> Option<String>>) {
    let element = element.clone();
    let mut old = None;
    follow_erased(Box::new(move || {
        let new = value();
        if new == old {
            return;
        }
        let _ = match &new {
            Some(value) => element.set_attribute(name, value),
            None => element.remove_attribute(name),
        };
        old = new;
    }));
}

fn property(element: &Element, name: &'static str, value: Box<dyn Fn() -> JsValue>) {
    let element = element.clone();
    follow_erased(Box::new(move || {
        let (name, value) = (name.into(), value());
        // What is typed is there already: setting it again would move the cursor.
        if Reflect::get(&element, &name).ok().as_ref() != Some(&value) {
            let _ = Reflect::set(&element, &name, &value);
        }
    }));
}

fn typed_value(element: &Element, value: Box<dyn Fn() -> String>) {
    let element = element.clone();
    follow_erased(Box::new(move || {
        let (name, value) = ("value".into(), value());
        let there = Reflect::get(&element, &name).ok().and_then(|there| there.as_string()).unwrap_or_default();
        // White space alone is no answer, but it may be the beginning of one that is being typed.
        if there != value && !(value.is_empty() && there.trim().is_empty()) {
            let _ = Reflect::set(&element, &name, &value.into());
        }
    }));
}

fn say(element: &Element, text: Box<dyn Fn() -> String>) {
    let node = text_node("");
    let _ = element.append_child(&node);
    follow_erased(Box::new(move || {
        let text = text();
        if node.node_value().as_deref() != Some(&text) {
            node.set_node_value(Some(&text));
        }
    }));
}

type Draw = Box<dyn Fn(Option<&str>) -> Vec<El>>;

/// A place among the children of `element` that is drawn anew when its key changes.
fn region(element: &Element, key: Box<dyn Fn() -> Option<String>>, draw: Draw) {
    let end: Node = text_node("").into();
    let _ = element.append_child(&end);
    let mut drawn = Vec::<El>::new();
    let key = Memo::new_with_compare(
        {
            let key = SendWrapper::new(key);
            move |_| key()
        },
        |old, new| old != new,
    );
    follow_erased(Box::new(move || {
        let key = key.get();
        let fresh = untrack(|| draw(key.as_deref()));
        drawn.iter().for_each(|old| old.0.remove());
        if let Some(parent) = end.parent_node() {
            for new in &fresh {
                let _ = parent.insert_before(&new.0, Some(&end));
            }
        }
        drawn = fresh;
    }));
}

/// Calls `listener` at every `event` of `target`, until what is being drawn is taken down or drawn anew.
pub fn listen(target: &EventTarget, event: &'static str, listener: Box<dyn Fn(&Event)>) {
    // A form's submit must be kept from sending the page away.
    let options = EventListenerOptions::enable_prevent_default();
    keep(Box::new(EventListener::new_with_options(target, event, options, move |event| listener(event))));
}
