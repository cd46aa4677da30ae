//! The composition: one runtime for each service desk that the page's elements name, shared by them, gone with the last.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::ArrayBuffer;
use wasm_bindgen_futures::spawn_local;

use super::broadcast::Broadcast;
use super::part::{Before, DATABASE, Part, Storage};
use super::wake::{Unsent, WakeListeners};
use super::{BrowserDevice, canary, offers, part, spare};
use crate::adapters::http::HttpDesk;
use crate::adapters::memory::MemoryRecords;
use crate::domain::id::{DraftId, EntryId, SubmissionKey};
use crate::domain::map::Map;
use crate::domain::outbox::{OutboxEntry, OutboxState};
use crate::domain::time::Timestamp;
use crate::ports::records::{OUTBOX, RECEIPTS};
use crate::ports::{Cached, Chance, Clock, Later, StoreError};
use crate::runtime::gate::Gate;
use crate::runtime::{Bell, DeviceStore, DrainEvent, Platform, Read, Settled, Uploading, attend, read, url_of};

/// How long what is typed waits for the page to say who is here, in milliseconds: it must not be lost meanwhile.
const SOON: u32 = 150;
/// What other tabs are told when something has changed; anything else is the name of a part that was forgotten.
const CHANGED: &str = "changed";

/// The browser as a platform for the rules.
pub struct BrowserPlatform {
    store: Rc<DeviceStore<ArrayBuffer>>,
    desk: Rc<HttpDesk>,
    device: BrowserDevice,
    part: Part,
}

impl Platform for BrowserPlatform {
    type Bytes = ArrayBuffer;
    type Desk = HttpDesk;
    type Device = BrowserDevice;

    fn store(&self) -> &DeviceStore<ArrayBuffer> {
        &self.store
    }
    fn desk(&self) -> &HttpDesk {
        &self.desk
    }
    fn device(&self) -> &BrowserDevice {
        &self.device
    }
    fn part(&self) -> &str {
        &self.part.name
    }
}

/// What those who look on are told.
#[derive(Clone, Debug, PartialEq)]
pub enum PageEvent {
    /// An entry is on the device, to be sent.
    Committed(EntryId),
    /// An attempt has ended.
    Settled(Settled),
    /// A file is on its way.
    Uploading(Uploading),
    /// Another tab has changed something.
    Elsewhere,
    /// Whether what is typed survives the end of the page is not as it was.
    Lasting(bool),
    /// Somebody else is here now. Nothing more comes from this runtime.
    Left,
    /// What belongs to the person who was here is gone from this device. Nothing more comes from this runtime.
    Forgotten,
    /// Somebody wants to edit an entry. Who shows its form says so by the flag.
    Edit(EntryId, Rc<Cell<bool>>),
}

type Subscriber = Rc<dyn Fn(&PageEvent)>;

/// One service desk, as this page sees it.
pub struct PageRuntime {
    platform: Rc<BrowserPlatform>,
    subscribers: RefCell<Map<u32, Subscriber>>,
    last_subscriber: Cell<u32>,
    bell: Rc<Bell>,
    /// Ends of requests that the page was told already, by whichever element came first.
    told: RefCell<Vec<(SubmissionKey, bool)>>,
    broadcast: RefCell<Option<Broadcast>>,
    listeners: RefCell<Option<WakeListeners>>,
    /// What [`missing`](Self::missing) found.
    missing: Cell<usize>,
    /// What was written by people who did not sign in.
    beside: RefCell<Option<Rc<Self>>>,
    /// Something was typed: from then on it is kept on the device, if that can be had.
    is_wanted: Cell<bool>,
    /// The database could not be opened: a private window, a full device.
    fails: Cell<bool>,
    /// Closed while things move, or go.
    moving: Gate,
    is_forgotten: Cell<bool>,
    /// There while something waits that ends with the page.
    unsent: RefCell<Option<Unsent>>,
}

thread_local! {
    static RUNTIMES: RefCell<Map<String, Weak<PageRuntime>>> = RefCell::default();
}

