//! A real browser with a profile that outlives it.

mod axe;
mod engine;

use std::process::Command;
use std::time::Duration;

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::wd::{WebDriverCompatibleCommand, WindowHandle};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use engine::Driver;
pub use engine::Engine;

use crate::within;

/// What a browser keeps between starts.
pub struct Profile(TempDir);

impl Profile {
    /// An empty one.
    pub fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    /// Its folder.
    pub fn path(&self) -> &std::path::Path {
        self.0.path()
    }
}

impl Default for Profile {
    fn default() -> Self {
        Self::new()
    }
}

/// A running browser; killed when it is dropped.
pub struct Browser {
    engine: Engine,
    driver: Driver,
    client: Client,
    profile: std::path::PathBuf,
    allowed: Vec<String>,
}

impl Browser {
    /// Starts Chromium on `profile`.
    pub async fn start(profile: &Profile) -> Self {
        Self::start_with(profile, &[]).await
    }

    /// Starts Chromium on `profile` with further flags.
    pub async fn start_with(profile: &Profile, flags: &[&str]) -> Self {
        Self::start_engine(Engine::Chromium, profile, flags).await
    }

    /// Starts a browser of that engine on `profile`.
    pub async fn start_engine(engine: Engine, profile: &Profile, flags: &[&str]) -> Self {
        // A browser that was killed leaves its locks behind.
        for name in ["SingletonLock", "SingletonCookie", "SingletonSocket", "lock", ".parentlock"] {
            let _ = std::fs::remove_file(profile.0.path().join(name));
        }
        let driver = engine.drive();
        let (profile, address) = (profile.0.path().to_owned(), driver.address);
        let capabilities = engine.capabilities(&profile, flags);
        within(Duration::from_secs(20), "the driver listens", async || {
            std::net::TcpStream::connect(address).ok().map(drop)
        })
        .await;
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://{address}"))
            .await
            .expect("a browser starts");
        Self { engine, driver, client, profile, allowed: vec![] }
    }

