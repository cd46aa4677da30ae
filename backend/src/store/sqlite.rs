//! The store in an embedded SQLite database: WAL, `synchronous=FULL`, readers in a pool, one writer.

use std::str::FromStr;
use std::time::Duration;

use itsm_widgets::domain::complaint::ComplaintRules;
use itsm_widgets::domain::id::{AttachmentId, EntryId, FormId, SubmissionKey};
use itsm_widgets::domain::outbox::{Claim, OutboxEntry, OutboxState, Verdict};
use itsm_widgets::domain::ticket::Priority;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::SubmissionBody;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqlitePool};

use super::complaints::{self, Act};
use super::operations::{Invite, OfferForm, Withdraw};
use super::relay::{self, RelayClaim, RelaySendNow, RelaySettle, TakeOver};
use super::uploads::{self, Append, Begin, GiveUp};
use super::writer::Writer;
use super::{
    Acted, Begun, ComplaintEvent, ComplaintRecord, NewPiece, NewTicket, NewUpload, Outcome, Store, StoreError, Ticket,
    Upload,
};
use crate::invitations::Invitation;

/// One tenant, until several are asked for.
pub(super) const TENANT: &str = "default";

/// A database file, opened.
#[derive(Clone)]
pub struct SqliteStore {
    readers: SqlitePool,
    writer: Writer,
}

impl SqliteStore {
    /// Opens the database at `url` (`sqlite://PATH`), makes it if it is not there, and brings its schema up to date.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        // A connection to a file does not go away, so none is asked first whether it is still there.
        let readers = SqlitePoolOptions::new().max_connections(8).test_before_acquire(false);
        let readers = readers.connect_with(options.clone()).await?;
        sqlx::migrate!("./migrations").run(&readers).await?;
        Ok(Self { readers, writer: Writer::start(&options).await? })
    }

    /// Opens an existing database to read from it only.
    pub async fn open_to_read(url: &str) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::from_str(url)?.create_if_missing(false);
        let readers = SqlitePoolOptions::new().max_connections(1).connect_with(options.clone()).await?;
        Ok(Self { readers, writer: Writer::start(&options).await? })
    }

    /// Waits for what is being written and closes the file.
    pub async fn close(self) {
        self.writer.stop().await;
        self.readers.close().await;
    }
}

impl Store for SqliteStore {
    async fn look_up(&self, key: &SubmissionKey, fingerprint: &str) -> Result<Option<Outcome>, StoreError> {
        outcome_of_key(&mut *self.readers.acquire().await?, key, fingerprint).await
    }

    async fn accept(&self, ticket: NewTicket) -> Result<Outcome, StoreError> {
        self.writer.write(ticket).await
    }

    async fn withdraw(&self, key: &SubmissionKey, now: Timestamp) -> Result<Option<Ticket>, StoreError> {
        self.writer.write(Withdraw(key.clone(), now)).await
    }

    async fn begin_upload(&self, new: NewUpload, now: Timestamp) -> Result<Begun, StoreError> {
        self.writer.write(Begin(new, now)).await
    }

    async fn append(&self, piece: NewPiece, now: Timestamp) -> Result<Option<Upload>, StoreError> {
        self.writer.write(Append(piece, now)).await
    }

    async fn upload(&self, id: &AttachmentId) -> Result<Option<Upload>, StoreError> {
        uploads::upload(&mut *self.readers.acquire().await?, id).await
    }

    async fn give_up_upload(&self, id: &AttachmentId) -> Result<Vec<String>, StoreError> {
        self.writer.write(GiveUp::One(id.clone())).await
    }

    async fn give_up_uploads(&self, before: Timestamp) -> Result<Vec<String>, StoreError> {
        self.writer.write(GiveUp::Since(before)).await
    }

    async fn is_used(&self, object: &str) -> Result<bool, StoreError> {
        uploads::is_used(&mut *self.readers.acquire().await?, object).await
    }

    async fn ticket(&self, key: &SubmissionKey) -> Result<Option<Ticket>, StoreError> {
        ticket_of_key(&mut *self.readers.acquire().await?, key).await
    }