impl Drop for PageRuntime {
    fn drop(&mut self) {
        self.bell.end();
    }
}

/// Ends the subscription when it is dropped.
pub struct Subscription {
    runtime: Weak<PageRuntime>,
    id: u32,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.upgrade() {
            runtime.subscribers.borrow_mut().remove(&self.id);
        }
    }
}

impl PageRuntime {
    /// The runtime for the service desk at `desk` and whoever is here. Delivery of what waits begins at once. Nothing is
    /// written before something is typed.
    pub async fn of(desk: &Rc<HttpDesk>, storage: Storage) -> Rc<Self> {
        let part = Part::of(desk.person().await.as_ref(), desk, storage).await;
        // What is sent beside is nobody's to look at.
        let name = [&*part.runtime_name(), if desk.has_token() { "" } else { " beside" }].concat();
        if let Some(runtime) = Self::known(&name) {
            runtime.wake();
            return runtime;
        }
        let (store, fails) = match part.open(false).await {
            Ok(Some(records)) => (DeviceStore::over(records), false),
            Ok(None) => (DeviceStore::over(MemoryRecords::default()), false),
            Err(_) => (DeviceStore::over(MemoryRecords::default()), true),
        };
        // Another element may have been quicker while the database opened.
        if let Some(runtime) = Self::known(&name) {
            return runtime;
        }
        let (store, device) = (Rc::new(store), BrowserDevice);
        let platform = Rc::new(BrowserPlatform { store, desk: desk.clone(), device, part });
        let runtime = Rc::new(Self {
            platform,
            subscribers: RefCell::default(),
            last_subscriber: Cell::new(0),
            bell: Rc::default(),
            told: RefCell::default(),
            broadcast: RefCell::default(),
            listeners: RefCell::default(),
            missing: Cell::new(0),
            beside: RefCell::default(),
            is_wanted: Cell::new(false),
            fails: Cell::new(fails),
            moving: Gate::default(),
            is_forgotten: Cell::new(false),
            unsent: RefCell::default(),
        });
        RUNTIMES.with_borrow_mut(|all| all.insert(name, Rc::downgrade(&runtime)));
        let weak = Rc::downgrade(&runtime);
        desk.on_left(move || {
            if let Some(runtime) = weak.upgrade() {
                runtime.end(&PageEvent::Left);
            }
        });
        runtime.take_over().await;
        runtime.listen();
        runtime.attend();
        runtime.wake();
        runtime
    }

    /// For as long as the runtime lasts; and then until what is being sent has ended.
    fn attend(self: &Rc<Self>) {
        let (platform, bell, weak) = (self.platform.clone(), self.bell.clone(), Rc::downgrade(self));
        spawn_local(async move {
            let told = |event: DrainEvent| {
                let Some(runtime) = weak.upgrade() else { return };
                match event {
                    DrainEvent::Settled(settled) => {
                        runtime.tell(&PageEvent::Settled(settled));
                        runtime.tell_others(CHANGED);
                    }
                    DrainEvent::Uploading(uploading) => runtime.tell(&PageEvent::Uploading(uploading)),
                }
            };
            let counted = |pending| match weak.upgrade() {
                Some(runtime) => runtime.set_pending(pending),
                None if platform.store.is_lasting() => canary::set(pending),
                None => {}
            };
            attend(&*platform, &bell, told, counted).await;
        });
    }

    fn known(name: &str) -> Option<Rc<Self>> {
        let runtime = RUNTIMES.with_borrow(|all| all.get(name).and_then(Weak::upgrade));
        runtime.filter(|runtime| !runtime.bell.has_ended())
    }

