//! Answers that the page gives: by property, by attribute, and what was typed into its own form before the widget was
//! ready.

use itsm_widgets::adapters::browser::js::from_js;
use itsm_widgets::domain::decimal;
use itsm_widgets::domain::form::{Answer, Definition, FieldKind, FormState};
use itsm_widgets::domain::id::FieldId;
use js_sys::{Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::prelude::*;

use super::model::TicketForm;
use crate::element::Host;

/// Puts the page's answers into the form.
pub fn apply(model: TicketForm) {
    let Some(session) = model.session() else { return };
    let Some(definition) = model.definition.get_untracked() else { return };
    model.change(|form| {
        form.unlock();
        if let Some(values) = untrack(|| session.host.property("prefill")) {
            from_object(&definition, &values, true, |field, answer, locked| form.prefill(field, answer, locked));
        }
        from_attribute(form, &definition, &session.host);
    });
    let carried = untrack(|| session.host.property("carried"));
    // Once: whatever else the page sets later, they are a person's words, and so is what is typed after them.
    if let Some(values) = carried.filter(|_| !session.carried.replace(true)) {
        // An earlier draft stays what it was.
        if let Some(keeper) = model.keeper() {
            keeper.set_aside();
        }
        from_object(&definition, &values, false, |field, answer, _| model.edit(&field, answer));
    }
}

/// A service that the page fixes needs no answer.
fn from_attribute(form: &mut FormState, definition: &Definition, host: &Host) {
    let service = untrack(|| host.attribute("service")).filter(|service| !service.is_empty());
    let field = definition.fields().iter().find(|field| field.kind == FieldKind::Service);
    if let (Some(service), Some(field)) = (service, field) {
        form.prefill(field.id.clone(), Answer::Text(service), true);
    }
}

/// Gives `put` the answers in `values`, each with whether it is locked.
fn from_object(definition: &Definition, values: &JsValue, may_lock: bool, mut put: impl FnMut(FieldId, Answer, bool)) {
    let Some(object) = values.dyn_ref::<Object>() else { return };
    for field in definition.fields() {
        // Only the object's own members: a page whose prototypes are polluted must not fill in answers.
        if !Object::has_own(object, &field.id.as_str().into()) {
            continue;
        }
        let Ok(value) = Reflect::get(object, &field.id.as_str().into()) else { continue };
        let wrapped = value.dyn_ref::<Object>().filter(|inner| may_lock && Object::has_own(inner, &"value".into()));
        let (value, locked) = match wrapped {
            Some(inner) => (
                Reflect::get(inner, &"value".into()).unwrap_or_default(),
                Reflect::get(inner, &"locked".into()).is_ok_and(|locked| locked.is_truthy()),
            ),
            None => (value.clone(), false),
        };
        if let Some(answer) = answer_of(&field.kind, value) {
            put(field.id.clone(), answer, locked);
        }
    }
}

/// A page's value as an answer of that kind; `None` if it is of another shape.
fn answer_of(kind: &FieldKind, value: JsValue) -> Option<Answer> {
    let answer: Answer = from_js(&value).ok()?;
    match (kind, answer) {
        (FieldKind::Checkbox, Answer::Text(text)) => Some(Answer::Flag(!text.is_empty())),
        (FieldKind::Files(_), _) => None,
        (FieldKind::Checkbox, answer @ Answer::Flag(_))
        | (FieldKind::MultiSelect(_), answer @ Answer::Choices(_))
        | (FieldKind::Priority, answer @ Answer::Levels { .. }) => Some(answer),
        (FieldKind::Checkbox | FieldKind::MultiSelect(_) | FieldKind::Priority, _) => None,
        (_, answer @ Answer::Text(_)) => Some(answer),
        (_, Answer::Number(number)) => Some(Answer::Text(decimal::print(number))),
        (_, Answer::Flag(_) | Answer::Choices(_) | Answer::Levels { .. }) => None,
    }
}
