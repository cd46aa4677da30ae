//! What several widgets share.

pub mod messages;
#[cfg(target_family = "wasm")]
pub mod styles;
