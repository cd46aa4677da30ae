//! A form while it is filled in.

use super::check::{Patterns, check_field};
use super::{Answer, Answers, Definition, Field, FieldError, FieldErrors};
use crate::domain::id::FieldId;
use crate::domain::map::Map;

/// What stands in a form, which fields were visited, and what the service desk said of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FormState {
    answers: Answers,
    touched: Vec<FieldId>,
    edited: Vec<FieldId>,
    locked: Vec<FieldId>,
    refused: Map<FieldId, FieldError>,
    revision: u64,
}

/// What follows from the answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// The answers that count: those of shown fields, with what is calculated.
    pub effective: Answers,
    /// The fields that are shown.
    pub visible: Vec<FieldId>,
    /// The fields that must be answered, of those that are shown.
    pub required: Vec<FieldId>,
    /// All that is wrong, in shown fields, whether visited or not.
    pub errors: Option<FieldErrors>,
}

/// What one field shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldState {
    /// Whether it is shown at all.
    pub is_visible: bool,
    /// Whether it must be answered.
    pub is_required: bool,
    /// Whether the page has fixed its answer.
    pub is_locked: bool,
    /// What is wrong, once that is to be shown.
    pub error: Option<FieldError>,
}

impl FormState {
    /// A form that holds `answers`, for example of a draft.
    pub fn with_answers(answers: Answers) -> Self {
        Self { answers, ..Self::default() }
    }

    /// Puts the page's own `answer` into `field`, which a person then cannot change if `locked`. What a person has
    /// already answered, or emptied, stays, unless it is locked.
    pub fn prefill(&mut self, field: FieldId, answer: Answer, locked: bool) {
        let is_free = self.answers.get(&field).is_none() && !self.edited.contains(&field);
        if locked || is_free {
            self.answers.put(field.clone(), answer);
        }
        self.locked.retain(|known| *known != field);
        if locked {
            self.locked.push(field);
        }
    }

    /// The page fixes nothing any more; what it put there stays, to be changed by a person.
    pub fn unlock(&mut self) {
        self.locked.clear();
    }

    /// A person's new answer in `field`. A locked field keeps its own.
    pub fn edit(&mut self, field: FieldId, answer: Answer) {
        if self.locked.contains(&field) {
            return;
        }
        self.refused.remove(&field);
        if !self.edited.contains(&field) {
            self.edited.push(field.clone());
        }
        self.answers.put(field, answer);
        self.revision += 1;
    }

    /// A person has left `field`: from now on its errors are shown.
    pub fn touch(&mut self, field: FieldId) {
        if !self.touched.contains(&field) {
            self.touched.push(field);
        }
    }

    /// A person wants to send: from now on all errors are shown.
    pub fn touch_all(&mut self, definition: &Definition) {
        self.touched = definition.fields().iter().map(|field| field.id.clone()).collect();
    }

    /// The service desk refused these answers; each reason stands until its field is edited.
    pub fn refuse(&mut self, errors: impl IntoIterator<Item = (FieldId, FieldError)>) {
        self.refused = errors.into_iter().collect();
        self.touched.extend(self.refused.keys().cloned());
    }

    /// All that was typed, in hidden fields too.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }

    /// Grows by one with each edit by a person.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The answers that count: those of shown fields, with what is calculated. One pass in the order of the fields,
    /// since a rule asks only what stands before it.
    pub fn effective(&self, definition: &Definition) -> Answers {
        let mut effective = Answers::default();
        for field in definition.fields() {
            let control = &field.control;
            if !is_shown(field, &effective) {
                continue;
            }
            let answer = match &control.calculated {
                Some(calculation) => calculation.value(&effective),
                None => self.answers.get(&field.id).cloned(),
            };
            if let Some(answer) = answer {
                effective.put(field.id.clone(), answer);
            }
        }
        effective
    }

