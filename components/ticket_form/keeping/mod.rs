//! What comes after the first keystroke: drafts, the outbox, files, the review and the receipt. A module of its own,
//! loaded when the form is shown; or before, where something may be kept on this device.

mod changing;
mod draft_session;
mod files;
mod kept;
mod notes;
mod review;
mod submit;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use itsm_widgets::adapters::browser::{PageEvent, PageRuntime, Subscription};
use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::draft::DraftPlace;
use itsm_widgets::domain::form::{Answer, Answers, Definition, FileLimits};
use itsm_widgets::domain::id::{AttachmentId, EntryId, FormId, SubmissionKey};
use itsm_widgets::domain::map::Map;
use itsm_widgets::domain::outbox::{Attachment, OutboxEntry, OutboxState};
use itsm_widgets::domain::ticket::Receipt;
use itsm_widgets::domain::value::Value;
use itsm_widgets::ports::{Cached, Later};
use itsm_widgets::runtime::Read;
use leptos::prelude::*;

use self::draft_session::DraftSession;
use super::fields::FieldModel;
use super::keeper::Keeper;
use super::load;
use super::model::{Keeps, Phase, TicketForm};
use crate::element::{Cancelable, Host};
use crate::outbox::source;
use crate::shared::dom::{El, classed};
use crate::shared::late::NotLoaded;
use crate::shared::watched::Watched;
use crate::shared::{api, spawn};
use crate::sign_out;

/// Loads the module, if it is not there yet, and makes the keeper of `form`.
pub async fn load(form: TicketForm) -> Result<Rc<dyn Keeper>, NotLoaded> {
    #[cfg(feature = "split")]
    return keeper(form).await;
    #[cfg(not(feature = "split"))]
    keeper(form)
}

#[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(keeping, fallible))]
fn keeper(form: TicketForm) -> Result<Rc<dyn Keeper>, NotLoaded> {
    let element = form.session().ok_or(NotLoaded)?;
    Ok(element.owner.with(|| Rc::new(Keeping::new(form, element.host.clone()))))
}

/// A request that was submitted here.
#[derive(Clone, Debug, PartialEq)]
struct Kept {
    /// Its entry in the outbox.
    entry: EntryId,
    /// Where it stands.
    state: OutboxState,
    /// The service desk's word, once it came.
    receipt: Option<Receipt>,
}

/// A refused request, whose edited successor must be the only one that counts.
#[derive(Clone, Debug, PartialEq)]
struct Replaced {
    /// Its entry.
    entry: EntryId,
    /// All keys it was ever sent under.
    keys: Vec<SubmissionKey>,
}

/// A form with all that is kept of it: handles, copied freely.
#[derive(Clone, Copy)]
struct Keeping {
    /// The form.
    form: TicketForm,
    /// The request that was submitted here last.
    kept: Watched<Option<Kept>>,
    /// Requests of this form that are still on the device, without the one just submitted.
    others: Watched<Vec<OutboxEntry>>,
    /// How many saved requests cannot be read any more.
    missing: Watched<usize>,
    /// Requests of an earlier visit that have just been received.
    received: Watched<Vec<Receipt>>,
    /// What is known of the chosen files.
    files: Watched<Map<AttachmentId, Attachment>>,
    /// The files that are being read.
    reading: Watched<Vec<String>>,
    /// How many bytes of each file are at the service desk.
    sent: Watched<Map<AttachmentId, u64>>,
    session: StoredValue<Rc<Session>, LocalStorage>,
}

/// What is no signal.
struct Session {
    /// The element.
    host: Host,
    /// The service desk with its outbox.
    runtime: RefCell<Option<Rc<PageRuntime>>>,
    /// The draft that is being written.
    draft: DraftSession,
    /// A submission is under way: a second press of the button is none.
    busy: Cell<bool>,
    /// The button was pressed while a file was being read.
    pressed_early: Cell<bool>,
    /// The refused request that is being edited.
    replaces: RefCell<Option<Replaced>>,
    /// The key of arrived answers that are being changed.
    revises: RefCell<Option<SubmissionKey>>,
    /// The entry that was sent from this form: what stands in the form are its answers.
    sent_here: RefCell<Option<EntryId>>,
    /// The subscription to the runtime's events.
    subscription: RefCell<Option<Subscription>>,
}

