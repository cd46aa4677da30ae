//! Files: chosen, dropped or pasted; read, looked at and kept on the device at once. A module of its own, loaded for
//! forms that ask for files.

mod field;
mod reading;

use itsm_widgets::domain::form::FileLimits;

use super::Keeping;
use crate::shared::dom::El;
use crate::shared::late::{Draw, NotLoaded, late};
use crate::ticket_form::fields::FieldModel;

/// A place for the control of a file field.
pub fn file_field(keeping: Keeping, model: FieldModel, limits: FileLimits) -> El {
    late(move || Box::pin(load(keeping, model, limits.clone())))
}

async fn load(keeping: Keeping, model: FieldModel, limits: FileLimits) -> Result<Draw, NotLoaded> {
    #[cfg(feature = "split")]
    return draw(keeping, model, limits).await;
    #[cfg(not(feature = "split"))]
    draw(keeping, model, limits)
}

#[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(files, fallible))]
fn draw(keeping: Keeping, model: FieldModel, limits: FileLimits) -> Result<Draw, NotLoaded> {
    Ok(Box::new(move || field::control(keeping, model, limits)))
}
