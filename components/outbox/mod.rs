//! `<itsm-outbox>`: what is on this device and not yet at the service desk.
//!
//! The element itself is a place that waits for its module. What the module shows it gets from the module that keeps and
//! sends, by [`Source`](source::Source): each is loaded once, and knows no type of the other.

pub mod contract;
pub mod messages;

#[cfg(target_family = "wasm")]
mod item;
#[cfg(target_family = "wasm")]
pub(crate) mod model;
#[cfg(target_family = "wasm")]
pub(crate) mod source;
#[cfg(target_family = "wasm")]
mod view;

#[cfg(target_family = "wasm")]
pub use wasm::mount;

#[cfg(target_family = "wasm")]
mod wasm {
    use super::{model, view};

    crate::late_element!(outbox, model::Outbox::new, view::outbox);
}
