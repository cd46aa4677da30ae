//! Breadth first through all states: the first violation has the shortest way to it.

use rustc_hash::FxHashMap;

use crate::mutant::Mutant;
use crate::world::World;
use crate::{client, server};

/// What happened, and what it led to.
pub(crate) type Next = (String, World);

/// What a search found.
pub(crate) enum Found {
    /// Nothing that must not be.
    Nothing {
        /// States seen.
        states: usize,
        /// Ways between them.
        transitions: usize,
        /// States from which no way leads on to an end, though the model has not run out of epochs.
        stuck: usize,
    },
    /// Something that must not be.
    Violation {
        /// What.
        what: &'static str,
        /// What happened until then.
        trace: Vec<String>,
    },
}

/// Searches at most `limit` states from `start` on.
pub(crate) fn search(start: World, mutant: Mutant, limit: usize) -> Found {
    let mut numbers = FxHashMap::from_iter([(start, 0u32)]);
    let (mut states, mut parents, mut edges) = (vec![start], vec![0u32], vec![]);
    let mut at = 0;
    while at < states.len() && states.len() < limit {
        let world = states[at];
        for (_, after) in next(&world, mutant) {
            let number = *numbers.entry(after).or_insert_with(|| {
                states.push(after);
                parents.push(u32::try_from(at).expect("fewer states than that"));
                u32::try_from(states.len() - 1).expect("fewer states than that")
            });
            edges.push((number, at as u32));
            if let Some(what) = after.violation(&world) {
                let mut trace = trace(&states, &parents, at, mutant);
                trace.push(action(&world, &after, mutant));
                return Found::Violation { what, trace };
            }
        }
        at += 1;
    }
    let stuck = if at == states.len() { stuck(&states, &mut edges) } else { 0 };
    Found::Nothing { states: states.len(), transitions: edges.len(), stuck }
}

fn next(world: &World, mutant: Mutant) -> Vec<Next> {
    let mut out = Vec::with_capacity(24);
    client::next(world, mutant, &mut out);
    server::next(world, mutant, &mut out);
    out
}

/// What led from one state to the other.
fn action(before: &World, after: &World, mutant: Mutant) -> String {
    let led = next(before, mutant).into_iter().find(|(_, next)| next == after);
    led.map(|(action, _)| action).unwrap_or_default()
}

fn trace(states: &[World], parents: &[u32], end: usize, mutant: Mutant) -> Vec<String> {
    let (mut trace, mut at) = (vec![], end);
    while at != 0 {
        let parent = parents[at] as usize;
        trace.push(action(&states[parent], &states[at], mutant));
        at = parent;
    }
    trace.reverse();
    trace
}

/// How many states have no way on to one in which all is settled. Those that ran out of epochs do not count: the model
/// ends there, not the product.
fn stuck(states: &[World], edges: &mut [(u32, u32)]) -> usize {
    edges.sort_unstable();
    let mut leads_on: Vec<bool> = states.iter().map(World::is_settled).collect();
    let mut todo: Vec<u32> = (0..).zip(&leads_on).filter(|(_, on)| **on).map(|(number, _)| number).collect();
    while let Some(number) = todo.pop() {
        let first = edges.partition_point(|(to, _)| *to < number);
        for (_, from) in edges[first..].iter().take_while(|(to, _)| *to == number) {
            if !std::mem::replace(&mut leads_on[*from as usize], true) {
                todo.push(*from);
            }
        }
    }
    states.iter().zip(leads_on).filter(|(world, on)| !on && world.epoch < world.left.epochs).count()
}
