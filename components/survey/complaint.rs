//! The way from a low score to a complaint: one tap, with what it is about.

use itsm_widgets::domain::form::{Definition, FieldKind};

use super::messages::Text;
use super::wasm::Survey;
use crate::shared::dom::{El, el};
use crate::ticket_form::model::TicketForm;

/// Adds the link to the page with the complaint form, if there is one and a low score was given.
pub(super) fn offered(body: El, survey: Survey, form: TicketForm) -> El {
    let page = form.definition.with_untracked(|definition| {
        let definition = definition.as_ref()?;
        definition.source().complaint_page.clone().filter(|_| has_low_score(form, definition))
    });
    let Some(page) = page else { return body };
    let about: Vec<String> = ["ticket", "service"].into_iter().filter_map(|name| parameter(form, name)).collect();
    let separator = if about.is_empty() { "" } else { "?" };
    let href = [&page, separator, &about.join("&")].concat();
    let link = el("a").part("complaint").attr("href", &href).say(move || survey.words.say(Text::Complain));
    body.child(el("p").child(link))
}

fn has_low_score(form: TicketForm, definition: &Definition) -> bool {
    definition.fields().iter().enumerate().any(|(at, field)| {
        let FieldKind::Scale(measure, _) = field.kind else { return false };
        let number =
            form.field(at).answer.with_untracked(|answer| answer.as_ref().and_then(|answer| answer.as_number()));
        number.and_then(|number| measure.answer(number)).is_some_and(|answer| measure.is_low(answer))
    })
}

fn parameter(form: TicketForm, name: &str) -> Option<String> {
    let value = form.session()?.host.given(name)?;
    Some([name, "=", &String::from(js_sys::encode_uri_component(&value))].concat())
}
