//! The seam between the form and the module that keeps what is typed: drafts, outbox, files, review and receipt. The form
//! names no type of that module, so that none of its code has to be there before the first field can be used.

use std::rc::Rc;
use std::sync::Arc;

use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::form::{Answers, Definition, FileLimits};
use itsm_widgets::domain::id::FormId;
use itsm_widgets::ports::{Cached, Later};
use itsm_widgets::runtime::Read;

use super::fields::FieldModel;
use crate::shared::dom::El;

/// What comes after the first keystroke.
pub trait Keeper {
    /// Goes on for this service desk: its outbox begins to be sent. Nothing changes if something else was opened meanwhile.
    fn connect(&self, desk: Rc<HttpDesk>, generation: u32) -> Later<'static, ()>;
    /// Reads `path` below the API's address, or what is kept of it where the service desk does not answer.
    fn read(&self, path: String) -> Later<'static, Read>;
    /// Keeps what was read from these paths before this module was there.
    fn keep(&self, read: Vec<(String, Cached)>) -> Later<'static, ()>;
    /// Goes on with this form's latest draft that no other tab writes; its answers, if there is one.
    fn adopt(&self, definition: Arc<Definition>, generation: u32) -> Later<'static, Option<Answers>>;
    /// Leaves the adopted draft to a later visit; what is typed is a draft of its own.
    fn set_aside(&self);
    /// Shows the receipt of answers that were given to this survey on an earlier visit, if there are any; whether there are.
    fn answered(&self, form: FormId) -> Later<'static, bool>;
    /// The form is shown: from now on what is typed is kept, and what happens to requests is told.
    fn shown(&self);
    /// The service desk may take now what it did not take before.
    fn wake(&self);
    /// Something is about to be kept: from now on it survives the end of the page, if that can be had.
    fn begin(&self) -> Later<'static, ()>;
    /// An answer was changed.
    fn edited(&self);
    /// Nothing may be lost from here on.
    fn save_now(&self);
    /// The button was pressed.
    fn send(&self);
    /// Forgets the draft, its files, and the request that is being edited.
    fn forget(&self);
    /// The answers once more, before they are sent.
    fn review(&self) -> El;
    /// The request on its way, and its receipt.
    fn kept(&self) -> El;
    /// A line for each thing that earlier visits left.
    fn notes(&self) -> El;
    /// The control of a file field.
    fn file_field(&self, field: FieldModel, limits: FileLimits) -> El;
}
