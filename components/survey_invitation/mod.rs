//! `<itsm-survey-invitation>`: offers a survey to somebody who did not ask for it, when its rules say so. Nothing is seen of
//! it before. The survey that it shows is an `<itsm-csat-survey>` like any other.

pub mod contract;
pub mod messages;

#[cfg(target_family = "wasm")]
mod model;
#[cfg(target_family = "wasm")]
mod occasions;
#[cfg(target_family = "wasm")]
mod view;

#[cfg(target_family = "wasm")]
pub use wasm::mount;

#[cfg(target_family = "wasm")]
mod wasm {
    use super::{model, view};

    crate::late_element!(invitation, model::Invitation::new, view::invitation);
}
