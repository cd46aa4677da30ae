//! What went wrong, as the browser says it, and as a user may notice it.

use indexed_db_futures::error::{DomException, Error};

use crate::ports::StoreError;

/// The browser's error.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct IndexedDbError(#[from] Error);

impl IndexedDbError {
    /// Whether the connection is gone, so that a new one may help.
    pub(super) fn is_lost_connection(&self) -> bool {
        match &self.0 {
            Error::DomException(DomException::InvalidStateError(_)) => true,
            Error::DomException(DomException::Other(other)) => other.name() == "UnknownError",
            _ => false,
        }
    }
}

impl From<IndexedDbError> for StoreError {
    fn from(error: IndexedDbError) -> Self {
        match error.0 {
            Error::DomException(DomException::Other(other)) if other.name() == "QuotaExceededError" => {
                Self::QuotaExceeded
            }
            _ => Self::Unavailable,
        }
    }
}
