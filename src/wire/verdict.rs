//! From an HTTP answer to what to do now: one pure table.

use core::time::Duration;

use super::problem::{Problem, ProblemCode};
use super::upload::CHECKSUM_MISMATCH;
use crate::domain::id::SubmissionKey;
use crate::domain::outbox::{Appended, Refusal, Verdict};
use crate::domain::ticket::Receipt;

/// What came back from the service desk, as far as it can be read.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// No answer: no network, a time-out, a connection cut, a body cut short.
    None,
    /// The request was redirected, which no part of this API does.
    Redirect,
    /// An answer.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The header `Retry-After`, in seconds from now.
        retry_after: Option<u32>,
        /// The body, if it is a receipt.
        receipt: Option<Receipt>,
        /// The body, if it is a problem.
        problem: Option<Box<Problem>>,
    },
}

/// What `reply` means for the request that was sent under `key`. A success counts only with a receipt that names the
/// key: the page of a network that wants a sign-in answers 200 too.
pub fn verdict(reply: Reply, key: &SubmissionKey) -> Verdict {
    let Reply::Answer { status, retry_after, receipt, problem } = reply else {
        return match reply {
            Reply::Redirect => Verdict::Config,
            _ => Verdict::TryLater { after: None, counts: true },
        };
    };
    let after = retry_after.or(problem.as_ref().and_then(|p| p.retry_after)).map(|s| Duration::from_secs(u64::from(s)));
    let is = |code| problem.as_ref().is_some_and(|p| p.is(code));
    match status {
        200..=299 => match receipt {
            Some(receipt) if receipt.key == *key => Verdict::Delivered(receipt),
            _ => Verdict::TryLater { after: None, counts: true },
        },
        300..=399 => Verdict::Config,
        401 => Verdict::SignIn,
        404 | 405 | 501 | 505 => Verdict::Config,
        408 | 425 => Verdict::TryLater { after, counts: true },
        409 if is(ProblemCode::InProgress) => {
            Verdict::TryLater { after: after.or(Some(Duration::from_secs(1))), counts: false }
        }
        409 if is(ProblemCode::AlreadySubmitted) => match problem.and_then(|p| p.receipt) {
            Some(receipt) => Verdict::Delivered(receipt),
            None => Verdict::TryLater { after, counts: true },
        },
        423 | 429 => Verdict::TryLater { after: after.or(Some(Duration::from_secs(5))), counts: false },
        400..=499 => Verdict::Refused(refusal(status, problem)),
        _ => Verdict::TryLater { after, counts: true },
    }
}

/// Whether `reply` is the desk's own word that something other than a submission was done; `names_it` says whether the
/// answer's body names that thing. If not, what to do instead.
fn acknowledged(reply: Reply, names_it: bool) -> Result<(), Verdict> {
    match reply {
        Reply::Answer { status: 200..=299, .. } if names_it => Ok(()),
        // No submission has the empty key, so that no receipt counts as success here.
        reply => Err(verdict(reply, &"".into())),
    }
}

/// What `reply` means for a key that was to be taken back; `names_it` says whether the answer's body names that key.
pub fn withdrawal_verdict(reply: Reply, names_it: bool) -> Verdict {
    acknowledged(reply, names_it).err().unwrap_or(Verdict::Withdrawn)
}

/// How many bytes of a file are there, if `reply` is the desk's own word on beginning to send it; `offset` is the answer's
/// header `Upload-Offset`.
pub fn begun(reply: Reply, offset: Option<u64>) -> Result<u64, Verdict> {
    acknowledged(reply, offset.is_some()).map(|()| offset.unwrap_or_default())
}

/// What `reply` means for a piece of a file; `offset` is the answer's header `Upload-Offset`.
pub fn appended(reply: Reply, offset: Option<u64>) -> Result<Appended, Verdict> {
    match &reply {
        // A proxy may have sent the piece twice; and files that nobody names for long are forgotten.
        Reply::Answer { status: 404 | 409 | 410, .. } => Ok(Appended::Elsewhere),
        Reply::Answer { status: CHECKSUM_MISMATCH, .. } => Ok(Appended::Damaged),
        _ => acknowledged(reply, offset.is_some()).map(|()| Appended::Ends(offset.unwrap_or_default())),
    }
}

