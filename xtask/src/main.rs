//! `cargo xtask`: sets up what it needs, then builds, tests, serves.

mod api_test;
mod bench;
mod conformance;
mod demo;
mod dev;
mod dist;
mod error;
mod model;
mod process;
mod react;
mod setup;
mod simulate;
mod size;
mod test;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use crate::error::TaskError;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Sets up what it needs, then builds, tests, serves.")]
struct Cli {
    /// How to get the wasm target; without it each way is tried in turn
    #[arg(long, global = true, value_enum, value_name = "WAY")]
    wasm_target: Option<WasmWay>,
    #[command(subcommand)]
    command: Command,
}

/// A way to get the standard library for wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum WasmWay {
    /// rustup downloads it
    Rustup,
    /// built from Debian's source package of the same version
    DebianSource,
    /// Debian's own compiler and library
    DebianCompiler,
}

#[derive(Subcommand)]
enum Command {
    /// Build and serve the demo with the real backend on an embedded database
    Demo(demo::DemoArgs),
    /// Serve the gallery with a backend, and build anew at every change
    Dev(dev::DevArgs),
    /// What Trunk calls after each change
    #[command(hide = true)]
    DevBundle,
    /// Build the React example from dist/ as it would be published, into target/react
    React,
    /// Write the files that a customer hosts into dist/
    Dist,
    /// Say what the wasm's bytes are: by crate, and the largest functions
    Size(size::SizeArgs),
    /// Measure the suite beside form libraries, other stores and bare SQLite, and write docs/benchmarks.md
    Bench(bench::BenchArgs),
    /// Set up and run every check; the last line is `N passed, N failed`
    Test(test::TestArgs),
    /// Search every state of browser, network and service desk for a request that is lost or doubled
    Model(model::ModelArgs),
    /// Play worlds of tabs, people, network and the real backend in virtual time, with every fault
    Simulate(simulate::SimulateArgs),
    /// Run the contract's tests against anybody's implementation of the API; they make tickets there
    Conformance(conformance::ConformanceArgs),
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let way = cli.wasm_target;
    let done: Result<(), TaskError> = match cli.command {
        Command::Demo(args) => demo::run(&args, way),
        Command::Dev(args) => dev::run(&args, way),
        Command::DevBundle => dev::bundle(way),
        Command::React => react::build().map(drop),
        Command::Dist => dist::run(way).map(drop),
        Command::Size(args) => size::run(&args, way),
        Command::Bench(args) => bench::run(&args, way),
        Command::Test(args) => test::run(&args, way),
        Command::Model(args) => model::run(args),
        Command::Simulate(args) => simulate::run(&args),
        Command::Conformance(args) => conformance::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
