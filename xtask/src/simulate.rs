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

/// Plays them.
pub(crate) fn run(args: &SimulateArgs) -> Result<(), TaskError> {
    run_program(&mut command(args))
}

/// The program that plays them.
pub(crate) fn command(args: &SimulateArgs) -> Command {
    let mut command = cargo();
    command.args(["run", "--quiet", "--package", "itsm-simulation", "--"]);
    command.args(args.seeds.iter().flat_map(|seeds| ["--seeds", seeds]));
    command.args(args.trace.then_some("--trace"));
    command
}
