//! One field: label, control, hint, error.

use itsm_widgets::domain::form::{Answer, Choice, Field, FieldError, FieldKind, FileLimits};
use itsm_widgets::domain::id::FieldId;
use itsm_widgets::domain::ticket::{Impact, Priority, Urgency};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, EventTarget, FocusEvent, HtmlInputElement, HtmlSelectElement, HtmlTextAreaElement};

use super::model::{ShownField, TicketForm};
use super::texts::error_text;
use crate::shared::dom::{El, classed, el};
use crate::shared::messages::Message;
use crate::shared::watched::Watched;

/// What every control of a field needs: handles, copied freely.
#[derive(Clone, Copy)]
pub struct FieldModel {
    pub(crate) form: TicketForm,
    pub(crate) field: Watched<Field>,
    shown: ShownField,
    /// The field's position, which makes ids within the shadow root.
    position: usize,
}

impl FieldModel {
    pub(crate) fn id(self) -> FieldId {
        self.field.with_untracked(|field| field.id.clone())
    }

    pub(crate) fn control_id(self) -> String {
        ["f", &self.position.to_string()].concat()
    }

    pub(crate) fn part_id(self, part: &str) -> String {
        [&self.control_id(), "-", part].concat()
    }

    fn hint(self) -> Option<String> {
        self.field.with_untracked(|field| self.form.hint(field))
    }

    fn error(self) -> Option<FieldError> {
        self.shown.state.with(|state| state.error.clone())
    }

    fn is_required(self) -> bool {
        self.shown.state.with(|state| state.is_required)
    }

