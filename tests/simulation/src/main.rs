//! Thousands of small worlds: tabs, people, a network and the real backend in virtual time. Each is made by a number, its
//! seed, which makes it again, word by word.

mod browser;
mod desk;
mod device;
mod scheduler;
mod storage;
mod story;

use std::net::SocketAddr;
use std::ops::Range;
use std::process::ExitCode;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Parser;
use itsm_backend::run::open;
use itsm_backend::settings::Settings;
use tempfile::TempDir;

use crate::desk::Backend;
use crate::story::{Outcome, play};

/// Play worlds with every fault, and count what is lost, doubled or stuck.
#[derive(Parser)]
#[command(name = "simulation")]
struct Cli {
    /// Which worlds: from the first to before the last
    #[arg(long, value_name = "A..B", value_parser = seeds, default_value = "0..10000")]
    seeds: Range<u64>,
    /// How many of them are played twice, to see that a seed makes the same world again
    #[arg(long, default_value_t = 1_000)]
    twice: u64,
    /// Print what happens
    #[arg(long)]
    trace: bool,
}

fn seeds(text: &str) -> Result<Range<u64>, String> {
    let (first, end) = text.split_once("..").ok_or("A..B is needed")?;
    let number = |text: &str| text.parse().map_err(|_| format!("{text} is no number"));
    let range = number(first)?..number(end)?;
    if range.is_empty() { Err(format!("{text} is empty")) } else { Ok(range) }
}

/// What several worlds came to.
#[derive(Default)]
struct Sum {
    worlds: u64,
    requests: usize,
    tickets: usize,
    sent: u64,
    broken: u64,
}

/// A backend of one's own, on a disk that is memory where there is one: what a loss of power does is another test.
fn backend(folder: &TempDir) -> Backend {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let settings = Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        database: format!("sqlite://{}", folder.path().join("simulation.db").display()),
        assets: None,
        definitions: None,
        files: folder.path().join("files"),
        allow_origins: vec![],
        identity: None,
        relay: None,
        max_body: 100_000,
        max_attachment: 1_000_000,
        request_timeout: 30,
        upload_timeout: 30,
        max_connections: 1,
        least_answers: 5,
        invitation_secret: None,
    };
    let app = runtime.block_on(open(settings)).expect("a backend");
    Backend::new(runtime, app)
}

fn folder() -> TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.expect("a folder")
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let next = AtomicU64::new(cli.seeds.start);
    let jobs = if cli.trace { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let sums: Vec<Sum> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(|| work(&cli, &next))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread that ends")).collect()
    });
    let total = sums.into_iter().fold(Sum::default(), |a, b| Sum {
        worlds: a.worlds + b.worlds,
        requests: a.requests + b.requests,
        tickets: a.tickets + b.tickets,
        sent: a.sent + b.sent,
        broken: a.broken + b.broken,
    });
    println!(
        "{} worlds, {} requests, sent {} times, {} tickets, {} broken promises",
        total.worlds, total.requests, total.sent, total.tickets, total.broken
    );
    if total.broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn work(cli: &Cli, next: &AtomicU64) -> Sum {
    let (folder, again) = (folder(), self::folder());
    let (one, other) = (Rc::new(backend(&folder)), Rc::new(backend(&again)));
    let mut sum = Sum::default();
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= cli.seeds.end {
            break;
        }
        let Outcome { trace, requests, tickets, mut broken } = play(seed, &one, cli.trace);
        if seed - cli.seeds.start < cli.twice && play(seed, &other, false).trace != trace {
            broken.push("another world at the second time".to_owned());
        }
        sum.worlds += 1;
        sum.requests += requests;
        sum.tickets += tickets;
        sum.broken += broken.len() as u64;
        for promise in &broken {
            println!("seed {seed}: {promise}");
        }
        if !broken.is_empty() {
            println!("  again: cargo xtask simulate --seeds {seed}..{} --trace", seed + 1);
        }
    }
    sum.sent = one.requests();
    sum
}