impl Keeping {
    fn new(form: TicketForm, host: Host) -> Self {
        let session = Session {
            host,
            runtime: RefCell::default(),
            draft: DraftSession::default(),
            busy: Cell::new(false),
            pressed_early: Cell::new(false),
            replaces: RefCell::default(),
            revises: RefCell::default(),
            sent_here: RefCell::default(),
            subscription: RefCell::default(),
        };
        let model = Self {
            form,
            kept: Watched::new(None),
            others: Watched::new(vec![]),
            missing: Watched::new(0),
            received: Watched::new(vec![]),
            files: Watched::new(Map::default()),
            reading: Watched::new(vec![]),
            sent: Watched::new(Map::default()),
            session: StoredValue::new_local(Rc::new(session)),
        };
        on_cleanup(move || draft_session::save_last(model));
        model
    }

    /// What is no signal. `None` once the element is gone, which a task that outlives it must expect.
    fn session(self) -> Option<Rc<Session>> {
        self.session.try_get_value()
    }

    /// Tells the page. Whether to go on.
    fn tell(self, what: &str, detail: &[(&str, Value)], cancelable: Cancelable) -> bool {
        let Some(form) = self.form.session() else { return true };
        form.host.emit(&form.surface.event(what), detail, cancelable)
    }

    fn runtime(self) -> Option<Rc<PageRuntime>> {
        self.session()?.runtime.borrow().clone()
    }

    /// The request whose state or receipt is shown now.
    fn kept_now(self) -> Option<Kept> {
        self.kept.get_untracked().filter(|_| self.form.phase.get_untracked() == Phase::Kept)
    }

    /// Whether it is that of `entry`.
    fn shows(self, entry: &EntryId) -> bool {
        self.kept_now().is_some_and(|kept| kept.entry == *entry)
    }

    /// Shows where a request stands.
    fn show(self, kept: Kept) {
        self.kept.set(Some(kept));
        if self.form.phase.get_untracked() != Phase::Kept {
            self.form.phase.set(Phase::Kept);
        }
    }

    /// Shows the empty form for a further request.
    fn start_over(self) {
        self.files.set(Map::default());
        self.sent.set(Map::default());
        if let Some(session) = self.session() {
            session.revises.take();
            session.sent_here.take();
        }
        self.form.start_over();
    }

    async fn adopt_draft(self, definition: Arc<Definition>, generation: u32) -> Option<Answers> {
        let (session, runtime) = (self.session()?, self.runtime()?);
        let place = DraftPlace {
            part: runtime.part().to_owned(),
            form: definition.id().clone(),
            context: load::context_of(&session.host),
        };
        let draft = session.draft.adopt(&runtime, place).await?;
        *session.revises.borrow_mut() = draft.revises;
        let mut answers = draft.answers;
        let ids = answers.attachments(definition.file_fields());
        let files = if ids.is_empty() { vec![] } else { runtime.store().files(&ids).await.unwrap_or_default() };
        keep_known_files(&mut answers, &definition, &files);
        if !self.form.is_current(generation) {
            return None;
        }
        self.know_files(files);
        Some(answers)
    }

    fn know_files(self, files: Vec<Attachment>) {
        self.files.set(files.into_iter().map(|file| (file.id.clone(), file)).collect());
    }
}

/// Takes out of `answers` the files that are not there any more: nobody could take them out by hand.
fn keep_known_files(answers: &mut Answers, definition: &Definition, files: &[Attachment]) {
    for field in definition.file_fields() {
        let known = |id: &&String| files.iter().any(|file| file.id.as_str() == id.as_str());
        let left: Vec<String> = answers.choices(field).iter().filter(known).cloned().collect();
        answers.put(field.clone(), Answer::Choices(left));
    }
}

