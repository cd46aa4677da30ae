//! What tabs do. The states of entries are the product's: [`step`] and [`verdict`] decide, this only plays.

use itsm_widgets::domain::outbox::{
    Claim, Event, OutboxEntry, OutboxState, ParkReason, Progress, RetryPolicy, Verdict, WaitReason, step,
};
use itsm_widgets::domain::ticket::Receipt;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::{Problem, ProblemCode, Reply, verdict};

use crate::mutant::Mutant;
use crate::search::Next;
use crate::world::{Answer, At, Item, KEYS, Message, State, TABS, World};

/// Time passes as it likes: whatever waits has waited long enough, and no lease ends but by a new epoch.
const LATER: Timestamp = Timestamp::from_millis(2 * 86_400_000);
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);

fn key_of(item: usize, key: u8) -> String {
    format!("{item}.{key}")
}

/// The request as the product knows it.
fn entry(at: usize, item: Item) -> OutboxEntry {
    let state = match item.state {
        State::Draft | State::Queued => OutboxState::Queued,
        State::InFlight(epoch) => OutboxState::InFlight { epoch: epoch.into(), lease_ends: NEVER },
        State::Waiting => OutboxState::Waiting { retry_at: Timestamp::default(), why: WaitReason::Backoff },
        State::Parked => OutboxState::Parked { why: ParkReason::Rejected },
        State::Delivered => OutboxState::Delivered,
    };
    OutboxEntry {
        id: at.to_string().as_str().into(),
        key: key_of(at, item.key).as_str().into(),
        seq: 0,
        part: String::new(),
        form: "f".into(),
        context: String::new(),
        body: String::new(),
        supersedes: vec![],
        lane: String::new(),
        depends_on: None,
        attachments: vec![],
        created: Timestamp::default(),
        progress: Progress { state, ..Progress::default() },
    }
}

fn state_of(progress: &Progress) -> State {
    match progress.state {
        OutboxState::Queued => State::Queued,
        OutboxState::InFlight { epoch, .. } => State::InFlight(u8::try_from(epoch).expect("epochs are few")),
        OutboxState::Waiting { .. } => State::Waiting,
        OutboxState::Parked { .. } => State::Parked,
        OutboxState::Delivered => State::Delivered,
        OutboxState::Discarded => unreachable!("nobody discards anything here"),
    }
}

fn stepped(at: usize, item: Item, event: &Event<'_>) -> Option<State> {
    step(&entry(at, item), event, &RetryPolicy::default()).map(|progress| state_of(&progress))
}

/// What an answer means to the product.
fn meaning(item: usize, key: u8, answer: Answer) -> Verdict {
    let own = key_of(item, key);
    let receipt = |key: &str| Receipt {
        key: key.into(),
        number: "INC-1".into(),
        received_at: Timestamp::default(),
        priority: None,
        read_link: None,
        editable_until: None,
        answer_by: None,
    };
    let problem = |code: ProblemCode, receipt: Option<Receipt>| Reply::Answer {
        status: code.status(),
        retry_after: None,
        receipt: None,
        problem: Some(Box::new(Problem { receipt, ..Problem::new(code, "") })),
    };
    let reply = match answer {
        Answer::Receipt => {
            Reply::Answer { status: 201, retry_after: None, receipt: Some(receipt(&own)), problem: None }
        }
        Answer::Portal => Reply::Answer { status: 200, retry_after: None, receipt: None, problem: None },
        Answer::AlreadySubmitted => problem(ProblemCode::AlreadySubmitted, Some(receipt(&key_of(item, 0)))),
        Answer::InProgress => problem(ProblemCode::InProgress, None),
        Answer::Unavailable => problem(ProblemCode::Unavailable, None),
        Answer::Fault => problem(ProblemCode::Internal, None),
        Answer::Refused => problem(ProblemCode::InvalidAnswers, None),
    };
    verdict(reply, &own.as_str().into())
}

/// All that people and tabs may do next.
pub(crate) fn next(world: &World, mutant: Mutant, out: &mut Vec<Next>) {
    people(world, out);
    for tab in 0..TABS {
        faults(world, tab, mutant, out);
        let is_running = world.tabs[tab].alive && !world.tabs[tab].frozen;
        if is_running {
            lead(world, tab, mutant, out);
            claim(world, tab, mutant, out);
            send(world, tab, mutant, out);
            record(world, tab, mutant, out);
        }
    }
}

fn people(world: &World, out: &mut Vec<Next>) {
    for item in world.indices() {
        let there = world.items[item];
        if there.state == State::Draft {
            let mut after = *world;
            after.items[item].state = State::Queued;
            out.push((format!("request {item} is submitted"), after));
        }
        if there.state == State::Parked && world.left.edits > 0 && usize::from(there.key) + 1 < KEYS {
            let mut after = *world;
            after.left.edits -= 1;
            after.refuses[item] = false;
            after.items[item] = Item { state: State::Queued, key: there.key + 1, content: true };
            out.push((format!("request {item} is edited"), after));
        }
    }
}

/// A tab leads if the lock is free, or its holder is frozen: the lock saves traffic, safety is the fence's.
fn lead(world: &World, tab: usize, mutant: Mutant, out: &mut Vec<Next>) {
    let free = world.lock.is_none_or(|holder| world.tabs[usize::from(holder)].frozen);
    if world.tabs[tab].leads == 0 && world.epoch < world.left.epochs && free {
        let mut after = *world;
        after.lock = Some(tab as u8);
        after.epoch += 1;
        after.tabs[tab].leads = after.epoch;
        for item in world.indices() {
            let event = Event::TakeOver { epoch: after.epoch.into() };
            if let Some(state) = stepped(item, after.items[item], &event) {
                after.items[item].state = state;
                retried(&mut after.items[item], mutant);
            }
        }
        out.push((format!("tab {tab} leads epoch {}", after.epoch), after));
    }
    if world.tabs[tab].leads != 0 && world.lock != Some(tab as u8) && world.tabs[tab].at == At::Idle {
        let mut after = *world;
        after.tabs[tab].leads = 0;
        out.push((format!("tab {tab} steps down"), after));
    }
}

