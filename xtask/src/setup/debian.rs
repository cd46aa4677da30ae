//! Debian's packages, where this is Debian and we may install.

use super::say;
use crate::error::TaskError;
use crate::process::{is_on_path, output, program};

/// Sees to it that `binary` is there, by installing `packages` where that can be done.
pub(crate) fn provide(binary: &str, packages: &[&str]) -> Result<(), TaskError> {
    if is_on_path(binary) {
        return Ok(());
    }
    let wanted = packages.join(" ");
    if !is_on_path("apt-get") || !is_root()? {
        return Err(TaskError::missing(binary, format!("install it (on Debian, as root: apt-get install {wanted})")));
    }
    say(&format!("Debian packages: {wanted}"));
    let apt = |words: &[&str]| output(program("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(words));
    apt(&["update", "-qq"])?;
    let mut install = vec!["install", "-y", "-qq", "--no-install-recommends"];
    install.extend(packages);
    apt(&install)?;
    if is_on_path(binary) {
        Ok(())
    } else {
        Err(TaskError::missing(binary, format!("apt-get install {wanted} did not bring it")))
    }
}

fn is_root() -> Result<bool, TaskError> {
    Ok(output(program("id").arg("-u"))?.trim() == "0")
}
