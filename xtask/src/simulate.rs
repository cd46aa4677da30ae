//! `cargo xtask simulate`: worlds in virtual time, each made by its seed.

use std::process::Command;

use clap::Args;

use crate::error::TaskError;
use crate::process::{cargo, run as run_program};

/// Which worlds.
#[derive(Args, Clone, Default)]
pub(crate) struct SimulateArgs {
    /// From the first to before the last; without it the first 10,000
    #[arg(long, value_name = "A..B")]
    pub(crate) seeds: Option<String>,
    /// Print all that happens
    #[arg(long)]
    pub(crate) trace: bool,
}

/// How the program is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Soon built, for a few worlds.
    Soon,
    /// Soon done, for many.
    Fast,
}

/// Plays them.
pub(crate) fn run(args: &SimulateArgs) -> Result<(), TaskError> {
    run_program(&mut command(args, if args.seeds.is_some() && !args.trace { Pace::Fast } else { Pace::Soon }))
}

/// The program that plays them.
pub(crate) fn command(args: &SimulateArgs, pace: Pace) -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet"]).args((pace == Pace::Fast).then_some("--release"));
    command.args(["--package", "itsm-simulation", "--"]);
    command.args(args.seeds.iter().flat_map(|seeds| ["--seeds", seeds]));
    command.args(args.trace.then_some("--trace"));
    command
}
