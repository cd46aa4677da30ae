//! The backend of itsm-widgets as a library, so that tests can look inside.
//!
//! | Where | What |
//! |---|---|
//! | [`settings`] | flags, environment and file |
//! | [`documents`] | JSON text, read with the place of what is wrong |
//! | [`definitions`] | forms and services as files |
//! | [`store`] | what is kept, as a trait; SQLite embedded |
//! | [`files`] | attachments' bytes |
//! | [`http`] | one module for each resource, and what surrounds them |
//! | [`identity`] | who asks: tokens, and the keys that sign them |
//! | [`invitations`] | signed links to surveys |
//! | [`outgoing`] | requests that the backend makes itself |
//! | [`relay`] | accepted submissions, forwarded |
//! | [`registers`] | what arrived, printed |
//! | [`run`] | start and graceful stop |

pub mod clock;
pub mod collector;
pub mod definitions;
pub mod documents;
pub mod files;
pub mod http;
pub mod identity;
pub mod invitations;
pub mod outgoing;
pub mod patterns;
pub mod pictures;
pub mod registers;
pub mod relay;
pub mod run;
pub mod settings;
pub mod store;
