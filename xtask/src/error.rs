//! What went wrong, and what to do about it: one line.

use std::path::{Path, PathBuf};

/// Why a task was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TaskError {
    /// A tool is missing and cannot be set up here.
    #[error("{what} is missing: {remedy}")]
    Missing { what: String, remedy: String },
    /// A program ended badly.
    #[error("`{command}` failed{}{hint}", if hint.is_empty() { "" } else { ": " })]
    Failed { command: String, hint: String },
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    /// Something that was built is not as promised.
    #[error("{0}")]
    Promise(String),
}

impl TaskError {
    pub(crate) fn file(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }

    pub(crate) fn missing(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), remedy: remedy.into() }
    }
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, TaskError> {
    std::fs::read(path).map_err(TaskError::file(path))
}

pub(crate) fn read_text(path: &Path) -> Result<String, TaskError> {
    std::fs::read_to_string(path).map_err(TaskError::file(path))
}

pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<(), TaskError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(TaskError::file(folder))?;
    }
    std::fs::write(path, bytes).map_err(TaskError::file(path))
}
