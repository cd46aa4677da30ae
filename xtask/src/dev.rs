//! `cargo xtask dev`: Trunk serves the gallery, builds anew at every change and reloads the page, with a backend beside it.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use clap::Args;

use crate::WasmWay;
use crate::dist;
use crate::error::TaskError;
use crate::process::{cargo, program, root, run as run_program};
use crate::setup::{cargo_tools, npm, wasm_target};

/// What the dev server can be told.
#[derive(Args)]
pub(crate) struct DevArgs {
    /// The port to serve on
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// Where `Trunk.toml` hands `/api` to.
const BACKEND: &str = "127.0.0.1:8081";

/// Ends the backend with the dev server.
struct Backend(Child);

impl Drop for Backend {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Serves until it is stopped.
pub(crate) fn run(args: &DevArgs, way: Option<WasmWay>) -> Result<(), TaskError> {
    wasm_target::provide(way)?;
    npm::tools()?;
    let trunk = cargo_tools::install(&cargo_tools::TRUNK)?;
    run_program(cargo().args(["build", "--quiet", "--package", "itsm-backend"]))?;
    let data = root().join("target/dev");
    std::fs::create_dir_all(&data).map_err(TaskError::file(&data))?;
    let _backend = Backend(start_backend(&data)?);
    let mut serve = program(trunk);
    serve.args(["serve", "--port", &args.port.to_string()]);
    // A variable that many machines have, and that Trunk reads as a word of its own.
    run_program(serve.env_remove("NO_COLOR"))
}

fn start_backend(data: &std::path::Path) -> Result<Child, TaskError> {
    let binary = root().join("target/debug/itsm-backend");
    let mut serve = Command::new(&binary);
    serve
        .args(["serve", "--listen", BACKEND, "--database", &format!("sqlite://{}", data.join("dev.db").display())])
        .arg("--definitions")
        .arg(root().join("examples/definitions"))
        .stdin(Stdio::null());
    serve.spawn().map_err(|error| TaskError::Failed { command: binary.display().to_string(), hint: error.to_string() })
}

/// What Trunk calls after each change: the bundle without optimisation, into the folder that Trunk will serve.
pub(crate) fn bundle(way: Option<WasmWay>) -> Result<(), TaskError> {
    let staging = std::env::var_os("TRUNK_STAGING_DIR").map(PathBuf::from);
    let staging =
        staging.ok_or_else(|| TaskError::missing("TRUNK_STAGING_DIR", "Trunk calls this; run cargo xtask dev"))?;
    dist::develop(&staging, way)
}
