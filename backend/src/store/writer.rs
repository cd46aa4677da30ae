//! The one writer: what waits is written in one transaction, so that many share one sync of the disk (group commit).

use std::pin::Pin;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{mpsc, oneshot};

use super::StoreError;

/// How many writes share a transaction at most.
const GROUP: usize = 256;
/// How many may wait; more are kept waiting at the door.
const WAITING: usize = 1_024;

/// Something to write, as a whole or not at all.
pub(super) trait Operation: Send + Sync + 'static {
    /// What came of it.
    type Output: Send + 'static;
    /// Writes it. It may be asked again, once all that it wrote is undone.
    fn write(&self, tx: &mut SqliteConnection) -> impl Future<Output = Result<Self::Output, StoreError>> + Send;
}

/// An operation, and who waits for it.
struct Waiting<O: Operation> {
    operation: O,
    result: Result<O::Output, StoreError>,
    done: oneshot::Sender<Result<O::Output, StoreError>>,
}

/// Any operation that somebody waits for.
trait Job: Send {
    /// Whether it could be written.
    fn attempt<'a>(&'a mut self, tx: &'a mut SqliteConnection) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>>;
    /// Says what came of it.
    fn tell(self: Box<Self>);
    /// Says that nothing came of it, though nothing was wrong with it.
    fn fail(self: Box<Self>);
}

fn not_committed() -> StoreError {
    StoreError::Database(sqlx::Error::WorkerCrashed)
}

impl<O: Operation> Job for Waiting<O> {
    fn attempt<'a>(&'a mut self, tx: &'a mut SqliteConnection) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async {
            self.result = self.operation.write(tx).await;
            self.result.is_ok()
        })
    }

    // Who does not wait any more need not be told.
    fn tell(self: Box<Self>) {
        let _ = self.done.send(self.result);
    }

    fn fail(self: Box<Self>) {
        let _ = self.done.send(Err(not_committed()));
    }
}

/// A handle to the one writer.
#[derive(Clone)]
pub(super) struct Writer(mpsc::Sender<Option<Box<dyn Job>>>);

impl Writer {
    /// Opens a connection of its own and waits for work.
    pub(super) async fn start(options: &SqliteConnectOptions) -> Result<Self, StoreError> {
        let mut db = options.connect().await?;
        let (sender, mut inbox) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            let mut group = Vec::with_capacity(GROUP);
            let mut go_on = true;
            while go_on && inbox.recv_many(&mut group, GROUP).await > 0 {
                // Nothing is handed over after the word to end.
                go_on = group.iter().all(Option::is_some);
                write_group(&mut db, group.drain(..).flatten().collect()).await;
            }
            let _ = db.close().await;
        });
        Ok(Self(sender))
    }

    /// Hands over an operation and waits until it is on disk.
    pub(super) async fn write<O: Operation>(&self, operation: O) -> Result<O::Output, StoreError> {
        let (done, told) = oneshot::channel();
        let waiting = Waiting { operation, result: Err(not_committed()), done };
        self.0.send(Some(Box::new(waiting))).await.map_err(|_| StoreError::Stopping)?;
        told.await.map_err(|_| StoreError::Stopping)?
    }

    /// Waits for all that was handed over, then closes the connection.
    pub(super) async fn stop(&self) {
        let _ = self.0.send(None).await;
        self.0.closed().await;
    }
}

/// Writes `group` in one transaction, then tells everybody. What cannot be written is told so, and its neighbours are
/// written without it.
async fn write_group(db: &mut SqliteConnection, mut group: Vec<Box<dyn Job>>) {
    loop {
        match write_all(db, &mut group).await {
            Ok(None) => return group.into_iter().for_each(Job::tell),
            Ok(Some(wrong)) => group.remove(wrong).tell(),
            Err(error) => {
                tracing::error!(%error, "a group of writes was not committed");
                return group.into_iter().for_each(Job::fail);
            }
        }
    }
}

/// Writes all of `group`, or nothing and says which could not be written.
async fn write_all(db: &mut SqliteConnection, group: &mut [Box<dyn Job>]) -> Result<Option<usize>, sqlx::Error> {
    // IMMEDIATE, so that what is read here cannot change before the commit.
    let mut tx = db.begin_with("BEGIN IMMEDIATE").await?;
    for (at, job) in group.iter_mut().enumerate() {
        if !job.attempt(&mut tx).await {
            tx.rollback().await?;
            return Ok(Some(at));
        }
    }
    tx.commit().await?;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use sqlx::Row;
    use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
    use sqlx::{ConnectOptions, Connection};

    use super::{Operation, Writer};
    use crate::store::StoreError;

    /// Writes a word, and then may fail.
    struct Word(&'static str, bool);

    impl Operation for Word {
        type Output = &'static str;

        async fn write(&self, tx: &mut SqliteConnection) -> Result<&'static str, StoreError> {
            sqlx::query("INSERT INTO word VALUES (?)").bind(self.0).execute(tx).await?;
            if self.1 { Err(StoreError::Corrupt("half-way".into())) } else { Ok(self.0) }
        }
    }

    #[tokio::test]
    async fn what_fails_half_way_leaves_nothing_behind_and_its_neighbours_untouched() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = SqliteConnectOptions::new().filename(folder.path().join("words.db")).create_if_missing(true);
        let mut db = options.connect().await.expect("a database");
        sqlx::query("CREATE TABLE word (it TEXT)").execute(&mut db).await.expect("a table");
        let writer = Writer::start(&options).await.expect("a writer");
        // One thread: all are handed over before the writer looks, so that they are one group.
        let (one, bad, two, worse) = tokio::join!(
            writer.write(Word("one", false)),
            writer.write(Word("bad", true)),
            writer.write(Word("two", false)),
            writer.write(Word("worse", true)),
        );
        assert_eq!((one.ok(), two.ok()), (Some("one"), Some("two")));
        assert!(matches!(bad, Err(StoreError::Corrupt(_))));
        assert!(matches!(worse, Err(StoreError::Corrupt(_))));
        writer.stop().await;
        assert!(matches!(writer.write(Word("late", false)).await, Err(StoreError::Stopping)));
        let rows = sqlx::query("SELECT it FROM word ORDER BY rowid").fetch_all(&mut db).await.expect("rows");
        let words: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(words, ["one", "two"]);
        db.close().await.expect("closed");
    }
}
