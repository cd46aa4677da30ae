//! `cargo xtask test`: set-up, then every check, the cheapest first.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Instant;

use clap::Args;

use crate::WasmWay;
use crate::api_test;
use crate::dist;
use crate::error::TaskError;
use crate::model;
use crate::process::{cargo, run as run_program};
use crate::react;
use crate::setup::wasm_target::WasmToolchain;
use crate::setup::{browser, cargo_tools, debian, npm, python, wasm_target};
use crate::simulate::{self, Pace, SimulateArgs};

/// What the tests can be told.
#[derive(Args)]
pub(crate) struct TestArgs {
    /// Only the checks that need no browser
    #[arg(long)]
    quick: bool,
    /// Instead: what takes longer than a change should wait, as before a release
    #[arg(long, conflicts_with = "quick")]
    release_tier: bool,
    /// Which worlds of the release tier are played; all of them in parts, one command for each
    #[arg(long, value_name = "A..B", requires = "release_tier", default_value = "0..200000")]
    seeds: String,
}

/// How many tests passed and failed so far.
#[derive(Default)]
struct Tally {
    passed: usize,
    failed: usize,
    broken: Vec<String>,
}

/// Runs everything; an error if anything failed.
pub(crate) fn run(args: &TestArgs, way: Option<WasmWay>) -> Result<(), TaskError> {
    if args.release_tier {
        return release_tier(&args.seeds, way);
    }
    let wasm = wasm_target::provide(way)?;
    npm::tools()?;
    if !args.quick {
        browser::chromium()?;
        browser::firefox()?;
        browser::webkit()?;
        cargo_tools::install(&cargo_tools::TEST_RUNNER)?;
        python::schemathesis()?;
    }
    let mut tally = Tally::default();
    tally.check("formatting", cargo().args(["fmt", "--all", "--check"]));
    tally.tests("core, natively", cargo().args(["test", "--package", "itsm-widgets"]));
    let natives = [
        "--package",
        "itsm-backend",
        "--package",
        "itsm-components",
        "--package",
        "itsm-fault-proxy",
        "--package",
        "xtask",
    ];
    tally.tests("backend, contracts and tools", cargo().arg("test").args(natives));
    tally.check("every state of the outbox", &mut model::command(model::ModelArgs::default()));
    tally.check("mistakes that must be found", &mut model::command(model::MUTANTS));
    tally.check("worlds with every fault", &mut simulate::command(&SimulateArgs::default(), Pace::Soon));
    tally.check(
        "lints, natively",
        cargo().args(["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"]),
    );
    let mut lint = cargo();
    lint.args(["clippy", "--quiet", "--package", "itsm-widgets", "--package", "itsm-components", "--lib"]);
    lint.args(["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"]);
    wasm.apply(&mut lint);
    tally.check("lints, wasm", &mut lint);
    tally.task("size budgets", || dist::run(way).map(drop));
    if !args.quick {
        tally.tests("stores, in a browser", &mut browser_tests(&wasm)?);
        tally.check("the backend's binary", cargo().args(["build", "--quiet", "--package", "itsm-backend"]));
        tally.task("the React example", || react::build().map(drop));
        tally.task("the API's contract", api_test::contract);
        tally.task("requests made from the API's description", api_test::schemathesis);
        let mut scenarios = end_to_end()?;
        scenarios.args(["--", "--test-threads=3"]);
        scenarios.args(MANY.iter().flat_map(|name| ["--skip", name]));
        tally.tests("end to end", &mut scenarios);
        let mut many = end_to_end()?;
        many.args(["--test", "schedules", "--test", "files", "--test", "tabs", "--", "--test-threads=4"]).args(MANY);
        tally.tests("faults and kills by the dozen", &mut many);
    }
    tally.finish()
}

/// Tests that do one thing many times, and wait for most of it: more of them go on at once.
const MANY: &[&str] = &[
    "every_request_arrives_once_through_a_network_that_fails",
    "what_was_saved_survives_kills_at_any_moment",
    "a_kill_in_the_middle_of_typing_costs_little",
    "large_files_arrive_whole_through_cuts_kills_and_reloads",
    "another_tab_goes_on_however_the_one_that_sends_ends",
];

