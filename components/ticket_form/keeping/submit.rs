//! From the button to the outbox, and what comes back.

use std::cell::Cell;

use itsm_widgets::adapters::browser::js::{member, to_json, window};
use itsm_widgets::adapters::browser::{BrowserPatterns, BrowserZone, PageEvent};
use itsm_widgets::domain::form::{Answers, Definition, FormState, Submission};
use itsm_widgets::domain::id::{EntryId, ServiceId, SubmissionKey};
use itsm_widgets::domain::outbox::{OutboxEntry, OutboxState, ParkReason, Progress};
use itsm_widgets::domain::value::Document;
use itsm_widgets::ports::{Chance, ServiceDesk, StoreError};
use itsm_widgets::runtime::{Platform, Settled, Uploading};
use itsm_widgets::wire::{About, PageContext, SubmissionBody, Times};
use leptos::prelude::*;

use super::{Keeping, Kept, Replaced, draft_session, kept, notes};
use crate::element::Cancelable;
use crate::shared::messages::Message;
use crate::shared::spawn;
use crate::ticket_form::model::{Keeps, Notice, Phase};
use crate::ticket_form::{load, prefill, view};

/// The button was pressed: shows what is wrong, or the review, or saves and sends.
pub fn send(model: Keeping) {
    let Some(definition) = model.form.definition.get_untracked() else { return };
    let reviewing = model.form.phase.get_untracked() == Phase::Reviewing;
    if !reviewing && model.form.phase.get_untracked() != Phase::Filling {
        return;
    }
    if model.reading.with_untracked(|reading| !reading.is_empty()) {
        if let Some(session) = model.session() {
            session.pressed_early.set(true);
        }
        return;
    }
    let submitted = model.form.form.with_untracked(|form| form.submit(&definition, &BrowserPatterns, &BrowserZone));
    match submitted {
        Err(errors) => {
            model.form.phase.set(Phase::Filling);
            model.form.change(|form| form.touch_all(&definition));
            let count = errors.count();
            model.form.announce(
                model.form.messages.with_untracked(|m| m.count(Message::ProblemsOther, Message::ProblemsOne, count)),
            );
            view::focus_first_error(model.form);
        }
        Ok(_) if definition.source().review && !reviewing => {
            model.form.announce(model.form.say(Message::ReviewTitle));
            model.form.phase.set(Phase::Reviewing);
            view::focus_heading(model.form);
        }
        Ok(submission) => commit(model, submission),
    }
}

fn commit(model: Keeping, submission: Submission) {
    let Some(session) = model.session() else { return };
    let Some(definition) = model.form.definition.get_untracked() else { return };
    let detail = [("form", definition.id().write()), ("answers", submission.answers.write())];
    if session.busy.get() || !model.tell("submit", &detail, Cancelable::Yes) {
        return;
    }
    session.busy.set(true);
    // Not tied to the element: a page that takes it away now still has its request saved.
    spawn(async move {
        let committed = write(model, submission).await;
        let Some(session) = model.session() else { return };
        session.busy.set(false);
        match committed {
            Ok(entry) => {
                model.tell("queued", &[("key", entry.key.write())], Cancelable::No);
                model.form.notice.set(None);
                model.form.announce(model.form.say(untrack(|| kept::waiting_title(model.form))));
                // Delivery may have been quicker.
                if !model.shows(&entry.id) {
                    model.show(Kept { entry: entry.id, state: OutboxState::Queued, receipt: None });
                }
                view::focus_heading(model.form);
            }
            Err(error) => {
                let notice = if error == StoreError::Corrupt { Notice::Broken } else { Notice::NoSpace };
                model.form.announce(view::notice_text(model.form, &notice));
                model.form.notice.set(Some(notice));
            }
        }
    });
}