    async fn answers(&self, form: &FormId, from: Timestamp, to: Timestamp) -> Result<Vec<Ticket>, StoreError> {
        let query = "SELECT * FROM ticket WHERE tenant = ? AND kind = 'satisfaction' AND form_id = ? \
                     AND received_at >= ? AND received_at < ? AND withdrawn_at IS NULL ORDER BY id";
        let query = sqlx::query(query).bind(TENANT).bind(form.as_str()).bind(from.to_string()).bind(to.to_string());
        query.fetch_all(&self.readers).await?.iter().map(read_ticket).collect()
    }

    async fn invite(&self, invitation: Invitation) -> Result<(), StoreError> {
        self.writer.write(Invite(invitation)).await
    }

    async fn asked(
        &self,
        form: &FormId,
        service: Option<&str>,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(u32, u32), StoreError> {
        let query = "SELECT count(*), count(ticket.id) FROM invitation \
                     LEFT JOIN ticket ON ticket.id = invitation.used_by AND ticket.withdrawn_at IS NULL \
                     WHERE invitation.form_id = ?1 AND (?2 IS NULL OR invitation.service_id = ?2) \
                     AND invited_at >= ?3 AND invited_at < ?4";
        let query = sqlx::query_as(query).bind(form.as_str()).bind(service);
        Ok(query.bind(from.to_string()).bind(to.to_string()).fetch_one(&self.readers).await?)
    }

    async fn complaint(&self, number: &str) -> Result<Option<ComplaintRecord>, StoreError> {
        let found = complaints::find(&mut *self.readers.acquire().await?, number).await?;
        Ok(found.map(|(_, record)| record))
    }

    async fn complaints(&self) -> Result<Vec<ComplaintRecord>, StoreError> {
        let mut reader = self.readers.acquire().await?;
        let mut all = vec![];
        for number in complaints::numbers(&mut reader).await? {
            all.extend(complaints::find(&mut reader, &number).await?.map(|(_, record)| record));
        }
        Ok(all)
    }

    async fn act(&self, number: &str, event: ComplaintEvent, rules: &ComplaintRules) -> Result<Acted, StoreError> {
        self.writer.write(Act(number.to_owned(), event, rules.clone())).await
    }

    async fn tickets(&self) -> Result<Vec<Ticket>, StoreError> {
        let rows = sqlx::query("SELECT * FROM ticket WHERE tenant = ? ORDER BY id")
            .bind(TENANT)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read_ticket).collect()
    }

    async fn offer_form(&self, id: &FormId, version: u32, document: &str) -> Result<(), StoreError> {
        self.writer.write(OfferForm(id.clone(), version, document.to_owned())).await
    }

    async fn form(&self, id: &FormId, version: u32) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT document FROM form_definition WHERE id = ? AND version = ?");
        Ok(query.bind(id.as_str()).bind(version).fetch_optional(&self.readers).await?)
    }

    async fn relay_take_over(&self, epoch: u64) -> Result<(), StoreError> {
        self.writer.write(TakeOver(epoch)).await
    }

    async fn relay_claim(
        &self,
        epoch: u64,
        now: Timestamp,
        lease_ends: Timestamp,
    ) -> Result<Option<OutboxEntry>, StoreError> {
        self.writer.write(RelayClaim { epoch, now, lease_ends }).await
    }

    async fn relay_settle(
        &self,
        claim: Claim,
        verdict: Verdict,
        now: Timestamp,
        jitter: f64,
    ) -> Result<Option<OutboxState>, StoreError> {
        self.writer.write(RelaySettle { claim, verdict, now, jitter }).await
    }

    async fn relay_send_now(&self, number: EntryId) -> Result<bool, StoreError> {
        self.writer.write(RelaySendNow(number)).await
    }

    async fn relay_due(&self) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar(concat!("SELECT min(due_at) ", relay::next_messages!()))
            .fetch_one(&self.readers)
            .await?;
        Ok(due.map(Timestamp::from_millis))
    }

    async fn relay_entries(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        let rows = sqlx::query("SELECT * FROM relay_message ORDER BY id").fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(relay::read(row)?.1)).collect()
    }

    async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.readers).await?;
        Ok(())
    }
}

