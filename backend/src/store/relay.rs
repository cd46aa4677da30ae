//! The relay's outbox in the database: the store keeps what `step` returned.

use itsm_widgets::domain::id::{EntryId, SubmissionKey};
use itsm_widgets::domain::outbox::{
    Claim, Event, OutboxEntry, OutboxState, Progress, RetryPolicy, Verdict, next_attempt, step,
};
use itsm_widgets::domain::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::writer::Operation;
use super::{StoreError, Ticket};
use crate::relay::Message;

/// Messages that may be sent: what happened to a ticket is told in its order, but for what waits for a person.
macro_rules! next_messages {
    () => {
        "FROM relay_message WHERE NOT EXISTS (SELECT 1 FROM relay_message earlier WHERE earlier.ticket_id = relay_message.ticket_id \
         AND earlier.id < relay_message.id AND earlier.due_at IS NOT NULL)"
    };
}
pub(super) use next_messages;

/// Puts a new ticket there.
pub(super) async fn created(tx: &mut SqliteConnection, id: i64, ticket: &Ticket) -> Result<(), StoreError> {
    let entry = entry(id, ticket, ticket.number.clone(), ticket.key.clone(), &Message::created(ticket))?;
    insert(tx, id, &entry).await
}

/// Puts a ticket there whose answers were changed by the submission of `key`.
pub(super) async fn changed(
    tx: &mut SqliteConnection,
    id: i64,
    ticket: &Ticket,
    key: &SubmissionKey,
) -> Result<(), StoreError> {
    let query = sqlx::query_scalar("SELECT count(*) FROM submission WHERE ticket_id = ?").bind(id);
    let submissions: i64 = query.fetch_one(&mut *tx).await?;
    let name = format!("{}.{}", ticket.number, submissions - 1);
    let entry = entry(id, ticket, name, key.clone(), &Message::changed(ticket))?;
    insert(tx, id, &entry).await
}

fn entry(
    id: i64,
    ticket: &Ticket,
    name: String,
    key: SubmissionKey,
    message: &Message<'_>,
) -> Result<OutboxEntry, StoreError> {
    Ok(OutboxEntry {
        id: EntryId::new(name),
        key,
        seq: id.unsigned_abs(),
        part: "relay".to_owned(),
        form: ticket.body.form.id.clone(),
        context: String::new(),
        body: serde_json::to_string(message).map_err(|error| StoreError::Corrupt(error.to_string()))?,
        supersedes: vec![],
        lane: String::new(),
        depends_on: None,
        attachments: vec![],
        created: ticket.revised_at.unwrap_or(ticket.received_at),
        progress: Progress::default(),
    })
}

async fn insert(tx: &mut SqliteConnection, ticket: i64, entry: &OutboxEntry) -> Result<(), StoreError> {
    let query = sqlx::query("INSERT INTO relay_message (ticket_id, name, entry, due_at) VALUES (?, ?, ?, ?)");
    let query = query.bind(ticket).bind(entry.id.as_str()).bind(text_of(entry));
    query.bind(entry.created.as_millis()).execute(tx).await?;
    Ok(())
}

fn text_of(entry: &OutboxEntry) -> String {
    serde_json::to_string(entry).expect("an entry is JSON")
}

pub(super) fn read(row: &SqliteRow) -> Result<(i64, OutboxEntry), StoreError> {
    let id: i64 = row.try_get("id")?;
    let entry = serde_json::from_str(row.try_get("entry")?);
    Ok((id, entry.map_err(|_| StoreError::Corrupt(format!("message {id}")))?))
}

async fn keep(tx: &mut SqliteConnection, id: i64, entry: OutboxEntry, now: Timestamp) -> Result<(), StoreError> {
    if matches!(entry.progress.state, OutboxState::Delivered | OutboxState::Discarded) {
        sqlx::query("DELETE FROM relay_message WHERE id = ?").bind(id).execute(tx).await?;
        return Ok(());
    }
    let due = next_attempt(std::slice::from_ref(&entry), now).map(Timestamp::as_millis);
    let query = sqlx::query("UPDATE relay_message SET entry = ?, due_at = ? WHERE id = ?");
    query.bind(text_of(&entry)).bind(due).bind(id).execute(tx).await?;
    Ok(())
}

