//! Programs that cargo builds from their crates.

use std::path::PathBuf;

use super::{cache, say};
use crate::error::TaskError;
use crate::process::{output, program};

/// A program of a crate, of exactly that version.
pub(crate) struct Tool {
    /// The crate.
    pub(crate) package: &'static str,
    /// Its version.
    pub(crate) version: &'static str,
    /// The program.
    pub(crate) binary: &'static str,
    /// Further words for `cargo install`.
    pub(crate) words: &'static [&'static str],
    /// How long it takes.
    pub(crate) takes: &'static str,
}

/// The test runner for wasm, of the same version as the library in `Cargo.lock`.
pub(crate) const TEST_RUNNER: Tool = Tool {
    package: "wasm-bindgen-cli",
    version: "0.2.130",
    binary: "wasm-bindgen-test-runner",
    words: &[],
    takes: "about 3 minutes",
};

/// What drives Firefox: Debian has none.
pub(crate) const GECKODRIVER: Tool =
    Tool { package: "geckodriver", version: "0.37.1", binary: "geckodriver", words: &[], takes: "about 2 minutes" };

/// The dev server. It fetches nothing: what it could fetch, set-up has brought already.
pub(crate) const TRUNK: Tool = Tool {
    package: "trunk",
    version: "0.21.14",
    binary: "trunk",
    words: &["--no-default-features"],
    takes: "about 4 minutes",
};

/// The program, built if it is not there.
pub(crate) fn install(tool: &Tool) -> Result<PathBuf, TaskError> {
    let folder = cache()?.join(format!("{}-{}", tool.package, tool.version));
    let binary = folder.join("bin").join(tool.binary);
    if binary.is_file() {
        return Ok(binary);
    }
    say(&format!("{} {} ({})", tool.package, tool.version, tool.takes));
    let build = |locked: &[&str]| {
        let mut command = program("cargo");
        // Built once, run a few times: a quick build matters more than a quick program.
        command
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_TARGET_DIR", folder.join("build"))
            .env_remove("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS")
            .args(["install", "--quiet", tool.package, "--version", tool.version, "--root"])
            .arg(&folder)
            .args(tool.words)
            .args(locked);
        output(&mut command)
    };
    // A registry copy that lags may lack what the crate's own lock file names.
    if build(&["--locked"]).is_err() {
        build(&[])?;
    }
    let _ = std::fs::remove_dir_all(folder.join("build"));
    if binary.is_file() { Ok(binary) } else { Err(TaskError::missing(tool.binary, "cargo install did not make it")) }
}
