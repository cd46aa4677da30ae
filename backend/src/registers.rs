//! `itsm-backend tickets`, `complaints` and `answers`: what arrived, for people and for programs.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;

use itsm_widgets::domain::complaint::{ComplaintState, Outcome};
use itsm_widgets::domain::csv::{self, Cell};
use itsm_widgets::domain::form::{Answer, Answers};
use itsm_widgets::domain::id::FieldId;
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::ticket::SubmissionKind;
use itsm_widgets::domain::time::Timestamp;
use serde::Serialize;

use crate::clock::now;
use crate::definitions::Definitions;
use crate::run::RunError;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, Ticket};

/// What is kept together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Register {
    /// Incidents and service requests.
    Tickets,
    /// Complaints.
    Complaints,
    /// Answers of surveys.
    Answers,
}

impl Register {
    /// The register that submissions of that kind are in.
    pub fn of(kind: SubmissionKind) -> Self {
        match kind {
            SubmissionKind::Incident | SubmissionKind::ServiceRequest => Self::Tickets,
            SubmissionKind::Complaint => Self::Complaints,
            SubmissionKind::Satisfaction => Self::Answers,
        }
    }

    /// What one of it is called, and several.
    fn nouns(self) -> [&'static str; 2] {
        match self {
            Self::Tickets => ["ticket", "tickets"],
            Self::Complaints => ["complaint", "complaints"],
            Self::Answers => ["answered survey", "answered surveys"],
        }
    }
}

/// A record as it is told: an element of the JSON array, and what is forwarded.
#[derive(Serialize)]
pub(crate) struct Row<'a> {
    key: &'a str,
    number: &'a str,
    kind: &'static str,
    service: Option<&'a str>,
    /// The number of the ticket that it is about.
    ticket: Option<&'a str>,
    form: &'a str,
    form_version: u32,
    summary: &'a str,
    priority: Option<u8>,
    /// Who submitted it, as their token said.
    subject: Option<&'a str>,
    requester: &'a itsm_widgets::domain::form::Requester,
    answers: &'a Answers,
    occurred_at: Option<Timestamp>,
    captured_at: Timestamp,
    received_at: Timestamp,
    clock_offset_ms: Option<i64>,
    offline: bool,
    withdrawn_at: Option<Timestamp>,
    /// When its answers were last changed.
    revised_at: Option<Timestamp>,
    attachments: &'a [Attachment],
}

impl<'a> From<&'a Ticket> for Row<'a> {
    fn from(ticket: &'a Ticket) -> Self {
        let body = &ticket.body;
        Self {
            key: ticket.key.as_str(),
            number: &ticket.number,
            kind: ticket.kind.as_str(),
            service: body.service_id.as_ref().map(|id| id.as_str()),
            ticket: body.ticket.as_deref(),
            form: body.form.id.as_str(),
            form_version: body.form.version,
            summary: &ticket.summary,
            priority: ticket.priority.map(u8::from),
            subject: ticket.subject.as_deref(),
            requester: &body.requester,
            answers: &body.answers,
            occurred_at: body.occurred_at,
            captured_at: body.captured_at,
            received_at: ticket.received_at,
            clock_offset_ms: body.clock_offset_ms,
            offline: body.offline,
            withdrawn_at: ticket.withdrawn_at,
            revised_at: ticket.revised_at,
            attachments: &body.attachments,
        }
    }
}

/// How a register is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people.
    Table,
    /// One array.
    Json,
    /// For spreadsheets: a row for each record, a column for each field that was answered.
    Csv,
}

/// Where a complaint stands.
#[derive(Clone, Serialize)]
struct Standing {
    state: ComplaintState,
    /// How many rungs of the ladder it has gone up.
    level: usize,
    /// Whether something that was promised is late.
    late: bool,
    /// Until when it was to be acknowledged.
    answer_by: Timestamp,
    outcome: Option<Outcome>,
}

/// A record of a register.
struct Listed {
    ticket: Ticket,
    /// Of a complaint.
    standing: Option<Standing>,
}

#[derive(Serialize)]
struct ListedRow<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    #[serde(flatten)]
    standing: Option<Standing>,
}

/// Which complaints are printed, and what was promised of them.
#[derive(Clone, Debug, Default)]
pub struct Complaints {
    /// The folder of definitions; none for the built-in ones.
    pub definitions: Option<PathBuf>,
    /// Only those that stand there.
    pub state: Option<ComplaintState>,
}

/// Prints all tickets, or all answers of surveys, of the database at `url`.
pub async fn print(register: Register, url: &str, format: Format) -> Result<(), RunError> {
    let database = |source| RunError::Database { url: url.to_owned(), source };
    let store = SqliteStore::open_to_read(url).await.map_err(database)?;
    let tickets = store.tickets().await.map_err(database)?.into_iter();
    let listed = tickets.filter(|ticket| Register::of(ticket.kind) == register);
    Ok(write(register, format, &listed.map(|ticket| Listed { ticket, standing: None }).collect::<Vec<_>>())?)
}

/// Prints the complaints of the database at `url`.
pub async fn print_complaints(which: &Complaints, url: &str, format: Format) -> Result<(), RunError> {
    let database = |source| RunError::Database { url: url.to_owned(), source };
    let definitions = which.definitions.as_deref().map_or_else(Definitions::built_in, Definitions::load)?;
    let (store, rules) = (SqliteStore::open_to_read(url).await.map_err(database)?, definitions.complaint_rules());
    let listed = store.complaints().await.map_err(database)?.into_iter().filter_map(|record| {
        let complaint = record.now(&rules);
        let standing = Standing {
            state: complaint.state,
            level: complaint.level,
            late: complaint.is_late(&rules, now()),
            answer_by: complaint.answer_by,
            outcome: complaint.outcome,
        };
        let is_wanted = which.state.is_none_or(|state| state == standing.state);
        is_wanted.then_some(Listed { ticket: record.ticket, standing: Some(standing) })
    });
    Ok(write(Register::Complaints, format, &listed.collect::<Vec<_>>())?)
}