    /// What this person wrote before it was known who they are is theirs. What others wrote without signing in is sent
    /// beside, without a token.
    async fn take_over(&self) {
        if self.fails.get() {
            // Nor would they open: it is for the next visit.
            return;
        }
        let api = self.desk().api();
        for Before { part, takes, goes_on } in self.platform.part.before(api) {
            let Ok(Some(records)) = part.open(false).await else { continue };
            let other = DeviceStore::over(records);
            // What fails stays where it is, for the next visit.
            let Ok(belongings) = other.belongings(&part.name, takes).await else { continue };
            if !belongings.is_empty() {
                self.want().await;
                if self.store().is_lasting() {
                    let _ = self.store().adopt(belongings, self.part()).await;
                }
            }
            if goes_on && matches!(other.entries(&part.name).await, Ok(left) if !left.is_empty()) {
                let beside = HttpDesk::without_token(api);
                let runtime: Later<'_, Rc<Self>> = Box::pin(Self::of(&beside, Storage::Allowed));
                *self.beside.borrow_mut() = Some(runtime.await);
            }
        }
        if self.store().is_lasting() {
            self.platform.part.note_last(api);
        }
    }

    /// Somebody else is here: what is kept stays, for when this person is here again.
    fn end(&self, why: &PageEvent) {
        self.bell.end();
        self.tell(why);
    }

    /// How many drafts and entries of this person are on this device.
    pub async fn unsent(&self) -> Result<(usize, usize), StoreError> {
        // Another tab may have kept something while this one had nothing to keep.
        self.move_in().await;
        self.store().unsent(self.part()).await
    }

    /// Whether this runtime's person is still here, as far as the page says soon. Where it takes longer, the answer ends the
    /// runtime when it comes; until then what is kept is theirs who were here before, and nothing is sent.
    pub async fn is_still_here(&self) -> bool {
        let desk = self.platform.desk.clone();
        let asking: Later<'static, ()> = Box::pin(async move { desk.look_up().await });
        if let Either::Right((_, asking)) = select(asking, TimeoutFuture::new(SOON)).await {
            spawn_local(asking);
        }
        !self.has_ended()
    }

    /// Whether nothing more comes from this runtime, since its person has left.
    pub fn has_ended(&self) -> bool {
        self.bell.has_ended()
    }

    /// Whether what is kept opens only with something that the page gives this person: then it may stay, locked.
    pub fn is_locked(&self) -> bool {
        self.platform.part.is_locked() && self.store().is_lasting()
    }

    /// Forgets all that belongs to this person, in all tabs; the whole database, if nothing of anybody else is in it.
    pub async fn forget(&self) -> Result<(), StoreError> {
        if self.is_forgotten.get() {
            return Ok(());
        }
        self.move_in().await;
        // Nothing moves in from here on.
        let _closed = self.moving.close().await;
        let part = &self.platform.part;
        let is_left = self.store().forget(&part.name, self.desk().api(), &part.key_name()).await?;
        self.is_forgotten.set(true);
        offers::forget(&part.name);
        if self.store().is_lasting() {
            let pending = part::count(&OUTBOX).await.unwrap_or_default();
            canary::forget();
            if !is_left {
                spare::delete_all();
            }
            // The copies go first: a database that is gone before them would get them back.
            spare::settled().await;
            if is_left {
                canary::set_kept();
                canary::set(pending);
            } else {
                part::delete_database();
            }
        }
        self.tell_others(self.part());
        *self.unsent.borrow_mut() = None;
        // Whoever is here next is asked anew.
        self.desk().retire();
        self.end(&PageEvent::Forgotten);
        Ok(())
    }

    fn listen(self: &Rc<Self>) {
        let weak = Rc::downgrade(self);
        let wake = move || {
            if let Some(runtime) = weak.upgrade() {
                runtime.wake();
            }
        };
        *self.listeners.borrow_mut() = Some(WakeListeners::new(Rc::new(wake)));
        let weak = Rc::downgrade(self);
        let heard = move |news: String| {
            let Some(runtime) = weak.upgrade() else { return };
            if news != CHANGED {
                // Somebody has signed out.
                part::let_go();
            }
            if news == runtime.part() {
                runtime.is_forgotten.set(true);
                runtime.desk().retire();
                runtime.end(&PageEvent::Forgotten);
            } else {
                runtime.tell(&PageEvent::Elsewhere);
            }
        };
        *self.broadcast.borrow_mut() = Some(Broadcast::open(DATABASE, heard));
    }

