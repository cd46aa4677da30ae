//! Views that change, as one type each: a closure of its own type for every place would bring the machinery that draws
//! it into the wasm once for every place.

use std::sync::Arc;

use leptos::prelude::*;

/// What `draw` gives, drawn anew when what it reads changes.
pub fn dynamic(draw: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    dynamic_erased(Arc::new(draw))
}

fn dynamic_erased(draw: Arc<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || draw()).into_any()
}

/// What `say` gives, as text.
pub fn words(say: impl Fn() -> String + Send + Sync + 'static) -> AnyView {
    words_erased(Arc::new(say))
}

fn words_erased(say: Arc<dyn Fn() -> String + Send + Sync>) -> AnyView {
    (move || say()).into_any()
}

/// A view that is there or not.
pub fn maybe(view: Option<AnyView>) -> AnyView {
    view.unwrap_or_else(|| ().into_any())
}

/// Several views, one after the other.
pub fn all(views: impl Iterator<Item = AnyView>) -> AnyView {
    views.collect::<Vec<AnyView>>().into_any()
}

/// An attribute's value, or none.
pub fn attribute(value: impl Fn() -> Option<String> + Send + Sync + 'static) -> Signal<Option<String>> {
    Signal::derive(value)
}

/// A property that is true or false.
pub fn flag(value: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(value)
}
