//! The form's signals. No rule lives here: what counts, what is wrong and what is sent say the domain and the runtime.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use gloo_events::EventListener;
use itsm_widgets::adapters::browser::{BrowserPatterns, PageRuntime, Subscription};
use itsm_widgets::domain::form::{Answer, Checked, Definition, FormState};
use itsm_widgets::domain::id::{AttachmentId, EntryId, FieldId, SubmissionKey};
use itsm_widgets::domain::map::Map;
use itsm_widgets::domain::outbox::{Attachment, OutboxEntry, OutboxState};
use itsm_widgets::domain::ticket::Receipt;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::ServiceDocument;
use leptos::prelude::*;

use super::draft_session::DraftSession;
use crate::element::Host;
use crate::shared::dom::El;
use crate::shared::messages::{Message, Messages};
use crate::shared::watched::Watched;

/// Where the form stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    /// Its definition is on its way.
    Loading,
    /// It cannot be shown now.
    Unavailable {
        /// Why, for the reader.
        why: Message,
        /// Why, for the page author: names the place.
        detail: String,
    },
    /// It is filled in.
    Filling,
    /// The answers are shown once more.
    Reviewing,
    /// The request is on the device, or at the service desk already.
    Kept(Kept),
}

impl Phase {
    /// Its name: drawn anew when that changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Unavailable { .. } => "unavailable",
            Self::Filling => "filling",
            Self::Reviewing => "reviewing",
            Self::Kept(_) => "kept",
        }
    }
}

/// A request that was submitted here.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// Its entry in the outbox.
    pub entry: EntryId,
    /// Where it stands.
    pub state: OutboxState,
    /// The service desk's word, once it came.
    pub receipt: Option<Receipt>,
}

/// Something the reader should know while filling in.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// A draft is here again.
    DraftRestored,
    /// There is no room to save.
    NoSpace,
    /// The service desk refused the request; its reason, if it gave one.
    Rejected(String),
    /// A request could not even be sent.
    Broken,
}

/// The form as its views see it: handles to signals, copied freely.
#[derive(Clone, Copy)]
pub struct TicketForm {
    /// Where it stands.
    pub phase: Watched<Phase>,
    /// What stands in it.
    pub form: Watched<FormState>,
    /// What it asks.
    pub definition: Watched<Option<Arc<Definition>>>,
    /// The suite's own words.
    pub messages: Watched<Messages>,
    /// How many forms were opened here: each is drawn anew.
    pub opened: Watched<u32>,
    /// What to say above the fields.
    pub notice: Watched<Option<Notice>>,
    /// When the definition was last confirmed, if the service desk does not answer now.
    pub stale_since: Watched<Option<Timestamp>>,
    /// Whether what is saved here survives the end of the page.
    pub lasting: Watched<bool>,
    /// What a screen reader is told.
    pub announcement: Watched<String>,
    /// Requests of this form that are still on the device, without the one just submitted.
    pub others: Watched<Vec<OutboxEntry>>,
    /// How many saved requests cannot be read any more.
    pub missing: Watched<usize>,
    /// A request of an earlier visit has just been received.
    pub received: Watched<Vec<Receipt>>,
    /// The services to choose from.
    pub services: Watched<Arc<[ServiceDocument]>>,
    /// What is known of the chosen files.
    pub files: Watched<Map<AttachmentId, Attachment>>,
    /// The files that are being read.
    pub reading: Watched<Vec<String>>,
    /// What follows from the answers; worked out once for all views, whenever they change.
    pub checked: Watched<Rc<Checked>>,
    session: StoredValue<Rc<Session>, LocalStorage>,
}

/// What belongs to the element and is no signal.
pub struct Session {
    /// The element.
    pub host: Host,
    /// The service desk it talks to.
    pub runtime: RefCell<Option<Rc<PageRuntime>>>,
    /// The draft that is being written.
    pub draft: DraftSession,
    /// A submission is under way: a second press of the button is none.
    pub busy: Cell<bool>,
    /// A button of a mouse, or a finger, is down on the element.
    pub pressed: Cell<bool>,
    /// The fields that were left meanwhile.
    pub left: RefCell<Vec<FieldId>>,
    /// The refused request that is being edited.
    pub replaces: RefCell<Option<Replaced>>,
    /// Ends what an earlier set of attributes began.
    pub generation: Cell<u32>,
    /// The subscription to the runtime's events.
    pub subscription: RefCell<Option<Subscription>>,
    /// Ended with the element.
    pub listeners: RefCell<Vec<EventListener>>,
}

/// A refused request, whose edited successor must be the only one that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Replaced {
    /// Its entry.
    pub entry: EntryId,
    /// All keys it was ever sent under.
    pub keys: Vec<SubmissionKey>,
}

