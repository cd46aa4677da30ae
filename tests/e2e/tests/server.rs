//! The backend under load and under the axe: every key makes one ticket, and what was acknowledged is there.
//!
//! `ITSM_REQUESTS` and `ITSM_KILLS` make the tests larger than they are of themselves.

use std::collections::HashMap;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{Request, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use itsm_e2e::{Backend, from_env, root};
use serde_json::{Value, json};
use tempfile::TempDir;

type Http = Client<HttpConnector, Full<Bytes>>;

const CLIENTS: usize = 32;

fn key(number: usize) -> String {
    format!("018f4e2a-7c1b-7def-8a00-{number:012x}")
}

fn body(number: usize, words: &str) -> String {
    json!({
        "v": 1, "kind": "incident", "form": { "id": "something-is-broken", "version": 1, "locale": "en" },
        "answers": { "what": format!("{words} {number}") }, "captured_at": "2026-11-22T08:00:00Z",
    })
    .to_string()
}

/// Status and body; `None` where there was no answer.
async fn submit(client: &Http, api: &str, number: usize, words: &str, token: Option<&str>) -> Option<(u16, Value)> {
    let request = Request::post(format!("{api}/submissions"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("Idempotency-Key", key(number));
    let request = match token {
        Some(token) => request.header(header::AUTHORIZATION, format!("Bearer {token}")),
        None => request,
    };
    let answer = client.request(request.body(Full::from(body(number, words))).expect("a request")).await.ok()?;
    let status = answer.status().as_u16();
    let text = answer.into_body().collect().await.ok()?.to_bytes();
    Some((status, serde_json::from_slice(&text).unwrap_or(Value::Null)))
}

fn client() -> Http {
    Client::builder(TokioExecutor::new()).build_http()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_makes_one_ticket_however_often_and_by_whomever_it_is_sent() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("key");
    let token = Command::new(root().join("target/debug/itsm-backend"))
        .args(["token", "--subject", "ada", "--ttl", "3600", "--key"])
        .arg(&file)
        .output()
        .expect("a token");
    let token: Arc<str> = String::from_utf8_lossy(&token.stdout).trim().into();
    let set = format!("{}.jwks.json", file.display());
    let backend = Backend::start(&["--jwks", &set, "--issuer", "itsm-demo", "--audience", "itsm-backend"]).await;
    let (client, api) = (client(), Arc::<str>::from(backend.api()));
    let requests = from_env("ITSM_REQUESTS").unwrap_or(200_000);
    let (next, keys) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let numbers: Arc<Mutex<HashMap<usize, String>>> = Arc::default();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|at| {
            let (client, api, token) = (client.clone(), api.clone(), token.clone());
            let (next, keys, numbers) = (next.clone(), keys.clone(), numbers.clone());
            tokio::spawn(async move {
                let mut sent = 0;
                while next.fetch_add(1, Ordering::Relaxed) < requests {
                    sent += 1;
                    let number = keys.fetch_add(1, Ordering::Relaxed);
                    let (status, receipt) = submit(&client, &api, number, "First", None).await.expect("an answer");
                    assert_eq!(status, 201, "{receipt}");
                    let told = receipt["number"].as_str().expect("a number").to_owned();
                    numbers.lock().expect("a list").insert(number, told.clone());
                    // One in five is sent again: the same, by somebody who has signed in meanwhile, or changed.
                    if sent % 4 == at % 4 {
                        next.fetch_add(1, Ordering::Relaxed);
                        let (words, by) = [("First", None), ("First", Some(&*token)), ("Changed", None)][sent / 4 % 3];
                        let (status, answer) = submit(&client, &api, number, words, by).await.expect("an answer");
                        if words == "First" {
                            assert_eq!((status, answer["number"].as_str()), (200, Some(&*told)));
                        } else {
                            let kind = answer["type"].as_str().unwrap_or_default();
                            assert_eq!((status, kind), (422, "urn:itsm-widgets:problem:key_reused"));
                        }
                    }
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("a client that is content");
    }
    // All at once under one key.
    for burst in 0..requests / 2_000 {
        let number = keys.fetch_add(1, Ordering::Relaxed);
        let all = (0..32).map(|at| {
            let (client, api, token) = (client.clone(), api.clone(), token.clone());
            let by = at % 2 == burst % 2;
            tokio::spawn(async move { submit(&client, &api, number, "Burst", by.then_some(&*token)).await })
        });
        let mut told = vec![];
        for answer in all.collect::<Vec<_>>() {
            let (status, receipt) = answer.await.expect("a task").expect("an answer");
            assert!(status == 201 || status == 200, "{status} {receipt}");
            told.push((status, receipt["number"].as_str().expect("a number").to_owned()));
        }
        assert_eq!(told.iter().filter(|(status, _)| *status == 201).count(), 1, "one was first");
        assert!(told.iter().all(|(_, number)| *number == told[0].1), "all hear of the same ticket");
    }
    let keys = keys.load(Ordering::Relaxed);
    assert_eq!(usize::try_from(backend.tickets().await), Ok(keys), "as many tickets as keys");
    let mut all: Vec<String> = numbers.lock().expect("a list").values().cloned().collect();
    let told = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), told, "no number twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_survives_a_kill_and_nothing_is_doubled() {
    let mut backend = Backend::start(&[]).await;
    let kills = from_env("ITSM_KILLS").unwrap_or(20);
    let next = Arc::new(AtomicUsize::new(0));
    let acknowledged: Arc<Mutex<HashMap<usize, String>>> = Arc::default();
    for kill in 0..kills {
        let stop = Arc::new(AtomicBool::new(false));
        let (client, api) = (client(), Arc::<str>::from(backend.api()));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (client, api, stop) = (client.clone(), api.clone(), stop.clone());
                let (next, acknowledged) = (next.clone(), acknowledged.clone());
                tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some((201, receipt)) = submit(&client, &api, number, "Kept", None).await else { break };
                        let told = receipt["number"].as_str().expect("a number").to_owned();
                        acknowledged.lock().expect("a list").insert(number, told);
                    }
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(40 + kill as u64 * 37 % 200)).await;
        backend.kill();
        stop.store(true, Ordering::Relaxed);
        for client in clients {
            client.await.expect("a client that has ended");
        }
        backend.restart().await;
    }
    let (client, api) = (client(), backend.api());
    let acknowledged = acknowledged.lock().expect("a list").clone();
    assert!(acknowledged.len() > kills, "{} were acknowledged", acknowledged.len());
    // Whoever was not answered asks again; whoever was is told the same.
    let all = next.load(Ordering::Relaxed);
    for number in 0..all {
        let (status, receipt) = submit(&client, &api, number, "Kept", None).await.expect("an answer");
        match acknowledged.get(&number) {
            Some(told) => assert_eq!((status, receipt["number"].as_str()), (200, Some(&**told)), "request {number}"),
            None => assert!(status == 200 || status == 201, "{status} {receipt}"),
        }
    }
    assert_eq!(usize::try_from(backend.tickets().await), Ok(all));
}