async fn named(tx: &mut SqliteConnection, name: &EntryId) -> Result<Option<(i64, OutboxEntry)>, StoreError> {
    sqlx::query("SELECT * FROM relay_message WHERE name = ?")
        .bind(name.as_str())
        .fetch_optional(tx)
        .await?
        .as_ref()
        .map(read)
        .transpose()
}

/// Lets `event` happen to a message, and keeps what becomes of it; `None` if the event is not for the state it is in.
async fn advance(
    tx: &mut SqliteConnection,
    (id, entry): (i64, OutboxEntry),
    event: &Event<'_>,
    now: Timestamp,
) -> Result<Option<OutboxEntry>, StoreError> {
    let Some(progress) = step(&entry, event, &RetryPolicy::default()) else { return Ok(None) };
    let entry = OutboxEntry { progress, ..entry };
    keep(tx, id, entry.clone(), now).await?;
    Ok(Some(entry))
}

/// What an earlier process had in hand is in nobody's.
pub(super) struct TakeOver(pub(super) u64);

impl Operation for TakeOver {
    type Output = ();

    async fn write(&self, tx: &mut SqliteConnection) -> Result<(), StoreError> {
        let rows = sqlx::query("SELECT * FROM relay_message WHERE entry LIKE '%InFlight%'").fetch_all(&mut *tx).await?;
        for row in &rows {
            advance(&mut *tx, read(row)?, &Event::TakeOver { epoch: self.0 }, Timestamp::default()).await?;
        }
        Ok(())
    }
}

/// The oldest that is due, claimed.
pub(super) struct RelayClaim {
    pub(super) epoch: u64,
    pub(super) now: Timestamp,
    pub(super) lease_ends: Timestamp,
}

impl Operation for RelayClaim {
    type Output = Option<OutboxEntry>;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Option<OutboxEntry>, StoreError> {
        let &Self { epoch, now, lease_ends } = self;
        loop {
            let query = concat!("SELECT * ", next_messages!(), " AND due_at <= ? ORDER BY due_at, id LIMIT 1");
            let query = sqlx::query(query);
            let Some(row) = query.bind(now.as_millis()).fetch_optional(&mut *tx).await? else { return Ok(None) };
            let claimed = advance(&mut *tx, read(&row)?, &Event::Claim { now, epoch, lease_ends }, now).await?;
            // Its time may be over: then it is parked, and the next one is looked at.
            if !claimed.as_ref().is_some_and(|entry| matches!(entry.progress.state, OutboxState::Parked { .. })) {
                return Ok(claimed);
            }
        }
    }
}

/// What came of it.
pub(super) struct RelaySettle {
    pub(super) claim: Claim,
    pub(super) verdict: Verdict,
    pub(super) now: Timestamp,
    pub(super) jitter: f64,
}

impl Operation for RelaySettle {
    type Output = Option<OutboxState>;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Option<OutboxState>, StoreError> {
        let Self { claim, verdict, now, jitter } = self;
        let Some(found) = named(&mut *tx, &claim.id).await? else { return Ok(None) };
        let event = Event::Settle { claim, verdict, now: *now, jitter: *jitter };
        Ok(advance(tx, found, &event, *now).await?.map(|entry| entry.progress.state))
    }
}

/// A person wants it tried again.
pub(super) struct RelaySendNow(pub(super) EntryId);

impl Operation for RelaySendNow {
    type Output = bool;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<bool, StoreError> {
        let Some(found) = named(&mut *tx, &self.0).await? else { return Ok(false) };
        Ok(advance(tx, found, &Event::SendNow, Timestamp::default()).await?.is_some())
    }
}
