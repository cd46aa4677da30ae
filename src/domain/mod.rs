//! Values and total functions: no clock, no store, no network, no browser. Imports nothing else of ours.

pub mod complaint;
pub mod csv;
pub mod decimal;
pub mod draft;
pub mod form;
pub mod id;
pub mod locale;
pub mod map;
pub mod media_type;
pub mod outbox;
pub mod sla;
pub mod survey;
pub mod ticket;
pub mod time;
pub mod value;