fn write(register: Register, format: Format, listed: &[Listed]) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    match format {
        Format::Json => {
            let rows = listed.iter().map(|one| (Row::from(&one.ticket), one.standing.clone()));
            let rows: Vec<_> = rows.map(|(row, standing)| ListedRow { row, standing }).collect();
            serde_json::to_writer_pretty(&mut out, &rows)?;
            writeln!(out)
        }
        Format::Table => out.write_all(table(register, listed).as_bytes()),
        Format::Csv => out.write_all(comma_separated(listed).as_bytes()),
    }
}

impl Standing {
    /// As a cell: late ones say so.
    fn cell(&self) -> String {
        let late = if self.late { ", late" } else { "" };
        format!("{}{late}", self.state.as_str())
    }
}

/// A row for each record. What people wrote is text, whatever a spreadsheet would make of it.
fn comma_separated(listed: &[Listed]) -> String {
    let answers = listed.iter().flat_map(|one| one.ticket.body.answers.iter());
    let fields: BTreeSet<&str> = answers.map(|(field, _)| field.as_str()).collect();
    let heads = [
        "number",
        "kind",
        "received_at",
        "revised_at",
        "withdrawn_at",
        "state",
        "answer_by",
        "service",
        "ticket",
        "form",
        "version",
    ];
    let mut text = csv::row(heads.into_iter().chain(fields.iter().copied()).map(Cell::Text));
    for Listed { ticket, standing } in listed {
        let body = &ticket.body;
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string()).unwrap_or_default();
        let known = [
            ticket.number.clone(),
            ticket.kind.as_str().to_owned(),
            ticket.received_at.to_string(),
            instant(ticket.revised_at),
            instant(ticket.withdrawn_at),
            standing.as_ref().map(Standing::cell).unwrap_or_default(),
            instant(standing.as_ref().map(|standing| standing.answer_by)),
            body.service_id.as_ref().map(ToString::to_string).unwrap_or_default(),
            body.ticket.clone().unwrap_or_default(),
            body.form.id.to_string(),
            body.form.version.to_string(),
        ];
        let answers: Vec<_> = fields.iter().map(|field| body.answers.get(&FieldId::new(*field))).collect();
        let words: Vec<String> = answers.iter().map(|answer| answer.map(said).unwrap_or_default()).collect();
        let cells = answers.iter().zip(&words).map(|(answer, words)| match answer {
            Some(Answer::Number(number)) => Cell::Number(*number),
            _ => Cell::Text(words),
        });
        text.push_str(&csv::row(known.iter().map(|text| Cell::Text(text)).chain(cells)));
    }
    text
}

fn said(answer: &Answer) -> String {
    match answer {
        Answer::Text(text) => text.clone(),
        Answer::Choices(values) => values.join("; "),
        Answer::Number(number) => number.to_string(),
        Answer::Flag(ticked) => ticked.to_string(),
        Answer::Levels { impact, urgency } => format!("impact {impact}, urgency {urgency}"),
    }
}

fn table(register: Register, listed: &[Listed]) -> String {
    let heads = match register {
        Register::Tickets => ["Kind", "Priority", "Files"],
        Register::Complaints => ["About", "State", "Answer by"],
        Register::Answers => ["About", "Form", "Changed"],
    };
    let [a, b, c] = heads;
    let mut rows = vec![["Number", "Received", "Service", a, b, c, "Summary"].map(str::to_owned)];
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    rows.extend(listed.iter().map(|Listed { ticket, standing }| {
        let body = &ticket.body;
        let cell = |head: &str| match head {
            "Kind" => ticket.kind.as_str().replace('_', " "),
            "Priority" => or_none(ticket.priority.map(|priority| u8::from(priority).to_string())),
            "Files" => body.attachments.len().to_string(),
            "About" => or_none(body.ticket.as_deref().map(printable)),
            "Form" => format!("{} {}", body.form.id, body.form.version),
            "Changed" => or_none(ticket.revised_at.map(|at| at.to_string())),
            "State" => or_none(standing.as_ref().map(Standing::cell)),
            _ => or_none(standing.as_ref().map(|standing| standing.answer_by.to_string())),
        };
        let service = or_none(body.service_id.as_ref().map(ToString::to_string));
        let [a, b, c] = heads.map(cell);
        [ticket.number.clone(), ticket.received_at.to_string(), service, a, b, c, printable(&ticket.summary)]
    }));
    let widths: [usize; 7] =
        std::array::from_fn(|at| rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0));
    let line = |row: &[String; 7]| {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    let count = format!("{} {}\n", listed.len(), register.nouns()[usize::from(listed.len() != 1)]);
    rows.iter().map(line).chain([count]).collect()
}

/// A summary on one line of at most 60 characters, without control characters: a terminal obeys those.
fn printable(text: &str) -> String {
    let mut line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(60).collect();
    if text.chars().count() > 60 {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use super::printable;

    #[test]
    fn a_summary_cannot_command_the_terminal() {
        assert_eq!(printable("a\u{1b}[2Jb\nc"), "a [2Jb c");
        assert_eq!(printable(&"x".repeat(61)).chars().count(), 61);
    }
}
