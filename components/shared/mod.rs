//! What several widgets share.

#[cfg(target_family = "wasm")]
pub mod erase;
pub mod messages;
#[cfg(target_family = "wasm")]
pub mod styles;
