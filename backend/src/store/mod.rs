//! What the backend keeps, as a trait; its promises are tests in [`contract`].

mod complaints;
#[cfg(test)]
pub(crate) mod contract;
mod operations;
mod relay;
pub mod sqlite;
mod uploads;
mod writer;

use std::future::Future;

use itsm_widgets::domain::complaint::{ComplaintRules, ComplaintState, Done};
use itsm_widgets::domain::id::{AttachmentId, EntryId, FormId, SubmissionKey};
use itsm_widgets::domain::outbox::{Claim, OutboxEntry, OutboxState, Verdict};
use itsm_widgets::domain::ticket::{Priority, Receipt, SubmissionKind};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::SubmissionBody;

use crate::invitations::Invitation;

pub use uploads::{Begun, Content, NewPiece, NewUpload, Upload};

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database says no.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// Its schema could not be brought up to date.
    #[error("the database's schema could not be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// What stands in it is not what was put there.
    #[error("the database holds a record that cannot be read: {0}")]
    Corrupt(String),
    /// The writer has stopped, since the backend stops.
    #[error("the backend is stopping")]
    Stopping,
}

/// A submission whose answers are in order, ready to become a ticket.
#[derive(Clone, Debug)]
pub struct NewTicket {
    /// Its idempotency key.
    pub key: SubmissionKey,
    /// SHA-256 of the body's bytes, hex.
    pub fingerprint: String,
    /// The body as it arrived.
    pub document: String,
    /// The body, read.
    pub body: SubmissionBody,
    /// The ticket's line in a list.
    pub summary: String,
    /// What follows from impact and urgency.
    pub priority: Option<Priority>,
    /// The secret of the link under which its requester may read it.
    pub read_secret: String,
    /// Now.
    pub received_at: Timestamp,
    /// Who submits it, as their token said.
    pub subject: Option<String>,
    /// Whether it is told elsewhere.
    pub forward: bool,
    /// Until when it can be changed, if it can.
    pub editable_until: Option<Timestamp>,
    /// Until when an answer is promised, if one is.
    pub answer_by: Option<Timestamp>,
    /// The name of the invitation that it answers.
    pub invitation: Option<String>,
}

/// Something that is to be done, or was done, with a complaint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComplaintEvent {
    /// The idempotency key of who does it.
    pub key: SubmissionKey,
    /// What is done, and when.
    pub done: Done,
    /// Who does it, as their token says; nobody for the complainant.
    pub by: Option<String>,
    /// What they say to it.
    pub words: String,
    /// Where the complaint stands then; what is to be done says nothing of it yet.
    pub state: ComplaintState,
    /// How many rungs it has gone up then.
    pub level: usize,
}

/// A complaint with what was done with it.
#[derive(Clone, Debug, PartialEq)]
pub struct ComplaintRecord {
    /// The submission.
    pub ticket: Ticket,
    /// What was done, the earliest first.
    pub events: Vec<ComplaintEvent>,
}

/// What became of something that was to be done with a complaint.
#[derive(Clone, Debug, PartialEq)]
pub enum Acted {
    /// It is done, now or under the same key before.
    Done(ComplaintRecord),
    /// It cannot be done now.
    NotNow(ComplaintRecord),
    /// The key was used for something else.
    KeyReused,
    /// There is no such complaint.
    Unknown,
}

/// What became of a submission.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// There is a ticket now.
    Created(Ticket),
    /// There was one before, of the same key and body.
    Replayed(Ticket),
    /// There was one before, of an earlier key of the same submission.
    AlreadySubmitted(Ticket),
    /// It has taken the place of answers that had arrived.
    Revised(Ticket),
    /// What it is to take the place of is not there, is somebody else's, or cannot be changed any more.
    EditClosed,
    /// The key was used with another body.
    KeyReused,
    /// The key was withdrawn, or replaced by a later one.
    Withdrawn,
    /// This attachment is not here, or not as it was described.
    AttachmentMissing(AttachmentId),
}

/// A ticket as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    /// The key it was submitted under; if it was changed and asked for by a later key, that one.
    pub key: SubmissionKey,
    /// Its number, for people.
    pub number: String,
    /// What it is.
    pub kind: SubmissionKind,
    /// Its line in a list.
    pub summary: String,
    /// What follows from impact and urgency.
    pub priority: Option<Priority>,
    /// The submission as it arrived.
    pub body: SubmissionBody,
    /// When it arrived.
    pub received_at: Timestamp,
    /// The secret of the link under which its requester may read it.
    pub read_secret: String,
    /// Who submitted it, as their token said.
    pub subject: Option<String>,
    /// When its requester took it back.
    pub withdrawn_at: Option<Timestamp>,
    /// Until when it can be changed, if it can.
    pub editable_until: Option<Timestamp>,
    /// When it was last changed.
    pub revised_at: Option<Timestamp>,
    /// Until when an answer was promised when it arrived.
    pub answer_by: Option<Timestamp>,
}

impl Ticket {
    /// The word that `subject` gets: the link to read it only if they submitted it.
    pub fn receipt_for(&self, subject: Option<&str>) -> Receipt {
        let receipt = self.receipt();
        if self.subject.as_deref() == subject { receipt } else { Receipt { read_link: None, ..receipt } }
    }

