//! The surface of `<itsm-csat-survey>`: a form whose questions are a survey's.

use crate::element::contract::ElementContract;
use crate::form_contract;

/// `<itsm-csat-survey>`.
pub const CONTRACT: ElementContract = form_contract!(
    "itsm-csat-survey",
    "ItsmCsatSurvey",
    "survey",
    "A survey on satisfaction: any questions, no answer chosen beforehand, progress that survives a reload.",
    form: "Which survey to show. Not needed if the page gives a definition.",
    submit: "The answers are in order and about to be saved and sent.",
    queued: "The answers are saved on the device; the page may be closed.",
    delivered: "The service desk has them. Comes once more if they are changed.",
    rejected: "The service desk refused them; they stay on the device to be edited."
);
