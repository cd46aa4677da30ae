//! The form's signals. No rule lives here: what counts, what is wrong and what is sent say the domain and the runtime.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use gloo_events::EventListener;
use itsm_widgets::adapters::browser::BrowserPatterns;
use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::form::{Answer, Definition, FieldState, FormState};
use itsm_widgets::domain::id::FieldId;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::ServiceDocument;
use leptos::prelude::*;

use super::keeper::Keeper;
use super::questions::Questions;
use super::{Surface, keeping};
use crate::element::Host;
use crate::shared::dom::El;
use crate::shared::late::NotLoaded;
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
    Kept,
}

impl Phase {
    /// Its name: drawn anew when that changes.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Loading => "loading",
            Self::Unavailable { .. } => "unavailable",
            Self::Filling => "filling",
            Self::Reviewing => "reviewing",
            Self::Kept => "kept",
        }
    }
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

/// What becomes of what is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// It is kept as soon as the module that keeps it is there.
    NotYet,
    /// That module cannot be loaded now; it is tried again.
    NotLoaded,
    /// It survives the end of the page.
    Lasting,
    /// It is kept in memory only.
    Passing,
}

impl Keeps {
    /// By whether it survives the end of the page.
    pub fn of(is_lasting: bool) -> Self {
        if is_lasting { Self::Lasting } else { Self::Passing }
    }
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
    /// What becomes of what is typed.
    pub keeps: Watched<Keeps>,
    /// What a screen reader is told.
    pub announcement: Watched<String>,
    /// The services to choose from.
    pub services: Watched<Arc<[ServiceDocument]>>,
    keeper: Watched<Option<Rc<dyn Keeper>>>,
    session: StoredValue<Rc<Session>, LocalStorage>,
}

/// What belongs to the element and is no signal.
pub struct Session {
    /// The element.
    pub host: Host,
    /// Which of the elements that are forms it is.
    pub surface: &'static Surface,
    /// Under which what belongs to the element is made, so that it ends with it.
    pub owner: Owner,
    /// The service desk it talks to.
    pub desk: RefCell<Option<Rc<HttpDesk>>>,
    /// What draws a survey's questions.
    pub(super) questions: RefCell<Option<Rc<dyn Questions>>>,
    /// Something was typed since the form was opened.
    pub typed: Cell<bool>,
    /// What was typed into the page author's own form has been taken over.
    pub carried: Cell<bool>,
    /// The button was pressed before there was anybody to send.
    pub pressed_early: Cell<bool>,
    /// A button of a mouse, or a finger, is down on the element.
    pub pressed: Cell<bool>,
    /// How many presses there were.
    pub presses: Cell<u32>,
    /// What each field shows, in the definition's order.
    fields: RefCell<Rc<[ShownField]>>,
    /// The fields that were left meanwhile.
    pub left: RefCell<Vec<FieldId>>,
    /// Ends what an earlier set of attributes began.
    pub generation: Cell<u32>,
    /// Ended with the element.
    pub listeners: RefCell<Vec<EventListener>>,
}

/// One field as its views see it: each is told only of what is its own, and a key only changes the answer.
#[derive(Clone, Copy)]
pub struct ShownField {
    /// What it shows beside the answer.
    pub state: Watched<FieldState>,
    /// What stands in it.
    pub answer: Watched<Option<Answer>>,
}

impl ShownField {
    fn new() -> Self {
        Self { state: Watched::new(FieldState::default()), answer: Watched::new(None) }
    }
}

