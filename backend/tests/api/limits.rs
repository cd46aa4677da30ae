//! Too large, too slow, of the wrong kind: never a fault of the backend's own.

use super::*;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

#[test]
fn a_body_that_is_too_large_is_refused() {
    let api = Api::start();
    let (status, problem) = api.submit(KEY, &submission(&"x".repeat(30_000)));
    assert_eq!((status, &problem["type"]), (413, &"urn:itsm-widgets:problem:too_large".into()));
}

#[test]
fn another_media_type_is_refused() {
    let api = Api::start();
    for media_type in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let request =
            api.agent.post(api.url("submissions")).header("Idempotency-Key", KEY).header("Content-Type", media_type);
        assert_eq!(read(request.send("{}").expect("an answer")).0, 415, "{media_type}");
    }
}

#[test]
fn a_body_with_another_digest_is_refused() {
    let api = Api::start();
    let request = api
        .agent
        .post(api.url("submissions"))
        .header("Idempotency-Key", KEY)
        .header("Content-Type", "application/json");
    let request = request.header("Content-Digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:");
    assert_eq!(read(request.send(submission("x y z").to_string()).expect("an answer")).0, 400);
}

#[test]
fn a_body_that_never_ends_is_given_up() {
    let api = Api::start();
    let mut slow = TcpStream::connect(api.address).expect("a connection");
    slow.set_read_timeout(Some(Duration::from_secs(10))).expect("a limit");
    let head = format!(
        "POST /api/v1/submissions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: {KEY}\r\nContent-Length: 100\r\n\r\n{{"
    );
    slow.write_all(head.as_bytes()).expect("sent");
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).expect("an answer");
    assert_eq!(&answer, b"HTTP/1.1 408");
}

#[test]
fn unknown_addresses_and_methods_get_a_problem() {
    let api = Api::start();
    let mut response = api.get("nothing/here");
    assert_eq!(response.status(), 404);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert!(response.body_mut().read_to_string().expect("a body").contains("urn:itsm-widgets:problem:not_found"));
    let deleted = api.agent.delete(api.url("forms")).call().expect("an answer");
    assert_eq!(deleted.status(), 405);
}
