//! Files on their way: what has arrived of each, and which objects it is made of.

use itsm_widgets::domain::id::{AttachmentId, SubmissionKey};
use itsm_widgets::domain::time::Timestamp;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{Row, query, query_scalar};

use super::StoreError;
use super::sqlite::TENANT;
use super::writer::Operation;

/// A file that somebody wants to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewUpload {
    /// Names it.
    pub id: AttachmentId,
    /// Bytes.
    pub size: u64,
    /// SHA-256 as announced, hex.
    pub announced: Option<String>,
}

/// A file as far as it has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Names it.
    pub id: AttachmentId,
    /// Bytes, as announced.
    pub size: u64,
    /// Bytes that are here.
    pub arrived: u64,
    /// SHA-256 as announced, hex.
    pub announced: Option<String>,
    /// What is known once all of it is here.
    pub content: Option<Content>,
    /// The objects it is made of, in their order.
    pub objects: Vec<String>,
    /// The key of the submission that names it.
    pub ticket: Option<SubmissionKey>,
}

/// What a whole file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// SHA-256, hex.
    pub sha256: String,
    /// The media type that the bytes show, if they show one.
    pub media_type: Option<String>,
}

/// What came of beginning an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is expected now.
    New(Upload),
    /// It was begun before.
    Known(Upload),
    /// A file of that name, but of another size or digest, was begun before.
    Differs,
}

/// A piece of a file, whose bytes are kept already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPiece {
    /// The file.
    pub upload: AttachmentId,
    /// Where it begins in the file.
    pub start: u64,
    /// Bytes.
    pub size: u64,
    /// Its object.
    pub object: String,
    /// What the file is, if this is its last piece.
    pub content: Option<Content>,
}

fn number(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::Corrupt("a file's size".into()))
}

/// The upload of that name.
pub(super) async fn upload(db: &mut SqliteConnection, id: &AttachmentId) -> Result<Option<Upload>, StoreError> {
    let row = query(
        "SELECT u.*, t.key FROM upload u LEFT JOIN ticket t ON t.id = u.ticket_id WHERE u.tenant = ? AND u.id = ?",
    );
    let Some(row) = row.bind(TENANT).bind(id.as_str()).fetch_optional(&mut *db).await? else { return Ok(None) };
    let objects = query_scalar("SELECT object FROM piece WHERE tenant = ? AND upload = ? ORDER BY start");
    let objects = objects.bind(TENANT).bind(id.as_str()).fetch_all(db).await?;
    let count = |row: &SqliteRow, name: &str| -> Result<u64, StoreError> {
        u64::try_from(row.try_get::<i64, _>(name)?).map_err(|_| StoreError::Corrupt(format!("upload {id}")))
    };
    let media_type = row.try_get("media_type")?;
    Ok(Some(Upload {
        id: id.clone(),
        size: count(&row, "size")?,
        arrived: count(&row, "arrived")?,
        announced: row.try_get("announced")?,
        content: row.try_get::<Option<String>, _>("sha256")?.map(|sha256| Content { sha256, media_type }),
        objects,
        ticket: row.try_get::<Option<String>, _>("key")?.map(SubmissionKey::new),
    }))
}

/// Begins an upload.
pub(super) struct Begin(pub(super) NewUpload, pub(super) Timestamp);

impl Operation for Begin {
    type Output = Begun;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Begun, StoreError> {
        let Self(new, now) = self;
        if let Some(known) = upload(&mut *tx, &new.id).await? {
            // A digest that one of both does not say contradicts nothing.
            let said = known.content.as_ref().map(|content| &content.sha256).or(known.announced.as_ref());
            let same =
                known.size == new.size && said.is_none_or(|said| new.announced.as_ref().is_none_or(|new| new == said));
            return Ok(if same { Begun::Known(known) } else { Begun::Differs });
        }
        let insert = "INSERT INTO upload (tenant, id, size, arrived, announced, changed_at) VALUES (?, ?, ?, 0, ?, ?)";
        let insert = query(insert).bind(TENANT).bind(new.id.as_str()).bind(number(new.size)?).bind(&new.announced);
        insert.bind(now.as_millis()).execute(&mut *tx).await?;
        let begun = upload(tx, &new.id).await?;
        begun.map(Begun::New).ok_or_else(|| StoreError::Corrupt(format!("upload {}", new.id)))
    }
}

/// Adds a piece, unless something else is there already.
pub(super) struct Append(pub(super) NewPiece, pub(super) Timestamp);

impl Operation for Append {
    type Output = Option<Upload>;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Option<Upload>, StoreError> {
        let Self(piece, now) = self;
        let (start, end) = (number(piece.start)?, number(piece.start + piece.size)?);
        let content = piece.content.as_ref();
        let update = "UPDATE upload SET arrived = ?1, sha256 = ?2, media_type = ?3, changed_at = ?4 \
                      WHERE tenant = ?5 AND id = ?6 AND arrived = ?7 AND sha256 IS NULL \
                      AND size >= ?1 AND (size = ?1) = (?2 IS NOT NULL)";
        let update = query(update)
            .bind(end)
            .bind(content.map(|content| &content.sha256))
            .bind(content.and_then(|content| content.media_type.as_ref()))
            .bind(now.as_millis())
            .bind(TENANT)
            .bind(piece.upload.as_str())
            .bind(start);
        if update.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(None);
        }
        // An empty file has no piece.
        if piece.size > 0 {
            let insert = "INSERT INTO piece (tenant, upload, start, size, object) VALUES (?, ?, ?, ?, ?)";
            let insert = query(insert).bind(TENANT).bind(piece.upload.as_str()).bind(start).bind(number(piece.size)?);
            insert.bind(&piece.object).execute(&mut *tx).await?;
        }
        upload(tx, &piece.upload).await
    }
}

/// Which uploads are given up.
pub(super) enum GiveUp {
    /// That one, unless a ticket has it.
    One(AttachmentId),
    /// Those that no ticket names, and that nobody has added to since.
    Since(Timestamp),
}

impl Operation for GiveUp {
    type Output = Vec<String>;

    async fn write(&self, tx: &mut SqliteConnection) -> Result<Vec<String>, StoreError> {
        let (id, before) = match self {
            Self::One(id) => (Some(id.as_str()), i64::MAX),
            Self::Since(before) => (None, before.as_millis()),
        };
        const MEANT: &str = "ticket_id IS NULL AND changed_at < ?2 AND (?1 IS NULL OR id = ?1)";
        let objects = format!(
            "SELECT p.object FROM piece p JOIN upload u ON u.tenant = p.tenant AND u.id = p.upload WHERE {MEANT}"
        );
        let objects: Vec<String> =
            query_scalar(sqlx::AssertSqlSafe(objects)).bind(id).bind(before).fetch_all(&mut *tx).await?;
        let delete = format!("DELETE FROM upload WHERE {MEANT}");
        query(sqlx::AssertSqlSafe(delete)).bind(id).bind(before).execute(&mut *tx).await?;
        let mut unused = vec![];
        for object in objects {
            if !is_used(&mut *tx, &object).await? {
                unused.push(object);
            }
        }
        Ok(unused)
    }
}

/// Whether some file is made of that object.
pub(super) async fn is_used(db: &mut SqliteConnection, object: &str) -> Result<bool, StoreError> {
    let found = query_scalar::<_, i64>("SELECT 1 FROM piece WHERE object = ? LIMIT 1").bind(object);
    Ok(found.fetch_optional(db).await?.is_some())
}