/// Writes the request to the device in place of its draft.
async fn write(model: Keeping, submission: Submission) -> Result<OutboxEntry, StoreError> {
    let gone = StoreError::Unavailable;
    let (session, runtime) = (model.session().ok_or(gone)?, model.runtime().ok_or(gone)?);
    let definition = model.form.definition.get_untracked().ok_or(gone)?;
    let device = runtime.platform().device();
    let attachments = runtime.store().files(&submission.attachments).await?;
    if attachments.len() != submission.attachments.len() {
        return Err(StoreError::Corrupt);
    }
    let replaced = session.replaces.borrow().clone();
    let given = |name| session.host.given(name);
    let (service, ticket) = (given("service").map(ServiceId::new), given("ticket"));
    let about = About { service, ticket, invitation: given("invitation") };
    let times = Times {
        captured_at: runtime.now(),
        clock_offset_ms: runtime.desk().clock_offset(),
        offline: member(&window().navigator(), "onLine").is_falsy(),
    };
    let tag = definition.texts(&untrack(|| session.host.language())).0.to_owned();
    let mut body = SubmissionBody::new(&definition, submission, &tag, about, times, page_context());
    body.attachments = attachments.clone();
    body.supersedes = replaced.as_ref().map_or_else(Vec::new, |replaced| replaced.keys.clone());
    body.revises = session.revises.borrow().clone();
    let entry = OutboxEntry {
        id: EntryId::new(device.uuid()),
        key: SubmissionKey::new(device.uuid()),
        seq: 0,
        part: runtime.part().to_owned(),
        form: definition.id().clone(),
        context: load::context_of(&session.host),
        body: to_json(&body),
        supersedes: body.supersedes,
        lane: lane_of(model, &definition),
        depends_on: None,
        attachments,
        created: times.captured_at,
        progress: Progress::default(),
    };
    // From here on nothing may bring the draft back, unless the request cannot be saved.
    let draft = session.draft.pause();
    let replaced = replaced.map(|replaced| replaced.entry);
    if let Err(error) = runtime.commit(&entry, draft.id.as_ref(), replaced.as_ref()).await {
        session.draft.resume(draft);
        return Err(error);
    }
    session.replaces.borrow_mut().take();
    session.revises.take();
    *session.sent_here.borrow_mut() = Some(entry.id.clone());
    Ok(entry)
}

/// Answers about one thing go one after the other: a later change must not be overtaken by an earlier one.
fn lane_of(model: Keeping, definition: &Definition) -> String {
    let form = model.form.session().filter(|form| form.surface.is_once());
    let context = form.map(|form| load::context_of(&form.host)).filter(|context| !context.is_empty());
    context.map(|context| [definition.id().as_str(), " ", &context].concat()).unwrap_or_default()
}

/// The page's address without query and fragment: those may hold what is nobody's business.
fn page_context() -> PageContext {
    let location = window().location();
    let named = |name| member(&location, name).as_string().unwrap_or_default();
    let page = [named("origin"), named("pathname")].concat();
    PageContext { page, app_version: env!("CARGO_PKG_VERSION").to_owned() }
}

/// Something has happened to an entry of this service desk.
pub fn on_event(model: Keeping, event: &PageEvent) {
    if model.session().is_none() {
        return;
    }
    match event {
        PageEvent::Settled(event) if model.shows(&event.entry) => on_drained(model, event),
        // The element that shows the request is told first: it is the one to tell the page.
        PageEvent::Settled(event) if is_of_own_form(model, event) => {
            let event = event.clone();
            spawn(async move { on_drained(model, &event) });
        }
        PageEvent::Settled(_) | PageEvent::Committed(_) => {}
        // It changes nothing that is noted.
        PageEvent::Uploading(uploading) => return on_uploading(model, uploading),
        PageEvent::Edit(id, taken) => return on_edit(model, id, taken),
        PageEvent::Elsewhere => follow_other_tab(model),
        PageEvent::Lasting(lasts) => model.form.keeps.set(Keeps::of(*lasts)),
        PageEvent::Left => return draft_session::begin_anew(model),
        PageEvent::Forgotten => return draft_session::forgotten(model),
    }
    notes::refresh(model);
}

/// Somebody wants to edit a request, beside the form: the first form of its kind takes it.
fn on_edit(model: Keeping, id: &EntryId, taken: &Cell<bool>) {
    let entry = model.others.with_untracked(|others| others.iter().find(|entry| entry.id == *id).cloned());
    if let (Some(entry), false) = (entry, taken.get())
        && let OutboxState::Parked { why } = entry.progress.state
    {
        taken.set(true);
        edit_earlier(model, &entry, why);
    }
}

fn on_uploading(model: Keeping, uploading: &Uploading) {
    if model.shows(&uploading.entry) {
        model.sent.update(|sent| {
            sent.insert(uploading.file.clone(), uploading.sent);
        });
    }
}

fn is_of_own_form(model: Keeping, event: &Settled) -> bool {
    model.form.definition.with_untracked(|d| d.as_ref().is_some_and(|d| *d.id() == event.form))
}

