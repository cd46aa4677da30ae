//! The surface of `<itsm-ticket-form>`.

use crate::element::contract::{
    Attribute, ElementContract, GET_TOKEN, Method, Named, Property, READY_PROMISE, SIGN_OUT,
};

/// The surface of an element that is a form: they differ in names, and in what their events say.
#[macro_export]
macro_rules! form_contract {
    ($tag:literal, $class:literal, $word:literal, $summary:literal, form: $form:literal, submit: $submit:literal,
     queued: $queued:literal, delivered: $delivered:literal, rejected: $rejected:literal) => {
        $crate::element::contract::ElementContract {
            tag: $tag,
            class: $class,
            summary: $summary,
            attributes: &[
                $crate::element::contract::API,
                $crate::element::contract::Attribute { name: "form", kind: "string", default: "", text: $form },
                $crate::ticket_form::contract::SERVICE,
                $crate::ticket_form::contract::TICKET,
                $crate::ticket_form::contract::INVITATION,
                $crate::element::contract::LANG,
                $crate::element::contract::STORAGE,
                $crate::element::contract::THEME,
                $crate::ticket_form::contract::CONTEXT,
                $crate::element::contract::WITHOUT_TITLE,
            ],
            properties: $crate::ticket_form::contract::PROPERTIES,
            methods: $crate::ticket_form::contract::METHODS,
            events: &[
                $crate::element::contract::READY,
                $crate::element::contract::ERROR,
                $crate::element::contract::SIGNED_OUT,
                $crate::element::contract::Event {
                    name: concat!("itsm-", $word, "-submit"),
                    detail: "{ form: string; answers: Record<string, unknown> }",
                    cancelable: true,
                    text: $submit,
                },
                $crate::element::contract::Event {
                    name: concat!("itsm-", $word, "-queued"),
                    detail: "{ key: string }",
                    cancelable: false,
                    text: $queued,
                },
                $crate::element::contract::Event {
                    name: concat!("itsm-", $word, "-delivered"),
                    detail: "{ key: string; number: string }",
                    cancelable: false,
                    text: $delivered,
                },
                $crate::element::contract::Event {
                    name: concat!("itsm-", $word, "-rejected"),
                    detail: "{ key: string; code: string; detail: string }",
                    cancelable: false,
                    text: $rejected,
                },
            ],
            slots: $crate::ticket_form::contract::SLOTS,
            parts: $crate::ticket_form::contract::PARTS,
            custom_properties: $crate::ticket_form::contract::CUSTOM_PROPERTIES,
        }
    };
}

/// `<itsm-ticket-form>`.
pub const CONTRACT: ElementContract = form_contract!(
    "itsm-ticket-form",
    "ItsmTicketForm",
    "ticket",
    "A form for an incident or a service request, which arrives once even if the network does not.",
    form: "Which form to show. Not needed if the page gives a definition.",
    submit: "The answers are in order and about to be saved and sent.",
    queued: "The request is saved on the device; the page may be closed.",
    delivered: "The service desk has it and gave it a number.",
    rejected: "The service desk refused it; it stays on the device to be edited."
);

/// What it is about.
pub const SERVICE: Attribute =
    Attribute { name: "service", kind: "string", default: "none", text: "The service that it is about." };
/// An earlier ticket.
pub const TICKET: Attribute = Attribute {
    name: "ticket",
    kind: "string",
    default: "none",
    text: "The number of an earlier ticket that it is about.",
};
/// The right to answer.
pub const INVITATION: Attribute = Attribute {
    name: "invitation",
    kind: "string",
    default: "none",
    text: "What a signed link has: it lets somebody answer without a sign-in, once.",
};
/// Which of several.
pub const CONTEXT: Attribute = Attribute {
    name: "context",
    kind: "string",
    default: "the ticket",
    text: "Keeps the drafts of two places with the same form apart.",
};
/// What scripts can give to every element that is a form.
pub const PROPERTIES: &[Property] = &[
    Property {
        name: "definition",
        kind: "object | null",
        text: "The form's definition, instead of one from the service desk. A child `<script type=\"application/json\">` does the same.",
    },
    GET_TOKEN,
    Property {
        name: "prefill",
        kind: "Record<string, unknown> | null",
        text: "Answers by field; `{ value, locked: true }` fixes one.",
    },
    READY_PROMISE,
];
/// What scripts can call on every element that is a form.
pub const METHODS: &[Method] = &[
    Method { name: "submit", returns: "void", text: "The same as pressing the button." },
    SIGN_OUT,
    Method { name: "clear", returns: "void", text: "Forgets what was typed, the saved draft too." },
];
/// What stands inside the tag.
pub const SLOTS: &[Named] =
    &[Named { name: "", text: "A plain HTML form or link, shown until the element can be used, and if it never can." }];
/// What `::part` reaches in every element that is a form.
pub const PARTS: &[Named] = &[
    Named { name: "base", text: "The root of the view." },
    Named { name: "title", text: "The heading." },
    Named { name: "field", text: "A field with its label, hint and error." },
    Named { name: "label", text: "A field's label." },
    Named { name: "input", text: "A field's control." },
    Named { name: "error", text: "What is wrong with a field, or with the element." },
    Named { name: "submit", text: "The button that sends." },
    Named { name: "notice", text: "A line about what is saved, waiting or was received." },
    Named { name: "receipt", text: "The ticket's number." },
    Named { name: "status", text: "The link to where one sees how it stands." },
    Named { name: "complaint", text: "The link from a poor score to a complaint." },
    Named { name: "next", text: "The button that goes on to the next question." },
];
/// What a brand changes in every element.
pub const CUSTOM_PROPERTIES: &[Named] = &[
    Named { name: "--itsm-color-accent", text: "Buttons, focus and chosen things." },
    Named { name: "--itsm-color-on-accent", text: "Text on the accent." },
    Named { name: "--itsm-color-surface", text: "The background." },
    Named { name: "--itsm-color-text", text: "Text." },
    Named { name: "--itsm-color-muted", text: "Hints." },
    Named { name: "--itsm-color-border", text: "Borders of controls." },
    Named { name: "--itsm-color-danger", text: "Errors." },
    Named { name: "--itsm-color-success", text: "What was received." },
    Named { name: "--itsm-radius", text: "Rounding of corners." },
    Named { name: "--itsm-font", text: "The font; the page's own without it." },
];
