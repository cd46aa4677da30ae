//! One seed: what happens in its world, and whether the promises were kept.

use std::rc::Rc;
use std::time::Duration;

use itsm_widgets::domain::id::SubmissionKey;
use itsm_widgets::domain::outbox::{OutboxEntry, OutboxState, ParkReason, is_its_turn};

use crate::browser::{Browser, Deed, Request};
use crate::desk::{Backend, Desk, Faults};
use crate::scheduler::Scheduler;

const MINUTE: u64 = 60_000;
const YEAR: i64 = 365 * 86_400_000;

/// What came of a seed.
pub(crate) struct Outcome {
    /// A digest of all that happened.
    pub(crate) trace: u64,
    /// How many requests were made.
    pub(crate) requests: usize,
    /// How many have a ticket.
    pub(crate) tickets: usize,
    /// Which promises were broken.
    pub(crate) broken: Vec<String>,
}

/// Plays the world of `seed`.
pub(crate) fn play(seed: u64, backend: &Rc<Backend>, prints: bool) -> Outcome {
    let world = Scheduler::new(seed, prints);
    let desk = Desk::new(&world, backend);
    let (has_locks, tabs) = (!world.happens(15), 1 + world.below(3) as usize);
    let browser = Browser::new(seed, &world, desk, has_locks, tabs);
    let until = MINUTE * (1 + world.below(30));
    trouble(&browser, until);
    calm(&browser, until);
    let broken = judge(&browser, backend);
    let requests = browser.requests.borrow();
    let tickets = requests.iter().filter(|request| tickets_of(&request.keys, backend).0 > 0).count();
    Outcome { trace: world.trace(), requests: requests.len(), tickets, broken }
}

/// Everything that can go wrong, until `until`.
fn trouble(browser: &Rc<Browser>, until: u64) {
    let world = &browser.world;
    browser.records.set_failing(if world.happens(30) { world.below(20) } else { 0 });
    while world.now() < until {
        let tab = world.below(browser.tabs() as u64) as usize;
        let request = world.below(browser.requests.borrow().len() as u64) as usize;
        match world.below(100) {
            0..30 if browser.requests.borrow().len() < 12 => browser.submit(tab, !world.happens(10)),
            30..45 => browser.desk.set_faults(faults(world)),
            45..50 => browser.desk.go_down(Duration::from_secs(world.below(300))),
            50..58 => browser.crash(tab),
            58..70 => browser.open(tab),
            70..75 => browser.freeze(tab, Duration::from_secs(world.below(60))),
            75..80 => browser.wake(tab),
            80..86 => browser.look_after(tab, request, Deed::SendNow),
            86..92 => browser.look_after(tab, request, Deed::Edit),
            92..94 => browser.look_after(tab, request, Deed::GiveUp),
            94..96 => browser.device.set_skew([-YEAR, -3_600_000, 0, 5_000, YEAR][world.below(5) as usize]),
            _ => {}
        }
        let pause = if world.happens(70) { 2_000 } else { 60_000 };
        world.run_until(world.now() + world.below(pause));
    }
}

fn faults(world: &Scheduler) -> Faults {
    let some = || if world.happens(60) { world.below(17) } else { 0 };
    Faults { lost: some(), unanswered: some(), doubled: some(), late: some(), foreign: some(), failed: some() }
}

/// The faults have stopped: within ten minutes everything is where it belongs.
fn calm(browser: &Rc<Browser>, from: u64) {
    let world = &browser.world;
    world.note("all is well again");
    browser.desk.recover();
    browser.records.set_failing(0);
    (0..browser.tabs()).for_each(|tab| browser.open(tab));
    for minute in 0..10 {
        if minute < 2 {
            (0..browser.tabs()).for_each(|tab| browser.wake(tab));
        }
        // What waits for a person gets one.
        let requests = browser.requests.borrow().len();
        let entries = browser.entries();
        for at in 0..requests {
            match entry_of(&browser.requests.borrow()[at], &entries).map(|entry| entry.progress.state.clone()) {
                Some(OutboxState::Parked { why: ParkReason::Rejected }) if browser.requests.borrow()[at].is_valid => {
                    browser.look_after(0, at, if at % 2 == 0 { Deed::Edit } else { Deed::SendNow });
                }
                Some(OutboxState::Parked { why }) if why != ParkReason::Rejected => {
                    browser.look_after(0, at, Deed::SendNow);
                }
                _ => {}
            }
        }
        world.run_until((from + (minute + 1) * MINUTE).max(world.now()));
    }
}

fn entry_of<'a>(request: &Request, entries: &'a [OutboxEntry]) -> Option<&'a OutboxEntry> {
    entries.iter().find(|entry| request.keys.contains(&entry.key))
}

/// How many tickets there are under `keys`, and how many of them were taken back.
fn tickets_of(keys: &[SubmissionKey], backend: &Backend) -> (usize, usize) {
    backend.ask(async |store| {
        let mut found = (0, 0);
        for key in keys {
            let ticket = itsm_backend::store::Store::ticket(store, key).await.expect("a database");
            found.0 += usize::from(ticket.is_some());
            found.1 += usize::from(ticket.is_some_and(|ticket| ticket.withdrawn_at.is_some()));
        }
        found
    })
}

/// The promises, by the backend's own database.
fn judge(browser: &Rc<Browser>, backend: &Backend) -> Vec<String> {
    let entries = browser.entries();
    // What is adrift has at most ten minutes left.
    browser.world.run_until(browser.world.now() + 10 * MINUTE + 1);
    let mut broken = vec![];
    for (at, request) in browser.requests.borrow().iter().enumerate() {
        let (tickets, withdrawn) = tickets_of(&request.keys, backend);
        let entry = entry_of(request, &entries);
        // A tab may have died after it had saved what was edited, and before anybody knew: what is edited is valid.
        let is_edited = entry.is_some_and(|entry| !entry.supersedes.is_empty())
            || request.keys.get(1..).is_some_and(|edited| tickets_of(edited, backend).0 > 0);
        let is_valid = request.is_valid || is_edited;
        let parked = entry.is_some_and(|entry| matches!(entry.progress.state, OutboxState::Parked { .. }));
        // Behind one that waits for its requester the rest of its lane waits too.
        let waits = entry.is_some_and(|entry| !is_its_turn(entry, &entries));
        let mut claim = |is_kept: bool, what: &str| {
            if !is_kept {
                broken.push(format!("request {at}: {what}: {request:?}, {tickets} tickets, {entry:?}"));
            }
        };
        claim(tickets <= 1, "two tickets");
        claim(!request.is_received || tickets == 1, "said to be received, and there is no ticket");
        if request.is_given_up {
            claim(tickets == withdrawn, "given up, and its ticket stands");
            claim(entry.is_none() || waits, "given up, and still here");
        } else if request.is_saved && is_valid {
            claim(tickets == 1 || entry.is_some(), "lost");
            claim(entry.is_none() || waits, "stuck");
            claim(withdrawn == 0, "taken back by nobody");
        } else if request.is_saved {
            claim(tickets == 0, "a ticket of what cannot be one");
            claim(parked || waits, "refused, and not with its requester");
            claim(entry.is_some_and(|entry| !entry.body.is_empty()), "refused, and its content is gone");
        }
    }
    broken
}
