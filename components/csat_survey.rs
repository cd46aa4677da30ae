//! The surface of `<itsm-csat-survey>`: a form whose questions are a survey's.

use crate::element::contract::{
    API, Attribute, ERROR, ElementContract, Event, LANG, READY, SIGNED_OUT, STORAGE, THEME, WITHOUT_TITLE,
};
use crate::ticket_form::contract::{
    CONTEXT, CUSTOM_PROPERTIES, INVITATION, METHODS, PARTS, PROPERTIES, SERVICE, SLOTS, TICKET,
};

/// `<itsm-csat-survey>`.
pub const CONTRACT: ElementContract = ElementContract {
    tag: "itsm-csat-survey",
    class: "ItsmCsatSurvey",
    summary: "A survey on satisfaction: any questions, no answer chosen beforehand, progress that survives a reload.",
    attributes: &[
        API,
        Attribute {
            name: "form",
            kind: "string",
            default: "",
            text: "Which survey to show. Not needed if the page gives a definition.",
        },
        SERVICE,
        TICKET,
        INVITATION,
        LANG,
        STORAGE,
        THEME,
        CONTEXT,
        WITHOUT_TITLE,
    ],
    properties: PROPERTIES,
    methods: METHODS,
    events: &[
        READY,
        ERROR,
        SIGNED_OUT,
        Event {
            name: "itsm-survey-submit",
            detail: "{ form: string; answers: Record<string, unknown> }",
            cancelable: true,
            text: "The answers are in order and about to be saved and sent.",
        },
        Event {
            name: "itsm-survey-queued",
            detail: "{ key: string }",
            cancelable: false,
            text: "The answers are saved on the device; the page may be closed.",
        },
        Event {
            name: "itsm-survey-delivered",
            detail: "{ key: string; number: string }",
            cancelable: false,
            text: "The service desk has them. Comes once more if they are changed.",
        },
        Event {
            name: "itsm-survey-rejected",
            detail: "{ key: string; code: string; detail: string }",
            cancelable: false,
            text: "The service desk refused them; they stay on the device to be edited.",
        },
    ],
    slots: SLOTS,
    parts: PARTS,
    custom_properties: CUSTOM_PROPERTIES,
};
