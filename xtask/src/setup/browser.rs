//! Browsers for tests.

use std::path::PathBuf;

use super::{cargo_tools, debian};
use crate::error::TaskError;

/// Chromium and its driver.
pub(crate) fn chromium() -> Result<(), TaskError> {
    debian::provide("chromium", &["chromium", "chromium-driver"])?;
    debian::provide("chromedriver", &["chromium-driver"])
}

/// Firefox; gives its driver's program.
pub(crate) fn firefox() -> Result<PathBuf, TaskError> {
    debian::provide("firefox-esr", &["firefox-esr"])?;
    cargo_tools::install(&cargo_tools::GECKODRIVER)
}

/// WebKit's driver, which brings its own browser, and the screen that it needs.
pub(crate) fn webkit() -> Result<(), TaskError> {
    debian::provide("WebKitWebDriver", &["webkit2gtk-driver"])?;
    debian::provide("Xvfb", &["xvfb"])
}
