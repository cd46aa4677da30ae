//! Implementations of the ports.

pub mod memory;

#[cfg(target_family = "wasm")]
pub mod browser;
#[cfg(target_family = "wasm")]
pub mod http;
#[cfg(target_family = "wasm")]
pub mod indexeddb;
