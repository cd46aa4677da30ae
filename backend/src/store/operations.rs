//! What is written, each in the one writer's transaction.

use itsm_widgets::domain::id::{AttachmentId, FormId, SubmissionKey};
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::ticket::SubmissionKind;
use itsm_widgets::domain::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::sqlite::{TENANT, outcome_of_key, ticket_of_key};
use super::writer::Operation;
use super::{NewTicket, Outcome, StoreError, Ticket, relay};
use crate::invitations::Invitation;

impl Operation for NewTicket {
    type Output = Outcome;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Outcome, StoreError> {
        accept(tx, self).await
    }
}

async fn accept(tx: &mut SqliteConnection, new: &NewTicket) -> Result<Outcome, StoreError> {
    let body = &new.body;
    let answered = match &new.invitation {
        Some(invitation) => answered_by(&mut *tx, invitation).await?,
        None => None,
    };
    // Who answers an invitation once more changes what was answered.
    if let Some(revised) = body.revises.as_ref().or(answered.as_ref()) {
        let outcome = outcome_of_key(&mut *tx, &new.key, &new.fingerprint).await?;
        return match outcome {
            Some(outcome) => Ok(outcome),
            None => revise(tx, new, revised).await,
        };
    }
    if !(body.supersedes.is_empty() && body.attachments.is_empty()) {
        if let Some(outcome) = outcome_of_key(&mut *tx, &new.key, &new.fingerprint).await? {
            return Ok(outcome);
        }
        for earlier in &body.supersedes {
            if let Some(ticket) = ticket_of_key(&mut *tx, earlier).await? {
                return Ok(Outcome::AlreadySubmitted(ticket));
            }
        }
        if let Some(missing) = missing_file(tx, &body.attachments, None).await? {
            return Ok(Outcome::AttachmentMissing(missing));
        }
    }
    let Some((id, ticket)) = insert_ticket(tx, new).await? else {
        let outcome = outcome_of_key(tx, &new.key, &new.fingerprint).await?;
        return outcome.ok_or_else(|| StoreError::Corrupt(format!("key {}", new.key)));
    };
    for earlier in &body.supersedes {
        put_tombstone(tx, earlier, new.received_at).await?;
    }
    attach(tx, id, &body.attachments).await?;
    if let Some(invitation) = &new.invitation {
        // It may have been noted in another database, or be older than a backup: what was signed holds all the same.
        let query = "INSERT INTO invitation (id, form_id, sample_rule, invited_at, expires_at, used_by) VALUES (?1, ?2, '', ?3, ?3, ?4) \
                     ON CONFLICT (id) DO UPDATE SET used_by = excluded.used_by";
        let query = sqlx::query(query).bind(invitation).bind(body.form.id.as_str());
        query.bind(new.received_at.to_string()).bind(id).execute(&mut *tx).await?;
    }
    if new.forward {
        relay::created(tx, id, &ticket).await?;
    }
    Ok(Outcome::Created(ticket))
}

/// The key of the answers that an invitation has had.
async fn answered_by(tx: &mut SqliteConnection, invitation: &str) -> Result<Option<SubmissionKey>, StoreError> {
    let query = "SELECT ticket.key FROM invitation JOIN ticket ON ticket.id = invitation.used_by \
                 WHERE invitation.id = ? AND ticket.withdrawn_at IS NULL";
    let key: Option<String> = sqlx::query_scalar(query).bind(invitation).fetch_optional(tx).await?;
    Ok(key.map(SubmissionKey::new))
}

/// Notes who was asked.
pub(super) struct Invite(pub(super) Invitation);

impl Operation for Invite {
    type Output = ();

