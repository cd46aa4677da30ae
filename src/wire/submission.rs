//! A submission on the wire: the body of `POST {api}/submissions`.

use crate::document;
use crate::domain::form::{Answers, Definition, Requester, Submission};
use crate::domain::id::{FormId, ServiceId, SubmissionKey};
use crate::domain::outbox::Attachment;
use crate::domain::ticket::{Impact, SubmissionKind, Urgency};
use crate::domain::time::Timestamp;

/// The version of the body's shape.
pub const WIRE_VERSION: u8 = 1;

/// The body of `POST {api}/submissions`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SubmissionBody {
    /// The version of this shape: 1.
    pub v: u8,
    /// What kind of ticket it asks for; must be the form's own kind.
    pub kind: SubmissionKind,
    /// The form that was filled in.
    pub form: FormReference,
    /// The service it is about.
    pub service_id: Option<ServiceId>,
    /// The number of the ticket that it is about.
    pub ticket: Option<String>,
    /// Who asks, as far as it was said.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub requester: Requester,
    /// The answers, by field, as the form's schema describes them.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub answers: Answers,
    /// How far the effect reaches: 1 to 3.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u8>, minimum = 1, maximum = 3))]
    pub impact: Option<Impact>,
    /// How soon it must be resolved: 1 to 3.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<u8>, minimum = 1, maximum = 3))]
    pub urgency: Option<Urgency>,
    /// When it happened, by the requester's account.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub occurred_at: Option<Timestamp>,
    /// When it was submitted, by the device's clock.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub captured_at: Timestamp,
    /// How far the service desk's clock was ahead of the device's, in milliseconds, if that was measured.
    pub clock_offset_ms: Option<i64>,
    /// Whether the device believed itself offline.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub offline: bool,
    /// Files, each uploaded before to `{api}/uploads`.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub attachments: Vec<Attachment>,
    /// Where it was filled in.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub context: PageContext,
    /// Earlier keys of the same submission, which must not make a ticket any more.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub supersedes: Vec<SubmissionKey>,
    /// What an invitation's link has: the right to answer once, or to change what was answered with it.
    pub invitation: Option<String>,
    /// The key of answers that have arrived and may still be changed: these take their place.
    pub revises: Option<SubmissionKey>,
}

document! {
    closed SubmissionBody {
        v: "v",
        kind: "kind",
        form: "form",
        service_id: "service_id",
        ticket: "ticket",
        requester or_default: "requester",
        answers: "answers",
        impact: "impact",
        urgency: "urgency",
        occurred_at: "occurred_at",
        captured_at: "captured_at",
        clock_offset_ms: "clock_offset_ms",
        offline or_default: "offline",
        attachments or_default: "attachments",
        context or_default: "context",
        supersedes or_default: "supersedes",
        invitation: "invitation",
        revises: "revises",
    }
}

/// Which form, and in which language it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FormReference {
    /// The form's name.
    pub id: FormId,
    /// The definition's version.
    pub version: u32,
    /// The language of the texts: a BCP 47 tag.
    pub locale: String,
}

document! { closed FormReference { id: "id", version: "version", locale: "locale", } }

/// Where a form was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PageContext {
    #[cfg_attr(feature = "openapi", schema(required = false))]
    /// The page's address without query and fragment, which may hold secrets.
    pub page: String,
    #[cfg_attr(feature = "openapi", schema(required = false))]
    /// The suite's version.
    pub app_version: String,
}

document! { closed PageContext { page or_default: "page", app_version or_default: "app_version", } }

/// What a submission is about, as the page says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// The service; one that a picker named wins over it.
    pub service: Option<ServiceId>,
    /// The ticket's number.
    pub ticket: Option<String>,
    /// What an invitation's link has.
    pub invitation: Option<String>,
}

/// The instants around a submission that only the device knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// When it was submitted, by the device's clock.
    pub captured_at: Timestamp,
    /// How far the service desk's clock is ahead, in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Whether the device believed itself offline.
    pub offline: bool,
}

impl SubmissionBody {
    /// The body for `submission` of `definition`, read in `locale`.
    pub fn new(
        definition: &Definition,
        submission: Submission,
        locale: &str,
        about: About,
        times: Times,
        context: PageContext,
    ) -> Self {
        let source = definition.source();
        Self {
            v: WIRE_VERSION,
            kind: source.kind,
            form: FormReference { id: source.id.clone(), version: source.version, locale: locale.to_owned() },
            service_id: submission.service.or(about.service),
            ticket: about.ticket,
            requester: submission.requester,
            answers: submission.answers,
            impact: submission.impact,
            urgency: submission.urgency,
            occurred_at: submission.occurred_at,
            captured_at: times.captured_at,
            clock_offset_ms: times.clock_offset_ms,
            offline: times.offline,
            attachments: vec![],
            context,
            supersedes: vec![],
            invitation: about.invitation,
            revises: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shape_on_the_wire_stays() {
        let text = include_str!("../../tests/fixtures/submission.json");
        let body: SubmissionBody = serde_json::from_str(text).unwrap();
        let again: serde_json::Value = serde_json::to_value(&body).unwrap();
        assert_eq!(again, serde_json::from_str::<serde_json::Value>(text).unwrap());
    }

    #[test]
    fn an_unknown_member_is_refused() {
        let text = include_str!("../../tests/fixtures/submission.json").replacen("\"v\"", "\"admin\": true, \"v\"", 1);
        assert!(serde_json::from_str::<SubmissionBody>(&text).is_err());
    }
}
