//! Accepted submissions, forwarded: to a real socket, signed, again and again until somebody takes them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use itsm_backend::relay::RelaySettings;
use itsm_backend::relay::signature::Secret;
use itsm_backend::store::Store;
use itsm_backend::store::sqlite::SqliteStore;
use itsm_widgets::domain::outbox::{OutboxState, ParkReason};
use serde_json::Value;
use tempfile::TempDir;

use super::{Api, KEY, submission};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const SOON: Duration = Duration::from_secs(20);

/// What arrived: headers in lower case, and the body.
struct Arrived(Vec<(String, String)>, String);

impl Arrived {
    fn header(&self, name: &str) -> &str {
        self.0.iter().find(|(found, _)| found == name).map_or("", |(_, value)| value)
    }
}

/// Answers as it is told, one status after the other; without a word it says 204.
fn receiver() -> (String, Sender<&'static str>, Receiver<Arrived>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let (statuses, told) = channel::<&'static str>();
    let (sender, arrived) = channel();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut lines = BufReader::new(client.try_clone().expect("a stream"));
            let mut headers = vec![];
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line).unwrap_or(0) == 0 || line == "\r\n" {
                    break;
                }
                if let Some((name, value)) = line.split_once(": ") {
                    headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
            }
            let mut all = Arrived(headers, String::new());
            let length = all.header("content-length").parse().unwrap_or(0);
            let mut body = vec![0; length];
            lines.read_exact(&mut body).expect("a body");
            all.1 = String::from_utf8(body).expect("text");
            let status = told.try_recv().unwrap_or("204 No Content");
            let mut client = client;
            let _ = write!(client, "HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            if sender.send(all).is_err() {
                break;
            }
        }
    });
    (address, statuses, arrived)
}

fn forwarding(address: &str, database: Option<String>) -> Api {
    let secret = Secret::parse(SECRET).expect("a secret");
    let relay = RelaySettings { address: address.parse().expect("an address"), secret };
    Api::start_with(|settings| {
        settings.relay = Some(relay);
        settings.database = database.unwrap_or(settings.database.clone());
    })
}

fn is_signed(arrived: &Arrived) -> bool {
    let secret = Secret::parse(SECRET).expect("a secret");
    let seconds = arrived.header("webhook-timestamp").parse().expect("a time");
    let now = itsm_backend::clock::now().as_millis() / 1_000;
    (now - 60..=now).contains(&seconds)
        && arrived.header("webhook-signature") == secret.sign(arrived.header("webhook-id"), seconds, &arrived.1)
}

#[test]
fn a_ticket_is_told_once_and_signed() {
    let (address, _statuses, arrived) = receiver();
    let api = forwarding(&address, None);
    assert_eq!(api.submit(KEY, &submission("Tell it")).0, 201);
    let told = arrived.recv_timeout(SOON).expect("a message");
    assert!(is_signed(&told));
    assert_eq!((told.header("webhook-id"), told.header("content-type")), (KEY, "application/json"));
    let message: Value = serde_json::from_str(&told.1).expect("JSON");
    assert_eq!(message["type"], "ticket.created");
    assert_eq!(message["data"]["number"], "INC-000001");
    assert_eq!(message["data"]["answers"]["what"], "Tell it");
    assert!(message["data"]["read_secret"].is_null() && !told.1.contains("secret"), "no secret is told");
    assert_eq!(api.submit(KEY, &submission("Tell it")).0, 200);
    assert!(arrived.recv_timeout(Duration::from_secs(2)).is_err(), "a replay is no news");
}

