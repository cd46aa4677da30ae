//! How soon a ticket form can be used, and what it costs until then: ours beside form libraries and a form written by
//! hand. Contenders take turns within each round, so that what the machine does meanwhile hits all alike; what counts
//! are the ratios.

mod contender;
mod load;
mod report;

use std::path::PathBuf;

use clap::Parser;

#[derive(Parser)]
struct Arguments {
    /// The folder with the bundled peers
    #[arg(long)]
    peers: PathBuf,
    /// How many rounds
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Where to write the figures, as JSON
    #[arg(long)]
    json: PathBuf,
    /// Where to write the table, as Markdown
    #[arg(long)]
    table: PathBuf,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    let contenders = contender::all(&arguments.peers);
    let figures = load::measure(&contenders, arguments.rounds).await;
    let text = report::markdown(&contenders, &figures, arguments.rounds);
    println!("{text}");
    std::fs::write(&arguments.json, report::json(&contenders, &figures).to_string()).expect("the figures are written");
    std::fs::write(&arguments.table, text).expect("the table is written");
}
