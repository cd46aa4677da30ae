//! What went wrong, as the browser says it, and as a user may notice it.

use indexed_db_futures::error::{DomException, Error};

use crate::ports::StoreError;

/// Why nothing was read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum IndexedDbError {
    /// The browser's error.
    #[error(transparent)]
    Browser(#[from] Error),
    /// The page was frozen before all was read.
    #[error("the page was frozen")]
    Frozen,
    /// It never came to its turn: another tab holds the database.
    #[error("another holds the database")]
    HeldUp,
}

impl IndexedDbError {
    /// Whether the connection is gone, so that a new one may help.
    pub(super) fn is_lost_connection(&self) -> bool {
        match self {
            Self::Browser(Error::DomException(DomException::InvalidStateError(_))) => true,
            Self::Browser(Error::DomException(DomException::Other(other))) => other.name() == "UnknownError",
            Self::Browser(_) | Self::Frozen | Self::HeldUp => false,
        }
    }
}

impl From<IndexedDbError> for StoreError {
    fn from(error: IndexedDbError) -> Self {
        match error {
            IndexedDbError::Browser(Error::DomException(DomException::Other(other)))
                if other.name() == "QuotaExceededError" =>
            {
                Self::QuotaExceeded
            }
            _ => Self::Unavailable,
        }
    }
}
