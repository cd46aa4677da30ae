//! Clears away files that no submission has named: their requester changed their mind, or never came back.

use std::time::Duration;

use itsm_widgets::domain::time::Timestamp;

use crate::clock::now;
use crate::files::Files;
use crate::store::{Store, StoreError};

/// So long a file waits for the submission that names it, in milliseconds: 48 hours.
pub const PATIENCE: i64 = 48 * 3_600_000;
/// How often they are looked for.
const ROUND: Duration = Duration::from_secs(3_600);

/// Why not all was cleared away; the next round tries again.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object store failed.
    #[error(transparent)]
    Files(#[from] object_store::Error),
}

/// Collects for as long as the backend runs.
pub async fn run<S: Store>(store: S, files: Files) {
    loop {
        match collect(&store, &files, now().shifted(-PATIENCE)).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "objects of files that nobody named are gone"),
            Err(error) => tracing::warn!(%error, "files that nobody named are still here"),
        }
        tokio::time::sleep(ROUND).await;
    }
}

/// Forgets the files that no ticket names and that nobody has added to since `before`, and all objects that are older than
/// that and belong to no file: those of pieces that were never recorded. How many objects went.
pub async fn collect<S: Store>(store: &S, files: &Files, before: Timestamp) -> Result<usize, CollectError> {
    let mut gone = 0;
    for object in store.give_up_uploads(before).await? {
        files.delete(&object).await?;
        gone += 1;
    }
    for object in files.older_than(before).await? {
        if !store.is_used(&object).await? {
            files.delete(&object).await?;
            gone += 1;
        }
    }
    Ok(gone)
}
