//! What only a browser has, and the composition of it all.

mod broadcast;
pub mod canary;
pub mod device;
pub mod js;
pub mod locks;
pub mod offers;
pub mod page;
mod part;
pub mod patterns;
mod spare;
pub mod vault;
mod wake;
pub mod zone;

pub use device::BrowserDevice;
pub use page::{BrowserPlatform, PageEvent, PageRuntime, Subscription};
pub use part::Storage;
pub use patterns::BrowserPatterns;
pub use zone::BrowserZone;
