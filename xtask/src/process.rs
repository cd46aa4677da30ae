//! Running other programs.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::TaskError;

/// The checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the checkout").to_owned()
}

/// `cargo` in the checkout.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// A program in the checkout.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

fn spoken(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Runs to the end; what it prints is seen.
pub(crate) fn run(command: &mut Command) -> Result<(), TaskError> {
    let status = command.status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(TaskError::Failed { command: spoken(command), hint: String::new() }),
        Err(error) => Err(TaskError::Failed { command: spoken(command), hint: error.to_string() }),
    }
}

/// Runs to the end and gives what it printed; the last thing it complained of is in the error.
pub(crate) fn output(command: &mut Command) -> Result<String, TaskError> {
    let ended = command.stdin(Stdio::null()).output();
    let failed = |hint: String| TaskError::Failed { command: spoken(command), hint };
    let ended = ended.map_err(|error| failed(error.to_string()))?;
    if ended.status.success() {
        return Ok(String::from_utf8_lossy(&ended.stdout).into_owned());
    }
    let complaint = String::from_utf8_lossy(&ended.stderr);
    Err(failed(complaint.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned()))
}

/// Whether a program of that name is on the path.
pub(crate) fn is_on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}
