//! A survey's answers that have arrived, and can be changed for a while.

use itsm_widgets::adapters::browser::PageRuntime;
use itsm_widgets::adapters::browser::js::from_json;
use itsm_widgets::domain::form::{Answers, FormState};
use itsm_widgets::domain::id::FormId;
use itsm_widgets::domain::outbox::{Intent, OutboxEntry, OutboxState};
use itsm_widgets::domain::ticket::Receipt;
use itsm_widgets::domain::value::{Document, Members, Reading, Value};
use itsm_widgets::ports::{Fetched, ServiceDesk};

use super::{Keeping, Kept};
use crate::shared::messages::Message;
use crate::shared::spawn;
use crate::ticket_form::model::{Notice, Phase};
use crate::ticket_form::{load, view};

/// How long to wait for the answers that are to be changed.
const PATIENCE: core::time::Duration = core::time::Duration::from_secs(10);

/// Shows the answers that were given here before: on their way, or their receipt. Nobody should answer twice unawares.
pub async fn show_answered(model: Keeping, form: FormId) -> bool {
    let (Some(session), Some(runtime)) = (model.session(), model.runtime()) else { return false };
    let context = load::context_of(&session.host);
    // Without a ticket or a context every visit may be about something else.
    if context.is_empty() {
        return false;
    }
    let entries = runtime.store().entries(runtime.part()).await.unwrap_or_default();
    let is_here = |entry: &OutboxEntry| {
        let is_open = !matches!(entry.progress.state, OutboxState::Parked { .. });
        entry.form == form && entry.context == context && entry.progress.intent == Intent::Submit && is_open
    };
    let waiting = entries.into_iter().rfind(is_here);
    let found = match waiting {
        Some(entry) => Some(Kept { entry: entry.id, state: entry.progress.state, receipt: None }),
        None => {
            let receipts = runtime.store().receipts(runtime.part()).await.unwrap_or_default();
            let found = receipts.into_iter().find(|kept| kept.form == form && kept.context == context);
            found.map(|kept| Kept { entry: kept.entry, state: OutboxState::Delivered, receipt: Some(kept.receipt) })
        }
    };
    let Some(found) = found.filter(|_| model.session().is_some()) else { return false };
    model.show(found);
    true
}

/// A change is not to be made after all: what was answered is shown again.
pub fn give_up(model: Keeping) {
    let form = model.form.definition.with_untracked(|definition| definition.as_ref().map(|d| d.id().clone()));
    let Some(form) = form else { return };
    spawn(async move {
        show_answered(model, form).await;
    });
}

/// Whether what `receipt` is for can still be changed.
pub fn may_change(model: Keeping, receipt: &Receipt) -> bool {
    let now = model.runtime().map(|runtime| runtime.now()).unwrap_or_default();
    receipt.editable_until.is_some_and(|until| now < until)
}

/// Whether a further request from here makes sense: of a survey about one ticket it does not.
pub fn may_repeat(model: Keeping) -> bool {
    let Some(form) = model.form.session() else { return true };
    !form.surface.is_once() || load::context_of(&form.host).is_empty()
}

/// Puts the answers that have arrived into the form again. Those of an earlier visit are not on the device any more.
pub fn change(model: Keeping, receipt: &Receipt) {
    let (Some(session), Some(runtime)) = (model.session(), model.runtime()) else { return };
    let Some(generation) = model.form.session().map(|form| form.generation.get()) else { return };
    if session.busy.replace(true) {
        return;
    }
    let (key, link) = (receipt.key.clone(), receipt.read_link.clone().unwrap_or_default());
    let shown = model.kept_now().map(|kept| kept.entry);
    // The form may hold what the page has put there, too.
    let is_here = shown.is_some() && *session.sent_here.borrow() == shown;
    spawn(async move {
        let answers = if is_here { Some(None) } else { arrived(&runtime, &link).await.map(Some) };
        let Some(session) = model.session() else { return };
        session.busy.set(false);
        if !model.form.is_current(generation) {
            return;
        }
        let Some(answers) = answers else {
            return model.form.announce(model.form.say(Message::Unreachable));
        };
        if let Some(answers) = answers {
            model.form.change(|form| *form = FormState::with_answers(answers.as_typed()));
        }
        *session.revises.borrow_mut() = Some(key);
        model.form.notice.set(None::<Notice>);
        model.form.phase.set(Phase::Filling);
        view::focus_heading(model.form);
    });
}

/// The answers behind a receipt's link.
async fn arrived(runtime: &PageRuntime, link: &str) -> Option<Answers> {
    match runtime.desk().fetch(link, None, PATIENCE).await {
        Fetched::Fresh { body, .. } => from_json::<Arrived>(&body).ok().map(|arrived| arrived.answers),
        Fetched::NotModified | Fetched::Absent | Fetched::Failed => None,
    }
}

/// What the service desk shows under a receipt's link, as far as it matters here.
struct Arrived {
    answers: Answers,
}

impl Document for Arrived {
    fn read(value: Value, reading: &mut Reading) -> Self {
        Self { answers: Members::of(value, reading).take("answers") }
    }
    fn write(&self) -> Value {
        self.answers.write()
    }
}
