//! `cargo xtask dist`: what a customer hosts. One compiled module, its glue, the shell, languages, pages, and what
//! publishing needs.

pub(crate) mod bundle;
mod glue;
mod manifest;
mod pages;
mod sizes;

use std::path::PathBuf;

use crate::WasmWay;
use crate::error::TaskError;
use crate::process::{cargo, root, run as run_program};
use crate::setup::wasm_target;

/// Writes `dist/`, prints the sizes and holds them against the budgets.
pub(crate) fn run(way: Option<WasmWay>) -> Result<PathBuf, TaskError> {
    compile(way)?;
    let dist = root().join("dist");
    if dist.exists() {
        std::fs::remove_dir_all(&dist).map_err(TaskError::file(&dist))?;
    }
    let bundle = bundle::write(&dist)?;
    manifest::write(&dist, &bundle)?;
    pages::write(&dist, &bundle)?;
    sizes::compress(&dist)?;
    sizes::check(&dist, &bundle)?;
    Ok(dist)
}

/// Compiles the elements.
pub(crate) fn compile(way: Option<WasmWay>) -> Result<(), TaskError> {
    let wasm = wasm_target::provide(way)?;
    let mut build = cargo();
    build.args([
        "build",
        "--quiet",
        "--package",
        "itsm-components",
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        "widget",
    ]);
    wasm.apply_with(&mut build, &remap());
    run_program(&mut build)
}

/// Paths of this machine do not belong in what is published, and would make two builds differ.
fn remap() -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo_home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    format!("--remap-path-prefix={}=. --remap-path-prefix={cargo_home}=cargo", root().display())
}