    async fn write(&self, tx: &mut SqliteConnection) -> Result<(), StoreError> {
        let Invitation { claims, sample_rule, population, at } = &self.0;
        let query = "INSERT INTO invitation (id, form_id, ticket, service_id, sample_rule, population, invited_at, expires_at) \
                     VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        let query = sqlx::query(query).bind(&claims.id).bind(claims.form.as_str()).bind(&claims.ticket);
        let query = query.bind(claims.service.as_ref().map(|id| id.as_str())).bind(sample_rule).bind(population);
        let expires = Timestamp::from_millis(claims.exp.saturating_mul(1_000));
        query.bind(at.to_string()).bind(expires.to_string()).execute(tx).await?;
        Ok(())
    }
}

/// Puts `new` in the place of the answers that arrived under `revised`, and keeps those.
async fn revise(tx: &mut SqliteConnection, new: &NewTicket, revised: &SubmissionKey) -> Result<Outcome, StoreError> {
    let found = ticket_of_key(&mut *tx, revised).await?;
    let may_change = |ticket: &Ticket| {
        ticket.editable_until.is_some_and(|until| new.received_at <= until)
            && ticket.withdrawn_at.is_none()
            && ticket.subject == new.subject
            && ticket.body.form.id == new.body.form.id
            && ticket.body.ticket == new.body.ticket
    };
    if !found.as_ref().is_some_and(may_change) {
        return Ok(Outcome::EditClosed);
    }
    let id = "SELECT ticket_id FROM submission WHERE tenant = ? AND key = ?";
    let id: i64 = sqlx::query_scalar(id).bind(TENANT).bind(revised.as_str()).fetch_one(&mut *tx).await?;
    if let Some(missing) = missing_file(tx, &new.body.attachments, Some(id)).await? {
        return Ok(Outcome::AttachmentMissing(missing));
    }
    attach(tx, id, &new.body.attachments).await?;
    for earlier in &new.body.supersedes {
        put_tombstone(&mut *tx, earlier, new.received_at).await?;
    }
    let keep = "INSERT INTO submission (tenant, key, fingerprint, outcome, ticket_id, created_at) \
                SELECT tenant, ?3, ?4, 'created', ticket_id, ?5 FROM submission WHERE tenant = ?1 AND key = ?2";
    let kept = sqlx::query(keep).bind(TENANT).bind(revised.as_str()).bind(new.key.as_str()).bind(&new.fingerprint);
    kept.bind(new.received_at.to_string()).execute(&mut *tx).await?;
    let before = "INSERT INTO revision (ticket_id, key, body, summary, revised_at) \
                  SELECT id, ?2, body, summary, ?3 FROM ticket WHERE id = (SELECT ticket_id FROM submission WHERE tenant = ?1 AND key = ?2)";
    let before = sqlx::query(before).bind(TENANT).bind(new.key.as_str()).bind(new.received_at.to_string());
    before.execute(&mut *tx).await?;
    let change = "UPDATE ticket SET body = ?3, summary = ?4, form_version = ?5, revised_at = ?6 \
                  WHERE id = (SELECT ticket_id FROM submission WHERE tenant = ?1 AND key = ?2)";
    let change = sqlx::query(change).bind(TENANT).bind(new.key.as_str()).bind(&new.document).bind(&new.summary);
    change.bind(new.body.form.version).bind(new.received_at.to_string()).execute(&mut *tx).await?;
    let ticket = ticket_of_key(&mut *tx, &new.key).await?;
    let ticket = ticket.ok_or_else(|| StoreError::Corrupt(format!("key {}", new.key)))?;
    if new.forward {
        relay::changed(tx, id, &ticket, &new.key).await?;
    }
    Ok(Outcome::Revised(ticket))
}

/// The files are that ticket's now.
async fn attach(tx: &mut SqliteConnection, id: i64, files: &[Attachment]) -> Result<(), StoreError> {
    for file in files {
        let query = sqlx::query("UPDATE upload SET ticket_id = ? WHERE tenant = ? AND id = ?");
        query.bind(id).bind(TENANT).bind(file.id.as_str()).execute(&mut *tx).await?;
    }
    Ok(())
}

