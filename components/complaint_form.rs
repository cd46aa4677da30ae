//! The surface of `<itsm-complaint-form>`: a form that makes complaints.

use crate::element::contract::{
    API, Attribute, ERROR, ElementContract, Event, LANG, READY, SIGNED_OUT, STORAGE, THEME, WITHOUT_TITLE,
};
use crate::ticket_form::contract::{
    CONTEXT, CUSTOM_PROPERTIES, INVITATION, METHODS, PARTS, PROPERTIES, SERVICE, SLOTS, TICKET,
};

/// `<itsm-complaint-form>`.
pub const CONTRACT: ElementContract = ElementContract {
    tag: "itsm-complaint-form",
    class: "ItsmComplaintForm",
    summary: "A complaint about a service or its handling: a record of its own, managed to closure.",
    attributes: &[
        API,
        Attribute {
            name: "form",
            kind: "string",
            default: "",
            text: "Which form to show. Not needed if the page gives a definition.",
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
            name: "itsm-complaint-submit",
            detail: "{ form: string; answers: Record<string, unknown> }",
            cancelable: true,
            text: "The complaint is in order and about to be saved and sent.",
        },
        Event {
            name: "itsm-complaint-queued",
            detail: "{ key: string }",
            cancelable: false,
            text: "The complaint is saved on the device; the page may be closed.",
        },
        Event {
            name: "itsm-complaint-delivered",
            detail: "{ key: string; number: string }",
            cancelable: false,
            text: "The service desk has it and gave it a number.",
        },
        Event {
            name: "itsm-complaint-rejected",
            detail: "{ key: string; code: string; detail: string }",
            cancelable: false,
            text: "The service desk refused it; it stays on the device to be edited.",
        },
    ],
    slots: SLOTS,
    parts: PARTS,
    custom_properties: CUSTOM_PROPERTIES,
};
