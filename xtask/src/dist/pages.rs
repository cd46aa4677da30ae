//! The gallery and the portal: what a customer copies, and what the demo shows.

use std::path::Path;

use super::bundle::{Bundle, integrity};
use crate::error::{TaskError, read, write as write_file};
use crate::process::root;

/// Copies the pages of `examples/` into `dist`, with the shell's hash in them.
pub(crate) fn write(dist: &Path, bundle: &Bundle) -> Result<(), TaskError> {
    let hash = integrity(&read(&bundle.shell)?);
    for name in ["gallery", "portal"] {
        copy(&root().join("examples").join(name), &dist.join(name), &hash)?;
    }
    Ok(())
}

/// Copies what a page of `examples/` names, without the page, into `folder`.
pub(crate) fn copy_assets(name: &str, folder: &Path) -> Result<(), TaskError> {
    let from = root().join("examples").join(name);
    for entry in std::fs::read_dir(&from).map_err(TaskError::file(&from))?.flatten() {
        let path = entry.path();
        if path.is_file() && path.extension().is_some_and(|extension| extension != "html") {
            write_file(&folder.join(entry.file_name()), read(&path)?)?;
        }
    }
    Ok(())
}

fn copy(from: &Path, to: &Path, hash: &str) -> Result<(), TaskError> {
    for entry in std::fs::read_dir(from).map_err(TaskError::file(from))?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target, hash)?;
        } else if path.extension().is_some_and(|extension| extension == "html") {
            let text = String::from_utf8_lossy(&read(&path)?).into_owned();
            write_file(&target, text.replace("integrity=\"\"", &format!("integrity=\"{hash}\"")))?;
        } else {
            write_file(&target, read(&path)?)?;
        }
    }
    Ok(())
}
