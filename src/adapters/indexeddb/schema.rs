//! What the database holds, upgrade by upgrade. An upgrade never drops the outbox.

use indexed_db_futures::KeyPath;
use indexed_db_futures::database::Database;
use indexed_db_futures::prelude::*;

/// The version that this suite writes.
pub(super) const VERSION: u32 = 1;

/// Counters: the last `seq`, the epoch.
pub(super) const META: &str = "meta";
/// Unfinished requests.
pub(super) const DRAFTS: &str = "drafts";
/// Drafts by the place they belong to.
pub(super) const BY_PLACE: &str = "by_place";
/// Requests on their way.
pub(super) const OUTBOX: &str = "outbox";
/// Records by the service desk and person they belong to.
pub(super) const BY_PART: &str = "by_part";
/// Files by name.
pub(super) const ATTACHMENTS: &str = "attachments";
/// Files by the draft they belong to.
pub(super) const BY_OWNER: &str = "by_owner";
/// Pieces of files, each an `ArrayBuffer`.
pub(super) const CHUNKS: &str = "chunks";
/// What the service desk said of delivered requests.
pub(super) const RECEIPTS: &str = "receipts";
/// What was read.
pub(super) const CACHE: &str = "cache";

/// Brings a database of version `old` up to [`VERSION`].
pub(super) fn upgrade(old: u32, db: &Database) -> indexed_db_futures::Result<()> {
    if old < 1 {
        db.create_object_store(META).build()?;
        db.create_object_store(CACHE).build()?;
        let drafts = db.create_object_store(DRAFTS).with_key_path(KeyPath::One("id")).build()?;
        drafts.create_index(BY_PLACE, KeyPath::One("place")).build()?;
        let outbox = db.create_object_store(OUTBOX).with_key_path(KeyPath::One("id")).build()?;
        outbox.create_index(BY_PART, KeyPath::One("part")).build()?;
        let attachments = db.create_object_store(ATTACHMENTS).with_key_path(KeyPath::One("id")).build()?;
        attachments.create_index(BY_OWNER, KeyPath::One("owner")).build()?;
        db.create_object_store(CHUNKS).build()?;
        let receipts = db.create_object_store(RECEIPTS).with_key_path(KeyPath::One("entry")).build()?;
        receipts.create_index(BY_PART, KeyPath::One("part")).build()?;
    }
    Ok(())
}
