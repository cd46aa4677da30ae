//! The surface of `<itsm-survey-invitation>`.

use crate::element::contract::{
    API, Attribute, ERROR, ElementContract, Event, GET_TOKEN, LANG, Method, Named, READY, READY_PROMISE, STORAGE, THEME,
};
use crate::ticket_form::contract::{CUSTOM_PROPERTIES, SERVICE, TICKET};

/// `<itsm-survey-invitation>`.
pub const CONTRACT: ElementContract = ElementContract {
    tag: "itsm-survey-invitation",
    class: "ItsmSurveyInvitation",
    summary: "Offers a survey when its rules say so: after a ticket, on leaving, after a while, to a sample, and never more often than people bear.",
    attributes: &[
        API,
        Attribute { name: "form", kind: "string", default: "", text: "Which survey to offer." },
        SERVICE,
        TICKET,
        Attribute {
            name: "placement",
            kind: "'popover' | 'full' | 'inline'",
            default: "popover",
            text: "Where the survey opens: above a corner of the page, across its foot, or where the element stands. The page can be used beside it.",
        },
        LANG,
        STORAGE,
        THEME,
    ],
    properties: &[GET_TOKEN, READY_PROMISE],
    methods: &[Method {
        name: "ask",
        returns: "boolean",
        text: "An occasion of the page's own: offers the survey if the rules and what was offered before allow it. Whether it was offered.",
    }],
    events: &[
        READY,
        ERROR,
        Event {
            name: "itsm-survey-invitation",
            detail: "{ form: string; occasion: 'delivered' | 'resolved' | 'call' | 'exit' | 'scroll' | 'time' | 'resumed' }",
            cancelable: true,
            text: "The survey is about to be offered. A page that cancels it has used nothing of what may be offered.",
        },
        Event {
            name: "itsm-survey-invitation-closed",
            detail: "{ form: string; state: 'offered' | 'begun' | 'answered' | 'snoozed' | 'refused' }",
            cancelable: false,
            text: "The survey is not shown any more.",
        },
    ],
    slots: &[Named { name: "", text: "Shown until the element can be used, and if it never can." }],
    parts: &[
        Named { name: "base", text: "The root of the view." },
        Named { name: "offer", text: "What the survey opens in." },
    ],
    custom_properties: CUSTOM_PROPERTIES,
};
