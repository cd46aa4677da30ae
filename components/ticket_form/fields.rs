//! One field: label, control, hint, error.

use itsm_widgets::domain::form::{Answer, Choice, Field, FieldKind};
use itsm_widgets::domain::id::FieldId;
use itsm_widgets::domain::ticket::{Impact, Priority, Urgency};
use leptos::prelude::*;

use super::files::file_field;
use super::model::TicketForm;
use super::texts::error_text;
use crate::shared::erase::{all, attribute, dynamic, flag, maybe, words};
use crate::shared::messages::Message;

/// What every control of a field needs: handles, copied freely.
#[derive(Clone, Copy)]
pub(super) struct FieldModel {
    pub(super) form: TicketForm,
    pub(super) field: StoredValue<Field>,
    /// The field's position, which makes ids within the shadow root.
    position: usize,
    required: Memo<bool>,
    invalid: Memo<bool>,
    locked: bool,
}

impl FieldModel {
    pub(super) fn id(self) -> FieldId {
        self.field.with_value(|field| field.id.clone())
    }

    pub(super) fn control_id(self) -> String {
        ["f", &self.position.to_string()].concat()
    }

    fn part_id(self, part: &str) -> String {
        [&self.control_id(), "-", part].concat()
    }

    /// The ids of hint and error, for `aria-describedby`; the error comes first.
    pub(super) fn described_by(self) -> Signal<Option<String>> {
        attribute(move || self.describing_ids())
    }