/// What became of `key`, before anything is checked or written.
pub(super) async fn outcome_of_key(
    db: &mut SqliteConnection,
    key: &SubmissionKey,
    fingerprint: &str,
) -> Result<Option<Outcome>, StoreError> {
    let query = sqlx::query("SELECT outcome, fingerprint FROM submission WHERE tenant = ? AND key = ?");
    let Some(row) = query.bind(TENANT).bind(key.as_str()).fetch_optional(&mut *db).await? else { return Ok(None) };
    if row.try_get::<String, _>("outcome")? == "tombstone" {
        return Ok(Some(Outcome::Withdrawn));
    }
    if row.try_get::<String, _>("fingerprint")? != fingerprint {
        return Ok(Some(Outcome::KeyReused));
    }
    let ticket = ticket_of_key(db, key).await?;
    ticket.map(|ticket| Some(Outcome::Replayed(ticket))).ok_or_else(|| StoreError::Corrupt(format!("key {key}")))
}

pub(super) async fn ticket_of_key(
    db: &mut SqliteConnection,
    key: &SubmissionKey,
) -> Result<Option<Ticket>, StoreError> {
    let query = "SELECT ticket.* FROM submission JOIN ticket ON ticket.id = submission.ticket_id \
                 WHERE submission.tenant = ? AND submission.key = ?";
    let row = sqlx::query(query).bind(TENANT).bind(key.as_str()).fetch_optional(db).await?;
    let ticket = row.as_ref().map(read_ticket).transpose()?;
    Ok(ticket.map(|ticket| Ticket { key: key.clone(), ..ticket }))
}

pub(super) fn read_ticket(row: &SqliteRow) -> Result<Ticket, StoreError> {
    let number: String = row.try_get("number")?;
    let corrupt = || StoreError::Corrupt(format!("ticket {number}"));
    let body: SubmissionBody = serde_json::from_str(row.try_get("body")?).map_err(|_| corrupt())?;
    let instant = |text: String| Timestamp::parse_rfc3339(&text).ok_or_else(corrupt);
    let priority: Option<u8> = row.try_get("priority")?;
    Ok(Ticket {
        key: SubmissionKey::new(row.try_get::<String, _>("key")?),
        kind: body.kind,
        summary: row.try_get("summary")?,
        priority: priority.map(Priority::try_from).transpose().map_err(|_| corrupt())?,
        received_at: instant(row.try_get("received_at")?)?,
        read_secret: row.try_get("read_secret")?,
        subject: row.try_get("subject")?,
        withdrawn_at: row.try_get::<Option<String>, _>("withdrawn_at")?.map(instant).transpose()?,
        editable_until: row.try_get::<Option<String>, _>("editable_until")?.map(instant).transpose()?,
        answer_by: row.try_get::<Option<String>, _>("acknowledge_by")?.map(instant).transpose()?,
        revised_at: row.try_get::<Option<String>, _>("revised_at")?.map(instant).transpose()?,
        body,
        number,
    })
}

#[cfg(test)]
mod tests {
    use super::SqliteStore;
    use crate::store::contract;

    macro_rules! promise {
        ($name:ident) => {
            #[tokio::test]
            async fn $name() {
                let folder = tempfile::tempdir().expect("a folder");
                let url = format!("sqlite://{}/store.db", folder.path().display());
                contract::$name(|| async { SqliteStore::open(&url).await.expect("a database") }).await;
            }
        };
    }

    crate::store::contract::promises!(promise);

    #[tokio::test]
    async fn every_commit_is_synced() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = format!("sqlite://{}/store.db", folder.path().display());
        let store = SqliteStore::open(&url).await.expect("a database");
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&store.readers).await.expect("a mode");
        let synchronous: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(&store.readers).await.expect("a level");
        assert_eq!((mode.as_str(), synchronous), ("wal", 2));
    }
}