/// The mistake of a new key for every try.
fn retried(item: &mut Item, mutant: Mutant) {
    if mutant == Mutant::NewKeyOnRetry && usize::from(item.key) + 1 < KEYS && item.state != State::Delivered {
        item.key += 1;
    }
}

/// As the store does it: nothing in an epoch that has ended.
fn claim(world: &World, tab: usize, mutant: Mutant, out: &mut Vec<Next>) {
    let leads = world.tabs[tab].leads;
    if leads == 0 || world.tabs[tab].at != At::Idle || leads != world.epoch && mutant != Mutant::NoFence {
        return;
    }
    for item in world.indices() {
        let there = world.items[item];
        if there.state == State::Draft || !there.content {
            continue;
        }
        let event = Event::Claim { now: LATER, epoch: leads.into(), lease_ends: NEVER };
        if let Some(state) = stepped(item, there, &event) {
            let mut after = *world;
            after.items[item].state = state;
            after.items[item].content = mutant != Mutant::DeleteBeforeSend;
            after.tabs[tab].at = At::Claimed { item: item as u8, key: there.key };
            out.push((format!("tab {tab} claims request {item}"), after));
        }
    }
}

fn send(world: &World, tab: usize, mutant: Mutant, out: &mut Vec<Next>) {
    match world.tabs[tab].at {
        At::Claimed { item, key } => {
            let mut after = *world;
            if after.put(Message::Request { tab: tab as u8, item, key }) {
                after.tabs[tab].at = At::Asked { item, key };
                out.push((format!("tab {tab} sends request {item} under key {key}"), after));
            }
        }
        At::Asked { item, key } => {
            let none = verdict(Reply::None, &key_of(item.into(), key).as_str().into());
            let mut after = settled(world, tab, item.into(), key, &none, mutant);
            if mutant == Mutant::DeleteBeforeSend {
                after.items[usize::from(item)].content = true;
            }
            out.push((format!("tab {tab} has no answer for request {item}"), after));
        }
        At::Idle | At::Answered { .. } => {}
    }
}

fn record(world: &World, tab: usize, mutant: Mutant, out: &mut Vec<Next>) {
    let At::Answered { item, key, answer } = world.tabs[tab].at else { return };
    let meant = match (mutant, meaning(item.into(), key, answer)) {
        (Mutant::AnyAnswerIsSuccess, _) | (Mutant::DropWhenRefused, Verdict::Refused(_)) => {
            meaning(item.into(), key, Answer::Receipt)
        }
        (_, meant) => meant,
    };
    let after = settled(world, tab, item.into(), key, &meant, mutant);
    out.push((format!("tab {tab} writes down {answer:?} for request {item}"), after));
}

/// As the store does it: nothing in an epoch that has ended, else what the product makes of the verdict.
fn settled(world: &World, tab: usize, item: usize, key: u8, meant: &Verdict, mutant: Mutant) -> World {
    let mut after = *world;
    after.tabs[tab].at = At::Idle;
    let leads = world.tabs[tab].leads;
    let there = world.items[item];
    let state = if mutant == Mutant::NoFence {
        // Whatever is there, whoever's it is.
        let in_hand = Item { state: State::InFlight(leads), key, ..there };
        settle(item, in_hand, key, leads, meant)
    } else if leads == world.epoch {
        settle(item, there, key, leads, meant)
    } else {
        None
    };
    if let Some(state) = state {
        after.items[item].state = state;
        if state == State::Delivered {
            after.items[item].content = false;
        }
        if state == State::Waiting {
            retried(&mut after.items[item], mutant);
        }
    }
    after
}

fn settle(item: usize, there: Item, key: u8, epoch: u8, meant: &Verdict) -> Option<State> {
    let claim =
        Claim { id: item.to_string().as_str().into(), key: key_of(item, key).as_str().into(), epoch: epoch.into() };
    stepped(item, there, &Event::Settle { claim: &claim, verdict: meant, now: Timestamp::default(), jitter: 0.5 })
}

fn faults(world: &World, tab: usize, mutant: Mutant, out: &mut Vec<Next>) {
    let there = world.tabs[tab];
    let mut after = *world;
    if there.alive && world.left.crashes > 0 {
        after.left.crashes -= 1;
        after.tabs[tab] = crate::world::Tab { alive: false, frozen: false, leads: 0, at: At::Idle };
        after.lock = world.lock.filter(|holder| usize::from(*holder) != tab);
        out.push((format!("tab {tab} crashes"), after));
    }
    let mut after = *world;
    if !there.alive {
        after.tabs[tab].alive = true;
        out.push((format!("tab {tab} is opened again"), after));
    } else if there.frozen {
        after.tabs[tab].frozen = false;
        if world.lock != Some(tab as u8) && mutant != Mutant::NoFence && there.at == At::Idle {
            after.tabs[tab].leads = 0;
        }
        out.push((format!("tab {tab} goes on"), after));
    } else if world.left.freezes > 0 {
        after.left.freezes -= 1;
        after.tabs[tab].frozen = true;
        out.push((format!("tab {tab} is frozen"), after));
    }
}