fn refusal(status: u16, problem: Option<Box<Problem>>) -> Refusal {
    let Some(problem) = problem else { return Refusal { status, ..Refusal::default() } };
    Refusal {
        status,
        code: problem.code().to_owned(),
        detail: if problem.detail.is_empty() { problem.title.clone() } else { problem.detail.clone() },
        errors: problem.errors.iter().filter_map(|error| Some((error.field()?, error.error.clone()))).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::FieldError;
    use crate::domain::time::Timestamp;
    use crate::wire::ProblemField;

    fn key() -> SubmissionKey {
        "018f4e2a-7c1b-7def-8a00-0123456789ab".into()
    }

    fn receipt(key: SubmissionKey) -> Receipt {
        Receipt {
            key,
            number: "INC-000001".into(),
            received_at: Timestamp::default(),
            priority: None,
            read_link: None,
            editable_until: None,
            answer_by: None,
        }
    }

    fn answer(status: u16) -> Reply {
        Reply::Answer { status, retry_after: None, receipt: None, problem: None }
    }

    fn with(status: u16, problem: Problem) -> Reply {
        Reply::Answer { status, retry_after: None, receipt: None, problem: Some(Box::new(problem)) }
    }

    fn later(seconds: Option<u64>, counts: bool) -> Verdict {
        Verdict::TryLater { after: seconds.map(Duration::from_secs), counts }
    }

    #[test]
    fn statuses_without_a_body_have_their_verdict() {
        for (statuses, verdict_of) in [
            (&[200u16, 201, 202, 204][..], later(None, true)),
            (&[301, 302, 307, 308], Verdict::Config),
            (&[401], Verdict::SignIn),
            (&[404, 405, 501, 505], Verdict::Config),
            (&[408, 425, 500, 502, 503, 504, 507, 520, 524, 599], later(None, true)),
            (&[423, 429], later(Some(5), false)),
        ] {
            for status in statuses {
                assert_eq!(verdict(answer(*status), &key()), verdict_of, "{status}");
            }
        }
        for status in [400, 402, 403, 406, 409, 410, 411, 412, 413, 414, 415, 418, 422, 428, 431, 451] {
            assert!(matches!(verdict(answer(status), &key()), Verdict::Refused(r) if r.status == status), "{status}");
        }
    }

    #[test]
    fn no_answer_is_ambiguous_and_a_redirect_is_a_wrong_address() {
        assert_eq!(verdict(Reply::None, &key()), later(None, true));
        assert_eq!(verdict(Reply::Redirect, &key()), Verdict::Config);
    }

    #[test]
    fn only_a_receipt_with_our_key_is_a_success() {
        let of = |key| Reply::Answer { status: 201, retry_after: None, receipt: Some(receipt(key)), problem: None };
        assert_eq!(verdict(of(key()), &key()), Verdict::Delivered(receipt(key())));
        assert_eq!(verdict(of("another".into()), &key()), later(None, true));
    }

    #[test]
    fn an_earlier_key_that_made_a_ticket_is_a_success() {
        let mut problem = Problem::new(ProblemCode::AlreadySubmitted, "");
        assert_eq!(verdict(with(409, problem.clone()), &key()), later(None, true), "without the ticket it is none");
        problem.receipt = Some(receipt("earlier".into()));
        assert_eq!(verdict(with(409, problem), &key()), Verdict::Delivered(receipt("earlier".into())));
    }

    #[test]
    fn the_desks_own_wish_is_heard_from_header_and_body() {
        let header = Reply::Answer { status: 503, retry_after: Some(7), receipt: None, problem: None };
        assert_eq!(verdict(header, &key()), later(Some(7), true));
        let mut problem = Problem::new(ProblemCode::InProgress, "");
        assert_eq!(verdict(with(409, problem.clone()), &key()), later(Some(1), false));
        problem.retry_after = Some(2);
        assert_eq!(verdict(with(409, problem), &key()), later(Some(2), false));
    }

    #[test]
    fn only_the_desks_own_word_takes_a_key_back() {
        assert_eq!(withdrawal_verdict(answer(200), true), Verdict::Withdrawn);
        assert_eq!(withdrawal_verdict(answer(200), false), later(None, true));
        assert_eq!(withdrawal_verdict(answer(503), true), later(None, true));
        assert_eq!(withdrawal_verdict(Reply::Redirect, true), Verdict::Config);
    }

    #[test]
    fn only_an_answer_that_says_where_the_file_ends_counts() {
        assert_eq!(begun(answer(201), Some(0)), Ok(0));
        assert_eq!(begun(answer(200), Some(7)), Ok(7));
        assert_eq!(begun(answer(200), None), Err(later(None, true)), "the page of some network");
        assert_eq!(begun(answer(404), None), Err(Verdict::Config));
        assert!(matches!(begun(answer(413), None), Err(Verdict::Refused(refusal)) if refusal.status == 413));
        assert_eq!(appended(answer(204), Some(7)), Ok(Appended::Ends(7)));
        assert_eq!(appended(answer(200), None), Err(later(None, true)));
        for status in [404, 409, 410] {
            assert_eq!(appended(answer(status), None), Ok(Appended::Elsewhere), "{status}");
        }
        assert_eq!(appended(answer(460), None), Ok(Appended::Damaged));
        assert_eq!(appended(answer(423), None), Err(later(Some(5), false)));
        assert_eq!(appended(answer(401), None), Err(Verdict::SignIn));
        assert_eq!(appended(Reply::None, None), Err(later(None, true)));
    }

    #[test]
    fn field_errors_reach_the_form() {
        let mut problem = Problem::new(ProblemCode::InvalidAnswers, "1 answer");
        problem.errors = vec![
            ProblemField::answer(&"device".into(), FieldError::NotAnOption),
            ProblemField { pointer: "#/form/version".into(), error: FieldError::NotExpected },
        ];
        let Verdict::Refused(refusal) = verdict(with(422, problem), &key()) else { panic!("422 is a refusal") };
        assert_eq!(refusal.errors, [("device".into(), FieldError::NotAnOption)].into_iter().collect());
        assert_eq!((refusal.code.as_str(), refusal.detail.as_str()), ("invalid_answers", "1 answer"));
    }

    #[test]
    fn a_reused_key_is_refused_and_never_sent_anew() {
        let reused = with(422, Problem::new(ProblemCode::KeyReused, ""));
        assert!(matches!(verdict(reused, &key()), Verdict::Refused(_)));
    }
}