impl TicketForm {
    /// A form for `host`, whose loading begins at once.
    pub fn new(host: Host, surface: &'static Surface) -> Self {
        let session = Session {
            host,
            surface,
            owner: Owner::current().unwrap_or_default(),
            desk: RefCell::default(),
            questions: RefCell::default(),
            typed: Cell::new(false),
            carried: Cell::new(false),
            pressed_early: Cell::new(false),
            pressed: Cell::new(false),
            presses: Cell::new(0),
            fields: RefCell::new(Rc::new([])),
            left: RefCell::default(),
            generation: Cell::new(0),
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
            keeps: Watched::new(Keeps::NotYet),
            announcement: Watched::new(String::new()),
            services: Watched::new(Arc::new([])),
            keeper: Watched::new(None),
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

    /// What keeps what is typed, once it is there.
    pub fn keeper(&self) -> Option<Rc<dyn Keeper>> {
        self.session()?;
        self.keeper.get_untracked()
    }

    /// Whether it is there, followed.
    pub fn is_kept(&self) -> bool {
        self.keeper.with(Option::is_some)
    }

    /// What keeps what is typed, connected to `desk` for what was opened in `generation`; loaded, if it is not there yet.
    /// Nobody sees it before it is connected.
    pub async fn load_keeper(&self, desk: &Rc<HttpDesk>, generation: u32) -> Result<Rc<dyn Keeper>, NotLoaded> {
        let keeper = match self.keeper() {
            Some(keeper) => keeper,
            None => keeping::load(*self).await?,
        };
        keeper.connect(desk.clone(), generation).await;
        if !self.is_current(generation) {
            return Err(NotLoaded);
        }
        if self.keeper().is_none() {
            self.keeper.set(Some(keeper.clone()));
        }
        Ok(keeper)
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
        if let Some(session) = self.session() {
            session.typed.set(true);
        }
        if let Some(keeper) = self.keeper() {
            keeper.edited();
        }
    }

    /// Changes what stands in the form, and works out what follows.
    pub fn change(&self, change: impl FnOnce(&mut FormState)) {
        self.form.update(change);
        self.check();
    }

    /// Puts `definition` in the place of what was asked before.
    pub fn define(&self, definition: Arc<Definition>) {
        let Some(session) = self.session() else { return };
        let fields = || definition.fields().iter().map(|_| ShownField::new()).collect();
        *session.fields.borrow_mut() = session.owner.with(fields);
        self.definition.set(Some(definition));
    }

    /// What the field of that position shows.
    pub fn field(&self, position: usize) -> ShownField {
        self.session().expect("a field is of an element that is there").fields.borrow()[position]
    }

    /// Works out what follows from the answers.
    fn check(&self) {
        let Some(session) = self.session() else { return };
        let Some(definition) = self.definition.get_untracked() else { return };
        let check = |form: &FormState| form.fields(&definition, &form.check(&definition, &BrowserPatterns));
        let now = self.form.with_untracked(check);
        let fields = session.fields.borrow().clone();
        for (field, (state, answer)) in fields.iter().zip(now) {
            field.state.set_if_new(state);
            field.answer.set_if_new(answer);
        }
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
        if let Some(keeper) = self.keeper() {
            keeper.save_now();
        }
    }

    /// The button of the press of that number is up again. The next one may be down already.
    pub fn released(&self, press: u32) {
        let is_it = |session: &Rc<Session>| session.presses.get() == press && session.pressed.replace(false);
        let Some(session) = self.session().filter(is_it) else { return };
        let left = session.left.take();
        if !left.is_empty() {
            self.change(|form| left.into_iter().for_each(|field| form.touch(field)));
        }
    }

    /// Tells a screen reader, once.
    pub fn announce(&self, text: String) {
        self.announcement.set(text);
    }

    /// The button was pressed, or Enter: goes on to what is asked next, or sends.
    pub fn go_on(&self) {
        if !self.questions().is_some_and(|questions| questions.goes_on(*self)) {
            self.send();
        }
    }

    /// Begins to send.
    pub fn send(&self) {
        if let Some(keeper) = self.keeper() {
            keeper.send();
        } else if let Some(session) = self.session() {
            session.pressed_early.set(true);
            self.announce(self.say(Message::Sending));
        }
    }

    /// Forgets what was typed, the saved draft too, and shows the empty form.
    pub fn clear(&self) {
        if let Some(keeper) = self.keeper() {
            keeper.forget();
        }
        self.start_over();
    }

    /// Shows the empty form for a further request.
    pub fn start_over(&self) {
        if let Some(questions) = self.questions() {
            questions.begin();
        }
        self.change(|form| *form = FormState::default());
        self.notice.set(None);
        self.announce(String::new());
        super::prefill::apply(*self);
        if self.definition.with_untracked(Option::is_some) {
            self.phase.set(Phase::Filling);
        }
    }
}