    /// Opens a page.
    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.expect(url);
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("a reload");
    }

    /// Opens a page in a further tab, which is the one that is talked to from then on. The tab that was talked to before.
    pub async fn open_tab(&self, url: &str) -> WindowHandle {
        self.open_beside(url, true).await
    }

    /// The same in a window of its own: both are seen at once.
    pub async fn open_window(&self, url: &str) -> WindowHandle {
        self.open_beside(url, false).await
    }

    async fn open_beside(&self, url: &str, as_tab: bool) -> WindowHandle {
        let before = self.client.window().await.expect("a tab");
        let tab = self.client.new_window(as_tab).await.expect("a further tab");
        self.client.switch_to_window(tab.handle).await.expect("the further tab");
        self.open(url).await;
        before
    }

    /// Talks to another tab.
    pub async fn switch_to(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.expect("the other tab");
    }

    /// Shows the tab that is talked to.
    pub async fn show_tab(&self) {
        self.devtools("Page.bringToFront", json!({})).await;
    }

    /// From now on the tab that is talked to is `frozen`, or `active` again.
    pub async fn set_life(&self, state: &str) {
        self.devtools("Page.setWebLifecycleState", json!({ "state": state })).await;
    }

    /// The session, for what is not offered here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// What a script returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// What a script returns, once it returns something.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        within(Duration::from_secs(20), what, async || {
            let value = self.client.execute(script, vec![]).await.unwrap_or(Value::Null);
            (value != Value::Null && value != Value::Bool(false)).then_some(value)
        })
        .await
    }

    /// The element that a script returns, once it returns one.
    pub async fn element(&self, what: &str, script: &str) -> Element {
        let value = self.until(what, script).await;
        let id = value
            .as_object()
            .and_then(|object| object.values().next())
            .and_then(Value::as_str)
            .unwrap_or_else(|| panic!("{what}: {value}"));
        Element::from_element_id(self.client.clone(), id.to_owned().into())
    }

    /// All that the open page's origin keeps on this device, as text: bytes as letters.
    pub async fn stored(&self) -> String {
        let script = "const done = arguments[0], found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie];
             const plain = (_, value) => value instanceof ArrayBuffer ? String.fromCharCode(...new Uint8Array(value).slice(0, 4096)) : value;
             const asked = (request) => new Promise((resolve, reject) => { request.onsuccess = () => resolve(request.result); request.onerror = reject; });
             (async () => {
                 for (const { name } of await indexedDB.databases()) {
                     // Some list what was never made.
                     const open = indexedDB.open(name);
                     open.onupgradeneeded = () => open.transaction.abort();
                     const db = await asked(open).catch(() => null);
                     if (!db) continue;
                     for (const table of db.objectStoreNames) {
                         const store = db.transaction(table).objectStore(table);
                         found.push(table, JSON.stringify(await asked(store.getAll()), plain), JSON.stringify(await asked(store.getAllKeys())));
                     }
                     db.close();
                 }
                 for (const name of await window.caches?.keys() ?? []) {
                     const cache = await caches.open(name);
                     for (const request of await cache.keys()) found.push(request.url, await (await cache.match(request)).text());
                 }
                 done(found.join('\\n'));
             })().catch((error) => done('failed: ' + error))";
        let stored = self.client.execute_async(script, vec![]).await.expect("what is stored");
        let stored = stored.as_str().expect("text").to_owned();
        assert!(!stored.starts_with("failed"), "{stored}");
        stored
    }

    /// Waits until something may be kept on this device, since something was typed.
    pub async fn keeps_something(&self) {
        self.until("something is kept", "return localStorage.getItem('itsm.default.1.kept') !== null").await;
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: &str) {
        let press = |key: char| [KeyAction::Down { value: key }, KeyAction::Up { value: key }];
        let keyboard = keys.chars().flat_map(press).fold(KeyActions::new("keyboard".into()), InputSource::then);
        self.client.perform_actions(keyboard).await.expect("keys pressed");
    }

    /// Closes the browser as a person does, so that it writes all that it wants to write.
    pub async fn close(self) {
        self.client.clone().close().await.expect("a closed session");
        within(Duration::from_secs(20), "the browser has ended", async || self.processes().is_empty().then_some(()))
            .await;
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, command: &str, parameters: Value) -> Value {
        self.try_devtools(command, parameters).await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// The same, where it may fail.
    pub async fn try_devtools(&self, command: &str, parameters: Value) -> Result<Value, CmdError> {
        let body = json!({ "cmd": command, "params": parameters });
        self.client.issue_cmd(Vendor { path: "goog/cdp/execute", body }).await
    }

    /// Messages of the console since the last call, errors and warnings only, without those that a test expects.
    pub async fn complaints(&self) -> Vec<String> {
        let entries =
            self.client.issue_cmd(Vendor { path: "se/log", body: json!({ "type": "browser" }) }).await.expect("a log");
        let serious = |entry: &&Value| entry["level"] == "SEVERE" || entry["level"] == "WARNING";
        let messages =
            entries.as_array().into_iter().flatten().filter(serious).map(|entry| entry["message"].to_string());
        messages.filter(|message| !self.allowed.iter().any(|allowed| message.contains(allowed))).collect()
    }

    /// Nothing has come up in the console that a test did not expect. Chromium alone tells what is there.
    pub async fn complains_of_nothing(&self) {
        if self.engine == Engine::Chromium {
            assert_eq!(self.complaints().await, [""; 0]);
        }
    }

    /// From now on messages that contain `text` are expected: a fault that the test makes itself.
    pub fn expect_complaints(&mut self, text: &str) {
        self.allowed.push(text.to_owned());
    }

    /// A picture of what is seen, as PNG.
    pub async fn screenshot(&self) -> Vec<u8> {
        self.client.screenshot().await.expect("a picture")
    }

    /// Ends it as a crash would: every process of it, at once.
    pub fn kill(&mut self) {
        for pid in self.processes() {
            let _ = Command::new("kill").args(["-9", &pid.to_string()]).status();
        }
        self.driver.kill();
    }

    /// The browser's processes: those that were started with this profile.
    pub fn processes(&self) -> Vec<u32> {
        let profile = self.profile.display().to_string();
        let pids = std::fs::read_dir("/proc")
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(|pid: &u32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(&profile) && *pid != std::process::id()
        })
        .collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A command that only this driver has.
#[derive(Debug)]
struct Vendor {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Vendor {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