impl Keeper for Keeping {
    fn connect(&self, desk: Rc<HttpDesk>, generation: u32) -> Later<'static, ()> {
        let model = *self;
        Box::pin(async move {
            let Some(storage) = model.session().map(|session| api::storage(&session.host)) else { return };
            let mut runtime = PageRuntime::of(&desk, storage).await;
            // Its person may have left meanwhile.
            while runtime.has_ended() && model.form.is_current(generation) {
                runtime = PageRuntime::of(&HttpDesk::of(desk.api()), storage).await;
            }
            let Some(session) = model.session().filter(|_| model.form.is_current(generation)) else { return };
            model.form.keeps.set(Keeps::of(runtime.may_last()));
            if session.runtime.replace(Some(runtime.clone())).is_some() {
                // What an earlier form or person left.
                session.replaces.take();
                session.revises.take();
                model.kept.set(None);
                model.received.set(vec![]);
                model.form.announce(String::new());
            }
            let host = session.host.clone();
            sign_out::follow(&session.host, move || {
                let (source, host) = (source::of(runtime.clone()), host.clone());
                Box::pin(async move {
                    draft_session::save_waiting(model).await;
                    source.leave(host).await
                })
            });
        })
    }

    fn read(&self, path: String) -> Later<'static, Read> {
        let runtime = self.runtime();
        Box::pin(async move {
            match runtime {
                Some(runtime) => runtime.read(&path).await,
                None => Read::Unreachable,
            }
        })
    }

    fn keep(&self, read: Vec<(String, Cached)>) -> Later<'static, ()> {
        let runtime = self.runtime();
        Box::pin(async move {
            let Some(runtime) = runtime else { return };
            for (path, cached) in read {
                runtime.keep(&path, &cached).await;
            }
        })
    }

    fn adopt(&self, definition: Arc<Definition>, generation: u32) -> Later<'static, Option<Answers>> {
        Box::pin(self.adopt_draft(definition, generation))
    }

    fn set_aside(&self) {
        if let Some(session) = self.session() {
            session.draft.end();
        }
    }

    fn answered(&self, form: FormId) -> Later<'static, bool> {
        Box::pin(changing::show_answered(*self, form))
    }

    fn shown(&self) {
        let model = *self;
        let (Some(session), Some(runtime)) = (model.session(), model.runtime()) else { return };
        let subscription = runtime.subscribe(move |event: &PageEvent| submit::on_event(model, event));
        *session.subscription.borrow_mut() = Some(subscription);
        if runtime.has_ended() {
            // It was told before anybody listened.
            return draft_session::begin_anew(model);
        }
        notes::refresh(model);
        spawn(async move {
            // Nobody waits for it; a store that fails keeps what is too old.
            let _ = runtime.store().sweep(runtime.now()).await;
            let missing = runtime.missing().await;
            if model.session().is_some() {
                model.missing.set(missing);
            }
        });
    }

    fn wake(&self) {
        if let Some(runtime) = self.runtime() {
            runtime.wake();
        }
    }

    fn begin(&self) -> Later<'static, ()> {
        let runtime = self.runtime();
        Box::pin(async move {
            if let Some(runtime) = runtime {
                runtime.want().await;
            }
        })
    }

    fn edited(&self) {
        draft_session::save_soon(*self);
    }

    fn save_now(&self) {
        draft_session::save_now(*self);
    }

    fn send(&self) {
        submit::send(*self);
    }

    fn forget(&self) {
        let Some(session) = self.session() else { return };
        let was_changing = session.revises.take().is_some();
        session.draft.forget(*self);
        *session.replaces.borrow_mut() = None;
        session.sent_here.take();
        if was_changing {
            changing::give_up(*self);
        }
        self.files.set(Map::default());
        // A refused request that was being edited is one of those that wait again.
        notes::refresh(*self);
    }

    fn review(&self) -> El {
        review::review(*self)
    }

    fn kept(&self) -> El {
        kept::kept(*self)
    }

    fn notes(&self) -> El {
        notes::notes(classed("div", "notes"), *self)
    }

    fn file_field(&self, field: FieldModel, limits: FileLimits) -> El {
        files::file_field(*self, field, limits)
    }
}
