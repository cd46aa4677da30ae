//! A complaint from its arrival to its closure: what may be done when, what is due when, and what the complainant says of it.

use super::time::Timestamp;
use crate::{document, words};

/// Where a complaint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum ComplaintState {
    /// Nobody has answered yet.
    Received,
    /// It is being looked into.
    Acknowledged,
    /// There is an outcome, and the complainant may say what they think of it.
    Resolved,
    /// The complainant is satisfied with how it was handled, or there is nowhere left to go.
    Closed,
}

words! {
    ComplaintState {
        Received = "received",
        Acknowledged = "acknowledged",
        Resolved = "resolved",
        Closed = "closed",
    }
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(rename_all = "snake_case"))]
pub enum Outcome {
    /// The complaint was right.
    Upheld,
    /// It was right in part.
    PartlyUpheld,
    /// It was not right.
    NotUpheld,
}

words! { Outcome { Upheld = "upheld", PartlyUpheld = "partly_upheld", NotUpheld = "not_upheld", } }

/// What is done with a complaint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Somebody says that they look into it.
    Acknowledge,
    /// It goes to who is next on the ladder.
    Escalate,
    /// There is an outcome.
    Resolve(Outcome),
    /// The complainant says whether they are satisfied with the handling.
    Verdict {
        /// Whether they are.
        satisfied: bool,
    },
}

/// Something that was done, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// What.
    pub action: Action,
    /// When.
    pub at: Timestamp,
}

/// One rung of the ladder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rung {
    /// Who looks into it from then on.
    pub title: String,
    /// After how many days without an outcome it is their turn.
    pub after_days: u32,
}

document! { closed Rung { title: "title", after_days: "afterDays", } }

/// What a provider promises of every complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintRules {
    /// Within how many hours it is acknowledged.
    pub acknowledge_hours: u32,
    /// Whom it goes to, one after the other.
    pub ladder: Vec<Rung>,
}

document! { closed ComplaintRules { acknowledge_hours: "acknowledgeHours", ladder or_default: "ladder", } }

impl ComplaintRules {
    /// Until when a complaint that arrived at `received` is to be acknowledged.
    pub fn answer_by(&self, received: Timestamp) -> Timestamp {
        received.shifted(i64::from(self.acknowledge_hours) * HOUR)
    }
}

const HOUR: i64 = 3_600_000;

/// A complaint, as what was done makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// When it arrived.
    pub received: Timestamp,
    /// Until when it is to be acknowledged, as was promised then.
    pub answer_by: Timestamp,
    /// Where it stands.
    pub state: ComplaintState,
    /// How many rungs it has gone up.
    pub level: usize,
    /// What came out, the last time that something did.
    pub outcome: Option<Outcome>,
    /// What the complainant said of the handling, the last time.
    pub satisfied: Option<bool>,
    /// When it was acknowledged.
    pub acknowledged: Option<Timestamp>,
    /// When it was closed.
    pub closed: Option<Timestamp>,
}

impl Complaint {
    /// One that has just arrived.
    pub const fn new(received: Timestamp, answer_by: Timestamp) -> Self {
        let (outcome, satisfied, acknowledged, closed) = (None, None, None, None);
        Self {
            received,
            answer_by,
            state: ComplaintState::Received,
            level: 0,
            outcome,
            satisfied,
            acknowledged,
            closed,
        }
    }

    /// The same after something that led to that state and level when it was done: rules may have changed since.
    #[must_use]
    pub fn noted(self, done: Done, state: ComplaintState, level: usize) -> Self {
        let (outcome, satisfied) = match done.action {
            Action::Resolve(outcome) => (Some(outcome), self.satisfied),
            Action::Verdict { satisfied } => (self.outcome, Some(satisfied)),
            Action::Acknowledge | Action::Escalate => (self.outcome, self.satisfied),
        };
        let closed = (state == ComplaintState::Closed).then_some(done.at);
        Self { state, level, outcome, satisfied, acknowledged: self.acknowledged.or(Some(done.at)), closed, ..self }
    }

    /// What `done` makes of it; `None` if that cannot be done with it now.
    pub fn step(self, done: Done, rules: &ComplaintRules) -> Option<Self> {
        use ComplaintState::{Acknowledged, Closed, Received, Resolved};
        let has_rung = self.level < rules.ladder.len();
        let (state, level) = match (self.state, done.action) {
            (Received, Action::Acknowledge) => (Acknowledged, self.level),
            // Who takes it over has seen it.
            (Received | Acknowledged, Action::Escalate) if has_rung => (Acknowledged, self.level + 1),
            (Received | Acknowledged, Action::Resolve(_)) => (Resolved, self.level),
            (Resolved, Action::Verdict { satisfied: false }) if has_rung => (Acknowledged, self.level + 1),
            (Resolved, Action::Verdict { .. }) => (Closed, self.level),
            _ => return None,
        };
        Some(self.noted(done, state, level))
    }

