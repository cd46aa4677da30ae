//! `<itsm-satisfaction-report>`: what a survey's answers come to. The element itself is a place that waits for its module.

pub mod contract;
pub mod messages;

#[cfg(target_family = "wasm")]
mod chart;
#[cfg(target_family = "wasm")]
mod export;
#[cfg(target_family = "wasm")]
mod model;
#[cfg(target_family = "wasm")]
mod view;

#[cfg(target_family = "wasm")]
pub use wasm::mount;

#[cfg(target_family = "wasm")]
mod wasm {
    use super::{model, view};

    crate::late_element!(report, model::Report::new, view::report);
}