    /// The platform that the rules run on.
    pub fn platform(&self) -> &BrowserPlatform {
        &self.platform
    }

    /// What is kept on this device.
    pub fn store(&self) -> &DeviceStore<ArrayBuffer> {
        &self.platform.store
    }

    /// The service desk's API.
    pub fn desk(&self) -> &HttpDesk {
        &self.platform.desk
    }

    /// Whose entries these are, at which service desk.
    pub fn part(&self) -> &str {
        &self.platform.part.name
    }

    /// Reads `path` below the API's address, from the cache where the service desk does not answer.
    pub async fn read(&self, path: &str) -> Read {
        read(&*self.platform, self.desk().api(), path).await
    }

    /// Keeps what was read from `path` by other means.
    pub async fn keep(&self, path: &str, cached: &Cached) {
        // A store that fails costs a round trip, nothing more.
        let _ = self.store().keep(&url_of(self.desk().api(), path), cached).await;
    }

    /// How many entries were saved on this device when it was last known, and are not there any more, of which the next page
    /// is not told; and how many are there that cannot be read.
    pub async fn missing(&self) -> usize {
        let noted = canary::pending();
        if noted > 0 && self.may_last() && matches!(part::count(&OUTBOX).await, Ok(0)) {
            // Where something was received the database is still the same: it was noted too late that nothing waits any more.
            if matches!(part::count(&RECEIPTS).await, Ok(0)) {
                self.missing.set(self.missing.get().max(noted));
            }
            canary::set(0);
        }
        self.missing.get() + self.store().unreadable(self.part()).await.unwrap_or_default()
    }

    /// Puts an entry into its form, if an element of this page shows that.
    pub fn edit(&self, id: EntryId) -> bool {
        let taken = Rc::new(Cell::new(false));
        self.tell(&PageEvent::Edit(id, taken.clone()));
        taken.get()
    }

    /// Calls `told` with every event from now on, until the subscription is dropped.
    pub fn subscribe(self: &Rc<Self>, told: impl Fn(&PageEvent) + 'static) -> Subscription {
        let id = self.last_subscriber.get() + 1;
        self.last_subscriber.set(id);
        self.subscribers.borrow_mut().insert(id, Rc::new(told));
        Subscription { runtime: Rc::downgrade(self), id }
    }

    /// Whether nobody has told the page of this end of a request yet; asking makes it told. Several elements may show the
    /// same form, and a page wants to hear of a delivery once.
    pub fn is_first_to_tell(&self, event: &Settled) -> bool {
        let ends = event.receipt.is_some() || matches!(event.state, OutboxState::Parked { .. });
        let end = (event.key.clone(), event.receipt.is_some());
        let is_first = ends && !self.told.borrow().contains(&end);
        if is_first {
            self.told.borrow_mut().push(end);
        }
        is_first
    }

    /// Writes `entry` to the device in place of `draft` and of the refused entry `replaced`. Returns only once that would
    /// survive a crash; sending begins then.
    pub async fn commit(
        self: &Rc<Self>,
        entry: &OutboxEntry,
        draft: Option<&DraftId>,
        replaced: Option<&EntryId>,
    ) -> Result<(), StoreError> {
        // Not for somebody who has just left.
        if !self.is_still_here().await {
            return Err(StoreError::Unavailable);
        }
        self.want().await;
        if self.store().commit(entry, draft, replaced).await == Err(StoreError::Unavailable) {
            self.begin_anew().await;
            self.store().commit(entry, draft, replaced).await?;
        }
        self.count_pending().await;
        self.tell(&PageEvent::Committed(entry.id.clone()));
        self.tell_others(CHANGED);
        self.bell.ring();
        Ok(())
    }

    /// Lets an entry be tried at once, whatever it waits for.
    pub async fn send_now(&self, id: &EntryId) -> Result<bool, StoreError> {
        let queued = self.store().send_now(self.part(), id).await?;
        self.bell.ring();
        Ok(queued)
    }

