//! What several widgets share.

#[cfg(target_family = "wasm")]
pub mod dom;
pub mod messages;
#[cfg(target_family = "wasm")]
pub mod styles;
#[cfg(target_family = "wasm")]
pub mod watched;

/// Does `work` while the page goes on, whether or not the element that began it stays.
#[cfg(target_family = "wasm")]
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    let work: itsm_widgets::ports::Later<'static, ()> = Box::pin(work);
    wasm_bindgen_futures::spawn_local(work);
}
