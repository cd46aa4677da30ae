//! The stores in IndexedDB. Everything that belongs together is one transaction; `strict` where a promise is made.

mod database;
mod drafts;
mod files;
mod outbox;
mod schema;

pub use database::IndexedDbStore;
