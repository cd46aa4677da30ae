//! Rules × ports: what happens in which order. No globals, no browser.

mod draft_saver;
mod reader;
pub mod store;
mod worker;

pub use draft_saver::Pace;
pub use reader::{Freshness, Read, read, url_of};
pub use store::DeviceStore;
pub use worker::{DrainEvent, drain, next_wake};

use crate::ports::{Chance, Clock, ServiceDesk};

/// The world that the rules run in, bundled.
pub trait Platform {
    /// A piece of a file.
    type Bytes: Clone + 'static;
    /// The service desk's API.
    type Desk: ServiceDesk<Bytes = Self::Bytes>;
    /// Clock and chance.
    type Device: Clock + Chance;

    /// What is kept on the device.
    fn store(&self) -> &DeviceStore<Self::Bytes>;
    /// The service desk's API.
    fn desk(&self) -> &Self::Desk;
    /// Clock and chance.
    fn device(&self) -> &Self::Device;
    /// Whose entries these are, at which service desk.
    fn part(&self) -> &str;
}
