//! The draft of one form in one tab: adopted when it is nobody else's, saved while one types.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use itsm_widgets::adapters::browser::locks::{self, Held};
use itsm_widgets::adapters::browser::{PageRuntime, canary};
use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::draft::{Draft, DraftPlace, is_stale};
use itsm_widgets::domain::id::DraftId;
use itsm_widgets::ports::{Chance, SaveDraftError, StoreError};
use itsm_widgets::runtime::{Pace, Platform};

use super::{Keeping, Session};
use crate::element::Cancelable;
use crate::shared::spawn;
use crate::ticket_form::keeper::Keeper;
use crate::ticket_form::load;
use crate::ticket_form::model::Phase;

/// The draft that this form writes.
#[derive(Default)]
pub struct DraftSession {
    id: RefCell<Option<DraftId>>,
    revision: Cell<u64>,
    place: RefCell<Option<DraftPlace>>,
    /// As long as this tab holds it, no other adopts the draft.
    held: RefCell<Option<Held>>,
    pace: Cell<Pace>,
    timer: RefCell<Option<Timeout>>,
    saving: Cell<bool>,
    /// How many drafts were begun: a save that began under an earlier one writes nothing into a later.
    begun: Cell<u32>,
}

/// A draft that is being submitted.
pub struct Paused {
    /// Its name, if one was begun.
    pub id: Option<DraftId>,
    revision: u64,
    held: Option<Held>,
}

/// How long to wait for the lock of a draft, in milliseconds: a page that is just being reloaded still holds it.
const PATIENCE: u32 = 300;

fn lock_name(id: &DraftId) -> String {
    ["itsm:draft:", id.as_str()].concat()
}

impl DraftSession {
    /// Adopts the latest draft of `place` that no other tab is writing, if there is one.
    pub async fn adopt(&self, runtime: &PageRuntime, place: DraftPlace) -> Option<Draft> {
        self.end();
        *self.place.borrow_mut() = Some(place.clone());
        let mut drafts = runtime.store().drafts(&place).await.unwrap_or_default();
        drafts.retain(|draft| !is_stale(draft.updated, runtime.now()));
        if drafts.is_empty() {
            self.note(runtime, false);
        }
        for draft in drafts {
            if let Some(held) = locks::take(&lock_name(&draft.id), PATIENCE).await {
                *self.id.borrow_mut() = Some(draft.id.clone());
                *self.held.borrow_mut() = Some(held);
                self.revision.set(draft.revision);
                return Some(draft);
            }
        }
        None
    }

    /// Notes, outside the database, whether there is a draft to wait for at the next visit.
    pub fn note(&self, runtime: &PageRuntime, is_there: bool) {
        let place = self.place.borrow();
        if let Some(place) = place.as_ref().filter(|_| runtime.store().is_lasting()) {
            canary::set_draft(runtime.desk().api(), &place.form, &place.context, is_there);
        }
    }

    /// The draft's name, made now if there is none yet.
    pub fn id(&self, runtime: &PageRuntime) -> DraftId {
        if let Some(id) = self.id.borrow().clone() {
            return id;
        }
        let id = DraftId::new(runtime.platform().device().uuid());
        *self.id.borrow_mut() = Some(id.clone());
        self.revision.set(0);
        id
    }

    /// How many drafts were begun here.
    pub fn begun(&self) -> u32 {
        self.begun.get()
    }

    /// The draft's name, if one was begun.
    pub fn current(&self) -> Option<DraftId> {
        self.id.borrow().clone()
    }

    /// Nothing more is saved under the present name until [`Self::resume`], or until a new draft is begun.
    pub fn pause(&self) -> Paused {
        let paused = Paused { id: self.current(), revision: self.revision.get(), held: self.held.borrow_mut().take() };
        self.end();
        paused
    }

    /// What was paused is the draft again: it was not submitted after all.
    pub fn resume(&self, paused: Paused) {
        *self.id.borrow_mut() = paused.id;
        *self.held.borrow_mut() = paused.held;
        self.revision.set(paused.revision);
    }

    /// Nothing more is saved under the present name; what is typed next begins a new draft.
    pub fn end(&self) {
        self.begun.set(self.begun.get() + 1);
        self.timer.borrow_mut().take();
        self.pace.set(Pace::default());
        self.id.borrow_mut().take();
        self.held.borrow_mut().take();
        self.revision.set(0);
    }

    /// Ends the draft and deletes it from the device.
    pub fn forget(&self, model: Keeping) {
        let id = self.current();
        self.end();
        if let (Some(id), Some(runtime)) = (id, model.runtime()) {
            spawn(async move {
                let _ = runtime.store().delete_draft(&id).await;
            });
        }
    }
}

/// Saves after a pause in typing, or when the last save is long enough ago.
pub fn save_soon(model: Keeping) {
    let (Some(session), Some(runtime)) = (model.session(), model.runtime()) else { return };
    if session.busy.get() {
        // What is typed while the request is being saved is no draft of another.
        return;
    }
    let mut pace = session.draft.pace.get();
    let wait = pace.edited(runtime.now());
    session.draft.pace.set(pace);
    // A timer that runs is not set anew at every key: when it ends, it sees that there is more to wait for.
    if session.draft.timer.borrow().is_none() {
        wait_for(model, wait);
    }
}

fn wait_for(model: Keeping, wait: u32) {
    let Some(session) = model.session() else { return };
    let ended = move || {
        let (Some(session), Some(runtime)) = (model.session(), model.runtime()) else { return };
        session.draft.timer.borrow_mut().take();
        match session.draft.pace.get().rest(runtime.now()) {
            0 => save_now(model),
            rest => wait_for(model, rest),
        }
    };
    *session.draft.timer.borrow_mut() = Some(Timeout::new(wait, ended));
}

