//! The core of itsm-widgets: what would be the same if the views were replaced.
//!
//! Widgets ask and are told. What a user does becomes values of [`domain`]; a request is written to the device in one
//! transaction before anybody says "saved"; one worker ([`runtime`]) hands it to the service desk under an idempotency
//! key and writes down the verdict.
//!
//! ```text
//! domain  ◀── ports ◀── runtime ◀───────────────┐
//!   ▲           ▲                               │
//!   └── wire ◀──┴── adapters ◀── adapters::browser (composition) ◀── components
//! ```
//!
//! | Where | What |
//! |---|---|
//! | [`domain`] | values and total functions; imports nothing else of ours; takes time and chance as arguments |
//! | [`wire`] | the contract with the backend, and what an HTTP answer means |
//! | [`ports`] | what the rules need of the world |
//! | [`runtime`] | rules × ports: what is kept on the device, when a draft is saved, what the outbox worker does; the store's promises as tests |
//! | [`adapters`] | the ports in memory, and in a browser |
//!
//! `tests/native/layers.rs` holds the directions of the arrows.

pub mod adapters;
pub mod domain;
pub mod ports;
pub mod runtime;
pub mod wire;
