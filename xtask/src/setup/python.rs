//! Test tools from the Python registry, in an environment of their own.

use std::path::PathBuf;

use super::{cache, debian, say};
use crate::error::{TaskError, write};
use crate::process::{output, program};

const SCHEMATHESIS: &str = "4.32.5";

/// The API tester's program.
pub(crate) fn schemathesis() -> Result<PathBuf, TaskError> {
    let folder = cache()?.join(format!("schemathesis-{SCHEMATHESIS}"));
    let (binary, done) = (folder.join("bin/schemathesis"), folder.join("complete"));
    if done.is_file() {
        return Ok(binary);
    }
    debian::provide("python3", &["python3", "python3-venv"])?;
    say("the API tester from the Python registry");
    let make = || output(program("python3").args(["-m", "venv"]).arg(&folder));
    if make().is_err() {
        // Debian has Python's own module for this in a package of its own.
        debian::install("Python's venv module", &["python3-venv"])?;
        make()?;
    }
    output(program(folder.join("bin/pip")).args(["install", "--quiet", &format!("schemathesis=={SCHEMATHESIS}")]))?;
    write(&done, "")?;
    Ok(binary)
}
