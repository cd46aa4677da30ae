//! `cargo xtask dev`: trunk serves the gallery and builds it anew at every change.

use crate::WasmWay;
use crate::error::TaskError;
use crate::process::{program, run};
use crate::setup::{cargo_tools, npm, wasm_target};

/// Serves until it is stopped.
pub(crate) fn run_dev(way: Option<WasmWay>) -> Result<(), TaskError> {
    let wasm = wasm_target::provide(way)?;
    let trunk = cargo_tools::install(&cargo_tools::TRUNK)?;
    let bindgen = cargo_tools::install(&cargo_tools::TEST_RUNNER)?;
    let folders = [npm::tools()?.join(".bin"), bindgen.parent().map(ToOwned::to_owned).unwrap_or_default()];
    let old = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(folders.into_iter().chain(std::env::split_paths(&old)));
    let path = path.map_err(|error| TaskError::Promise(error.to_string()))?;
    let mut serve = program(trunk);
    serve.env("PATH", path).arg("serve");
    wasm.apply(&mut serve);
    run(&mut serve)
}
