//! What went wrong, for programs and people: RFC 9457 problem details, `application/problem+json`.

use crate::domain::form::FieldError;
use crate::domain::id::FieldId;
use crate::domain::value::{Document, Members, Reading, Value, object};
use crate::{as_serde, document};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// Why a request was not done. `type` on the wire is `urn:itsm-widgets:problem:` and the code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum ProblemCode { $($(#[$doc])* $variant,)* }

        impl ProblemCode {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The code on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// A title in English, the same for every occurrence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    /// The request is not of the documented form.
    Malformed = "malformed", 400, "The request is malformed";
    /// A header that must be there is missing or is no UUID.
    KeyMissing = "key_missing", 400, "An idempotency key is needed";
    /// The digest does not fit the body.
    DigestMismatch = "digest_mismatch", 400, "The body does not have the announced digest";
    /// A piece, or the file that it completes, is not what was announced.
    ChecksumMismatch = "checksum_mismatch", 460, "The piece does not have the announced digest";
    /// Another version of tus is spoken.
    TusVersion = "tus_version", 412, "Only tus 1.0.0 is spoken here";
    /// The piece does not begin where the file ends so far.
    UploadOffset = "upload_offset", 409, "The piece does not begin where the file ends";
    /// The token is wrong, of somebody else's, or its time is over.
    TokenInvalid = "token_invalid", 401, "The token is not valid";
    /// Nothing is taken from people who are not signed in.
    SignInNeeded = "sign_in_needed", 401, "Please sign in";
    /// Somebody else submitted it.
    NotYours = "not_yours", 403, "This belongs to somebody else";
    /// The token gives no right to it.
    Forbidden = "forbidden", 403, "Your token does not give this right";
    /// The secret link is wrong.
    LinkInvalid = "link_invalid", 403, "This link is not valid";
    /// The page's origin is not on the list.
    OriginRefused = "origin_refused", 403, "This origin may not submit here";
    /// No such thing.
    NotFound = "not_found", 404, "There is no such thing here";
    /// The method is not for this address.
    MethodNotAllowed = "method_not_allowed", 405, "This method is not for this address";
    /// It took too long to arrive.
    Timeout = "timeout", 408, "The request took too long to arrive";
    /// A request with the same key is being worked on.
    InProgress = "in_progress", 409, "This request is being worked on";
    /// An earlier key of the same submission has made a ticket.
    AlreadySubmitted = "already_submitted", 409, "This was submitted before";
    /// It cannot be done with this complaint as it stands.
    NotNow = "not_now", 409, "This cannot be done now";
    /// The requester has withdrawn this key, or has sent an edited request in its place.
    Withdrawn = "withdrawn", 410, "This request was withdrawn or replaced";
    /// The body is larger than allowed.
    TooLarge = "too_large", 413, "The body is too large";
    /// The body's media type is not taken here.
    MediaType = "media_type", 415, "This media type is not taken here";
    /// Answers do not fit the form; `errors` says which.
    InvalidAnswers = "invalid_answers", 422, "Some answers cannot be accepted";
    /// The key was used with another body.
    KeyReused = "key_reused", 422, "This key was used for another request";
    /// The answers that are to be changed are not there, are somebody else's, or cannot be changed any more.
    EditClosed = "edit_closed", 422, "These answers cannot be changed any more";
    /// An invitation that is not ours, is over, or is about something else.
    InvitationInvalid = "invitation_invalid", 422, "This invitation is not valid";
    /// A named attachment is missing or differs.
    AttachmentMissing = "attachment_missing", 422, "An attachment is missing or differs";
    /// Too many requests at once.
    TooMany = "too_many", 429, "Too many requests";
    /// A mistake of the service desk's own.
    Internal = "internal", 500, "The service desk has a fault of its own";
    /// Not now.
    Unavailable = "unavailable", 503, "The service desk is busy or stopping";
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// Names the kind of problem: a URN with the code at its end.
    #[cfg_attr(feature = "openapi", schema(rename = "type", required = false))]
    pub kind: String,
    /// The kind in words.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub title: String,
    /// The HTTP status, once more.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub status: u16,
    /// This occurrence in words; names the place.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub detail: String,
    /// What is wrong in which field.
    #[cfg_attr(feature = "openapi", schema(required = false))]
    pub errors: Vec<ProblemField>,
    /// Seconds after which another try makes sense, as in the header `Retry-After`.
    pub retry_after: Option<u32>,
    /// The ticket that exists already, with `already_submitted`.
    pub receipt: Option<crate::domain::ticket::Receipt>,
}