    /// Gives up an entry that is not being sent. Whether it was given up.
    pub async fn discard(self: &Rc<Self>, id: &EntryId) -> Result<bool, StoreError> {
        let discarded = self.store().discard(self.part(), id).await?;
        self.count_pending().await;
        self.tell_others(CHANGED);
        // What was tried is taken back.
        self.bell.ring();
        Ok(discarded)
    }

    /// Lets waiting entries be tried soon.
    pub fn wake(self: &Rc<Self>) {
        let runtime = self.clone();
        spawn_local(async move {
            runtime.desk().look_up().await;
            runtime.move_in().await;
            let device = runtime.platform.device;
            let _ = runtime.store().wake(runtime.part(), device.now(), device.jitter()).await;
            runtime.bell.ring();
        });
    }

    /// The database is gone, or was emptied under this page's feet: what is typed from now on is kept in another; in memory,
    /// if none can be had.
    pub async fn begin_anew(&self) {
        part::let_go();
        // A page that slept while its person signed out keeps nothing for them.
        if !self.is_still_here().await {
            return;
        }
        match self.platform.part.open(true).await {
            Ok(Some(records)) => self.store().begin_anew(records),
            Ok(None) | Err(_) => {
                self.store().begin_anew(MemoryRecords::default());
                if !self.fails.replace(true) {
                    self.tell(&PageEvent::Lasting(false));
                }
            }
        }
    }

    /// Whether what is typed survives the end of the page, as far as that is known.
    pub fn may_last(&self) -> bool {
        self.platform.part.may_be_kept() && !self.fails.get()
    }

    /// Something is typed: from now on it is kept on the device, if that can be had. What failed is tried again when the page
    /// [wakes](Self::wake): nobody who types waits for that.
    pub async fn want(&self) {
        self.is_wanted.set(true);
        if !self.fails.get() && !self.bell.has_ended() {
            self.move_in().await;
        }
    }

    /// From memory into the database: with the first thing that is typed, or when one that could not be opened can be. As
    /// one pointer: it is in the wasm once.
    fn move_in(&self) -> Later<'_, ()> {
        Box::pin(async move {
            let part = &self.platform.part;
            if self.store().is_lasting() || !part.may_be_kept() {
                return;
            }
            // One after the other.
            let _closed = self.moving.close().await;
            if self.store().is_lasting() || self.is_forgotten.get() {
                return;
            }
            let found = part.open(self.is_wanted.get()).await;
            let moved = match found {
                Ok(Some(records)) => self.store().move_to(records).await,
                Ok(None) => Ok(()),
                Err(error) => Err(error),
            };
            if self.store().is_lasting() {
                canary::set_kept();
                part.note_last(self.desk().api());
                self.count_pending().await;
            }
            if self.fails.replace(moved.is_err()) != moved.is_err() {
                self.tell(&PageEvent::Lasting(moved.is_ok()));
            }
        })
    }

    async fn count_pending(&self) {
        if let Ok(pending) = self.store().pending().await {
            self.set_pending(pending);
        }
    }

    fn set_pending(&self, pending: usize) {
        let is_lasting = self.store().is_lasting();
        if is_lasting {
            canary::set(pending);
        }
        let mut unsent = self.unsent.borrow_mut();
        if is_lasting || pending == 0 {
            *unsent = None;
        } else if unsent.is_none() {
            *unsent = Some(Unsent::new());
        }
    }

    fn tell(&self, event: &PageEvent) {
        // Copied, since a subscriber may end its subscription, or begin another.
        let subscribers: Vec<Subscriber> = self.subscribers.borrow().values().cloned().collect();
        subscribers.iter().for_each(|told| told(event));
    }

    fn tell_others(&self, news: &str) {
        if let Some(broadcast) = &*self.broadcast.borrow() {
            broadcast.tell(news);
        }
    }

    /// Now, by the device's clock.
    pub fn now(&self) -> Timestamp {
        self.platform.device.now()
    }
}
