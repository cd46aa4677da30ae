//! What several widgets share.

#[cfg(target_family = "wasm")]
pub mod api;
#[cfg(target_family = "wasm")]
mod base;
#[cfg(target_family = "wasm")]
pub mod dom;
#[cfg(target_family = "wasm")]
mod file_row;
#[cfg(target_family = "wasm")]
pub mod late;
pub mod messages;
#[cfg(target_family = "wasm")]
mod state_text;
#[cfg(target_family = "wasm")]
pub mod styles;
#[cfg(target_family = "wasm")]
pub mod watched;

#[cfg(target_family = "wasm")]
pub use base::{announcement, base};
#[cfg(target_family = "wasm")]
pub use file_row::file_row;
#[cfg(target_family = "wasm")]
pub use state_text::state_text;

/// Does `work` while the page goes on, whether or not the element that began it stays.
#[cfg(target_family = "wasm")]
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: itsm_widgets::ports::Later<'static, ()> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}