/// Saves what waits to be saved, at once.
pub fn save_now(model: Keeping) {
    let Some(session) = model.session() else { return };
    if !session.draft.pace.get().is_waiting() || session.draft.saving.replace(true) {
        return;
    }
    spawn(async move {
        save(model).await;
        if let Some(session) = model.session() {
            session.draft.saving.set(false);
            // Something was typed meanwhile.
            if session.draft.pace.get().is_waiting() {
                save_soon(model);
            }
        }
    });
}

/// What was typed here is gone, and the form is opened for whoever is here now.
pub fn forgotten(model: Keeping) {
    if let Some(session) = model.session() {
        session.draft.end();
        session.host.emit("itsm-signed-out", &[], Cancelable::No);
        model.form.phase.set(Phase::Loading);
        load::load(model.form);
    }
}

/// Somebody else is here: what was typed is theirs who typed it, and the form is opened for whom it is now.
pub fn begin_anew(model: Keeping) {
    let is_unsaved = |session: Rc<Session>| session.draft.current().is_none() && session.replaces.borrow().is_none();
    let is_typed = model.form.session().is_some_and(|session| session.typed.get());
    if is_typed && model.form.phase.get_untracked() == Phase::Filling && model.session().is_some_and(is_unsaved) {
        return spawn(async move {
            let _ = take_along(model).await;
        });
    }
    // Nothing more is typed into it, and nobody else sees it.
    model.form.phase.set(Phase::Loading);
    spawn(async move {
        save_waiting(model).await;
        if model.session().is_some() {
            load::load(model.form);
        }
    });
}

/// What was begun just now, and of which nothing is saved yet, is theirs who are here now.
async fn take_along(model: Keeping) -> Option<()> {
    let form = model.form.session()?;
    let desk = HttpDesk::of(form.desk.borrow().as_ref()?.api());
    *form.desk.borrow_mut() = Some(desk.clone());
    model.connect(desk, form.generation.get()).await;
    let (session, runtime) = (model.session()?, model.runtime()?);
    if let Some(place) = &mut *session.draft.place.borrow_mut() {
        place.part = runtime.part().to_owned();
    }
    model.shown();
    save_soon(model);
    Some(())
}

/// Saves what waits to be saved; returns once it is.
pub async fn save_waiting(model: Keeping) {
    if model.session().is_some_and(|session| session.draft.pace.get().is_waiting()) {
        save(model).await;
    }
}

/// The draft as it is now; `None` where there is no place for one.
fn record_of(model: Keeping, session: &Session, runtime: &PageRuntime) -> Option<Draft> {
    let draft = &session.draft;
    let place = draft.place.borrow().clone()?;
    let id = draft.id(runtime);
    Some(Draft {
        id,
        place,
        revision: draft.revision.get() + 1,
        updated: runtime.now(),
        revises: session.revises.borrow().clone(),
        answers: model.form.form.with_untracked(|form| form.answers().clone()),
    })
}

/// The element leaves the page: what waits is saved as it is now, since later nobody is there who could say what it was.
pub fn save_last(model: Keeping) {
    let Some((session, runtime)) = model.session().zip(model.runtime()) else { return };
    let draft = &session.draft;
    let is_waiting = draft.pace.get().is_waiting() || draft.saving.get();
    if !is_waiting || session.busy.get() {
        return;
    }
    let is_new = draft.current().is_none();
    let Some(mut record) = record_of(model, &session, &runtime) else { return };
    draft.note(&runtime, true);
    let held = draft.held.take();
    // What is being saved meanwhile is older.
    draft.end();
    spawn(async move {
        if is_new && !runtime.is_still_here().await {
            return;
        }
        runtime.want().await;
        // An older one may have come first, or another tab.
        for _ in 0..2 {
            let saved = runtime.store().save_draft(&record).await;
            if runtime.has_ended() || !matches!(saved, Err(SaveDraftError::Conflict)) {
                break;
            }
            record.revision += 1;
        }
        drop(held);
    });
}

async fn save(model: Keeping) -> Option<()> {
    let (session, runtime) = (model.session()?, model.runtime()?);
    let draft = &session.draft;
    let mut pace = draft.pace.get();
    pace.saving();
    draft.pace.set(pace);
    let begun = draft.begun.get();
    // Nobody else begins a draft for somebody who has just left.
    if draft.current().is_none() && !runtime.is_still_here().await {
        return None;
    }
    runtime.want().await;
    if draft.begun.get() != begun || runtime.has_ended() {
        return None;
    }
    let mut record = record_of(model, &session, &runtime)?;
    if record.revision == 1 {
        hold(model, record.id.clone());
        draft.note(&runtime, true);
    }
    match runtime.store().save_draft(&record).await {
        Ok(()) if draft.begun.get() == begun => draft.revision.set(record.revision),
        Err(SaveDraftError::Conflict) if draft.begun.get() == begun => {
            // Another tab writes this draft: ours goes on under a name of its own.
            draft.id.borrow_mut().take();
            record.id = draft.id(&runtime);
            record.revision = 1;
            hold(model, record.id.clone());
            if runtime.store().save_draft(&record).await.is_ok() {
                draft.revision.set(1);
            }
        }
        Err(SaveDraftError::Store(StoreError::Unavailable)) => runtime.begin_anew().await,
        // A draft is a help, not a promise: the next save tries again.
        Ok(()) | Err(_) => {}
    }
    Some(())
}

/// Holds the draft's lock from now on.
fn hold(model: Keeping, id: DraftId) {
    spawn(async move {
        let held = locks::take(&lock_name(&id), PATIENCE).await;
        if let Some(session) = model.session().filter(|session| session.draft.current() == Some(id)) {
            *session.draft.held.borrow_mut() = held;
        }
    });
}