    /// When it is the turn of a rung, counted from 0.
    pub fn turn_of(&self, rung: &Rung) -> Timestamp {
        self.received.shifted(i64::from(rung.after_days) * 24 * HOUR)
    }

    /// Whether something that was promised is late at `now`: the acknowledgement, or the next rung's turn.
    pub fn is_late(&self, rules: &ComplaintRules, now: Timestamp) -> bool {
        match self.state {
            ComplaintState::Received => now > self.answer_by,
            ComplaintState::Acknowledged => rules.ladder.get(self.level).is_some_and(|rung| now > self.turn_of(rung)),
            ComplaintState::Resolved | ComplaintState::Closed => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const START: Timestamp = Timestamp::from_millis(1_795_000_000_000);

    fn rules() -> ComplaintRules {
        let rung = |title: &str, after_days| Rung { title: title.into(), after_days };
        ComplaintRules { acknowledge_hours: 48, ladder: vec![rung("Lead", 5), rung("Head", 10)] }
    }

    fn after(actions: &[Action]) -> Complaint {
        let new = Complaint::new(START, rules().answer_by(START));
        actions.iter().fold(new, |complaint, action| {
            let done = Done { action: *action, at: START };
            let Some(next) = complaint.step(done, &rules()) else { return complaint };
            assert_eq!(complaint.noted(done, next.state, next.level), next, "what was noted says the same");
            next
        })
    }

    #[test]
    fn a_complaint_goes_to_its_closure() {
        use Action::{Acknowledge, Escalate, Resolve, Verdict};
        let (yes, no) = (Verdict { satisfied: true }, Verdict { satisfied: false });
        let upheld = Resolve(Outcome::Upheld);
        for (actions, state, level) in [
            (&[][..], ComplaintState::Received, 0),
            (&[Acknowledge], ComplaintState::Acknowledged, 0),
            (&[Acknowledge, Acknowledge], ComplaintState::Acknowledged, 0),
            (&[Escalate, Escalate, Escalate], ComplaintState::Acknowledged, 2),
            (&[upheld], ComplaintState::Resolved, 0),
            (&[yes], ComplaintState::Received, 0),
            (&[Acknowledge, upheld, yes], ComplaintState::Closed, 0),
            (&[Acknowledge, upheld, no], ComplaintState::Acknowledged, 1),
            (&[upheld, no, upheld, no, upheld, no], ComplaintState::Closed, 2),
            (&[upheld, yes, Escalate], ComplaintState::Closed, 0),
        ] {
            let complaint = after(actions);
            assert_eq!((complaint.state, complaint.level), (state, level), "{actions:?}");
        }
        assert_eq!(after(&[upheld, no, upheld, no, upheld, no]).satisfied, Some(false), "closed all the same");
    }

    #[test]
    fn what_is_promised_is_late_when_it_is() {
        let at = |hours: i64| START.shifted(hours * HOUR + 1);
        let late = |complaint: &Complaint, hours| complaint.is_late(&rules(), at(hours));
        let received = after(&[]);
        assert_eq!((late(&received, 47), late(&received, 48)), (false, true));
        let acknowledged = after(&[Action::Acknowledge]);
        assert_eq!((late(&acknowledged, 119), late(&acknowledged, 120)), (false, true));
        let escalated = after(&[Action::Escalate]);
        assert_eq!((late(&escalated, 120), late(&escalated, 240)), (false, true));
        assert!(!late(&after(&[Action::Escalate, Action::Escalate]), 9_999), "nobody is above");
        assert!(!late(&after(&[Action::Resolve(Outcome::NotUpheld)]), 9_999));
    }

    fn an_action() -> impl Strategy<Value = Action> {
        prop_oneof![
            Just(Action::Acknowledge),
            Just(Action::Escalate),
            Just(Action::Resolve(Outcome::PartlyUpheld)),
            any::<bool>().prop_map(|satisfied| Action::Verdict { satisfied }),
        ]
    }

    proptest! {
        #[test]
        fn nothing_closed_opens_again_and_only_the_complainant_closes(actions in prop::collection::vec(an_action(), 0..20)) {
            let mut complaint = Complaint::new(START, START);
            for action in actions {
                let next = complaint.step(Done { action, at: START }, &rules());
                prop_assert!(complaint.state != ComplaintState::Closed || next.is_none());
                if let Some(next) = next {
                    let closes = next.state == ComplaintState::Closed;
                    let is_verdict = matches!(action, Action::Verdict { .. });
                    prop_assert!(!closes || is_verdict);
                    prop_assert!(next.level >= complaint.level && next.level <= 2);
                    prop_assert!(next.state == ComplaintState::Received || next.acknowledged.is_some());
                    complaint = next;
                }
            }
        }
    }
}