document! {
    open Problem {
        kind or_default: "type",
        title or_default: "title",
        status or_default: "status",
        detail or_default: "detail",
        errors or_default: "errors",
        retry_after: "retry_after",
        receipt: "receipt",
    }
}

/// What is wrong in one field.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProblemField {
    /// Where in the body: a JSON Pointer in a URI fragment, for example `#/answers/device`.
    pub pointer: String,
    /// What is wrong there: `code`, and the bound that was broken.
    #[cfg_attr(feature = "openapi", schema(value_type = String, rename = "code"))]
    pub error: FieldError,
}

/// Flat: the error's members stand beside the pointer.
impl Document for ProblemField {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let mut members = Members::of(value, reading);
        Self { pointer: members.take("pointer"), error: FieldError::read_from(&mut members) }
    }
    fn write(&self) -> Value {
        let [code, bound] = self.error.members();
        object([("pointer", self.pointer.write(), false), code, bound])
    }
}

as_serde!(ProblemField);

impl Problem {
    /// A problem of that kind; `detail` names the place and the reason.
    pub fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("{URN}{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: detail.into(),
            errors: vec![],
            retry_after: None,
            receipt: None,
        }
    }

    /// The code at the end of `type`; empty if it is none of ours.
    pub fn code(&self) -> &str {
        self.kind.strip_prefix(URN).unwrap_or_default()
    }

    /// Whether it is of that kind.
    pub fn is(&self, code: ProblemCode) -> bool {
        self.code() == code.as_str()
    }
}

impl ProblemField {
    /// What is wrong with the answer in `field`.
    pub fn answer(field: &FieldId, error: FieldError) -> Self {
        let escaped = field.as_str().replace('~', "~0").replace('/', "~1");
        Self { pointer: format!("#/answers/{escaped}"), error }
    }

    /// The field, if the pointer is that of an answer.
    pub fn field(&self) -> Option<FieldId> {
        let escaped = self.pointer.strip_prefix("#/answers/")?;
        Some(FieldId::new(escaped.replace("~1", "/").replace("~0", "~")))
    }
}

const URN: &str = "urn:itsm-widgets:problem:";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_error_survives_the_wire() {
        let mut problem = Problem::new(ProblemCode::InvalidAnswers, "2 answers");
        problem.errors = vec![
            ProblemField::answer(&"a/b~c".into(), FieldError::TooLong { max: 5 }),
            ProblemField::answer(&"d".into(), FieldError::Other { detail: "no such asset".into() }),
        ];
        let json = serde_json::to_string(&problem).unwrap();
        assert!(json.contains(r##"{"pointer":"#/answers/a~1b~0c","code":"too_long","max":5}"##), "{json}");
        let back: Problem = serde_json::from_str(&json).unwrap();
        assert_eq!(back, problem);
        assert_eq!(back.errors[0].field(), Some("a/b~c".into()));
        assert_eq!(back.code(), "invalid_answers");
    }

    #[test]
    fn a_foreign_problem_is_read_as_far_as_it_goes() {
        let problem: Problem =
            serde_json::from_str(r#"{"type":"about:blank","title":"Nope","status":400,"x":1}"#).unwrap();
        assert_eq!((problem.code(), problem.title.as_str()), ("", "Nope"));
    }
}
