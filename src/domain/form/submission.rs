//! The request that comes out of a form, and the same request looked at by the service desk.

use super::check::Patterns;
use super::{Answer, Answers, Checked, Definition, FieldError, FieldErrors, FieldKind, FormState, Role};
use crate::domain::id::{AttachmentId, FieldId, ServiceId};
use crate::domain::map::Map;
use crate::domain::ticket::{Impact, Urgency};
use crate::domain::time::{LocalDateTime, Timestamp};

/// The zone in which a person reads the clock.
pub trait LocalZone {
    /// The offset from UTC, in minutes, that holds at `local`; east is positive.
    fn offset_minutes(&self, local: LocalDateTime) -> i32;
}

/// Who asks, as far as it was said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Requester {
    /// Name.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone number.
    pub phone: Option<String>,
}

crate::document! { open Requester { name: "name", email: "email", phone: "phone", } }

/// A form's answers that are in order: it exists, so they are.
#[derive(Clone, Debug, PartialEq)]
pub struct Submission {
    /// The answers of shown fields, numbers read and times with their offset.
    pub answers: Answers,
    /// Who asks.
    pub requester: Requester,
    /// The service that a picker named.
    pub service: Option<ServiceId>,
    /// How far the effect reaches, if it was asked.
    pub impact: Option<Impact>,
    /// How soon it must be resolved, if it was asked.
    pub urgency: Option<Urgency>,
    /// When it happened, by the requester's account.
    pub occurred_at: Option<Timestamp>,
    /// The files that travel with it.
    pub attachments: Vec<AttachmentId>,
}

impl FormState {
    /// The request, or all that keeps it from being one.
    pub fn submit(
        &self,
        definition: &Definition,
        patterns: &impl Patterns,
        zone: &impl LocalZone,
    ) -> Result<Submission, FieldErrors> {
        let Checked { effective, errors, .. } = self.check(definition, patterns);
        if let Some(errors) = errors {
            return Err(errors);
        }
        let read =
            |field: &super::Field| Some((field.id.clone(), read_answer(&field.kind, effective.get(&field.id)?, zone)));
        Ok(Submission::of(definition, definition.fields().iter().filter_map(read).collect()))
    }
}

impl Submission {
    /// What `answers`, all in order, mean for the ticket as a whole.
    pub fn of(definition: &Definition, answers: Answers) -> Self {
        let said = |role| {
            let text = answers.text(&definition.field_with(role)?.id).trim();
            (!text.is_empty()).then(|| text.to_owned())
        };
        let of_kind = |fits: fn(&FieldKind) -> bool| {
            definition.fields().iter().filter(move |field| fits(&field.kind)).map(|field| &field.id)
        };
        let levels = of_kind(|kind| *kind == FieldKind::Priority).find_map(|field| match answers.get(field) {
            Some(Answer::Levels { impact, urgency }) => Some((*impact, *urgency)),
            _ => None,
        });
        Self {
            requester: Requester {
                name: said(Role::RequesterName),
                email: said(Role::RequesterEmail),
                phone: said(Role::RequesterPhone),
            },
            service: of_kind(|kind| *kind == FieldKind::Service)
                .map(|field| answers.text(field))
                .find(|text| !text.is_empty())
                .map(ServiceId::new),
            impact: levels.and_then(|(impact, _)| Impact::try_from(impact).ok()),
            urgency: levels.and_then(|(_, urgency)| Urgency::try_from(urgency).ok()),
            occurred_at: said(Role::OccurredAt).and_then(|text| Timestamp::parse_rfc3339(&text)),
            attachments: answers.attachments(definition.file_fields()),
            answers,
        }
    }

    /// The ticket's line in a list: the answer that has this role, or the form's title.
    pub fn summary<'a>(&'a self, definition: &'a Definition) -> &'a str {
        let said = definition.field_with(Role::Summary).map(|field| self.answers.text(&field.id));
        said.filter(|text| !text.is_empty()).unwrap_or(&definition.source().title)
    }
}

fn read_answer(kind: &FieldKind, answer: &Answer, zone: &impl LocalZone) -> Answer {
    match kind {
        FieldKind::Number { .. } | FieldKind::Scale(..) => {
            answer.as_number().map_or_else(|| answer.clone(), Answer::Number)
        }
        FieldKind::DateTime => match LocalDateTime::parse(answer.as_text()) {
            Some(local) => Answer::Text(with_offset(answer.as_text(), zone.offset_minutes(local))),
            None => answer.clone(),
        },
        FieldKind::Email | FieldKind::Url | FieldKind::Phone => Answer::Text(answer.as_text().trim().to_owned()),
        _ => answer.clone(),
    }
}