fn on_drained(model: Keeping, event: &Settled) {
    let Some(session) = model.session() else { return };
    let kept_here = model.shows(&event.entry);
    let is_first = model.runtime().is_some_and(|runtime| runtime.is_first_to_tell(event));
    if !kept_here && !is_first {
        return;
    }
    if let Some(receipt) = &event.receipt {
        let detail = [("key", event.key.write()), ("number", receipt.number.write())];
        if kept_here {
            let had_focus = session.host.root().active_element().is_some();
            model.show(Kept { entry: event.entry.clone(), state: event.state.clone(), receipt: Some(receipt.clone()) });
            model.form.announce(model.form.say_with(Message::DeliveredText, "number", &receipt.number));
            if had_focus {
                view::focus_heading(model.form);
            }
        } else {
            model.received.update(|received| received.push(receipt.clone()));
        }
        if is_first {
            model.tell("delivered", &detail, Cancelable::No);
        }
    } else if let OutboxState::Parked { why } = &event.state {
        let (entry, why) = (event.entry.clone(), *why);
        spawn(async move { on_parked(model, entry, why, kept_here).await });
    } else if kept_here {
        model.show(Kept { entry: event.entry.clone(), state: event.state.clone(), receipt: None });
    }
}

/// The service desk refused a request: what was submitted here goes back into the form, with the reasons.
async fn on_parked(model: Keeping, id: EntryId, why: ParkReason, kept_here: bool) {
    let Some(runtime) = model.runtime() else { return };
    let entries = runtime.store().entries(runtime.part()).await.unwrap_or_default();
    let Some(entry) = entries.into_iter().find(|entry| entry.id == id).filter(|_| model.session().is_some()) else {
        return;
    };
    let refusal = entry.progress.refusal.clone().unwrap_or_default();
    let detail = [("key", entry.key.write()), ("code", refusal.code.write()), ("detail", refusal.detail.write())];
    model.tell("rejected", &detail, Cancelable::No);
    if kept_here {
        // What was typed here, hidden fields too, is still there.
        let typed = model.form.form.with_untracked(|form| form.answers().clone());
        edit(model, &entry, why, (!typed.is_empty()).then_some(typed));
    }
}

/// Puts a refused request of an earlier visit into the form. What stands there now is a draft, and stays one.
pub fn edit_earlier(model: Keeping, entry: &OutboxEntry, why: ParkReason) {
    let entry = entry.clone();
    spawn(async move {
        draft_session::save_waiting(model).await;
        if let Some(session) = model.session() {
            session.draft.end();
            edit(model, &entry, why, None);
        }
    });
}

/// Puts a refused request back into the form: what was `typed`, or what was sent. Its files stay with it, and are named
/// again by its successor.
fn edit(model: Keeping, entry: &OutboxEntry, why: ParkReason, typed: Option<Answers>) {
    let Some(session) = model.session() else { return };
    let Ok(body) = itsm_widgets::adapters::browser::js::from_json::<SubmissionBody>(&entry.body) else { return };
    let refusal = entry.progress.refusal.clone().unwrap_or_default();
    let keys = body.supersedes.iter().cloned().chain([entry.key.clone()]).collect();
    *session.replaces.borrow_mut() = Some(Replaced { entry: entry.id.clone(), keys });
    session.revises.borrow_mut().clone_from(&body.revises);
    model.form.change(|form| *form = FormState::with_answers(typed.unwrap_or_else(|| body.answers.as_typed())));
    // What the page has fixed is fixed again.
    prefill::apply(model.form);
    model.form.change(|form| form.refuse(refusal.errors.clone()));
    model.know_files(body.attachments);
    let reason = if refusal.detail.is_empty() { refusal.code.clone() } else { refusal.detail.clone() };
    let notice = if why == ParkReason::Rejected { Notice::Rejected(reason) } else { Notice::Broken };
    model.form.announce(view::notice_text(model.form, &notice));
    model.form.notice.set(Some(notice));
    model.form.phase.set(Phase::Filling);
    view::focus_first_error(model.form);
    notes::refresh(model);
}

/// Another tab may have delivered what was submitted here.
fn follow_other_tab(model: Keeping) {
    let waiting = model.kept_now().filter(|kept| kept.receipt.is_none());
    let (Some(kept), Some(runtime)) = (waiting, model.runtime()) else { return };
    spawn(async move {
        let receipts = runtime.store().receipts(runtime.part()).await.unwrap_or_default();
        let Some(found) = receipts.into_iter().find(|receipt| receipt.entry == kept.entry) else { return };
        on_drained(
            model,
            &Settled {
                entry: found.entry,
                key: found.receipt.key.clone(),
                form: found.form,
                state: OutboxState::Delivered,
                receipt: Some(found.receipt),
            },
        );
    });
}
