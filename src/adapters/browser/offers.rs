//! What a person was offered on this device: in `localStorage`, which all tabs see, and which may be had without the database.

use core::any::Any;
use core::cell::RefCell;
use std::rc::{Rc, Weak};

use gloo_events::EventListener;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Reflect};
use wasm_bindgen_futures::spawn_local;
use web_sys::Storage as Notes;

use super::js::{call, from_json, member, to_js, window};
use super::part::{Part, Storage};
use super::{BrowserDevice, locks};
use crate::adapters::http::{HttpDesk, Who};
use crate::domain::id::FormId;
use crate::domain::survey::invitation::{OfferLog, OfferState};
use crate::domain::value::Document;
use crate::ports::{Chance, Later};

/// Where it stands. Not among the suite's other words, which go with whoever signs out: what others refused stays refused.
const NAME: &str = "itsm.offers ";
/// Who has it may offer something.
const LOCK: &str = "itsm:offers";
/// How long another tab may take to offer something, in milliseconds.
const PATIENCE: u32 = 5_000;
/// How long it may take to show something, in milliseconds.
const SOON: u32 = 300;
/// After how long all tabs see what one has written, in milliseconds: they are told of it apart from the lock.
const SEEN: u32 = 500;

fn notes() -> Option<Notes> {
    window().local_storage().ok().flatten()
}

fn name_of(part: &str) -> String {
    [NAME, part].concat()
}

/// Forgets what belongs to `part`.
pub(super) fn forget(part: &str) {
    if let Some(notes) = notes() {
        let _ = notes.remove_item(&name_of(part));
    }
}

/// Whether somebody may have begun to answer what was offered.
pub fn may_be_begun() -> bool {
    let Some(notes) = notes() else { return false };
    let Ok(names) = Reflect::own_keys(&notes) else { return false };
    let names = names.iter().filter_map(|name| name.as_string()).filter(|name| name.starts_with(NAME));
    let mut texts = names.filter_map(|name| notes.get_item(&name).ok().flatten());
    texts.any(|text| text.contains(OfferState::Begun.as_str()))
}

/// What is had until it is dropped, if it can be had.
pub type Turn = Later<'static, Option<Box<dyn Any>>>;

/// Whose offers are noted, and where. It comes from the module that keeps things: nothing else of it is needed here.
pub struct Whose {
    subject: String,
    name: String,
    /// Where those of whoever was not signed in are.
    nobodys: String,
    turn: fn(String, u32) -> Turn,
}

impl Whose {
    /// Those of who is here, for the service desk at `api`; `None` where nothing may be noted, or the page cannot say who
    /// is here.
    pub async fn here(api: &str, storage: Storage) -> Option<Self> {
        notes().filter(|_| storage == Storage::Allowed)?;
        // If somebody else is here by now, there is another desk.
        HttpDesk::of(api).look_up().await;
        let desk = HttpDesk::of(api);
        let who = desk.person().await?;
        let part = Part::of(Some(&who), &desk, storage).await;
        // What nothing could seal is in no name either.
        if !part.may_be_kept() {
            return None;
        }
        let nobody = Who { subject: String::new(), storage_key: String::new() };
        let name = name_of(&part.name);
        let nobodys = name_of(&Part::of(Some(&nobody), &desk, storage).await.name);
        Some(Self { subject: who.subject, name, nobodys, turn })
    }
}

/// What only one tab has at a time, if it can be had within so many milliseconds.
fn turn(name: String, patience: u32) -> Turn {
    Box::pin(async move { Some(Box::new(locks::take(&name, patience).await?) as Box<dyn Any>) })
}

/// What one person was offered on this device, for one service desk.
pub struct Offers(Whose);

impl Offers {
    /// Those of that person.
    pub fn of(whose: Whose) -> Self {
        Self(whose)
    }

    /// What they were offered, also before they had signed in.
    pub fn log(&self) -> OfferLog {
        let read = |name: &str| {
            let text = notes().and_then(|notes| notes.get_item(name).ok().flatten());
            text.and_then(|text| from_json::<OfferLog>(&text).ok()).unwrap_or_default()
        };
        let Whose { name, nobodys, .. } = &self.0;
        let mut log = read(name);
        if name != nobodys {
            log.merge(read(nobodys));
        }
        log
    }

    /// What is had while `survey` is shown; none where another tab shows it. It ends when it is dropped.
    pub fn showing(&self, survey: &FormId) -> Turn {
        (self.0.turn)([LOCK, " ", &self.0.name, " ", survey.as_str()].concat(), SOON)
    }

    /// Names the person when a sample is drawn; where nobody is signed in, this device.
    pub fn person(&self) -> String {
        if !self.0.subject.is_empty() {
            return self.0.subject.clone();
        }
        let mut log = self.log();
        if log.seed.is_empty() {
            let some = || ((BrowserDevice.jitter() * f64::from(u32::MAX)) as u32).to_string();
            log.seed = [some(), some()].concat();
            self.write(&log);
        }
        log.seed
    }

    fn write(&self, log: &OfferLog) -> bool {
        let json = call(&member(&window(), "JSON"), "stringify", &Array::of1(&to_js(&log.write())));
        let is_written = json
            .and_then(|json| json.as_string())
            .zip(notes())
            .is_some_and(|(json, notes)| notes.set_item(&self.0.name, &json).is_ok());
        tell();
        is_written
    }

    /// Changes the log at once, before the page can be left. Another tab may write at the same moment: it is to be done once
    /// more while none does.
    pub fn change_now(&self, change: &dyn Fn(&mut OfferLog)) {
        let mut log = self.log();
        change(&mut log);
        self.write(&log);
    }

    /// Changes the log if `change` says so, while no other tab does; `must` it be changed, it is done even where another tab
    /// takes too long. Whether it was changed.
    pub fn change(&self, must: bool, change: Box<dyn FnOnce(&mut OfferLog) -> bool>) -> Later<'_, bool> {
        Box::pin(async move {
            let turn = (self.0.turn)(LOCK.to_owned(), PATIENCE).await;
            if turn.is_none() && !must {
                return false;
            }
            let mut log = self.log();
            let is_changed = change(&mut log) && self.write(&log);
            spawn_local(async move {
                TimeoutFuture::new(SEEN).await;
                drop(turn);
            });
            is_changed
        })
    }
}

type Told = Rc<dyn Fn()>;

thread_local! {
    static FOLLOWING: RefCell<Vec<Weak<dyn Fn()>>> = const { RefCell::new(Vec::new()) };
}

/// Calls `told` whenever something was noted, here or in another tab, until what it gives is dropped.
pub struct Following {
    _told: Told,
    _elsewhere: EventListener,
}

impl Following {
    /// Follows from now on.
    pub fn new(told: impl Fn() + 'static) -> Self {
        let told: Told = Rc::new(told);
        FOLLOWING.with_borrow_mut(|all| {
            all.retain(|one| one.strong_count() > 0);
            all.push(Rc::downgrade(&told));
        });
        let elsewhere = told.clone();
        let listener = EventListener::new(&window(), "storage", move |event| {
            // Without a key everything was cleared.
            if member(event, "key").as_string().is_none_or(|key| key.starts_with(NAME)) {
                elsewhere();
            }
        });
        Self { _told: told, _elsewhere: listener }
    }
}

fn tell() {
    let all: Vec<Told> = FOLLOWING.with_borrow(|all| all.iter().filter_map(Weak::upgrade).collect());
    all.iter().for_each(|told| told());
}