/// `2026-11-22T10:30` and 60 → `2026-11-22T10:30:00+01:00`.
fn with_offset(local: &str, minutes: i32) -> String {
    let seconds = if local.len() == 16 { ":00" } else { "" };
    let sign = if minutes < 0 { '-' } else { '+' };
    format!("{local}{seconds}{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
}

/// What is wrong with answers that arrive from outside: the same rules as in the form, and nothing beside what it asks.
pub fn errors_of_submitted(
    definition: &Definition,
    answers: &Answers,
    patterns: &impl Patterns,
) -> Option<FieldErrors> {
    let state = FormState::with_answers(answers.clone());
    let Checked { effective, errors, .. } = state.check(definition, patterns);
    let mut errors: Map<FieldId, FieldError> =
        errors.iter().flat_map(FieldErrors::iter).map(|(field, error)| (field.clone(), error.clone())).collect();
    for (field, answer) in answers.iter() {
        let calculated = definition.field(field).is_some_and(|field| field.control.calculated.is_some());
        if (effective.get(field).is_none() || calculated && effective.get(field) != Some(answer))
            && !errors.contains_key(field)
        {
            errors.insert(field.clone(), FieldError::NotExpected);
        }
    }
    FieldErrors::new(errors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::fixtures::everything;
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

    struct Fixed(i32);
    impl LocalZone for Fixed {
        fn offset_minutes(&self, _: LocalDateTime) -> i32 {
            self.0
        }
    }

    fn filled() -> FormState {
        let mut state = FormState::default();
        let text = |text: &str| Answer::Text(text.into());
        for (field, answer) in [
            ("subject", text("Screen is dark")),
            ("name", text(" Ada ")),
            ("email", text(" ada@desk.example ")),
            ("count", text("2")),
            ("price", text("10,5")),
            ("happened", text("2026-03-29T08:15")),
            ("device", text("phone")),
            ("place", text("home")),
            ("consent", Answer::Flag(true)),
            ("priority", Answer::Levels { impact: 3, urgency: 1 }),
            ("files", Answer::Choices(vec!["f1".into()])),
        ] {
            state.edit(field.into(), answer);
        }
        state
    }

    #[test]
    fn a_request_says_what_the_answers_mean() {
        let form = everything();
        let request = filled().submit(&form, &NoPatterns, &Fixed(-210)).expect("in order");
        assert_eq!(request.requester.name.as_deref(), Some("Ada"));
        assert_eq!(request.requester.email.as_deref(), Some("ada@desk.example"));
        assert_eq!(request.answers.text(&"happened".into()), "2026-03-29T08:15:00-03:30");
        assert_eq!(request.occurred_at, Timestamp::parse_rfc3339("2026-03-29T11:45:00Z"));
        assert_eq!(request.answers.get(&"count".into()), Some(&Answer::Number(2.0)));
        assert_eq!(request.answers.get(&"total".into()), Some(&Answer::Number(21.0)));
        assert_eq!(request.answers.get(&"place".into()), None, "hidden for a phone");
        assert_eq!((request.impact, request.urgency), (Some(Impact::OnePerson), Some(Urgency::CannotWork)));
        assert_eq!(request.attachments, ["f1".into()]);
        assert_eq!(request.summary(&form), "Screen is dark");
    }

    #[test]
    fn what_was_not_asked_is_not_expected() {
        let form = everything();
        let mut answers = filled().submit(&form, &NoPatterns, &Fixed(0)).expect("in order").answers;
        assert_eq!(errors_of_submitted(&form, &answers, &NoPatterns), None);
        for (field, answer) in
            [("place", Answer::Text("home".into())), ("nonsense", Answer::Flag(true)), ("total", Answer::Number(1.0))]
        {
            answers.put(field.into(), answer);
        }
        let errors = errors_of_submitted(&form, &answers, &NoPatterns).expect("three errors");
        assert_eq!(errors.count(), 3);
        assert!(errors.iter().all(|(_, error)| *error == FieldError::NotExpected));
    }

    proptest! {
        #[test]
        fn what_the_form_accepts_the_service_desk_accepts(
            edits in prop::collection::vec((0usize..17, "[a-z0-9@.:/-]{0,12}|laptop|phone|office|home|2026-11-22T10:00|a@b.example"), 0..40)
        ) {
            let form = everything();
            let mut state = filled();
            for (field, typed) in edits {
                state.edit(form.fields()[field].id.clone(), Answer::Text(typed));
            }
            if let Ok(request) = state.submit(&form, &NoPatterns, &Fixed(60)) {
                prop_assert_eq!(errors_of_submitted(&form, &request.answers, &NoPatterns), None);
            }
        }
    }
}
