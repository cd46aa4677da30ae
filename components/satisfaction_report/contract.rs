//! The surface of `<itsm-satisfaction-report>`.

use crate::element::contract::{
    API, Attribute, ERROR, ElementContract, GET_TOKEN, LANG, Named, Property, READY, READY_PROMISE, THEME,
    WITHOUT_TITLE,
};
use crate::ticket_form::contract::CUSTOM_PROPERTIES;

/// `<itsm-satisfaction-report>`.
pub const CONTRACT: ElementContract = ElementContract {
    tag: "itsm-satisfaction-report",
    class: "ItsmSatisfactionReport",
    summary: "What a survey's answers come to: scores with how sure they are, over time, by service and by channel.",
    attributes: &[
        API,
        Attribute {
            name: "form",
            kind: "string",
            default: "",
            text: "The survey. Not needed if the page gives the results.",
        },
        Attribute { name: "service", kind: "string", default: "all", text: "Only answers about this service." },
        LANG,
        THEME,
        Attribute { name: "by", kind: "'week' | 'month'", default: "week", text: "What a point of the trend is." },
        WITHOUT_TITLE,
    ],
    properties: &[
        Property {
            name: "results",
            kind: "object | null",
            text: "The results, as the service desk's API has them, instead of those from there.",
        },
        GET_TOKEN,
        READY_PROMISE,
    ],
    methods: &[],
    events: &[READY, ERROR],
    slots: &[Named { name: "", text: "Shown until the element can be used, and if it never can." }],
    parts: &[
        Named { name: "base", text: "The root of the view." },
        Named { name: "title", text: "The heading." },
        Named { name: "score", text: "A score." },
        Named { name: "notice", text: "A line about what cannot be told." },
    ],
    custom_properties: CUSTOM_PROPERTIES,
};