    fn describing_ids(self) -> Option<String> {
        let hint = self.field.with_value(|field| self.form.hint(field)).map(|_| self.part_id("hint"));
        let error = self.invalid.get().then(|| self.part_id("error"));
        let ids: Vec<String> = error.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn text(self) -> String {
        let id = self.id();
        self.form.form.with(|form| form.answers().text(&id).to_owned())
    }

    fn current_text(self) -> Signal<String> {
        Signal::derive(move || self.text())
    }

    fn answer(self) -> Option<Answer> {
        let id = self.id();
        self.form.form.with(|form| form.answers().get(&id).cloned())
    }

    pub(super) fn edit(self, answer: Answer) {
        self.form.edit(&self.id(), answer);
    }

    fn leave(self) {
        self.form.touch(&self.id());
    }

    pub(super) fn label(self) -> String {
        self.field.with_value(|field| self.form.label(field))
    }

    pub(super) fn is_invalid(self) -> Signal<Option<String>> {
        attribute(move || self.invalid.get().then(|| "true".to_owned()))
    }

    fn is_required(self) -> Signal<Option<String>> {
        attribute(move || self.required.get().then(|| "true".to_owned()))
    }
}

/// The field of that position.
pub fn field_view(form: TicketForm, field: Field, position: usize) -> AnyView {
    let id = field.id.clone();
    let required = {
        let id = id.clone();
        Memo::new(move |_| {
            form.definition.with(|d| d.as_ref().is_some_and(|d| form.form.with(|f| f.required(d).contains(&id))))
        })
    };
    let error = {
        let id = id.clone();
        Memo::new(move |_| form.errors.with(|errors| form.form.with(|f| f.shown_error(errors.as_ref(), &id).cloned())))
    };
    let locked = form.form.with_untracked(|form| form.is_locked(&id));
    let invalid = Memo::new(move |_| error.with(Option::is_some));
    let model = FieldModel { form, position, required, invalid, locked, field: StoredValue::new(field.clone()) };
    let hint = move || {
        let text = model.field.with_value(|field| form.hint(field));
        text.map(|text| view! { <p class="hint" id=model.part_id("hint")>{text}</p> }.into_any())
    };
    let problem = move || {
        error.get().map(|error| {
            let text = form.messages.with(|messages| error_text(messages, &error));
            view! { <p part="error" class="error" id=model.part_id("error")>{text}</p> }.into_any()
        })
    };
    let body = control(model, &field);
    view! {
        <div part="field" class="field" data-field=id.to_string() data-invalid=model.is_invalid()>
            {body} {dynamic(move || maybe(hint()))} {dynamic(move || maybe(problem()))}
        </div>
    }
    .into_any()
}

fn control(model: FieldModel, field: &Field) -> AnyView {
    if field.control.calculated.is_some() {
        return calculated(model);
    }
    match &field.kind {
        FieldKind::ShortText => labelled(model, input(model, "text", "")),
        FieldKind::Email => labelled(model, input(model, "email", "email")),
        FieldKind::Phone => labelled(model, input(model, "tel", "tel")),
        FieldKind::Url => labelled(model, input(model, "url", "url")),
        // Not type=number: browsers throw away what they cannot read, and the wheel changes it.
        FieldKind::Number { .. } => labelled(model, input(model, "text", "decimal")),
        FieldKind::Date => labelled(model, input(model, "date", "")),
        FieldKind::DateTime => labelled(model, input(model, "datetime-local", "")),
        FieldKind::LongText => labelled(model, text_area(model)),
        FieldKind::Select(choices) => {
            let choices = choices.clone();
            labelled(
                model,
                select(model, move || {
                    choices.iter().map(|choice| (choice.value.clone(), title(model, choice))).collect()
                }),
            )
        }
        FieldKind::Service => labelled(model, select(model, move || services(model))),
        FieldKind::Checkbox => checkbox(model),
        FieldKind::Radio(choices) => radios(model, choices),
        FieldKind::MultiSelect(choices) => checkboxes(model, choices),
        FieldKind::Priority => priority(model),
        FieldKind::Files(limits) => grouped(model, file_field(model, limits.clone())),
    }
}

fn title(model: FieldModel, choice: &Choice) -> String {
    model.field.with_value(|field| model.form.choice(field, &choice.value, &choice.title))
}

fn services(model: FieldModel) -> Vec<(String, String)> {
    let language = model.form.session().map(|session| session.host.language()).unwrap_or_default();
    let services = model.form.services.get();
    services.iter().map(|service| (service.id.to_string(), service.name_in(&language).to_owned())).collect()
}

fn required_mark(model: FieldModel) -> AnyView {
    let mark = move || {
        model
            .required
            .get()
            .then(|| view! { <span class="required">" (" {model.form.say(Message::Required)} ")"</span> }.into_any())
    };
    dynamic(move || maybe(mark()))
}

fn labelled(model: FieldModel, control: AnyView) -> AnyView {
    view! { <label part="label" for=model.control_id()>{words(move || model.label())} {required_mark(model)}</label> {control} }.into_any()
}

/// Several controls under one name.
fn grouped(model: FieldModel, controls: AnyView) -> AnyView {
    view! {
        <fieldset class="choices" aria-describedby=model.described_by()>
            <legend part="label">{words(move || model.label())} {required_mark(model)}</legend>
            {controls}
        </fieldset>
    }
    .into_any()
}

fn input(model: FieldModel, kind: &'static str, mode: &'static str) -> AnyView {
    let autocomplete =
        model.field.with_value(|field| field.control.autocomplete.clone()).unwrap_or_else(|| "off".into());
    view! {
        <input part="input" id=model.control_id() type=kind inputmode=(!mode.is_empty()).then_some(mode) autocomplete=autocomplete
            prop:value=model.current_text()
            readonly=model.locked
            aria-required=model.is_required() aria-invalid=model.is_invalid() aria-describedby=model.described_by()
            on:input:target=move |event| model.edit(Answer::Text(event.target().value()))
            on:change:target=move |event| model.edit(Answer::Text(event.target().value()))
            on:blur=move |_| model.leave() />
    }
    .into_any()
}

fn text_area(model: FieldModel) -> AnyView {
    view! {
        <textarea part="input" id=model.control_id() rows="5" prop:value=model.current_text() readonly=model.locked
            aria-required=model.is_required() aria-invalid=model.is_invalid() aria-describedby=model.described_by()
            on:input:target=move |event| model.edit(Answer::Text(event.target().value()))
            on:blur=move |_| model.leave()></textarea>
    }
    .into_any()
}

fn select(model: FieldModel, options: impl Fn() -> Vec<(String, String)> + Send + Sync + 'static) -> AnyView {
    let options = move || {
        let chosen = model.text();
        let option = |(value, title): (String, String)| {
            let selected = value == chosen;
            view! { <option value=value prop:selected=selected>{title}</option> }.into_any()
        };
        all(options().into_iter().map(option))
    };
    view! {
        <select part="input" id=model.control_id() disabled=model.locked
            aria-required=model.is_required() aria-invalid=model.is_invalid() aria-describedby=model.described_by()
            on:change:target=move |event| model.edit(Answer::Text(event.target().value()))
            on:blur=move |_| model.leave()>
            <option value="" prop:selected=flag(move || model.text().is_empty())>{model.form.words(Message::Choose)}</option>
            {dynamic(options)}
        </select>
    }
    .into_any()
}

fn checkbox(model: FieldModel) -> AnyView {
    view! {
        <label part="label" class="choice">
            <input part="input" type="checkbox" id=model.control_id() disabled=model.locked
                prop:checked=flag(move || model.answer() == Some(Answer::Flag(true)))
                aria-required=model.is_required() aria-invalid=model.is_invalid() aria-describedby=model.described_by()
                on:change:target=move |event| model.edit(Answer::Flag(event.target().checked()))
                on:blur=move |_| model.leave() />
            <span>{words(move || model.label())} {required_mark(model)}</span>
        </label>
    }
    .into_any()
}

fn radios(model: FieldModel, choices: &[Choice]) -> AnyView {
    let choices = choices.iter().map(|choice| {
        let (value, choice) = (choice.value.clone(), choice.clone());
        radio(
            model,
            model.control_id(),
            move || title(model, &choice),
            {
                let value = value.clone();
                move || model.text() == value
            },
            move || model.edit(Answer::Text(value.clone())),
        )
    });
    grouped(model, all(choices))
}

/// One radio button of the group `name`.
fn radio(
    model: FieldModel,
    name: String,
    title: impl Fn() -> String + Send + Sync + 'static,
    is_chosen: impl Fn() -> bool + Send + Sync + 'static,
    choose: impl Fn() + 'static,
) -> AnyView {
    view! {
        <label class="choice">
            <input part="input" type="radio" name=name disabled=model.locked prop:checked=flag(is_chosen)
                aria-invalid=model.is_invalid() on:change=move |_| choose() on:blur=move |_| model.leave() />
            <span>{words(title)}</span>
        </label>
    }
    .into_any()
}

fn checkboxes(model: FieldModel, choices: &[Choice]) -> AnyView {
    let chosen = move || model.answer().map_or_else(Vec::new, |answer| answer.as_choices().to_vec());
    let order: Vec<String> = choices.iter().map(|choice| choice.value.clone()).collect();
    let boxes = choices.iter().map(|choice| {
        let (value, order, choice) = (choice.value.clone(), order.clone(), choice.clone());
        let ticked = {
            let value = value.clone();
            move || chosen().contains(&value)
        };
        let toggle = move |ticked: bool| {
            let old = chosen();
            let keep = |other: &&String| if **other == value { ticked } else { old.contains(other) };
            model.edit(Answer::Choices(order.iter().filter(keep).cloned().collect()));
        };
        view! {
            <label class="choice">
                <input part="input" type="checkbox" disabled=model.locked prop:checked=flag(ticked) aria-invalid=model.is_invalid()
                    on:change:target=move |event| toggle(event.target().checked()) on:blur=move |_| model.leave() />
                <span>{words(move || title(model, &choice))}</span>
            </label>
        }
        .into_any()
    });
    grouped(model, all(boxes))
}

fn calculated(model: FieldModel) -> AnyView {
    let value = move || {
        let id = model.id();
        match model.form.effective().get(&id) {
            Some(Answer::Number(number)) => model.form.messages.with(|m| m.number(*number)),
            Some(answer) => answer.as_text().to_owned(),
            None => "–".to_owned(),
        }
    };
    view! { <span part="label" class="label">{words(move || model.label())}</span> <output part="input" class="output">{words(value)}</output> }.into_any()
}

/// A scale whose levels have words.
pub(super) trait Scale {
    /// The levels, the gravest first, with their words.
    const WORDS: [Message; 3];
}

impl Scale for Impact {
    const WORDS: [Message; 3] = [Message::ImpactEveryone, Message::ImpactTeam, Message::ImpactOnePerson];
}

impl Scale for Urgency {
    const WORDS: [Message; 3] = [Message::UrgencyCannotWork, Message::UrgencyHindered, Message::UrgencyCanWait];
}

/// The levels of a scale with their words.
pub(super) fn levels<S: Scale>() -> [(u8, Message); 3] {
    [(1, S::WORDS[0]), (2, S::WORDS[1]), (3, S::WORDS[2])]
}

/// Impact and urgency in plain words, and the priority that follows.
fn priority(model: FieldModel) -> AnyView {
    let current = move || match model.answer() {
        Some(Answer::Levels { impact, urgency }) => (impact, urgency),
        _ => (0, 0),
    };
    let scale = move |part: &'static str, legend: Message, levels: [(u8, Message); 3], is_impact: bool| {
        let name = model.part_id(part);
        let buttons = levels.map(|(level, words)| {
            radio(
                model,
                name.clone(),
                move || model.form.say(words),
                move || if is_impact { current().0 == level } else { current().1 == level },
                move || {
                    let (impact, urgency) = current();
                    let answer = if is_impact { (level, urgency) } else { (impact, level) };
                    model.edit(Answer::Levels { impact: answer.0, urgency: answer.1 });
                },
            )
        });
        view! { <fieldset class="choices scale"><legend>{model.form.words(legend)}</legend>{all(buttons.into_iter())}</fieldset> }.into_any()
    };
    let result = move || {
        let (impact, urgency) = current();
        match (Impact::try_from(impact), Urgency::try_from(urgency)) {
            (Ok(impact), Ok(urgency)) => {
                let priority = u8::from(Priority::of(impact, urgency)).to_string();
                model.form.say_with(Message::PriorityIs, "priority", &priority)
            }
            _ => model.form.say(Message::PriorityPending),
        }
    };
    let impact = scale("impact", Message::ImpactLegend, levels::<Impact>(), true);
    let urgency = scale("urgency", Message::UrgencyLegend, levels::<Urgency>(), false);
    grouped(
        model,
        view! { <div class="scales">{impact} {urgency}</div> <p class="priority" role="status">{words(result)}</p> }
            .into_any(),
    )
}
