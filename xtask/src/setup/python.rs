//! Test tools from the Python registry, in an environment of their own.

use std::path::PathBuf;

use super::{cache, say};
use crate::error::{TaskError, write};
use crate::process::{is_on_path, output, program};

const SCHEMATHESIS: &str = "4.32.5";

/// The API tester's program.
pub(crate) fn schemathesis() -> Result<PathBuf, TaskError> {
    let folder = cache()?.join(format!("schemathesis-{SCHEMATHESIS}"));
    let (binary, done) = (folder.join("bin/schemathesis"), folder.join("complete"));
    if done.is_file() {
        return Ok(binary);
    }
    if !is_on_path("python3") {
        return Err(TaskError::missing(
            "python3",
            "install Python 3.10 or newer (Debian: apt-get install python3 python3-venv)",
        ));
    }
    say("the API tester from the Python registry");
    let venv = output(program("python3").args(["-m", "venv"]).arg(&folder));
    venv.map_err(|_| TaskError::missing("Python's venv module", "install it (Debian: apt-get install python3-venv)"))?;
    output(program(folder.join("bin/pip")).args(["install", "--quiet", &format!("schemathesis=={SCHEMATHESIS}")]))?;
    write(&done, "")?;
    Ok(binary)
}