    /// All that follows from the answers, in one pass over the fields.
    pub fn check(&self, definition: &Definition, patterns: &impl Patterns) -> Checked {
        let effective = self.effective(definition);
        let (mut visible, mut required, mut errors) = (vec![], vec![], Map::default());
        for field in definition.fields().iter().filter(|field| is_shown(field, &effective)) {
            visible.push(field.id.clone());
            let is_required = is_required(field, &effective);
            if is_required {
                required.push(field.id.clone());
            }
            let refused = self.refused.get(&field.id).cloned();
            let wrong = || check_field(field, is_required, effective.get(&field.id), patterns);
            if let Some(error) = refused.or_else(wrong) {
                errors.append(field.id.clone(), error);
            }
        }
        Checked { effective, visible, required, errors: FieldErrors::new(errors) }
    }

    /// What each field of `definition` shows, in its order, after what was `checked`; and what stands in it: what was
    /// typed, or what is calculated.
    pub fn fields(&self, definition: &Definition, checked: &Checked) -> Vec<(FieldState, Option<Answer>)> {
        let of = |field: &Field| {
            let id = &field.id;
            let answers = if field.control.calculated.is_some() { &checked.effective } else { &self.answers };
            let error = checked.errors.as_ref().filter(|_| self.touched.contains(id)).and_then(|errors| errors.get(id));
            let state = FieldState {
                is_visible: checked.visible.contains(id),
                is_required: checked.required.contains(id),
                is_locked: self.locked.contains(id),
                error: error.cloned(),
            };
            (state, answers.get(id).cloned())
        };
        definition.fields().iter().map(of).collect()
    }
}

/// Whether `field` is shown, after the answers that count.
fn is_shown(field: &Field, effective: &Answers) -> bool {
    field.control.visible_when.as_ref().is_none_or(|condition| condition.holds(effective))
}