impl TicketForm {
    /// A form for `host`, whose loading begins at once.
    pub fn new(host: Host) -> Self {
        let session = Session {
            host,
            runtime: RefCell::default(),
            draft: DraftSession::default(),
            busy: Cell::new(false),
            pressed: Cell::new(false),
            left: RefCell::default(),
            replaces: RefCell::default(),
            generation: Cell::new(0),
            subscription: RefCell::default(),
            listeners: RefCell::default(),
        };
        let model = Self {
            phase: Watched::new(Phase::Loading),
            form: Watched::new(FormState::default()),
            definition: Watched::new(None),
            messages: Watched::new(Messages::english()),
            opened: Watched::new(0),
            notice: Watched::new(None),
            stale_since: Watched::new(None),
            lasting: Watched::new(true),
            announcement: Watched::new(String::new()),
            others: Watched::new(vec![]),
            missing: Watched::new(0),
            received: Watched::new(vec![]),
            services: Watched::new(Arc::new([])),
            files: Watched::new(Map::default()),
            reading: Watched::new(vec![]),
            checked: Watched::new(Rc::default()),
            session: StoredValue::new_local(Rc::new(session)),
        };
        super::load::follow_attributes(model);
        model
    }

    /// What is no signal. `None` once the element is gone, which a task that outlives it must expect.
    pub fn session(&self) -> Option<Rc<Session>> {
        self.session.try_get_value()
    }

    /// Whether the element is still there, and still loads what it loaded in `generation`.
    pub fn is_current(&self, generation: u32) -> bool {
        self.session().is_some_and(|session| session.generation.get() == generation)
    }

    /// The service desk, once it is known.
    pub fn runtime(&self) -> Option<Rc<PageRuntime>> {
        self.session()?.runtime.borrow().clone()
    }

    /// The language that the texts are in, as it changes.
    pub fn language_tag(&self) -> String {
        self.messages.with(|messages| messages.tag().to_owned())
    }

    /// The text in the reader's language, as it changes.
    pub fn say(&self, message: Message) -> String {
        self.messages.with(|messages| messages.get(message))
    }

    /// Adds the text in the reader's language to `element`.
    pub fn words(self, element: El, message: Message) -> El {
        element.say(move || self.say(message))
    }

    /// The text with `value` for `{name}`.
    pub fn say_with(&self, message: Message, name: &str, value: &str) -> String {
        self.messages.with(|messages| messages.with(message, name, value))
    }

    /// A person has changed an answer.
    pub fn edit(&self, field: &FieldId, answer: Answer) {
        self.change(|form| form.edit(field.clone(), answer));
        if self.notice.with_untracked(|notice| *notice == Some(Notice::DraftRestored)) {
            self.notice.set(None);
        }
        super::draft_session::save_soon(*self);
    }

    /// Changes what stands in the form, and works out what follows.
    pub fn change(&self, change: impl FnOnce(&mut FormState)) {
        self.form.update(change);
        self.check();
    }

    /// Works out what follows from the answers.
    fn check(&self) {
        if self.session().is_none() {
            return;
        }
        let checked = self.definition.with_untracked(|definition| {
            let definition = definition.as_ref()?;
            Some(self.form.with_untracked(|form| form.check(definition, &BrowserPatterns)))
        });
        self.checked.set(Rc::new(checked.unwrap_or_default()));
    }

    /// A person has left a field. While a button of a mouse is down nothing is said of it: what is said moves what is
    /// below, and the press would end beside what it was meant for.
    pub fn touch(&self, field: &FieldId) {
        let Some(session) = self.session() else { return };
        if session.pressed.get() {
            session.left.borrow_mut().push(field.clone());
        } else {
            self.change(|form| form.touch(field.clone()));
        }
        super::draft_session::save_now(*self);
    }

    /// The button is up again.
    pub fn released(&self) {
        let Some(session) = self.session().filter(|session| session.pressed.replace(false)) else { return };
        let left = session.left.take();
        if !left.is_empty() {
            self.change(|form| left.into_iter().for_each(|field| form.touch(field)));
        }
    }

    /// Tells a screen reader, once.
    pub fn announce(&self, text: String) {
        self.announcement.set(text);
    }

    /// Forgets what was typed, the saved draft too, and shows the empty form.
    pub fn clear(&self) {
        let Some(session) = self.session() else { return };
        session.draft.forget(*self);
        *session.replaces.borrow_mut() = None;
        self.start_over();
        // A refused request that was being edited is one of those that wait again.
        super::outbox_notes::refresh(*self);
    }

    /// Shows the empty form for a further request.
    pub fn start_over(&self) {
        self.change(|form| *form = FormState::default());
        self.files.set(Map::default());
        self.notice.set(None);
        self.announce(String::new());
        super::prefill::apply(*self);
        if self.definition.with_untracked(Option::is_some) {
            self.phase.set(Phase::Filling);
        }
    }
}
