//! Rules × ports: what happens in which order. No globals, no browser.

mod attendant;
mod draft_saver;
pub mod gate;
mod reader;
pub mod store;
mod turn;
mod upload;
mod worker;

pub use attendant::{Bell, attend};
pub use draft_saver::Pace;
pub use reader::{Freshness, Read, read, url_of};
pub use store::DeviceStore;
pub use turn::drain_in_turn;
pub use worker::{DrainEvent, Settled, Uploading, drain};

use crate::ports::{Chance, Clock, ServiceDesk, Timer, Turns};

/// The world that the rules run in, bundled.
pub trait Platform {
    /// A piece of a file.
    type Bytes: Clone + 'static;
    /// The service desk's API.
    type Desk: ServiceDesk<Bytes = Self::Bytes>;
    /// The browser, or what stands in for it.
    type Device: Clock + Chance + Timer + Turns;

    /// What is kept on the device.
    fn store(&self) -> &DeviceStore<Self::Bytes>;
    /// The service desk's API.
    fn desk(&self) -> &Self::Desk;
    /// The browser, or what stands in for it.
    fn device(&self) -> &Self::Device;
    /// Whose entries these are, at which service desk.
    fn part(&self) -> &str;
}