/// Whether `field` must be answered while it is shown, after the answers that count.
fn is_required(field: &Field, effective: &Answers) -> bool {
    field.required || field.control.required_when.as_ref().is_some_and(|condition| condition.holds(effective))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::fixtures::{definition, everything};
    use proptest::prelude::*;

    struct NoPatterns;
    impl Patterns for NoPatterns {
        fn matches(&self, _: &str, _: &str) -> bool {
            true
        }
        fn compiles(&self, _: &str) -> bool {
            true
        }
    }

    fn text(text: &str) -> Answer {
        Answer::Text(text.into())
    }

    #[test]
    fn what_a_person_has_emptied_stays_empty() {
        let mut state = FormState::default();
        state.prefill("place".into(), text("home"), false);
        state.edit("place".into(), text(""));
        state.prefill("place".into(), text("home"), false);
        assert_ne!(state.answers().text(&"place".into()), "home");
        state.prefill("place".into(), text("office"), true);
        assert_eq!(state.answers().text(&"place".into()), "office", "unless the page fixes it");
    }

    #[test]
    fn a_hidden_field_keeps_its_text_but_does_not_count() {
        let form = everything();
        let mut state = FormState::default();
        state.edit("device".into(), text("laptop"));
        state.edit("place".into(), text("home"));
        state.edit("apps".into(), Answer::Choices(vec!["mail".into()]));
        assert!(state.check(&form, &NoPatterns).visible.contains(&"apps".into()));
        state.edit("device".into(), text("phone"));
        let visible = state.check(&form, &NoPatterns).visible;
        assert!(
            !visible.contains(&"place".into()) && !visible.contains(&"apps".into()),
            "hidden through a hidden field"
        );
        assert_eq!(state.effective(&form).get(&"place".into()), None);
        assert_eq!(state.answers().text(&"place".into()), "home");
    }

    #[test]
    fn conditions_hold_on_what_the_page_prefilled() {
        let form = everything();
        let mut state = FormState::default();
        state.prefill("device".into(), text("laptop"), true);
        assert!(state.check(&form, &NoPatterns).required.contains(&"place".into()));
        state.edit("device".into(), text("phone"));
        assert_eq!(state.answers().text(&"device".into()), "laptop", "locked");
    }

    #[test]
    fn prefill_does_not_overwrite_a_draft() {
        let mut state = FormState::with_answers([("subject".into(), text("mine"))].into_iter().collect());
        state.prefill("subject".into(), text("theirs"), false);
        assert_eq!(state.answers().text(&"subject".into()), "mine");
    }

    #[test]
    fn calculated_fields_follow_their_parts() {
        let form = everything();
        let mut state = FormState::default();
        state.edit("count".into(), text("3"));
        assert_eq!(state.effective(&form).get(&"total".into()), None);
        state.edit("price".into(), text("1,5"));
        assert_eq!(state.effective(&form).get(&"total".into()), Some(&Answer::Number(4.5)));
    }

    #[test]
    fn errors_are_shown_where_a_person_has_been() {
        let form = everything();
        let mut state = FormState::default();
        let checked = state.check(&form, &NoPatterns);
        assert_eq!(checked.errors.as_ref().map(FieldErrors::count), Some(4));
        assert!(state.fields(&form, &checked).iter().all(|(field, _)| field.error.is_none()));
        state.touch("subject".into());
        let fields = state.fields(&form, &checked);
        let wrong: Vec<_> = form.fields().iter().zip(&fields).filter(|(_, (shown, _))| shown.error.is_some()).collect();
        let [(field, (shown, _))] = wrong[..] else { panic!("one error is shown") };
        assert_eq!((field.id.as_str(), &shown.error), ("subject", &Some(FieldError::Required)));
    }

    #[test]
    fn a_refusal_stands_until_its_field_is_edited() {
        let form = definition(r#"{"a":{"type":"string","title":"A"}}"#, r#"[{"type":"control","field":"a"}]"#, "[]");
        let mut state = FormState::default();
        state.edit("a".into(), text("x"));
        let detail = FieldError::Other { detail: "no such asset".into() };
        state.refuse([("a".into(), detail.clone())]);
        let fields = state.fields(&form, &state.check(&form, &NoPatterns));
        assert_eq!(fields[0].0.error, Some(detail));
        state.edit("a".into(), text("y"));
        assert_eq!(state.check(&form, &NoPatterns).errors, None);
    }

    #[test]
    fn a_field_shows_what_was_typed_or_what_is_calculated() {
        let form = everything();
        let mut state = FormState::default();
        for (field, typed) in [("count", "3"), ("price", "1,5")] {
            state.edit(field.into(), text(typed));
        }
        state.prefill("subject".into(), text("Fixed"), true);
        let fields = state.fields(&form, &state.check(&form, &NoPatterns));
        let of = |id: &str| form.fields().iter().position(|field| field.id.as_str() == id).map(|at| fields[at].clone());
        assert_eq!(of("count").and_then(|(_, answer)| answer), Some(text("3")));
        assert_eq!(of("total").and_then(|(_, answer)| answer), Some(Answer::Number(4.5)));
        let (subject, _) = of("subject").expect("a field");
        assert!(subject.is_locked && subject.is_visible && subject.is_required);
        assert!(of("place").is_some_and(|(field, _)| !field.is_visible));
    }

    proptest! {
        #[test]
        fn what_does_not_count_is_never_wrong(edits in prop::collection::vec((0usize..17, "[a-z0-9]{0,4}"), 0..30)) {
            let form = everything();
            let mut state = FormState::default();
            for (field, typed) in edits {
                state.edit(form.fields()[field].id.clone(), text(&typed));
            }
            let visible = state.check(&form, &NoPatterns).visible;
            if let Some(errors) = state.check(&form, &NoPatterns).errors {
                prop_assert!(errors.iter().all(|(field, _)| visible.contains(field)));
            }
            prop_assert!(state.effective(&form).iter().all(|(field, _)| visible.contains(field)));
            prop_assert!(state.check(&form, &NoPatterns).required.iter().all(|field| visible.contains(field)));
        }
    }
}