    /// The ids of error and hint, for `aria-describedby`; the error comes first.
    pub(crate) fn described_by(self) -> Option<String> {
        let hint = self.hint().map(|_| self.part_id("hint"));
        let error = self.error().map(|_| self.part_id("error"));
        let ids: Vec<String> = error.into_iter().chain(hint).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    pub(crate) fn is_locked(self) -> bool {
        self.shown.state.with(|state| state.is_locked)
    }

    pub(crate) fn text(self) -> String {
        self.shown.answer.with(|answer| answer.as_ref().map(|answer| answer.as_text().to_owned())).unwrap_or_default()
    }

    pub(crate) fn answer(self) -> Option<Answer> {
        self.shown.answer.get()
    }

    pub(crate) fn edit(self, answer: Answer) {
        self.form.edit(&self.id(), answer);
    }

    pub(crate) fn label(self) -> String {
        self.field.with_untracked(|field| self.form.label(field))
    }

    fn invalid(self) -> Option<String> {
        self.error().map(|_| "true".to_owned())
    }

    /// What every control of the field has: the part, whether it is wrong, and that it was left.
    pub(crate) fn control(self, tag: &str) -> El {
        el(tag).part("input").bind("aria-invalid", move || self.invalid()).on("blur", move |event| {
            if !stays_in_field(event) {
                self.form.touch(&self.id());
            }
        })
    }

    /// The one control of the field, named by its label.
    fn sole_control(self, tag: &str) -> El {
        self.control(tag)
            .attr("id", &self.control_id())
            .bind("aria-required", move || self.is_required().then(|| "true".to_owned()))
            .bind("aria-describedby", move || self.described_by())
    }
}

/// Whether the focus goes on to another control of the same field.
fn stays_in_field(event: &Event) -> bool {
    let field_of = |target: Option<EventTarget>| {
        target.and_then(|target| target.dyn_into::<Element>().ok()?.closest("[data-field]").ok().flatten())
    };
    let next = event.dyn_ref::<FocusEvent>().and_then(FocusEvent::related_target);
    let next = field_of(next);
    next.is_some() && next == field_of(event.current_target())
}

/// The field of that position.
pub fn field_view(form: TicketForm, field: Field, position: usize) -> El {
    let body = classed("div", "field").part("field").attr("data-field", field.id.as_str());
    let model = FieldModel { form, position, field: Watched::new(field.clone()), shown: form.field(position) };
    let hint = move |text: &str| classed("p", "hint").attr("id", &model.part_id("hint")).text(text);
    let problem = move || model.error().map(|error| form.messages.with(|messages| error_text(messages, &error)));
    let error = move |text: &str| classed("p", "error").part("error").attr("id", &model.part_id("error")).text(text);
    controls(body, model, &field)
        .bind("data-invalid", move || model.invalid())
        .when(move || model.hint(), hint)
        .when(problem, error)
}

/// Puts the field's controls into `body`.
fn controls(body: El, model: FieldModel, field: &Field) -> El {
    if field.control.calculated.is_some() {
        return calculated(body, model);
    }
    match &field.kind {
        FieldKind::ShortText => labelled(body, model, input(model, "text", "")),
        FieldKind::Email => labelled(body, model, input(model, "email", "email")),
        FieldKind::Phone => labelled(body, model, input(model, "tel", "tel")),
        FieldKind::Url => labelled(body, model, input(model, "url", "url")),
        // Not type=number: browsers throw away what they cannot read, and the wheel changes it.
        FieldKind::Number { .. } => labelled(body, model, input(model, "text", "decimal")),
        FieldKind::Date => labelled(body, model, input(model, "date", "")),
        FieldKind::DateTime => labelled(body, model, input(model, "datetime-local", "")),
        FieldKind::LongText => labelled(body, model, text_area(model)),
        FieldKind::Select(choices) => {
            let choices = choices.clone();
            labelled(body, model, select(model, Box::new(move || titles(model, &choices))))
        }
        FieldKind::Service => labelled(body, model, select(model, Box::new(move || services(model)))),
        FieldKind::Checkbox => body.child(checkbox(model)),
        FieldKind::Radio(choices) => grouped(body, model, radios(model, choices)),
        FieldKind::MultiSelect(choices) => grouped(body, model, checkboxes(model, choices)),
        FieldKind::Priority => grouped(body, model, priority(model)),
        FieldKind::Files(limits) => grouped(body, model, vec![files(model, limits.clone())]),
        FieldKind::Scale(..) | FieldKind::Ranking { .. } => match model.form.questions() {
            Some(questions) => questions.controls(body, model),
            None => body,
        },
    }
}

/// Files are kept as soon as they are chosen, so that there is no control for them before something keeps them. It has its
/// place before: nothing below it moves under a finger when it comes.
fn files(model: FieldModel, limits: FileLimits) -> El {
    let is_kept = move || model.form.is_kept().then(String::new);
    let draw =
        move |_: &str| model.form.keeper().map_or_else(|| el("div"), |keeper| keeper.file_field(model, limits.clone()));
    classed("div", "files-place").when(is_kept, draw)
}

fn title(model: FieldModel, choice: &Choice) -> String {
    model.field.with_untracked(|field| model.form.choice(field, &choice.value, &choice.title))
}

fn titles(model: FieldModel, choices: &[Choice]) -> Vec<(String, String)> {
    choices.iter().map(|choice| (choice.value.clone(), title(model, choice))).collect()
}

fn services(model: FieldModel) -> Vec<(String, String)> {
    let language = model.form.session().map(|session| session.host.language()).unwrap_or_default();
    model.form.services.with(|services| {
        services.iter().map(|service| (service.id.to_string(), service.name_in(&language).to_owned())).collect()
    })
}

/// The field's name, and whether it must be answered.
fn named(label: El, model: FieldModel) -> El {
    let mark = move || model.is_required().then(|| model.form.say(Message::Required));
    label.say(move || model.label()).when(mark, |word| classed("span", "required").text(&[" (", word, ")"].concat()))
}

fn labelled(body: El, model: FieldModel, control: El) -> El {
    body.child(named(el("label").part("label").attr("for", &model.control_id()), model)).child(control)
}

/// Several controls under one name.
pub(crate) fn grouped(body: El, model: FieldModel, controls: Vec<El>) -> El {
    let group = classed("fieldset", "choices").bind("aria-describedby", move || model.described_by());
    body.child(group.child(named(el("legend").part("label"), model)).children(controls))
}

/// The value of the control that `event` is of.
fn typed(event: &Event) -> String {
    let Some(target) = event.current_target() else { return String::new() };
    if let Some(input) = target.dyn_ref::<HtmlInputElement>() {
        return input.value();
    }
    if let Some(select) = target.dyn_ref::<HtmlSelectElement>() {
        return select.value();
    }
    target.dyn_ref::<HtmlTextAreaElement>().map(HtmlTextAreaElement::value).unwrap_or_default()
}

fn is_ticked(event: &Event) -> bool {
    let input = event.current_target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
    input.is_some_and(|input| input.checked())
}

/// A control that one types into.
fn typing(model: FieldModel, tag: &str) -> El {
    let control = model.sole_control(tag).value(move || model.text());
    control.flag("readOnly", move || model.is_locked()).on("input", move |event| model.edit(Answer::Text(typed(event))))
}

fn input(model: FieldModel, kind: &str, mode: &str) -> El {
    let autocomplete = model.field.with_untracked(|field| field.control.autocomplete.clone());
    let input =
        typing(model, "input").attr("type", kind).attr("autocomplete", autocomplete.as_deref().unwrap_or("off"));
    let input = if mode.is_empty() { input } else { input.attr("inputmode", mode) };
    input.on("change", move |event| model.edit(Answer::Text(typed(event))))
}

fn text_area(model: FieldModel) -> El {
    typing(model, "textarea").attr("rows", "5")
}

fn locked(model: FieldModel, control: El) -> El {
    control.flag("disabled", move || model.is_locked())
}

fn select(model: FieldModel, options: Box<dyn Fn() -> Vec<(String, String)>>) -> El {
    let options = std::rc::Rc::new(options);
    let key = {
        let options = options.clone();
        // Drawn anew when a name changes with the language, or when another option is chosen by other means.
        move || {
            Some(
                options()
                    .into_iter()
                    .fold([&model.text(), "\n", &model.form.say(Message::Choose)].concat(), |key, (value, name)| {
                        [&key, "\n", &value, "\n", &name].concat()
                    }),
            )
        }
    };
    let draw = move || {
        let chosen = model.text();
        let option = |(value, title): (String, String)| {
            let option = el("option").attr("value", &value).text(&title);
            if value == chosen { option.attr("selected", "") } else { option }
        };
        let first = (String::new(), model.form.say(Message::Choose));
        core::iter::once(first).chain(options()).map(option).collect()
    };
    let select = locked(model, model.sole_control("select"));
    select.each(key, draw).on("change", move |event| model.edit(Answer::Text(typed(event))))
}

/// A box or a button with its words.
fn choice(control: El, words: impl Fn() -> String + 'static) -> El {
    classed("label", "choice").child(control).child(el("span").say(words))
}

fn checkbox(model: FieldModel) -> El {
    let ticked = move || model.answer() == Some(Answer::Flag(true));
    let control = locked(model, model.sole_control("input").attr("type", "checkbox")).flag("checked", ticked);
    let control = control.on("change", move |event| model.edit(Answer::Flag(is_ticked(event))));
    classed("label", "choice").part("label").child(control).child(named(el("span"), model))
}

fn radios(model: FieldModel, choices: &[Choice]) -> Vec<El> {
    let button = |choice: &Choice| {
        let (value, named) = (choice.value.clone(), choice.clone());
        let chosen = {
            let value = value.clone();
            move || model.text() == value
        };
        let button = radio(model, &model.control_id(), chosen, move || model.edit(Answer::Text(value.clone())));
        self::choice(button, move || title(model, &named))
    };
    choices.iter().map(button).collect()
}

/// One radio button of the group `name`.
pub(crate) fn radio(
    model: FieldModel,
    name: &str,
    is_chosen: impl Fn() -> bool + 'static,
    choose: impl Fn() + 'static,
) -> El {
    let button = locked(model, model.control("input").attr("type", "radio").attr("name", name));
    button.flag("checked", is_chosen).on("change", move |_| choose())
}

fn checkboxes(model: FieldModel, choices: &[Choice]) -> Vec<El> {
    let chosen = move || model.answer().map_or_else(Vec::new, |answer| answer.as_choices().to_vec());
    let order: Vec<String> = choices.iter().map(|choice| choice.value.clone()).collect();
    let one = |choice: &Choice| {
        let (value, order, named) = (choice.value.clone(), order.clone(), choice.clone());
        let ticked = {
            let value = value.clone();
            move || chosen().contains(&value)
        };
        let toggle = move |ticked: bool| {
            let old = chosen();
            let keep = |other: &&String| if **other == value { ticked } else { old.contains(other) };
            model.edit(Answer::Choices(order.iter().filter(keep).cloned().collect()));
        };
        let control = locked(model, model.control("input").attr("type", "checkbox")).flag("checked", ticked);
        self::choice(control.on("change", move |event| toggle(is_ticked(event))), move || title(model, &named))
    };
    choices.iter().map(one).collect()
}

fn calculated(body: El, model: FieldModel) -> El {
    let value = move || match model.answer() {
        Some(Answer::Number(number)) => model.form.messages.with(|m| m.number(number)),
        Some(answer) => answer.as_text().to_owned(),
        None => "–".to_owned(),
    };
    body.child(classed("span", "label").part("label").say(move || model.label()))
        .child(classed("output", "output").part("input").say(value))
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
fn priority(model: FieldModel) -> Vec<El> {
    let current = move || match model.answer() {
        Some(Answer::Levels { impact, urgency }) => (impact, urgency),
        _ => (0, 0),
    };
    let scale = move |part: &str, legend: Message, levels: [(u8, Message); 3], is_impact: bool| {
        let name = model.part_id(part);
        let buttons = levels.map(|(level, words)| {
            let chosen = move || if is_impact { current().0 == level } else { current().1 == level };
            let button = radio(model, &name, chosen, move || {
                let (impact, urgency) = current();
                let (impact, urgency) = if is_impact { (level, urgency) } else { (impact, level) };
                model.edit(Answer::Levels { impact, urgency });
            });
            choice(button, move || model.form.say(words))
        });
        classed("fieldset", "choices scale").child(model.form.words(el("legend"), legend)).children(buttons)
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
    let scales = classed("div", "scales")
        .child(scale("impact", Message::ImpactLegend, levels::<Impact>(), true))
        .child(scale("urgency", Message::UrgencyLegend, levels::<Urgency>(), false));
    vec![scales, classed("p", "priority").attr("role", "status").say(result)]
}
