//! A survey's answers that have arrived, and can be changed for a while.

use itsm_widgets::adapters::browser::js::from_json;
use itsm_widgets::domain::form::{Answers, FormState};
use itsm_widgets::domain::id::FormId;
use itsm_widgets::domain::outbox::OutboxState;
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

/// Shows the receipt of the answers that were given here before, if it is kept: nobody should answer twice unawares.
pub async fn show_answered(model: Keeping, form: FormId) -> bool {
    let (Some(session), Some(runtime)) = (model.session(), model.runtime()) else { return false };
    let context = load::context_of(&session.host);
    // Without a ticket or a context every visit may be about something else.
    if context.is_empty() {
        return false;
    }
    let receipts = runtime.store().receipts(runtime.part()).await.unwrap_or_default();
    let found = receipts.into_iter().find(|kept| kept.form == form && kept.context == context);
    let Some(found) = found.filter(|_| model.session().is_some()) else { return false };
    model.show(Kept { entry: found.entry, state: OutboxState::Delivered, receipt: Some(found.receipt) });
    true
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
    let (key, link) = (receipt.key.clone(), receipt.read_link.clone().unwrap_or_default());
    let is_here = model.form.form.with_untracked(|form| !form.answers().is_empty());
    spawn(async move {
        if !is_here {
            let fetched = runtime.desk().fetch(&link, None, PATIENCE).await;
            let answers = match fetched {
                Fetched::Fresh { body, .. } => from_json::<Arrived>(&body).ok(),
                Fetched::NotModified | Fetched::Absent | Fetched::Failed => None,
            };
            let Some(Arrived { answers }) = answers.filter(|_| model.session().is_some()) else {
                return model.form.announce(model.form.say(Message::Unreachable));
            };
            model.form.change(|form| *form = FormState::with_answers(answers.as_typed()));
        }
        *session.revises.borrow_mut() = Some(key);
        model.form.notice.set(None::<Notice>);
        model.form.phase.set(Phase::Filling);
        view::focus_heading(model.form);
    });
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
