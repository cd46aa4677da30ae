//! The widgets of itsm-widgets: views, and the custom elements they are.
//!
//! A native build has the elements' contracts only, from which the build writes manifest, types and tables.

pub mod complaint_form;
pub mod csat_survey;
pub mod element;
pub mod outbox;
pub mod satisfaction_report;
pub mod shared;
#[cfg(target_family = "wasm")]
mod sign_out;
pub mod survey;
pub mod survey_invitation;
pub mod ticket_form;

use element::contract::ElementContract;

/// Every element that ships.
pub const ELEMENTS: &[&ElementContract] = &[
    &ticket_form::contract::CONTRACT,
    &csat_survey::CONTRACT,
    &complaint_form::CONTRACT,
    &survey_invitation::contract::CONTRACT,
    &satisfaction_report::contract::CONTRACT,
    &outbox::contract::CONTRACT,
];
