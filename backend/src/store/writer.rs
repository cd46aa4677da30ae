//! The one writer: what waits is written in one transaction, so that many share one sync of the disk (group commit).

use itsm_widgets::domain::id::{FormId, SubmissionKey};
use itsm_widgets::domain::ticket::TicketKind;
use itsm_widgets::domain::time::Timestamp;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};
use tokio::sync::{mpsc, oneshot};

use super::sqlite::{TENANT, outcome_of_key, ticket_of_key};
use super::{FileOutcome, NewTicket, Outcome, StoreError, StoredFile, Ticket};

/// How many writes share a transaction at most.
const GROUP: usize = 256;
/// How many may wait; more are kept waiting at the door.
const WAITING: usize = 1_024;

type Done<T> = oneshot::Sender<Result<T, StoreError>>;
/// Tells somebody what came of a write, once it is known whether its group was committed.
type Tell = Box<dyn FnOnce(bool) + Send>;

/// Something to write, and where to say what came of it.
pub(super) enum Write {
    /// Make a ticket.
    Accept(Box<NewTicket>, Done<Outcome>),
    /// Take a submission back.
    Withdraw(SubmissionKey, Timestamp, Done<Option<Ticket>>),
    /// Record a file.
    RecordFile(StoredFile, Timestamp, Done<FileOutcome>),
    /// Keep a form's version.
    OfferForm(FormId, u32, String, Done<()>),
    /// Finish what came before, then end.
    Stop(Done<()>),
}

/// A handle to the one writer.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Write>);

impl Writer {
    /// Opens a connection of its own and waits for work.
    pub(super) async fn start(options: &SqliteConnectOptions) -> Result<Self, StoreError> {
        let mut db = options.connect().await?;
        let (sender, mut inbox) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut group = Vec::with_capacity(GROUP);
            while inbox.recv_many(&mut group, GROUP).await > 0 {
                if !write_group(&mut db, &mut group).await {
                    break;
                }
            }
            let _ = db.close().await;
        });
        Ok(Self(sender))
    }

    /// Hands over a write and waits until it is on disk.
    pub(super) async fn write<T>(&self, write: impl FnOnce(Done<T>) -> Write) -> Result<T, StoreError> {
        let (done, told) = oneshot::channel();
        self.0.send(write(done)).await.map_err(|_| StoreError::Stopping)?;
        told.await.map_err(|_| StoreError::Stopping)?
    }

    /// Waits for all that was handed over, then closes the connection.
    pub(super) async fn stop(&self) {
        let _ = self.write(Write::Stop).await;
    }
}

/// Writes `group` in one transaction, then tells everybody. Returns whether to go on.
async fn write_group(db: &mut SqliteConnection, group: &mut Vec<Write>) -> bool {
    let mut told: Vec<Tell> = Vec::with_capacity(group.len());
    let mut go_on = true;
    let committed = async {
        // IMMEDIATE, so that what is read here cannot change before the commit.
        let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
        for write in group.drain(..) {
            // What fails half-way leaves nothing behind, and its neighbours untouched.
            sqlx::query("SAVEPOINT one").execute(&mut *tx).await?;
            let (whole, tell) = match write {
                Write::Accept(ticket, done) => tell_of(done, accept(&mut tx, &ticket).await),
                Write::Withdraw(key, now, done) => tell_of(done, withdraw(&mut tx, &key, now).await),
                Write::RecordFile(file, now, done) => tell_of(done, record_file(&mut tx, &file, now).await),
                Write::OfferForm(id, version, document, done) => {
                    tell_of(done, offer_form(&mut tx, &id, version, &document).await)
                }
                Write::Stop(done) => {
                    go_on = false;
                    tell_of(done, Ok(()))
                }
            };
            if !whole {
                sqlx::query("ROLLBACK TO one").execute(&mut *tx).await?;
            }
            sqlx::query("RELEASE one").execute(&mut *tx).await?;
            told.push(tell);
        }
        tx.commit().await
    };
    let committed =
        committed.await.inspect_err(|error| tracing::error!(%error, "a group of writes was not committed")).is_ok();
    told.into_iter().for_each(|tell| tell(committed));
    go_on
}

/// Whether `result` is whole, and what keeps it back until the group is on disk.
fn tell_of<T: Send + 'static>(done: Done<T>, result: Result<T, StoreError>) -> (bool, Tell) {
    let whole = result.is_ok();
    let tell = move |committed| {
        let _ = done.send(if committed { result } else { Err(StoreError::Database(sqlx::Error::WorkerCrashed)) });
    };
    (whole, Box::new(tell))
}

