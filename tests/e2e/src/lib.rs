//! What every scenario needs: a backend, a browser, and a network between them that can be broken.

mod backend;
mod browser;
mod chance;
mod engines;
mod form;
mod host;

pub use backend::Backend;
pub use browser::{Browser, Engine, Profile};
pub use chance::{chance, from_env};
pub use form::Form;
pub use host::PageServer;
pub use itsm_fault_proxy::{Fate, FaultProxy, RequestHead};

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/e2e lies in the checkout").to_owned()
}

/// What `cargo xtask dist` wrote.
pub fn dist() -> PathBuf {
    let dist = root().join("dist");
    assert!(dist.join("itsm-widgets.js").is_file(), "dist/ is not built: run cargo xtask dist");
    dist
}

/// An address on this machine that nobody listens on.
pub fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

/// Asks again and again until `probe` has something, for at most `limit`.
pub async fn within<T>(limit: Duration, what: &str, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let started = tokio::time::Instant::now();
    loop {
        if let Some(found) = probe().await {
            return found;
        }
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A whole stage: backend, proxy in front of it, and the address that a browser opens.
pub struct Stage {
    /// The backend.
    pub backend: Backend,
    /// The network.
    pub network: FaultProxy,
}

impl Stage {
    /// A backend that serves `dist/`, behind a network that works.
    pub async fn set() -> Self {
        Self::set_with(&[]).await
    }

    /// The same with a backend of those arguments.
    pub async fn set_with(arguments: &[&str]) -> Self {
        let backend = Backend::start(arguments).await;
        let network = FaultProxy::start(SocketAddr::from(([127, 0, 0, 1], 0)), backend.address()).expect("a proxy");
        Self { backend, network }
    }

    /// The address of `path`, as the browser sees it.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.network.address())
    }

    /// From now on nothing of the API gets through; pages and modules do.
    pub fn cut_api(&self) {
        self.network.set_rule(|head| if head.path.starts_with("/api/") { Fate::Cut } else { Fate::Pass });
    }

    /// From now on everything gets through.
    pub fn mend(&self) {
        self.network.set_rule(|_| Fate::Pass);
    }
}