    /// The word that the requester gets.
    fn receipt(&self) -> Receipt {
        let link = match self.kind {
            SubmissionKind::Complaint => format!("complaints/{}/status?secret={}", self.number, self.read_secret),
            _ => format!("receipts/{}?secret={}", self.key, self.read_secret),
        };
        Receipt {
            key: self.key.clone(),
            number: self.number.clone(),
            received_at: self.received_at,
            priority: self.priority,
            read_link: Some(link),
            editable_until: self.editable_until,
            answer_by: self.answer_by,
        }
    }
}

/// Keeps submissions, tickets, files' records and forms. When a call returns, what it says survives a loss of power.
pub trait Store: Clone + Send + Sync + 'static {
    /// What became of `key` before, if anything; the same as [`Store::accept`] would say of it.
    fn look_up(
        &self,
        key: &SubmissionKey,
        fingerprint: &str,
    ) -> impl Future<Output = Result<Option<Outcome>, StoreError>> + Send;
    /// Makes a ticket, unless one was made under this key or an earlier key of the same submission; or changes the one that
    /// it revises. One transaction.
    fn accept(&self, ticket: NewTicket) -> impl Future<Output = Result<Outcome, StoreError>> + Send;
    /// Takes a submission back: the ticket if there is one, or the change that it made; else the key can never make one.
    fn withdraw(
        &self,
        key: &SubmissionKey,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Ticket>, StoreError>> + Send;
    /// Expects a file.
    fn begin_upload(&self, new: NewUpload, now: Timestamp) -> impl Future<Output = Result<Begun, StoreError>> + Send;
    /// Adds a piece whose bytes are kept already; `None` if it does not begin where the file ends so far, or does not fit.
    fn append(
        &self,
        piece: NewPiece,
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Upload>, StoreError>> + Send;
    /// A file as far as it has arrived.
    fn upload(&self, id: &AttachmentId) -> impl Future<Output = Result<Option<Upload>, StoreError>> + Send;
    /// Forgets a file, unless a ticket has it; gives the objects that nothing is made of any more.
    fn give_up_upload(&self, id: &AttachmentId) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
    /// Forgets all files that no ticket names and that nobody has added to since `before`; gives their objects.
    fn give_up_uploads(&self, before: Timestamp) -> impl Future<Output = Result<Vec<String>, StoreError>> + Send;
    /// Whether some file is made of that object.
    fn is_used(&self, object: &str) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// The ticket of that key.
    fn ticket(&self, key: &SubmissionKey) -> impl Future<Output = Result<Option<Ticket>, StoreError>> + Send;
    /// The answers of a survey that arrived from `from` on and before `to`, the oldest first, without those taken back.
    fn answers(
        &self,
        form: &FormId,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Future<Output = Result<Vec<Ticket>, StoreError>> + Send;
    /// Notes who was asked.
    fn invite(&self, invitation: Invitation) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// How many were asked to answer a survey from `from` on and before `to`, about that service if one is named, and how
    /// many of them have.
    fn asked(
        &self,
        form: &FormId,
        service: Option<&str>,
        from: Timestamp,
        to: Timestamp,
    ) -> impl Future<Output = Result<(u32, u32), StoreError>> + Send;
    /// The complaint of that number.
    fn complaint(&self, number: &str) -> impl Future<Output = Result<Option<ComplaintRecord>, StoreError>> + Send;
    /// All complaints, the oldest first, without those taken back.
    fn complaints(&self) -> impl Future<Output = Result<Vec<ComplaintRecord>, StoreError>> + Send;
    /// Does something with the complaint of that number, if `rules` allow it now. One transaction.
    fn act(
        &self,
        number: &str,
        event: ComplaintEvent,
        rules: &ComplaintRules,
    ) -> impl Future<Output = Result<Acted, StoreError>> + Send;
    /// All tickets, the oldest first.
    fn tickets(&self) -> impl Future<Output = Result<Vec<Ticket>, StoreError>> + Send;
    /// Keeps a form's version, which is on offer now.
    fn offer_form(
        &self,
        id: &FormId,
        version: u32,
        document: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// A form's version, offered now or in the past.
    fn form(&self, id: &FormId, version: u32) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;
    /// Takes what an earlier process had in hand to forward; `epoch` is greater than that of any before.
    fn relay_take_over(&self, epoch: u64) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Claims the oldest message that is due.
    fn relay_claim(
        &self,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> impl Future<Output = Result<Option<OutboxEntry>, StoreError>> + Send;
    /// Writes down what the verdict makes of a message; `None` if it was not the claim's any more.
    fn relay_settle(
        &self,
        claim: Claim,
        verdict: Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> impl Future<Output = Result<Option<OutboxState>, StoreError>> + Send;
    /// Lets a ticket's message be tried at once. Whether it waited for something.
    fn relay_send_now(&self, number: EntryId) -> impl Future<Output = Result<bool, StoreError>> + Send;
    /// When the next message is due.
    fn relay_due(&self) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;
    /// What is not forwarded yet, the oldest first.
    fn relay_entries(&self) -> impl Future<Output = Result<Vec<OutboxEntry>, StoreError>> + Send;
    /// Whether the database answers.
    fn ping(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
