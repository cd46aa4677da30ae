//! Start, serve, stop.

use std::sync::Arc;

use tokio::net::TcpListener;

use crate::definitions::{Definitions, LoadError};
use crate::files::Files;
use crate::http::{App, router, server};
use crate::identity::{Identities, KeyError};
use crate::relay::{self, Word};
use crate::settings::{ServeArgs, Settings, SettingsError};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};

/// Why the backend did not start, or a command did not finish: one line that names the place.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A flag, a variable or the file is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A form or the list of services is wrong.
    #[error("definitions: {0}")]
    Definitions(#[from] LoadError),
    /// The keys for tokens cannot be used.
    #[error("--jwks: {0}")]
    Keys(#[from] KeyError),
    /// The database cannot be used.
    #[error("--database {url}: {source}")]
    Database {
        /// The database.
        url: String,
        /// Why.
        source: StoreError,
    },
    /// The folder for attachments cannot be used.
    #[error("--files {}: {source}", path.display())]
    Files {
        /// The folder.
        path: std::path::PathBuf,
        /// Why.
        source: object_store::Error,
    },
    /// The address cannot be listened on.
    #[error("--listen {address}: {source}")]
    Listen {
        /// The address.
        address: std::net::SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// No token was signed.
    #[error(transparent)]
    Token(#[from] crate::identity::issue::IssueError),
    /// Standard output is gone.
    #[error("output: {0}")]
    Output(#[from] std::io::Error),
}

/// `itsm-backend serve`: until SIGINT or SIGTERM, then until what is under way is done.
pub async fn serve(args: ServeArgs) -> Result<(), RunError> {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ITSM_LOG");
    let filter = filter.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,sqlx=warn"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    let settings = args.resolve()?;
    let app = open(settings).await?;
    let address = app.settings.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| RunError::Listen { address, source })?;
    let address = listener.local_addr()?;
    println!("itsm-backend listens on http://{address}");
    tracing::info!(%address, "listening");
    let store = app.store.clone();
    let limit = app.settings.max_connections;
    server::serve(listener, router(app), limit, stop_signal()).await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Reads the definitions and opens what the backend keeps.
pub async fn open(settings: Settings) -> Result<Arc<App<SqliteStore>>, RunError> {
    let definitions = match &settings.definitions {
        Some(folder) => Definitions::load(folder)?,
        None => Definitions::built_in()?,
    };
    let database = |source| RunError::Database { url: settings.database.clone(), source };
    let store = SqliteStore::open(&settings.database).await.map_err(database)?;
    for form in definitions.forms() {
        let source = form.definition.source();
        store.offer_form(&source.id, source.version, &form.document.body).await.map_err(database)?;
    }
    let files =
        Files::open(&settings.files).map_err(|source| RunError::Files { path: settings.files.clone(), source })?;
    let identities = match settings.identity.clone() {
        Some(identity) => Some(Identities::open(identity).await?),
        None => None,
    };
    tokio::spawn(crate::collector::run(store.clone(), files.clone()));
    let word = Word::default();
    if let Some(relay) = settings.relay.clone() {
        tokio::spawn(relay::run(store.clone(), relay, word.clone()));
    }
    Ok(Arc::new(App { store, files, definitions, identities, word, settings }))
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
