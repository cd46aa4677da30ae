//! Searches all that browser, network and service desk can do together, within small budgets, for a request that is lost
//! or that makes two tickets. What an entry does is not modelled: it is the product's own `step` and `verdict`.

mod client;
mod mutant;
mod search;
mod server;
mod world;

use std::process::ExitCode;

use clap::Parser;

use crate::mutant::Mutant;
use crate::search::{Found, search};
use crate::world::{Budget, World};

/// Search the states of the outbox protocol.
#[derive(Parser)]
#[command(name = "model")]
struct Cli {
    /// Larger budgets: some 39 million states, a few minutes
    #[arg(long)]
    full: bool,
    /// Search deliberate mistakes instead: each must be found
    #[arg(long)]
    mutants: bool,
}

/// Two requests, a crash, and in turn a doubled message or a frozen tab.
const SMALL: &[Budget] = &[
    Budget { items: 2, crashes: 1, freezes: 0, edits: 1, doubles: 1, epochs: 2, messages: 2 },
    Budget { items: 2, crashes: 1, freezes: 1, edits: 1, doubles: 0, epochs: 2, messages: 1 },
];
/// Two requests and every fault once.
const BROAD: Budget = Budget { items: 2, crashes: 1, freezes: 1, edits: 1, doubles: 1, epochs: 2, messages: 2 };
/// Two requests, a second crash, and a third message on its way.
const CRASHING: Budget = Budget { items: 2, crashes: 2, freezes: 0, edits: 1, doubles: 1, epochs: 3, messages: 3 };
/// One request, more faults.
const LARGE: Budget = Budget { items: 1, crashes: 2, freezes: 2, edits: 1, doubles: 1, epochs: 3, messages: 2 };

fn main() -> ExitCode {
    let cli = Cli::parse();
    let sound = if cli.mutants {
        mutants()
    } else {
        if cli.full { [LARGE, BROAD, CRASHING].into_iter().all(protocol) } else { SMALL.iter().copied().all(protocol) }
    };
    if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The protocol as it ships.
fn protocol(budget: Budget) -> bool {
    match search(World::new(budget), Mutant::None, usize::MAX) {
        Found::Nothing { states, transitions, stuck } => {
            println!("{states} states, {transitions} transitions, 0 violations, {stuck} states without a way on");
            stuck == 0
        }
        Found::Violation { what, trace } => {
            tell(what, &trace);
            false
        }
    }
}

/// Every mistake must be found, or the search would find nothing in the product either.
fn mutants() -> bool {
    let mut all = true;
    for mutant in Mutant::ALL {
        match search(World::new(LARGE), *mutant, 8_000_000) {
            Found::Violation { what, trace } => println!("{mutant:?}: {what}, in {} steps", trace.len()),
            Found::Nothing { states, .. } => {
                println!("{mutant:?}: not found in {states} states");
                all = false;
            }
        }
    }
    all
}

fn tell(what: &str, trace: &[String]) {
    println!("{what}, after");
    trace.iter().for_each(|action| println!("  {action}"));
}
