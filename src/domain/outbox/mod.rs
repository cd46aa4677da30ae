//! What becomes of a request between the moment it is saved on the device and the moment the service desk has it.
//!
//! ```text
//!            commit                 claim                     receipt
//!   draft ───────────▶ Queued ────────────────▶ InFlight ─────────────────▶ Delivered
//!                        ▲                       │  │  │
//!                        │ retry_at, sign-in,    │  │  └─ refused ─▶ Parked(Rejected) ─ edit: new key ─▶ Queued
//!                        │ wake, send now        │  │
//!                        └───────── Waiting ◀────┘  └─ the tab died: a later epoch takes over ─▶ Queued, same key
//!
//!   discard: never tried ─▶ Discarded; tried, or in the place of one that was ─▶ Queued, to be withdrawn
//!            ─▶ InFlight ─▶ Discarded
//! ```
//!
//! [`step`] is the only place where a state changes. The store keeps what it returns, in one transaction.

mod breaker;
#[cfg(test)]
mod fixtures;
mod order;
mod policy;
mod step;

use core::time::Duration;

pub use breaker::Breaker;
pub use order::{is_its_turn, next_attempt};
pub use policy::RetryPolicy;
pub use step::{Event, is_claimable, step};

use super::form::FieldError;
use super::id::{AttachmentId, EntryId, FieldId, FormId, SubmissionKey};
use super::map::Map;
use super::ticket::Receipt;
use super::time::Timestamp;
use super::value::{Document, Members, Reading, Value, object};
use crate::{as_serde, document, words};

/// Where an entry stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// To be sent as soon as somebody can.
    Queued,
    /// A drainer sends it now.
    InFlight {
        /// Which drainer: each gets a greater number than those before it.
        epoch: u64,
        /// From then on anybody may take it over.
        lease_ends: Timestamp,
    },
    /// To be sent again.
    Waiting {
        /// Not before this.
        retry_at: Timestamp,
        /// What it waits for.
        why: WaitReason,
    },
    /// A person must look at it; its content stays.
    Parked {
        /// Why.
        why: ParkReason,
    },
    /// The service desk has it and gave a receipt. Final.
    Delivered,
    /// The requester gave it up. Final.
    Discarded,
}

impl Document for OutboxState {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let read = match &value {
            Value::Text(name) => match name.as_str() {
                "Queued" => Some(Self::Queued),
                "Delivered" => Some(Self::Delivered),
                "Discarded" => Some(Self::Discarded),
                _ => None,
            },
            _ => {
                let mut members = Members::of(value, reading);
                match (members.take("InFlight"), members.take("Waiting"), members.take("Parked")) {
                    (Some(InFlight { epoch, lease_ends }), None, None) => Some(Self::InFlight { epoch, lease_ends }),
                    (None, Some(Waiting { retry_at, why }), None) => Some(Self::Waiting { retry_at, why }),
                    (None, None, Some(Parked { why })) => Some(Self::Parked { why }),
                    _ => None,
                }
            }
        };
        read.unwrap_or_else(|| {
            reading.wrong("is no state");
            Self::Queued
        })
    }

    fn write(&self) -> Value {
        let named = |name: &str| Value::Text(name.to_owned());
        match self.clone() {
            Self::Queued => named("Queued"),
            Self::Delivered => named("Delivered"),
            Self::Discarded => named("Discarded"),
            Self::InFlight { epoch, lease_ends } => {
                object([("InFlight", InFlight { epoch, lease_ends }.write(), false)])
            }
            Self::Waiting { retry_at, why } => object([("Waiting", Waiting { retry_at, why }.write(), false)]),
            Self::Parked { why } => object([("Parked", Parked { why }.write(), false)]),
        }
    }
}

as_serde!(OutboxState);

struct InFlight {
    epoch: u64,
    lease_ends: Timestamp,
}
struct Waiting {
    retry_at: Timestamp,
    why: WaitReason,
}
struct Parked {
    why: ParkReason,
}
document! { open InFlight { epoch: "epoch", lease_ends: "lease_ends", } }
document! { open Waiting { retry_at: "retry_at", why: "why", } }
document! { open Parked { why: "why", } }

/// What a waiting entry waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WaitReason {
    /// No usable answer came: the next try, at the latest when the device says that it is online.
    Backoff,
    /// The service desk named the time itself: not earlier, whatever happens.
    Asked,
    /// The page must sign its user in.
    SignIn,
    /// The address or the service desk is set up wrong.
    Config,
}

words! { WaitReason { Backoff = "Backoff", Asked = "Asked", SignIn = "SignIn", Config = "Config", } }

/// Why an entry waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParkReason {
    /// The service desk refused it for good.
    Rejected,
    /// It could not be sent for [`RetryPolicy::give_up_after`].
    Expired,
    /// It cannot be read or encoded on this device.
    Broken,
    /// What it depended on was given up.
    Orphaned,
}

