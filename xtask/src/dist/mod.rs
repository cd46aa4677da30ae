//! `cargo xtask dist`: what a customer hosts. One compiled module, its glue, the shell, languages, pages, and what
//! publishing needs.

pub(crate) mod bundle;
mod chunks;
pub(crate) mod functions;
mod glue;
mod manifest;
mod pages;
pub(crate) mod sizes;

use std::path::{Path, PathBuf};

use crate::WasmWay;
use crate::error::TaskError;
use crate::process::{cargo, root, run as run_program};
use crate::setup::wasm_target;

/// Writes `dist/`, prints the sizes and holds them against the budgets.
pub(crate) fn run(way: Option<WasmWay>) -> Result<PathBuf, TaskError> {
    compile(ELEMENTS, way, Build::Release)?;
    let dist = root().join("dist");
    if dist.exists() {
        std::fs::remove_dir_all(&dist).map_err(TaskError::file(&dist))?;
    }
    let bundle = bundle::write(&dist, Build::Release)?;
    manifest::write(&dist, &bundle)?;
    pages::write(&dist, &bundle)?;
    sizes::compress(&dist)?;
    sizes::check(&dist, &bundle)?;
    Ok(dist)
}

/// How much care is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// What ships: as small as can be.
    Release,
    /// What is looked at while it is written: as soon as can be.
    Development,
}

impl Build {
    fn profile(self) -> &'static str {
        match self {
            Self::Release => "widget",
            Self::Development => "dev",
        }
    }

    /// The folder of the target folder that cargo writes this profile into.
    fn folder(self) -> &'static str {
        match self {
            Self::Release => "widget",
            Self::Development => "debug",
        }
    }
}

/// Writes an unoptimised bundle and the pages into `folder`; the gallery's own files also at its root, where Trunk serves
/// the gallery's page.
pub(crate) fn develop(folder: &Path, way: Option<WasmWay>) -> Result<(), TaskError> {
    compile(ELEMENTS, way, Build::Development)?;
    let bundle = bundle::write(folder, Build::Development)?;
    pages::write(folder, &bundle)?;
    pages::copy_assets("gallery", folder)
}

/// What the elements are compiled from.
pub(crate) const ELEMENTS: &str = "itsm-components";

/// Compiles a package for the browser.
pub(crate) fn compile(package: &str, way: Option<WasmWay>, how: Build) -> Result<(), TaskError> {
    let wasm = wasm_target::provide(way)?;
    let mut build = cargo();
    build.args([
        "build",
        "--quiet",
        "--package",
        package,
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        how.profile(),
    ]);
    let mut flags = remap();
    if how == Build::Release && package == ELEMENTS {
        build.args(["--features", "split"]);
        // What the split goes by.
        flags.push_str(" -Clink-args=--emit-relocs");
    }
    wasm.apply_with(&mut build, &flags);
    run_program(&mut build)
}

/// Paths of this machine do not belong in what is published, and would make two builds differ.
fn remap() -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo_home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    format!("--remap-path-prefix={}=. --remap-path-prefix={cargo_home}=cargo", root().display())
}
