//! What tells the elements apart that are forms: what they show, what their events are called, and a few words.

use itsm_widgets::domain::ticket::SubmissionKind;

use crate::shared::messages::Message;

/// An element that is a form.
#[derive(Debug)]
pub struct Surface {
    /// The word in the names of its events: `itsm-{word}-queued`.
    word: &'static str,
    /// What its forms make.
    kinds: &'static [SubmissionKind],
    /// Whether it is filled in once in each place.
    is_once: bool,
    /// Said when it has arrived.
    pub arrived: Message,
    /// Offered then.
    pub another: Message,
}

impl Surface {
    /// `<itsm-ticket-form>`.
    pub const TICKET: Self = Self {
        word: "ticket",
        kinds: &[SubmissionKind::Incident, SubmissionKind::ServiceRequest],
        is_once: false,
        arrived: Message::DeliveredTitle,
        another: Message::Another,
    };
    /// `<itsm-complaint-form>`.
    pub const COMPLAINT: Self = Self {
        word: "complaint",
        kinds: &[SubmissionKind::Complaint],
        is_once: false,
        arrived: Message::ComplaintArrived,
        another: Message::AnotherComplaint,
    };
    /// `<itsm-csat-survey>`.
    pub const SURVEY: Self = Self {
        word: "survey",
        kinds: &[SubmissionKind::Satisfaction],
        is_once: true,
        arrived: Message::AnswersArrived,
        another: Message::AnswerAgain,
    };

    /// The name of an event.
    pub fn event(&self, what: &str) -> String {
        ["itsm-", self.word, "-", what].concat()
    }

    /// Whether it is filled in once in each place: about each ticket, for example.
    pub fn is_once(&self) -> bool {
        self.is_once
    }

    /// Whether it shows forms of that kind.
    pub fn shows(&self, kind: SubmissionKind) -> bool {
        self.kinds.contains(&kind)
    }
}