/// The first that is not here, not as it is described, or another ticket's than `own`.
async fn missing_file(
    tx: &mut SqliteConnection,
    files: &[Attachment],
    own: Option<i64>,
) -> Result<Option<AttachmentId>, StoreError> {
    for file in files {
        let query = sqlx::query("SELECT size, sha256, ticket_id FROM upload WHERE tenant = ? AND id = ?");
        let row = query.bind(TENANT).bind(file.id.as_str()).fetch_optional(&mut *tx).await?;
        let fits = |row: &SqliteRow| -> Result<bool, sqlx::Error> {
            Ok(row.try_get::<i64, _>("size")? == i64::try_from(file.size).unwrap_or(-1)
                && row.try_get::<Option<String>, _>("sha256")?.as_ref() == Some(&file.sha256)
                && [None, own].contains(&row.try_get::<Option<i64>, _>("ticket_id")?))
        };
        if !row.as_ref().map(fits).transpose()?.unwrap_or(false) {
            return Ok(Some(file.id.clone()));
        }
    }
    Ok(None)
}

/// Two statements in one, since each costs a way to the database's thread and back: a ticket unless the key was used, and
/// the key's row if there is one. The number is that of the row, which SQLite takes from the same place.
const INSERT_TICKET: &str = "\
    INSERT INTO ticket (tenant, key, number, kind, service_id, form_id, form_version, summary, priority, body, occurred_at, \
        captured_at, received_at, read_secret, subject, editable_until, acknowledge_by) \
    SELECT ?1, ?2, ?3 || printf('-%06d', 1 + coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'ticket'), 0)), \
        ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?16, ?17, ?18 \
    WHERE NOT EXISTS (SELECT 1 FROM submission WHERE tenant = ?1 AND key = ?2) \
    RETURNING id, number; \
    INSERT INTO submission (tenant, key, fingerprint, outcome, ticket_id, created_at) \
    SELECT ?1, ?2, ?15, 'created', id, ?13 FROM ticket WHERE tenant = ?1 AND key = ?2 ON CONFLICT DO NOTHING";

/// The new ticket and its row; `None` if the key was used.
async fn insert_ticket(tx: &mut SqliteConnection, new: &NewTicket) -> Result<Option<(i64, Ticket)>, StoreError> {
    let body = &new.body;
    let query = sqlx::query(INSERT_TICKET)
        .bind(TENANT)
        .bind(new.key.as_str())
        .bind(prefix(body.kind))
        .bind(body.kind.as_str())
        .bind(body.service_id.as_ref().map(|id| id.as_str()))
        .bind(body.form.id.as_str())
        .bind(body.form.version)
        .bind(&new.summary)
        .bind(new.priority.map(u8::from))
        .bind(&new.document)
        .bind(body.occurred_at.map(|at| at.to_string()))
        .bind(body.captured_at.to_string())
        .bind(new.received_at.to_string())
        .bind(&new.read_secret)
        .bind(&new.fingerprint)
        .bind(&new.subject)
        .bind(new.editable_until.map(|at| at.to_string()))
        .bind(new.answer_by.map(|at| at.to_string()));
    // All of both statements: who stops at the first row stops before the second.
    let rows = query.fetch_all(tx).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let ticket = Ticket {
        key: new.key.clone(),
        number: row.try_get("number")?,
        kind: body.kind,
        summary: new.summary.clone(),
        priority: new.priority,
        body: body.clone(),
        received_at: new.received_at,
        read_secret: new.read_secret.clone(),
        subject: new.subject.clone(),
        withdrawn_at: None,
        editable_until: new.editable_until,
        revised_at: None,
        answer_by: new.answer_by,
    };
    Ok(Some((row.try_get("id")?, ticket)))
}

fn prefix(kind: SubmissionKind) -> &'static str {
    match kind {
        SubmissionKind::Incident => "INC",
        SubmissionKind::ServiceRequest => "REQ",
        SubmissionKind::Complaint => "CMP",
        SubmissionKind::Satisfaction => "SAT",
    }
}

