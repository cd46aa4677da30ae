//! The surface of `<itsm-complaint-form>`: a form that makes complaints.

use crate::element::contract::ElementContract;
use crate::form_contract;

/// `<itsm-complaint-form>`.
pub const CONTRACT: ElementContract = form_contract!(
    "itsm-complaint-form",
    "ItsmComplaintForm",
    "complaint",
    "A complaint about a service or its handling: a record of its own, managed to closure.",
    form: "Which form to show. Not needed if the page gives a definition.",
    submit: "The complaint is in order and about to be saved and sent.",
    queued: "The complaint is saved on the device; the page may be closed.",
    delivered: "The service desk has it and gave it a number.",
    rejected: "The service desk refused it; it stays on the device to be edited."
);