words! { ParkReason { Rejected = "Rejected", Expired = "Expired", Broken = "Broken", Orphaned = "Orphaned", } }

/// What is asked of the service desk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Intent {
    /// To take it.
    #[default]
    Submit,
    /// To forget it: the requester gave it up after a try whose end nobody knows.
    Withdraw,
}

words! { Intent { Submit = "Submit", Withdraw = "Withdraw", } }

/// Bytes of a piece of a file, in which it is kept and sent: 1 MiB. The last is what is left.
pub const PIECE: u32 = 1_048_576;

/// A file that travels with an entry. Its bytes stand in a store of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Attachment {
    /// Names it, here and at the service desk.
    pub id: AttachmentId,
    /// The file's name as the requester had it.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The media type the browser gave it; empty if none.
    #[cfg_attr(feature = "openapi", schema(rename = "type"))]
    pub media_type: String,
    /// SHA-256 of the bytes, 64 lower-case hex digits.
    pub sha256: String,
}

document! { open Attachment { id: "id", name: "name", size: "size", media_type: "type", sha256: "sha256", } }

/// A request on its way to the service desk.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboxEntry {
    /// Names the entry on this device.
    pub id: EntryId,
    /// The idempotency key, bound to `body`.
    pub key: SubmissionKey,
    /// Entries are sent in the order of this number, which the store gives.
    pub seq: u64,
    /// For which service desk and which person.
    pub part: String,
    /// The form it came from.
    pub form: FormId,
    /// Where it was filled in, as drafts of one form are told apart.
    pub context: String,
    /// The bytes that are sent, the same at every try: JSON.
    pub body: String,
    /// Earlier keys of the same submission, of which none may count beside this one.
    pub supersedes: Vec<SubmissionKey>,
    /// Entries of one lane go one after the other, in the order of `seq`; an empty name is a lane of its own.
    pub lane: String,
    /// The entry that must be delivered before.
    pub depends_on: Option<EntryId>,
    /// Files that must be there before the body is sent.
    pub attachments: Vec<Attachment>,
    /// When it was committed, by the device's clock.
    pub created: Timestamp,
    /// Where it stands.
    pub progress: Progress,
}

document! {
    open OutboxEntry {
        id: "id",
        key: "key",
        seq: "seq",
        part: "part",
        form: "form",
        context or_default: "context",
        body: "body",
        supersedes or_default: "supersedes",
        lane or_default: "lane",
        depends_on: "depends_on",
        attachments or_default: "attachments",
        created: "created",
        progress: "progress",
    }
}

/// The part of an entry that changes.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Where it stands.
    pub state: OutboxState,
    /// What is asked.
    pub intent: Intent,
    /// When it came there, by the device's clock, as far as time matters in that state.
    pub since: Timestamp,
    /// How often it was tried; a tab that died while it sent has used its try.
    pub attempts: u32,
    /// How often in a row no usable answer came.
    pub failures: u32,
    /// What the service desk said last, if it was no receipt.
    pub refusal: Option<Refusal>,
}

document! {
    open Progress { state: "state", intent or_default: "intent", since or_default: "since", attempts: "attempts", failures: "failures", refusal: "refusal", }
}

/// The service desk's reason, as far as it gave one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The problem's code, for example `invalid_answers`.
    pub code: String,
    /// A sentence for people, in the service desk's words.
    pub detail: String,
    /// What is wrong in which field.
    pub errors: Map<FieldId, FieldError>,
}

document! {
    open Refusal { status: "status", code: "code", detail: "detail", errors or_default: "errors", }
}

impl Default for Progress {
    fn default() -> Self {
        Self {
            state: OutboxState::Queued,
            intent: Intent::Submit,
            since: Timestamp::default(),
            attempts: 0,
            failures: 0,
            refusal: None,
        }
    }
}

/// What an answer, or the lack of one, means.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The service desk has it: a receipt that names our key.
    Delivered(Receipt),
    /// The service desk has forgotten it, as it was asked to.
    Withdrawn,
    /// Nobody knows whether it arrived, or it is not its turn yet: the same bytes again, later.
    TryLater {
        /// The service desk's own wish.
        after: Option<Duration>,
        /// Whether it counts as a failure: a full house does not.
        counts: bool,
    },
    /// No one is signed in who may send it.
    SignIn,
    /// Nobody answers there who understands it.
    Config,
    /// Refused for good.
    Refused(Refusal),
    /// It could not even be sent from here.
    Broken,
}

/// What came of handing over a piece of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// It is there; so many bytes of the file are.
    Ends(u64),
    /// The file does not end where the piece begins, or is not there any more.
    Elsewhere,
    /// It, or the whole file, was something else when it arrived.
    Damaged,
}

/// Proof of having claimed an entry: which request was sent, by which drainer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The entry.
    pub id: EntryId,
    /// The key it had when it was claimed.
    pub key: SubmissionKey,
    /// The drainer.
    pub epoch: u64,
}