/// What is the same as in every run, and larger: states, worlds, requests, kills.
fn release_tier(seeds: &str, way: Option<WasmWay>) -> Result<(), TaskError> {
    let mut tally = Tally::default();
    tally.check("every state of the outbox", &mut model::command(model::FULL));
    tally.check("mistakes that must be found", &mut model::command(model::MUTANTS));
    let worlds = SimulateArgs { seeds: Some(seeds.to_owned()), trace: false };
    tally.check("worlds with every fault", &mut simulate::command(&worlds, Pace::Fast));
    tally.task("what the backend serves", || dist::run(way).map(drop));
    tally.check("the backend's binary", cargo().args(["build", "--quiet", "--package", "itsm-backend"]));
    let mut server = cargo();
    server.args(["test", "--package", "itsm-e2e", "--test", "server", "--", "--test-threads=1"]);
    tally.tests(
        "the backend under load and under kill -9",
        server.env("ITSM_REQUESTS", "2000000").env("ITSM_KILLS", "200"),
    );
    tally.task("the browsers", || {
        browser::chromium()?;
        browser::firefox()?;
        browser::webkit()
    });
    let mut schedules = end_to_end()?;
    schedules.args(["--test", "schedules", "--test", "files", "--test", "tabs", "--", "--test-threads=2"]);
    tally.tests(
        "browsers under kill -9 and behind a network that fails",
        schedules
            .env("ITSM_SCHEDULES", "2000")
            .env("ITSM_BROWSER_KILLS", "300")
            .env("ITSM_TYPING_KILLS", "500")
            .env("ITSM_LARGE_FILES", "180")
            .env("ITSM_TAKEOVERS", "600")
            .env("ITSM_SOON", "2000")
            .env("ITSM_MAX_LOSS", "500"),
    );
    tally.task("what shows what the disk is asked", || debian::provide("strace", &["strace"]));
    let mut power = end_to_end()?;
    power.args(["--test", "power"]).env("ITSM_COMMITS", "100");
    tally.tests("what is on the disk when it is called saved", &mut power);
    tally.finish()
}

/// The tests in real browsers, with what they need.
fn end_to_end() -> Result<Command, TaskError> {
    let mut tests = cargo();
    tests
        .args(["test", "--package", "itsm-e2e"])
        .env("ITSM_AXE", npm::tools()?.join("axe-core/axe.min.js"))
        .env("ITSM_GECKODRIVER", browser::firefox()?);
    Ok(tests)
}

fn browser_tests(wasm: &WasmToolchain) -> Result<Command, TaskError> {
    let mut test = cargo();
    test.args(["test", "--package", "itsm-widgets", "--target", "wasm32-unknown-unknown"])
        .args(["--features", "contract", "--test", "browser"])
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", cargo_tools::install(&cargo_tools::TEST_RUNNER)?)
        .env("CHROMEDRIVER", "chromedriver")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    wasm.apply(&mut test);
    Ok(test)
}

impl Tally {
    /// A check that passes or fails as a whole.
    fn check(&mut self, name: &str, command: &mut Command) {
        println!("── {name}");
        let result = run_program(command);
        self.count(name, result);
    }

    /// A check of this program's own.
    fn task(&mut self, name: &str, task: impl FnOnce() -> Result<(), TaskError>) {
        println!("── {name}");
        let result = task();
        self.count(name, result);
    }

    fn count(&mut self, name: &str, result: Result<(), TaskError>) {
        match result {
            Ok(()) => self.passed += 1,
            Err(error) => {
                self.failed += 1;
                eprintln!("{error}");
                self.broken.push(name.to_owned());
            }
        }
    }

    /// A test runner, whose own count is added.
    #[expect(clippy::disallowed_methods, reason = "the build tool may look at the clock")]
    fn tests(&mut self, name: &str, command: &mut Command) {
        println!("── {name}");
        let started = Instant::now();
        let (before, failed_before) = (self.passed, self.failed);
        let ended = self.follow(command);
        if self.failed == failed_before && (!ended || self.passed == before) {
            // It did not get as far as counting, or had nothing to count: neither is a pass.
            self.failed += 1;
        }
        if self.failed > failed_before {
            self.broken.push(name.to_owned());
        }
        println!("   {} passed in {} s", self.passed - before, started.elapsed().as_secs());
    }

    /// Shows what the runner prints, reads its closing lines, and says whether it ended well.
    fn follow(&mut self, command: &mut Command) -> bool {
        let Ok(mut child) = command.stdout(Stdio::piped()).spawn() else { return false };
        let lines = child.stdout.take().into_iter().flat_map(|out| BufReader::new(out).lines()).map_while(Result::ok);
        for line in lines {
            if let Some((passed, failed)) = closing_line(&line) {
                self.passed += passed;
                self.failed += failed;
            } else if !line.is_empty() && !line.ends_with("... ok") && !line.starts_with("running ") {
                println!("{line}");
            }
        }
        child.wait().is_ok_and(|status| status.success())
    }

    fn finish(self) -> Result<(), TaskError> {
        let line = format!("{} passed, {} failed", self.passed, self.failed);
        if self.failed == 0 {
            println!("{line}");
            return Ok(());
        }
        eprintln!("failed: {}", self.broken.join(", "));
        println!("{line}");
        std::process::exit(1)
    }
}

/// Passed and failed of `test result: ok. 3 passed; 0 failed; …`.
fn closing_line(line: &str) -> Option<(usize, usize)> {
    let rest = line.strip_prefix("test result: ")?;
    let number =
        |word: &str| rest.split(';').find_map(|part| part.trim().strip_suffix(word)?.rsplit(' ').next()?.parse().ok());
    Some((number(" passed")?, number(" failed")?))
}

#[cfg(test)]
mod tests {
    use super::closing_line;

    #[test]
    fn a_runners_closing_line_is_read() {
        assert_eq!(
            closing_line("test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out"),
            Some((12, 0))
        );
        assert_eq!(closing_line("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 filtered out"), Some((1, 2)));
        assert_eq!(closing_line("test a ... ok"), None);
    }
}
