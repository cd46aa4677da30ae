//! `cargo xtask model`: the search through all states of the outbox.

use std::process::Command;

use clap::Args;

use crate::error::TaskError;
use crate::process::{cargo, run as run_program};

/// Which search.
#[derive(Args, Clone, Copy, Default)]
pub(crate) struct ModelArgs {
    /// Larger budgets: a few minutes
    #[arg(long)]
    full: bool,
    /// Search deliberate mistakes instead; an error unless each is found
    #[arg(long)]
    mutants: bool,
}

/// The larger search.
pub(crate) const FULL: ModelArgs = ModelArgs { full: true, mutants: false };

/// The search for mistakes that must be found.
pub(crate) const MUTANTS: ModelArgs = ModelArgs { full: false, mutants: true };

/// Searches.
pub(crate) fn run(args: ModelArgs) -> Result<(), TaskError> {
    run_program(&mut command(args))
}

/// The program that searches.
pub(crate) fn command(args: ModelArgs) -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "itsm-model", "--"]);
    let flags = [("--full", args.full), ("--mutants", args.mutants)];
    command.args(flags.into_iter().filter(|(_, on)| *on).map(|(flag, _)| flag));
    command
}