#[test]
fn a_change_is_told_after_what_it_changes() {
    let (address, statuses, arrived) = receiver();
    let (first, second) = ("018f4e2a-7c1b-7def-8a00-000000000001", "018f4e2a-7c1b-7def-8a00-000000000002");
    // What was answered first is tried again later: until then the change waits.
    statuses.send("503 Busy\r\nRetry-After: 2").expect("a receiver");
    let api = forwarding(&address, None);
    let feedback = |score: u8, revises: Option<&str>| {
        let mut body = serde_json::json!({
            "v": 1, "kind": "satisfaction", "form": { "id": "feedback", "version": 1, "locale": "en" },
            "answers": { "score": score }, "captured_at": "2026-11-22T08:05:00.000Z",
        });
        if let Some(key) = revises {
            body["revises"] = key.into();
        }
        body
    };
    assert_eq!(api.submit(first, &feedback(2, None)).0, 201);
    let refused = arrived.recv_timeout(SOON).expect("a try");
    assert_eq!(refused.header("webhook-id"), first);
    assert_eq!(api.submit(second, &feedback(5, Some(first))).0, 200);
    assert_eq!(api.submit(second, &feedback(5, Some(first))).0, 200, "a replay");
    for (key, kind, score) in [(first, "ticket.created", 2), (second, "ticket.changed", 5)] {
        let told = arrived.recv_timeout(SOON).expect("a message");
        let message: Value = serde_json::from_str(&told.1).expect("JSON");
        assert!(is_signed(&told));
        assert_eq!((told.header("webhook-id"), &message["type"]), (key, &kind.into()));
        assert_eq!(
            (&message["data"]["number"], &message["data"]["answers"]["score"]),
            (&"SAT-000001".into(), &score.into())
        );
    }
    assert!(arrived.recv_timeout(Duration::from_secs(2)).is_err(), "each of them once");
}

#[test]
fn it_is_told_again_with_the_same_words_until_somebody_takes_it() {
    let (address, statuses, arrived) = receiver();
    for status in ["500 Oops", "503 Busy\r\nRetry-After: 1", "302 Elsewhere\r\nLocation: /elsewhere"] {
        statuses.send(status).expect("a receiver");
    }
    let api = forwarding(&address, None);
    assert_eq!(api.submit(KEY, &submission("Again")).0, 201);
    let all: Vec<Arrived> = (0..3).map(|_| arrived.recv_timeout(SOON).expect("a try")).collect();
    assert!(all.iter().all(|each| is_signed(each) && each.1 == all[0].1 && each.header("webhook-id") == KEY));
    assert!(arrived.recv_timeout(Duration::from_secs(2)).is_err(), "a redirect is not followed");
}

#[test]
fn what_was_not_told_is_told_after_a_restart() {
    let folder = TempDir::new().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("kept.db").display());
    // Nobody listens there.
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address");
    let api = forwarding(&format!("http://{nobody}/hook"), Some(database.clone()));
    assert_eq!(api.submit(KEY, &submission("Kept")).0, 201);
    std::thread::sleep(Duration::from_millis(500));
    drop(api);
    let (address, _statuses, arrived) = receiver();
    let _api = forwarding(&address, Some(database));
    assert!(is_signed(&arrived.recv_timeout(SOON).expect("a message")));
}

#[test]
fn what_is_refused_waits_for_a_person() {
    let folder = TempDir::new().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("kept.db").display());
    let (address, statuses, arrived) = receiver();
    statuses.send("400 No").expect("a receiver");
    let api = forwarding(&address, Some(database.clone()));
    assert_eq!(api.submit(KEY, &submission("Refused")).0, 201);
    arrived.recv_timeout(SOON).expect("a try");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let store = runtime.block_on(SqliteStore::open(&database)).expect("the database");
    let parked = OutboxState::Parked { why: ParkReason::Rejected };
    let states = || -> Vec<OutboxState> {
        let entries = runtime.block_on(store.relay_entries()).expect("entries");
        entries.into_iter().map(|entry| entry.progress.state).collect()
    };
    for _ in 0..100 {
        if states() == [parked.clone()] {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(states(), [parked]);
    assert!(runtime.block_on(store.relay_send_now("INC-000001".into())).expect("a store"));
    // Another submission has the relay look at once.
    assert_eq!(api.submit("018f4e2a-7c1b-7def-8a00-0123456789ac", &submission("Next")).0, 201);
    let ids: Vec<String> =
        (0..2).map(|_| arrived.recv_timeout(SOON).expect("a message").header("webhook-id").to_owned()).collect();
    assert!(ids.contains(&KEY.to_owned()) && ids[0] != ids[1], "{ids:?}");
}
