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
pub use wasm::{Methods, mount};

#[cfg(target_family = "wasm")]
mod wasm {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::model::TicketForm;
    use super::{Surface, view};
    use crate::element::Host;
    use crate::shared::dom::El;
    use crate::shared::styles;

    /// What a page's script may call, by name.
    pub type Methods = Rc<dyn Fn(&str)>;

    /// Shows the element.
    pub fn mount(host: Host, surface: &'static Surface, methods: &RefCell<Option<Methods>>) -> El {
        styles::adopt(host.root());
        let model = TicketForm::new(host, surface);
        let call = move |name: &str| if name == "submit" { model.send() } else { model.clear() };
        *methods.borrow_mut() = Some(Rc::new(call));
        view::ticket_form(model)
    }
}
