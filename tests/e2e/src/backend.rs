//! The real backend, on a database of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, SqliteConnection};
use tempfile::TempDir;

use crate::{dist, free_address, root, within};

/// A running backend; killed when it is dropped.
pub struct Backend {
    binary: PathBuf,
    folder: TempDir,
    address: SocketAddr,
    arguments: Vec<String>,
    process: Child,
}

impl Backend {
    /// Starts a backend with an empty database and `dist/` beside the API, and waits until it answers.
    pub async fn start(arguments: &[&str]) -> Self {
        Self::start_binary(&root().join("target/debug/itsm-backend"), arguments).await
    }

    /// The same with another build of it.
    pub async fn start_binary(binary: &Path, arguments: &[&str]) -> Self {
        let binary = binary.to_owned();
        let folder = TempDir::new().expect("a folder");
        let address = free_address();
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let process = spawn(&binary, &folder, address, &arguments);
        let backend = Self { binary, folder, address, arguments, process };
        backend.answers().await;
        backend
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The API's address.
    pub fn api(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    /// Ends it as a loss of power would.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again on the same database, after a kill.
    pub async fn restart(&mut self) {
        self.process = spawn(&self.binary, &self.folder, self.address, &self.arguments);
        self.answers().await;
    }

    async fn answers(&self) {
        let url = format!("{}/health/ready", self.api());
        within(Duration::from_secs(20), "the backend answers", async || ureq::get(&url).call().ok().map(drop)).await;
    }

    /// What a command of the backend prints, with its database and the secret that signs invitations.
    pub fn command(&self, arguments: &[&str], secret: &Path) -> String {
        let database = format!("sqlite://{}", self.database().display());
        let mut command = Command::new(&self.binary);
        command.args(arguments).args(["--database", &database]).arg("--invitation-secret").arg(secret);
        let output = command.output().expect("the backend");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// The database file.
    pub fn database(&self) -> PathBuf {
        self.folder.path().join("itsm.db")
    }

    async fn connection(&self) -> SqliteConnection {
        let options = SqliteConnectOptions::new().filename(self.database()).read_only(true);
        options.connect().await.expect("the backend's database")
    }

    /// How many tickets there are: the only truth of these tests.
    pub async fn tickets(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT count(*) FROM ticket").fetch_one(&mut self.connection().await).await;
        count.expect("a count")
    }

    /// The bodies of all tickets, the oldest first.
    pub async fn bodies(&self) -> Vec<serde_json::Value> {
        let rows: Vec<String> = sqlx::query_scalar("SELECT body FROM ticket ORDER BY id")
            .fetch_all(&mut self.connection().await)
            .await
            .expect("bodies");
        rows.iter().map(|body| serde_json::from_str(body).expect("JSON")).collect()
    }

    /// The bytes of a file, put together from its pieces.
    pub async fn file(&self, id: &str) -> Vec<u8> {
        let objects: Vec<String> = sqlx::query_scalar("SELECT object FROM piece WHERE upload = ? ORDER BY start")
            .bind(id)
            .fetch_all(&mut self.connection().await)
            .await
            .expect("pieces");
        let folder = self.database().with_extension("db.files");
        objects.iter().flat_map(|object| std::fs::read(folder.join(object)).expect("an object")).collect()
    }

    /// Waits until there are `n` tickets.
    pub async fn has_tickets(&self, n: i64, limit: Duration) {
        within(limit, &format!("{n} tickets"), async || (self.tickets().await == n).then_some(())).await;
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        self.kill();
    }
}

fn spawn(binary: &Path, folder: &TempDir, address: SocketAddr, arguments: &[String]) -> Child {
    assert!(binary.is_file(), "the backend is not built: run cargo build -p itsm-backend");
    let log = std::fs::File::options().create(true).append(true).open(folder.path().join("log")).expect("a log");
    Command::new(binary)
        .args(["serve", "--listen", &address.to_string()])
        .args(["--database", &format!("sqlite://{}", folder.path().join("itsm.db").display())])
        .arg("--assets")
        .arg(dist())
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("the backend starts")
}
