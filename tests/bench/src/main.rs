//! What using the suite costs, beside form libraries, forms written by hand, other ways to keep a request, and bare
//! SQLite. Contenders take turns within each round, so that what the machine does meanwhile hits all alike; what counts
//! are the ratios.

mod backend;
mod contender;
mod delivery;
mod figures;
mod interaction;
mod load;
mod machine;
mod report;
mod saving;
mod store;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use itsm_e2e::{Browser, PageServer, Profile};
use serde_json::json;

#[derive(Parser)]
struct Arguments {
    /// The folder with the bundled peers
    #[arg(long)]
    peers: PathBuf,
    /// The backend's program
    #[arg(long)]
    backend: PathBuf,
    /// How many rounds
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Only this workload; nothing is written then
    #[arg(long)]
    only: Option<Workload>,
    /// Where to write the figures, as JSON
    #[arg(long)]
    json: PathBuf,
    /// Where to write the tables, as Markdown
    #[arg(long)]
    table: PathBuf,
}

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Workload {
    /// From the address to a field that takes the focus
    Load,
    /// From the address to a survey's question that can be answered
    Surveys,
    /// A key until its letter is seen, and many forms on one page
    Use,
    /// Requests kept in a second
    Store,
    /// Tickets and unchanged answers in a second
    Backend,
}

#[tokio::main]
async fn main() {
    let arguments = Arguments::parse();
    let wanted = |workload| arguments.only.is_none_or(|only| only == workload);
    let contenders = contender::forms(&arguments.peers);
    let surveys = contender::surveys(&arguments.peers);
    let server = PageServer::start();
    contenders.iter().chain(&surveys).for_each(|contender| contender.put(&server));
    let mut sections = vec![];
    if wanted(Workload::Load) {
        sections.push(load::measure(&contenders, &server, arguments.rounds).await);
    }
    if wanted(Workload::Surveys) {
        sections.push(load::measure_surveys(&surveys, &server, arguments.rounds).await);
    }
    if wanted(Workload::Use) {
        sections.extend(interaction::measure(&contenders, &server, arguments.rounds).await);
        sections.push(saving::measure(arguments.rounds).await);
    }
    if wanted(Workload::Store) {
        sections.push(store::measure(&arguments.peers, &server, arguments.rounds).await);
    }
    if wanted(Workload::Backend) {
        sections.push(backend::measure(&arguments.backend, arguments.rounds).await);
    }
    let browser = browser().await;
    let text = report::markdown(&sections, &browser, arguments.rounds);
    println!("{text}");
    if arguments.only.is_none() {
        let all =
            json!({ "browser": browser, "workloads": sections.iter().map(figures::Section::json).collect::<Vec<_>>() });
        std::fs::write(&arguments.json, all.to_string()).expect("the figures are written");
        std::fs::write(&arguments.table, text).expect("the tables are written");
    }
}

/// The browser's name and version.
async fn browser() -> String {
    let profile = Profile::new();
    let version = Browser::start(&profile).await.devtools("Browser.getVersion", json!({})).await;
    version["product"].as_str().unwrap_or("?").to_owned()
}
