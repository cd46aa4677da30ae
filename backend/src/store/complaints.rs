//! What was done with complaints.

use itsm_widgets::domain::complaint::{Action, Complaint, ComplaintRules, ComplaintState, Done, Outcome};
use itsm_widgets::domain::id::SubmissionKey;
use itsm_widgets::domain::time::Timestamp;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::sqlite::{TENANT, read_ticket};
use super::writer::Operation;
use super::{Acted, ComplaintEvent, ComplaintRecord, StoreError};

/// Does something with the complaint of a number, if the rules allow it.
pub(super) struct Act(pub(super) String, pub(super) ComplaintEvent, pub(super) ComplaintRules);

impl Operation for Act {
    type Output = Acted;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Acted, StoreError> {
        let Self(number, event, rules) = self;
        let Some((id, mut record)) = find(&mut *tx, number).await? else { return Ok(Acted::Unknown) };
        if record.ticket.withdrawn_at.is_some() {
            return Ok(Acted::NotNow(record));
        }
        if let Some(known) = record.events.iter().find(|known| known.key == event.key) {
            let is_same = known.done.action == event.done.action && known.words == event.words;
            return Ok(if is_same { Acted::Done(record) } else { Acted::KeyReused });
        }
        let Some(next) = record.now(rules).step(event.done, rules) else { return Ok(Acted::NotNow(record)) };
        let (action, outcome, satisfied) = match event.done.action {
            Action::Acknowledge => ("acknowledge", None, None),
            Action::Escalate => ("escalate", None, None),
            Action::Resolve(outcome) => ("resolve", Some(outcome.as_str()), None),
            Action::Verdict { satisfied } => ("verdict", None, Some(satisfied)),
        };
        let query = "INSERT INTO complaint_event (ticket_id, key, action, outcome, satisfied, done_by, words, done_at, \
                     state, level) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let query = sqlx::query(query).bind(id).bind(event.key.as_str()).bind(action).bind(outcome).bind(satisfied);
        let query = query.bind(&event.by).bind(&event.words).bind(event.done.at.to_string());
        query.bind(next.state.as_str()).bind(next.level as i64).execute(tx).await?;
        record.events.push(ComplaintEvent { state: next.state, level: next.level, ..event.clone() });
        Ok(Acted::Done(record))
    }
}

impl ComplaintRecord {
    /// The complaint as it stands.
    pub fn now(&self, rules: &ComplaintRules) -> Complaint {
        let received = self.ticket.received_at;
        let new = Complaint::new(received, self.ticket.answer_by.unwrap_or_else(|| rules.answer_by(received)));
        self.events.iter().fold(new, |complaint, event| complaint.noted(event.done, event.state, event.level))
    }
}

/// The complaint of that number, and its row.
pub(super) async fn find(
    db: &mut SqliteConnection,
    number: &str,
) -> Result<Option<(i64, ComplaintRecord)>, StoreError> {
    let query = "SELECT * FROM ticket WHERE tenant = ? AND number = ? AND kind = 'complaint'";
    let row = sqlx::query(query).bind(TENANT).bind(number).fetch_optional(&mut *db).await?;
    let Some(row) = row else { return Ok(None) };
    let id: i64 = row.try_get("id")?;
    let query = sqlx::query("SELECT * FROM complaint_event WHERE ticket_id = ? ORDER BY id");
    let events = query.bind(id).fetch_all(db).await?.iter().map(read_event).collect::<Result<_, _>>()?;
    Ok(Some((id, ComplaintRecord { ticket: read_ticket(&row)?, events })))
}

/// The numbers of all complaints that were not taken back, the oldest first.
pub(super) async fn numbers(db: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
    let query =
        "SELECT number FROM ticket WHERE tenant = ? AND kind = 'complaint' AND withdrawn_at IS NULL ORDER BY id";
    Ok(sqlx::query_scalar(query).bind(TENANT).fetch_all(db).await?)
}

fn read_event(row: &SqliteRow) -> Result<ComplaintEvent, StoreError> {
    let id: i64 = row.try_get("id")?;
    let corrupt = || StoreError::Corrupt(format!("event {id} of a complaint"));
    let outcome: Option<String> = row.try_get("outcome")?;
    let action = match row.try_get::<String, _>("action")?.as_str() {
        "acknowledge" => Action::Acknowledge,
        "escalate" => Action::Escalate,
        "resolve" => Action::Resolve(outcome.as_deref().and_then(Outcome::named).ok_or_else(corrupt)?),
        _ => Action::Verdict { satisfied: row.try_get::<Option<bool>, _>("satisfied")?.ok_or_else(corrupt)? },
    };
    let at = Timestamp::parse_rfc3339(row.try_get("done_at")?).ok_or_else(corrupt)?;
    Ok(ComplaintEvent {
        key: SubmissionKey::new(row.try_get::<String, _>("key")?),
        done: Done { action, at },
        by: row.try_get("done_by")?,
        words: row.try_get("words")?,
        state: ComplaintState::named(row.try_get("state")?).ok_or_else(corrupt)?,
        level: usize::try_from(row.try_get::<i64, _>("level")?).map_err(|_| corrupt())?,
    })
}
