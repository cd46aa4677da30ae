//! `cargo xtask bench`: the suite beside form libraries, other stores and bare SQLite; writes `docs/benchmarks.md`.

use std::path::Path;

use clap::Args;

use crate::WasmWay;
use crate::dist::{self, Build, sizes};
use crate::error::TaskError;
use crate::process::{cargo, output, program, root, run as run_program};
use crate::setup::{browser, npm};

/// How much is measured.
#[derive(Args)]
pub(crate) struct BenchArgs {
    /// How many rounds
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Only this workload; nothing is written then
    #[arg(long, value_name = "WORKLOAD", value_parser = ["load", "surveys", "use", "store", "backend"])]
    only: Option<String>,
}

/// Builds ours and the peers, measures, and writes the document and `target/bench.json`.
pub(crate) fn run(args: &BenchArgs, way: Option<WasmWay>) -> Result<(), TaskError> {
    browser::chromium()?;
    dist::run(way)?;
    let source = root().join("tests/bench/peers");
    let peers = npm::packages(&source)?;
    let mut names = vec![];
    for entry in std::fs::read_dir(&source).map_err(TaskError::file(&source))?.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if path.is_file() && !name.starts_with("package") {
            std::fs::copy(&path, peers.join(&name)).map_err(TaskError::file(&path))?;
            // What all of them show is no contender.
            names.extend(name.strip_suffix(".js").filter(|name| !["form", "survey"].contains(name)).map(str::to_owned));
        }
    }
    for name in names {
        bundle(&peers, &name)?;
    }
    outbox(&peers, way)?;
    run_program(cargo().args([
        "build",
        "--release",
        "--quiet",
        "--package",
        "itsm-backend",
        "--package",
        "itsm-bench",
    ]))?;
    let mut bench = program(root().join("target/release/itsm-bench"));
    bench.args(["--rounds", &args.rounds.to_string()]);
    bench.args(args.only.iter().flat_map(|only| ["--only", only]));
    bench.arg("--peers").arg(&peers).arg("--backend").arg(root().join("target/release/itsm-backend"));
    bench.arg("--json").arg(root().join("target/bench.json"));
    run_program(bench.arg("--table").arg(root().join("docs/benchmarks.md")))
}

/// The outbox alone, as a module of its own.
fn outbox(peers: &Path, way: Option<WasmWay>) -> Result<(), TaskError> {
    let built = peers.join("built/outbox");
    dist::compile("itsm-bench-outbox", way, Build::Release)?;
    dist::bundle::bind_alone("itsm_bench_outbox", "outbox", &built)?;
    sizes::compress(&built)
}

/// A peer's page script with all that it needs, as small as its own tools make it.
fn bundle(peers: &Path, name: &str) -> Result<(), TaskError> {
    let built = peers.join("built").join(name);
    let mut esbuild = program(peers.join("node_modules/.bin/esbuild"));
    esbuild.current_dir(peers).arg(format!("main={name}.js")).arg(format!("--outdir={}", built.display()));
    esbuild.args(["--bundle", "--minify", "--format=esm", "--log-level=error", "--legal-comments=none"]);
    esbuild.args(["--define:process.env.NODE_ENV=\"production\"", "--loader:.svg=dataurl", "--loader:.woff2=dataurl"]);
    output(&mut esbuild)?;
    sizes::compress(&built)
}
