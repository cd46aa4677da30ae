//! Development tools from the npm registry, exactly those of `package-lock.json`.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{cache, debian, say};
use crate::error::{TaskError, read, write};
use crate::process::{output, program, root};

/// The folder `node_modules` with the tools of the lock file, set up if it is not there.
pub(crate) fn tools() -> Result<PathBuf, TaskError> {
    Ok(packages(&root())?.join("node_modules"))
}

/// The folder whose `node_modules` has the packages of the lock file in `project`, set up if it is not there.
pub(crate) fn packages(project: &Path) -> Result<PathBuf, TaskError> {
    let lock = read(&project.join("package-lock.json"))?;
    let digest: String = Sha256::digest(&lock).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let folder = cache()?.join(format!("npm-{digest}"));
    let done = folder.join("complete");
    if !done.is_file() {
        debian::provide("npm", &["nodejs", "npm"])?;
        say(&format!("packages from the npm registry for {}", project.display()));
        for name in ["package.json", "package-lock.json"] {
            write(&folder.join(name), read(&project.join(name))?)?;
        }
        output(program("npm").current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]))?;
        write(&done, "")?;
    }
    Ok(folder)
}

/// A tool's program.
pub(crate) fn binary(name: &str) -> Result<PathBuf, TaskError> {
    Ok(tools()?.join(".bin").join(name))
}
