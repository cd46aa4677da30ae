//! `<itsm-ticket-form>`: a form for an incident or a service request.

pub mod contract;

#[cfg(target_family = "wasm")]
mod fields;
#[cfg(target_family = "wasm")]
mod keeper;
#[cfg(target_family = "wasm")]
mod keeping;
#[cfg(target_family = "wasm")]
mod load;
#[cfg(target_family = "wasm")]
mod model;
#[cfg(target_family = "wasm")]
mod prefill;
#[cfg(target_family = "wasm")]
mod texts;
#[cfg(target_family = "wasm")]
mod view;

#[cfg(target_family = "wasm")]
pub use wasm::{Methods, mount};

#[cfg(target_family = "wasm")]
mod wasm {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::model::TicketForm;
    use super::view;
    use crate::element::Host;
    use crate::shared::dom::El;
    use crate::shared::styles;

    /// What a page's script may call.
    #[derive(Clone, Default)]
    pub struct Methods {
        /// The same as pressing the button.
        pub submit: Option<Rc<dyn Fn()>>,
        /// Forgets what was typed.
        pub clear: Option<Rc<dyn Fn()>>,
    }

    /// Shows the element.
    pub fn mount(host: Host, methods: &RefCell<Methods>) -> El {
        styles::adopt(host.root());
        let model = TicketForm::new(host);
        *methods.borrow_mut() =
            Methods { submit: Some(Rc::new(move || model.send())), clear: Some(Rc::new(move || model.clear())) };
        view::ticket_form(model)
    }
}