async fn accept(tx: &mut SqliteConnection, new: &NewTicket) -> Result<Outcome, StoreError> {
    if let Some(outcome) = outcome_of_key(&mut *tx, &new.key, &new.fingerprint).await? {
        return Ok(outcome);
    }
    for earlier in &new.body.supersedes {
        if let Some(ticket) = ticket_of_key(&mut *tx, earlier).await? {
            return Ok(Outcome::AlreadySubmitted(ticket));
        }
    }
    for file in &new.body.attachments {
        let query = sqlx::query("SELECT size, sha256, ticket_id FROM attachment WHERE tenant = ? AND id = ?");
        let row = query.bind(TENANT).bind(file.id.as_str()).fetch_optional(&mut *tx).await?;
        let fits = |row: &sqlx::sqlite::SqliteRow| -> Result<bool, sqlx::Error> {
            Ok(row.try_get::<i64, _>("size")? == i64::try_from(file.size).unwrap_or(-1)
                && row.try_get::<String, _>("sha256")? == file.sha256
                && row.try_get::<Option<i64>, _>("ticket_id")?.is_none())
        };
        if !row.as_ref().map(fits).transpose()?.unwrap_or(false) {
            return Ok(Outcome::AttachmentMissing(file.id.clone()));
        }
    }
    for earlier in &new.body.supersedes {
        put_tombstone(tx, earlier, new.received_at).await?;
    }
    Ok(Outcome::Created(insert_ticket(tx, new).await?))
}

async fn insert_ticket(tx: &mut SqliteConnection, new: &NewTicket) -> Result<Ticket, StoreError> {
    let body = &new.body;
    let query = "INSERT INTO ticket (tenant, key, number, kind, service_id, form_id, form_version, summary, priority, body, \
                 occurred_at, captured_at, received_at, read_secret) VALUES (?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let inserted = sqlx::query(query)
        .bind(TENANT)
        .bind(new.key.as_str())
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
        .execute(&mut *tx)
        .await?;
    let id = inserted.last_insert_rowid();
    let number = format!("{}-{id:06}", prefix(body.kind));
    sqlx::query("UPDATE ticket SET number = ? WHERE id = ?").bind(&number).bind(id).execute(&mut *tx).await?;
    let query = "INSERT INTO submission (tenant, key, fingerprint, outcome, ticket_id, created_at) VALUES (?, ?, ?, 'created', ?, ?)";
    let received_at = new.received_at.to_string();
    sqlx::query(query)
        .bind(TENANT)
        .bind(new.key.as_str())
        .bind(&new.fingerprint)
        .bind(id)
        .bind(received_at)
        .execute(&mut *tx)
        .await?;
    for file in &body.attachments {
        let query = sqlx::query("UPDATE attachment SET ticket_id = ? WHERE tenant = ? AND id = ?");
        query.bind(id).bind(TENANT).bind(file.id.as_str()).execute(&mut *tx).await?;
    }
    Ok(Ticket {
        key: new.key.clone(),
        number,
        kind: body.kind,
        summary: new.summary.clone(),
        priority: new.priority,
        body: body.clone(),
        received_at: new.received_at,
        read_secret: new.read_secret.clone(),
        withdrawn_at: None,
    })
}

fn prefix(kind: TicketKind) -> &'static str {
    match kind {
        TicketKind::Incident => "INC",
        TicketKind::ServiceRequest => "REQ",
    }
}

async fn put_tombstone(tx: &mut SqliteConnection, key: &SubmissionKey, now: Timestamp) -> Result<(), StoreError> {
    let query = "INSERT INTO submission (tenant, key, outcome, created_at) VALUES (?, ?, 'tombstone', ?) ON CONFLICT DO NOTHING";
    sqlx::query(query).bind(TENANT).bind(key.as_str()).bind(now.to_string()).execute(tx).await?;
    Ok(())
}

async fn withdraw(
    tx: &mut SqliteConnection,
    key: &SubmissionKey,
    now: Timestamp,
) -> Result<Option<Ticket>, StoreError> {
    put_tombstone(&mut *tx, key, now).await?;
    let query = sqlx::query("UPDATE ticket SET withdrawn_at = coalesce(withdrawn_at, ?) WHERE tenant = ? AND key = ?");
    query.bind(now.to_string()).bind(TENANT).bind(key.as_str()).execute(&mut *tx).await?;
    ticket_of_key(tx, key).await
}

async fn record_file(tx: &mut SqliteConnection, file: &StoredFile, now: Timestamp) -> Result<FileOutcome, StoreError> {
    let size = i64::try_from(file.size).map_err(|_| StoreError::Corrupt("a file's size".into()))?;
    let query = sqlx::query("SELECT size, sha256 FROM attachment WHERE tenant = ? AND id = ?");
    if let Some(row) = query.bind(TENANT).bind(file.id.as_str()).fetch_optional(&mut *tx).await? {
        let same = row.try_get::<i64, _>("size")? == size && row.try_get::<String, _>("sha256")? == file.sha256;
        return Ok(if same { FileOutcome::Replayed } else { FileOutcome::Differs });
    }
    let query = sqlx::query("INSERT INTO attachment (tenant, id, size, sha256, stored_at) VALUES (?, ?, ?, ?, ?)");
    query.bind(TENANT).bind(file.id.as_str()).bind(size).bind(&file.sha256).bind(now.to_string()).execute(tx).await?;
    Ok(FileOutcome::Stored)
}

async fn offer_form(tx: &mut SqliteConnection, id: &FormId, version: u32, document: &str) -> Result<(), StoreError> {
    let query = "INSERT INTO form_definition (id, version, document) VALUES (?, ?, ?) \
                 ON CONFLICT (id, version) DO UPDATE SET document = excluded.document";
    sqlx::query(query).bind(id.as_str()).bind(version).bind(document).execute(tx).await?;
    Ok(())
}
