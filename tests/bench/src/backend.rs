//! How much the backend takes: tickets, each on disk before its receipt, and questions whether something has changed.

use std::path::Path;
use std::time::Duration;

use http::{Method, Request, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use itsm_e2e::Backend;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tokio::time::Instant;

use crate::figures::{Goal, Section, Table, median, quantile};

const CLIENTS: usize = 64;
const REQUESTS: usize = 200;
const FORM: &str = "something-is-broken";

type Http = Client<HttpConnector, Full<hyper::body::Bytes>>;

/// What many requests came to.
#[derive(Default)]
struct Run {
    /// Requests a second, by round.
    rates: Vec<f64>,
    /// Milliseconds by request.
    times: Vec<f64>,
}

/// Measures the backend in `binary`, `rounds` times.
pub async fn measure(binary: &Path, rounds: usize) -> Section {
    let backend = Backend::start_binary(binary, &[]).await;
    let client: Http = Client::builder(TokioExecutor::new()).build_http();
    let form = format!("{}/forms/{FORM}", backend.api());
    let answer = client.get(form.parse().expect("an address")).await.expect("a form");
    let tag = answer.headers()[header::ETAG].clone();
    let [mut posts, mut one_by_one, mut unchanged, mut alone]: [Run; 4] = Default::default();
    let mut number = 0;
    for round in 0..rounds {
        let api = backend.api();
        for (run, clients) in [(&mut posts, CLIENTS), (&mut one_by_one, 1)] {
            let first = number;
            number += clients * REQUESTS;
            fire(run, &client, clients, 201, |at| ticket(&api, first + at)).await;
        }
        fire(&mut unchanged, &client, CLIENTS, 304, |_| {
            Request::get(&form).header(header::IF_NONE_MATCH, &tag).body(Full::default()).expect("a request")
        })
        .await;
        sqlite_alone(&mut alone).await;
        eprintln!("backend: round {} of {rounds}", round + 1);
    }
    let tickets = backend.tickets().await;
    assert_eq!(usize::try_from(tickets), Ok(number), "as many tickets as were posted");
    section(&[
        (format!("POST of a ticket, {CLIENTS} clients"), posts),
        ("POST of a ticket, one client".into(), one_by_one),
        ("SQLite alone, one insert after the other".into(), alone),
        (format!("GET of a form that has not changed (304), {CLIENTS} clients"), unchanged),
    ])
}

fn ticket(api: &str, number: usize) -> Request<Full<hyper::body::Bytes>> {
    let body = json!({
        "v": 1, "kind": "incident", "form": { "id": FORM, "version": 1, "locale": "en" },
        "answers": { "what": format!("Ticket {number} {}", "x".repeat(300)) }, "captured_at": "2026-11-22T08:00:00Z",
    });
    Request::builder()
        .method(Method::POST)
        .uri(format!("{api}/submissions"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("Idempotency-Key", format!("018f4e2a-7c1b-7def-8a00-{number:012x}"))
        .body(Full::from(body.to_string()))
        .expect("a request")
}

/// Each client sends its next request when the last was answered.
async fn fire(
    run: &mut Run,
    client: &Http,
    clients: usize,
    status: u16,
    request: impl Fn(usize) -> Request<Full<hyper::body::Bytes>>,
) {
    let requests = (0..clients).map(|at| (0..REQUESTS).map(|n| request(at * REQUESTS + n)).collect::<Vec<_>>());
    let requests: Vec<_> = requests.collect();
    let began = Instant::now();
    let clients: Vec<_> = requests
        .into_iter()
        .map(|requests| {
            let client = client.clone();
            tokio::spawn(async move {
                let mut times = vec![];
                for request in requests {
                    let began = Instant::now();
                    let answer = client.request(request).await.expect("an answer");
                    assert_eq!(answer.status(), status);
                    answer.into_body().collect().await.expect("a body");
                    times.push(milliseconds(began.elapsed()));
                }
                times
            })
        })
        .collect();
    let mut count = 0;
    for client in clients {
        let times = client.await.expect("a client that is done");
        count += times.len();
        run.times.extend(times);
    }
    run.rates.push(count as f64 / began.elapsed().as_secs_f64());
}

/// The floor: the same disk, the same care, no server and nothing shared.
async fn sqlite_alone(run: &mut Run) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("alone.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut db = options.connect().await.expect("a database");
    sqlx::query("CREATE TABLE ticket (id INTEGER PRIMARY KEY, key TEXT UNIQUE, body TEXT)")
        .execute(&mut db)
        .await
        .expect("a table");
    let body = "x".repeat(500);
    let began = Instant::now();
    for number in 0..REQUESTS {
        let began = Instant::now();
        let insert = sqlx::query("INSERT INTO ticket (key, body) VALUES (?, ?)").bind(number.to_string()).bind(&body);
        insert.execute(&mut db).await.expect("an insert");
        run.times.push(milliseconds(began.elapsed()));
    }
    run.rates.push(REQUESTS as f64 / began.elapsed().as_secs_f64());
    db.close().await.expect("a closed database");
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn section(runs: &[(String, Run)]) -> Section {
    let rate = |at: usize| median(runs[at].1.rates.iter().copied());
    let row = |(name, run): &(String, Run)| {
        let of = |share| quantile(run.times.iter().copied(), share);
        (name.clone(), vec![median(run.rates.iter().copied()), of(0.5), of(0.99)])
    };
    Section {
        title: "The backend",
        about: format!(
            "The backend as it ships, on SQLite with a write-ahead log and `synchronous=FULL`; {REQUESTS} requests a client and round, \
             each\nclient sending its next when the last was answered. Clients run on the same machine and take their share of it."
        ),
        tables: vec![Table {
            title: String::new(),
            columns: vec![("a second", 0), ("median, ms", 2), ("p99, ms", 2)],
            rows: runs.iter().map(row).collect(),
        }],
        goals: vec![
            Goal::at_least("tickets ≥ 8,000 a second", rate(0), 8_000.0),
            Goal::at_least("unchanged ≥ 30,000 a second", rate(3), 30_000.0),
            Goal::at_least("many clients share syncs: ≥ 2 × SQLite alone", rate(0) / rate(2), 2.0),
        ],
        why: "clients and backend share two cores, and half of the backend's time goes to handing each ticket's statement to the \
              database's thread and back; a group shares one sync of the disk, not these ways.",
    }
}
