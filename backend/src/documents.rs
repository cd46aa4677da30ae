//! From JSON text to documents: what is wrong is named with its place.

use itsm_widgets::domain::value::{self, Document, Misread, Value};

/// Why a text is no document of the expected kind.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// It is no JSON.
    #[error("no JSON that can be read: {0}")]
    Syntax(#[from] serde_json::Error),
    /// A member is missing, not known, or not what it should be.
    #[error("{0}")]
    Shape(Misread),
}

/// Reads a document.
pub fn read<T: Document>(text: &str) -> Result<T, DocumentError> {
    let value: Value = serde_json::from_str(text)?;
    value::read(value).map_err(DocumentError::Shape)
}
