//! The surface of `<itsm-outbox>`.

use crate::element::contract::{
    API, ERROR, ElementContract, Event, GET_TOKEN, LANG, Named, READY, READY_PROMISE, SIGN_OUT, SIGNED_OUT, STORAGE,
    THEME, WITHOUT_TITLE,
};
use crate::ticket_form;

/// `<itsm-outbox>`.
pub const CONTRACT: ElementContract = ElementContract {
    tag: "itsm-outbox",
    class: "ItsmOutbox",
    summary: "What is on this device and not yet at the service desk: where each request stands, and what can be done about it.",
    attributes: &[API, LANG, STORAGE, THEME, WITHOUT_TITLE],
    properties: &[GET_TOKEN, READY_PROMISE],
    methods: &[SIGN_OUT],
    events: &[
        READY,
        ERROR,
        SIGNED_OUT,
        Event {
            name: "itsm-outbox-count",
            detail: "{ count: number }",
            cancelable: false,
            text: "So many requests are not at the service desk yet.",
        },
        Event {
            name: "itsm-outbox-edit",
            detail: "{ form: string; key: string }",
            cancelable: true,
            text: "A request is to be edited whose form is not on this page; the page may go where it is.",
        },
    ],
    slots: &[Named { name: "", text: "Shown until the element can be used, and if it never can." }],
    parts: &[
        Named { name: "base", text: "The root of the view." },
        Named { name: "title", text: "The heading." },
        Named { name: "entry", text: "A request." },
        Named { name: "notice", text: "A line about what is saved, missing or was received." },
    ],
    custom_properties: ticket_form::contract::CUSTOM_PROPERTIES,
};