async fn put_tombstone(tx: &mut SqliteConnection, key: &SubmissionKey, now: Timestamp) -> Result<(), StoreError> {
    let query = "INSERT INTO submission (tenant, key, outcome, created_at) VALUES (?, ?, 'tombstone', ?) ON CONFLICT DO NOTHING";
    sqlx::query(query).bind(TENANT).bind(key.as_str()).bind(now.to_string()).execute(tx).await?;
    Ok(())
}

/// Takes a submission back.
pub(super) struct Withdraw(pub(super) SubmissionKey, pub(super) Timestamp);

impl Operation for Withdraw {
    type Output = Option<Ticket>;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Option<Ticket>, StoreError> {
        let Self(key, now) = self;
        put_tombstone(&mut *tx, key, *now).await?;
        if take_back_change(&mut *tx, key).await? {
            return ticket_of_key(tx, key).await;
        }
        let query = "UPDATE ticket SET withdrawn_at = coalesce(withdrawn_at, ?3) \
                     WHERE id = (SELECT ticket_id FROM submission WHERE tenant = ?1 AND key = ?2)";
        sqlx::query(query).bind(TENANT).bind(key.as_str()).bind(now.to_string()).execute(&mut *tx).await?;
        ticket_of_key(tx, key).await
    }
}

/// Whether the submission of that key changed answers: then they are what they would be without it.
async fn take_back_change(tx: &mut SqliteConnection, key: &SubmissionKey) -> Result<bool, StoreError> {
    let query = "SELECT id, ticket_id, (SELECT min(id) FROM revision later \
                 WHERE later.ticket_id = revision.ticket_id AND later.id > revision.id) AS later FROM revision WHERE key = ?";
    let Some(row) = sqlx::query(query).bind(key.as_str()).fetch_optional(&mut *tx).await? else { return Ok(false) };
    let (id, ticket): (i64, i64) = (row.try_get("id")?, row.try_get("ticket_id")?);
    // What stood before it stands now; or before what came later, if something did.
    match row.try_get::<Option<i64>, _>("later")? {
        Some(later) => {
            let query =
                "UPDATE revision SET (body, summary) = (SELECT body, summary FROM revision WHERE id = ?) WHERE id = ?";
            sqlx::query(query).bind(id).bind(later).execute(&mut *tx).await?;
        }
        None => {
            let query = "UPDATE ticket SET (body, summary, form_version) = \
                         (SELECT body, summary, json_extract(body, '$.form.version') FROM revision WHERE id = ?) WHERE id = ?";
            sqlx::query(query).bind(id).bind(ticket).execute(&mut *tx).await?;
        }
    }
    sqlx::query("DELETE FROM revision WHERE id = ?").bind(id).execute(&mut *tx).await?;
    let query =
        "UPDATE ticket SET revised_at = (SELECT max(revised_at) FROM revision WHERE ticket_id = ?1) WHERE id = ?1";
    sqlx::query(query).bind(ticket).execute(&mut *tx).await?;
    // A late retry must not bring it back.
    let query = "UPDATE submission SET outcome = 'tombstone' WHERE tenant = ? AND key = ?";
    sqlx::query(query).bind(TENANT).bind(key.as_str()).execute(tx).await?;
    Ok(true)
}

/// Keeps a form's version.
pub(super) struct OfferForm(pub(super) FormId, pub(super) u32, pub(super) String);

impl Operation for OfferForm {
    type Output = ();

    async fn write(&self, tx: &mut SqliteConnection) -> Result<(), StoreError> {
        let Self(id, version, document) = self;
        let query = "INSERT INTO form_definition (id, version, document) VALUES (?, ?, ?) \
                     ON CONFLICT (id, version) DO UPDATE SET document = excluded.document";
        sqlx::query(query).bind(id.as_str()).bind(version).bind(document).execute(tx).await?;
        Ok(())
    }
}
