//! Set-up: every command first asks for the tools it needs; nothing is done where nothing is missing.
//!
//! Tools are kept for the user, outside the checkout, so that a second clone starts in seconds.

pub(crate) mod browser;
pub(crate) mod cargo_tools;
pub(crate) mod debian;
mod debian_pool;
pub(crate) mod npm;
pub(crate) mod python;
pub(crate) mod wasm_target;

use std::path::PathBuf;

use crate::error::TaskError;

/// The folder for tools: `ITSM_WIDGETS_CACHE`, or one in the user's cache.
pub(crate) fn cache() -> Result<PathBuf, TaskError> {
    let from = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = from("ITSM_WIDGETS_CACHE")
        .or_else(|| from("XDG_CACHE_HOME").map(|cache| cache.join("itsm-widgets")))
        .or_else(|| from("HOME").map(|home| home.join(".cache/itsm-widgets")))
        .ok_or_else(|| TaskError::missing("a home folder", "set ITSM_WIDGETS_CACHE to a folder for tools"))?;
    std::fs::create_dir_all(&folder).map_err(TaskError::file(&folder))?;
    Ok(folder)
}

/// Says what is being set up, since it may take a while.
pub(crate) fn say(text: &str) {
    eprintln!("set-up: {text}");
}
