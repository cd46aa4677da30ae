//! Files: chosen, dropped or pasted; read, looked at and kept on the device at once. A module of its own, loaded for
//! forms that ask for files.

mod field;
mod reading;

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::domain::form::FileLimits;

use super::{Keeping, NotLoaded};
use crate::shared::dom::{El, classed};
use crate::shared::spawn;
use crate::shared::watched::Watched;
use crate::ticket_form::fields::FieldModel;

/// Draws the control of a file field.
type Draw = fn(Keeping, FieldModel, FileLimits) -> El;

/// Loads the module, if it is not there yet.
async fn load() -> Result<Draw, NotLoaded> {
    #[cfg(feature = "split")]
    return draw().await;
    #[cfg(not(feature = "split"))]
    draw()
}

#[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(files, fallible))]
fn draw() -> Result<Draw, NotLoaded> {
    Ok(field::control)
}

/// A place for the control of a file field, which is drawn there as soon as its module is loaded.
pub fn file_field(keeping: Keeping, model: FieldModel, limits: FileLimits) -> El {
    let drawn = Watched::new(None::<Draw>);
    spawn(async move {
        let mut pause = 1_000;
        while keeping.session().is_some() {
            if let Ok(draw) = load().await {
                drawn.set(Some(draw));
                return;
            }
            TimeoutFuture::new(pause).await;
            pause = (pause * 4).min(60_000);
        }
    });
    let is_there = move || drawn.with(Option::is_some).then(String::new);
    classed("div", "files-place").when(is_there, move |_| match drawn.get_untracked() {
        Some(draw) => draw(keeping, model, limits.clone()),
        None => classed("div", ""),
    })
}
