//! Custom elements: their contracts, and what stands between the shell in JavaScript and the views in Rust.
//!
//! The shell (`shell.js`) is a small module that a page includes. It defines the tags at once and loads the wasm on first
//! use; attributes and properties that come before are kept there and replayed here.

pub mod contract;

#[cfg(target_family = "wasm")]
mod host;
#[cfg(target_family = "wasm")]
mod widget;

#[cfg(target_family = "wasm")]
pub use host::{Cancelable, Host, State};
