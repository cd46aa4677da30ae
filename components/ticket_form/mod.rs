//! `<itsm-ticket-form>`: a form for an incident or a service request; and what the other elements share that are forms.

pub mod contract;

#[cfg(target_family = "wasm")]
pub(crate) mod fields;
#[cfg(target_family = "wasm")]
mod keeper;
#[cfg(target_family = "wasm")]
mod keeping;
#[cfg(target_family = "wasm")]
mod load;
#[cfg(target_family = "wasm")]
pub(crate) mod model;
#[cfg(target_family = "wasm")]
mod prefill;
#[cfg(target_family = "wasm")]
pub(crate) mod questions;
mod surface;
#[cfg(target_family = "wasm")]
mod texts;
#[cfg(target_family = "wasm")]
pub(crate) mod view;

pub use surface::Surface;

#[cfg(target_family = "wasm")]
pub use wasm::mount;

#[cfg(target_family = "wasm")]
mod wasm {
    use wasm_bindgen::JsValue;

    use super::model::TicketForm;
    use super::{Surface, view};
    use crate::element::Host;
    use crate::shared::dom::El;
    use crate::shared::styles;

    /// Shows the element.
    pub fn mount(host: Host, surface: &'static Surface) -> El {
        styles::adopt(host.root());
        let model = TicketForm::new(host.clone(), surface);
        host.answer_calls(move |name| {
            if name == "submit" {
                model.send()
            } else {
                model.clear()
            }
            JsValue::UNDEFINED
        });
        view::ticket_form(model)
    }
}
