//! What network and service desk do. The service desk is the contract of the API: one transaction for each request.

use crate::mutant::Mutant;
use crate::search::Next;
use crate::world::{Answer, At, Known, MESSAGES, Message, World};

/// All that may become of what is on its way.
pub(crate) fn next(world: &World, mutant: Mutant, out: &mut Vec<Next>) {
    for at in 0..MESSAGES {
        let Some(message) = world.network[at] else { continue };
        let mut lost = *world;
        lost.take(at);
        out.push((format!("{message:?} is lost"), lost));
        if world.left.doubles > 0 {
            let mut doubled = *world;
            doubled.left.doubles -= 1;
            if doubled.put(message) {
                out.push((format!("{message:?} is doubled"), doubled));
            }
        }
        match message {
            Message::Request { tab, item, key } => serve(&lost, tab, item, key, mutant, out),
            Message::Reply { tab, item, key, answer } => arrive(&lost, tab, item, key, answer, out),
        }
    }
    if mutant == Mutant::KeysAreForgotten && !world.forgotten {
        let mut after = *world;
        after.forgotten = true;
        after.keys.iter_mut().flatten().filter(|known| **known == Known::Created).for_each(|k| *k = Known::Unseen);
        out.push(("the service desk forgets its keys".into(), after));
    }
}

fn arrive(world: &World, tab: u8, item: u8, key: u8, answer: Answer, out: &mut Vec<Next>) {
    let there = world.tabs[usize::from(tab)];
    if there.alive && !there.frozen && there.at == (At::Asked { item, key }) {
        let mut after = *world;
        after.tabs[usize::from(tab)].at = At::Answered { item, key, answer };
        out.push((format!("tab {tab} hears {answer:?}"), after));
    }
}

/// The request has reached the service desk, or a network that wants a sign-in.
fn serve(world: &World, tab: u8, item: u8, key: u8, mutant: Mutant, out: &mut Vec<Next>) {
    let of = usize::from(item);
    let mut answer = |mut after: World, answer: Answer| {
        after.put(Message::Reply { tab, item, key, answer });
        out.push((format!("request {item} under key {key} is answered {answer:?}"), after));
    };
    answer(*world, Answer::Portal);
    let names_earlier = !matches!(mutant, Mutant::EditWithoutSupersede | Mutant::NewKeyOnRetry);
    let earlier = 0..usize::from(key);
    match world.keys[of][usize::from(key)] {
        Known::Created if mutant != Mutant::NoDeduplication => answer(*world, Answer::Receipt),
        _ if names_earlier && earlier.clone().any(|key| world.keys[of][key] == Known::Created) => {
            answer(*world, Answer::AlreadySubmitted);
        }
        Known::Tombstone => answer(*world, Answer::Refused),
        Known::Unseen | Known::Created if world.refuses[of] => {
            answer(*world, Answer::Refused);
            answer(*world, Answer::Unavailable);
        }
        Known::Unseen | Known::Created => {
            answer(*world, Answer::Unavailable);
            answer(*world, Answer::InProgress);
            // One transaction: the ticket, its key, and tombstones for the keys that it replaces.
            let mut created = *world;
            created.tickets[of] += 1;
            created.keys[of][usize::from(key)] = Known::Created;
            if names_earlier {
                for key in earlier {
                    if created.keys[of][key] == Known::Unseen {
                        created.keys[of][key] = Known::Tombstone;
                    }
                }
            }
            answer(created, Answer::Receipt);
            answer(created, Answer::Fault);
            out.push((format!("request {item} makes a ticket, and the answer is lost"), created));
        }
    }
}
