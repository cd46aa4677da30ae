//! Browsers for tests.

use super::debian;
use crate::error::TaskError;

/// Chromium and its driver.
pub(crate) fn chromium() -> Result<(), TaskError> {
    debian::provide("chromium", &["chromium", "chromium-driver"])?;
    debian::provide("chromedriver", &["chromium-driver"])
}
