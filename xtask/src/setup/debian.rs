//! Debian's packages, where this is Debian and we may install.

use super::say;
use crate::error::TaskError;
use crate::process::{is_on_path, output, program};

/// Sees to it that `binary` is there, by installing `packages` where that can be done.
pub(crate) fn provide(binary: &str, packages: &[&str]) -> Result<(), TaskError> {
    if is_on_path(binary) {
        return Ok(());
    }
    install(binary, packages)?;
    let wanted = packages.join(" ");
    if is_on_path(binary) {
        Ok(())
    } else {
        Err(TaskError::missing(binary, format!("apt-get install {wanted} did not bring it")))
    }
}

/// Installs `packages`, which bring `what`, where this is Debian and we are root; else says what to install.
pub(crate) fn install(what: &str, packages: &[&str]) -> Result<(), TaskError> {
    let wanted = packages.join(" ");
    if !is_on_path("apt-get") || !is_root()? {
        return Err(TaskError::missing(what, format!("install it (on Debian, as root: apt-get install {wanted})")));
    }
    say(&format!("Debian packages: {wanted}"));
    let apt = |words: &[&str]| output(program("apt-get").env("DEBIAN_FRONTEND", "noninteractive").args(words));
    apt(&["update", "-qq"])?;
    let mut words = vec!["install", "-y", "-qq", "--no-install-recommends"];
    words.extend(packages);
    apt(&words).map(drop)
}

fn is_root() -> Result<bool, TaskError> {
    Ok(output(program("id").arg("-u"))?.trim() == "0")
}
