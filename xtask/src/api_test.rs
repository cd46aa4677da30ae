//! The API under fire: requests made from its own description, and the contract's tests, against a running backend.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::conformance;
use crate::error::TaskError;
use crate::process::{program, root, run as run_program};
use crate::setup::python;

/// A debug backend on an empty database, ended when it is dropped.
struct Backend {
    process: Child,
    address: SocketAddr,
    folder: std::path::PathBuf,
}

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

impl Backend {
    fn start() -> Result<Self, TaskError> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(|error| TaskError::missing("a free port", error.to_string()))?;
        let folder = root().join("target").join(format!("api-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(TaskError::file(&folder))?;
        let binary = root().join("target/debug/itsm-backend");
        let process = Command::new(&binary)
            .args([
                "serve",
                "--listen",
                &address.to_string(),
                "--database",
                &format!("sqlite://{}/api.db", folder.display()),
            ])
            .env("ITSM_LOG", "warn")
            .stdout(Stdio::null())
            .spawn()
            .map_err(TaskError::file(&binary))?;
        let backend = Self { process, address, folder };
        for _ in 0..200 {
            if TcpStream::connect(address).is_ok() {
                return Ok(backend);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(TaskError::Promise("the backend did not start; see above".into()))
    }

    fn api(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }
}

/// The tester knows bytes by their usual name only.
const HOOKS: &str = "import schemathesis\n\
    schemathesis.serializer.alias('application/offset+octet-stream', 'application/octet-stream')\n";

/// Requests from the API's own description: none may end in a fault of the backend's, none in an undocumented answer.
pub(crate) fn schemathesis() -> Result<(), TaskError> {
    let backend = Backend::start()?;
    let hooks = backend.folder.join("hooks.py");
    crate::error::write(&hooks, HOOKS)?;
    run_program(
        program(python::schemathesis()?)
            .env("SCHEMATHESIS_HOOKS", &hooks)
            .args([
                "run",
                &format!("{}/openapi.json", backend.api()),
                "--max-examples",
                "60",
                "--seed",
                "1",
                "--no-color",
            ])
            .args(["--url", &format!("http://{}", backend.address)])
            .args([
                "--checks",
                "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
            ])
            .current_dir(&backend.folder),
    )
}

/// The contract's tests.
pub(crate) fn contract() -> Result<(), TaskError> {
    let backend = Backend::start()?;
    conformance::run(&conformance::ConformanceArgs::for_our_own(&backend.api()))
}
