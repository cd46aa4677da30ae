//! `itsm-backend`: the service desk's side of itsm-widgets.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use itsm_backend::identity::issue;
use itsm_backend::invitations::{self, InviteArgs};
use itsm_backend::registers::{self, Complaints, Format, Register};
use itsm_backend::run::RunError;
use itsm_backend::settings::ServeArgs;
use itsm_backend::{relay, run};
use itsm_widgets::domain::complaint::ComplaintState;

/// The backend of itsm-widgets: takes submissions exactly once, keeps them, shows what arrived.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, and a folder of assets beside it
    Serve(Box<ServeArgs>),
    /// Print the tickets that arrived, the oldest first
    Tickets(Print),
    /// Print the complaints that arrived and where they stand, the oldest first
    Complaints {
        #[command(flatten)]
        what: Print,
        /// The folder with what is promised of complaints [default: the built-in definitions]
        #[arg(long, env = "ITSM_DEFINITIONS", value_name = "FOLDER")]
        definitions: Option<PathBuf>,
        /// Only those that stand there: received, acknowledged, resolved, closed
        #[arg(long, value_parser = state)]
        state: Option<ComplaintState>,
    },
    /// Print the answers of surveys that arrived, the oldest first
    Answers(Print),
    /// Print what is not forwarded yet, the oldest first
    Relay {
        /// The database
        #[arg(long, env = "ITSM_DATABASE", value_name = "sqlite://PATH", default_value = "sqlite://itsm.db")]
        database: String,
        /// As one JSON array instead of a table
        #[arg(long)]
        json: bool,
        /// Let this ticket's message be tried again
        #[arg(long, value_name = "NUMBER")]
        send_now: Option<String>,
    },
    /// Sign a token for a demonstration, and print it
    Token(issue::TokenArgs),
    /// Sign an invitation to a survey, note it, and print what its link has
    Invite(InviteArgs),
    /// Print the API's description: OpenAPI 3.1, as JSON
    Openapi,
}

/// What to print, and how.
#[derive(Args)]
struct Print {
    /// The database
    #[arg(long, env = "ITSM_DATABASE", value_name = "sqlite://PATH", default_value = "sqlite://itsm.db")]
    database: String,
    /// As one JSON array instead of a table
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// For a spreadsheet, instead of a table
    #[arg(long)]
    csv: bool,
}

fn state(name: &str) -> Result<ComplaintState, String> {
    ComplaintState::named(name).ok_or_else(|| "it is received, acknowledged, resolved or closed".to_owned())
}

impl Print {
    fn format(&self) -> Format {
        match (self.json, self.csv) {
            (true, _) => Format::Json,
            (_, true) => Format::Csv,
            _ => Format::Table,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Serve(args) => run::serve(*args).await,
        Command::Tickets(what) => registers::print(Register::Tickets, &what.database, what.format()).await,
        Command::Complaints { what, definitions, state } => {
            let which = Complaints { definitions, state };
            registers::print_complaints(&which, &what.database, what.format()).await
        }
        Command::Answers(what) => registers::print(Register::Answers, &what.database, what.format()).await,
        Command::Relay { database, json, send_now } => relay::list::print(&database, json, send_now).await,
        Command::Token(args) => issue::token(&args).map(|token| println!("{token}")).map_err(RunError::from),
        Command::Invite(args) => invitations::invite(args).await.map(|token| println!("{token}")),
        Command::Openapi => {
            print!("{}", itsm_backend::http::openapi_document());
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("itsm-backend: {error}");
            ExitCode::FAILURE
        }
    }
}
