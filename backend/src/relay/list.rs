//! `itsm-backend relay`: what is not forwarded yet, and why.

use std::io::Write;

use itsm_widgets::domain::id::EntryId;
use itsm_widgets::domain::outbox::{OutboxEntry, OutboxState};
use serde_json::json;

use crate::run::RunError;
use crate::store::Store;
use crate::store::sqlite::SqliteStore;

/// Prints what waits, the oldest first; before that lets `send_now` be tried again, if one is named.
pub async fn print(url: &str, as_json: bool, send_now: Option<String>) -> Result<(), RunError> {
    let database = |source| RunError::Database { url: url.to_owned(), source };
    let store = SqliteStore::open_to_read(url).await.map_err(database)?;
    if let Some(number) = send_now
        && !store.relay_send_now(EntryId::new(number.clone())).await.map_err(database)?
    {
        eprintln!("{number} does not wait to be forwarded");
    }
    let entries = store.relay_entries().await.map_err(database)?;
    let mut out = std::io::stdout().lock();
    if as_json {
        let rows: Vec<_> =
            entries.iter().map(|entry| json!({ "ticket": entry.id, "progress": entry.progress })).collect();
        writeln!(out, "{}", serde_json::Value::from(rows))?;
    } else {
        for entry in &entries {
            writeln!(out, "{:<12} {}", entry.id.as_str(), words(entry))?;
        }
        writeln!(out, "{} waiting", entries.len())?;
    }
    Ok(())
}

fn words(entry: &OutboxEntry) -> String {
    let tried = entry.progress.attempts;
    match &entry.progress.state {
        OutboxState::Queued => "is next".to_owned(),
        OutboxState::InFlight { .. } => "is being sent".to_owned(),
        OutboxState::Waiting { retry_at, .. } => format!("was tried {tried} times; again at {retry_at}"),
        OutboxState::Parked { .. } => {
            let status = entry.progress.refusal.as_ref().map_or(0, |refusal| refusal.status);
            format!("was given up after {tried} tries; last answer {status}; --send-now tries it again")
        }
        OutboxState::Delivered | OutboxState::Discarded => "is done".to_owned(),
    }
}
