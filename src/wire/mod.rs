//! The contract with the backend as types, shared by browser and backend; and what an answer means.

mod problem;
mod service;
mod submission;
pub mod upload;
mod verdict;

pub use problem::{Problem, ProblemCode, ProblemField};
pub use service::ServiceDocument;
pub use submission::{About, FormReference, PageContext, SubmissionBody, Times, WIRE_VERSION};
pub use verdict::{Reply, appended, begun, verdict, withdrawal_verdict};

/// The header that carries a submission's key (IETF draft "The Idempotency-Key HTTP Header Field").
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// The header that says that an answer was given before.
pub const IDEMPOTENCY_REPLAYED: &str = "Idempotency-Replayed";
/// The header with the digest of a body (RFC 9530).
pub const CONTENT_DIGEST: &str = "Content-Digest";
/// Response headers that a page of another origin must be allowed to read.
pub const EXPOSED_HEADERS: &[&str] = &[
    "Retry-After",
    "ETag",
    "Date",
    "Location",
    IDEMPOTENCY_REPLAYED,
    upload::TUS_RESUMABLE,
    upload::UPLOAD_OFFSET,
    upload::UPLOAD_LENGTH,
];
