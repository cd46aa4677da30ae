//! Which pages may use the API.

use super::*;

fn allowed_origin(api: &Api, origin: &str) -> Option<String> {
    let response = api.agent.get(api.url("forms")).header("Origin", origin).call().expect("an answer");
    response.headers().get("access-control-allow-origin").and_then(|value| value.to_str().ok()).map(str::to_owned)
}

#[test]
fn only_listed_origins_are_let_in() {
    let api = Api::start();
    assert_eq!(allowed_origin(&api, "https://portal.example").as_deref(), Some("https://portal.example"));
    let hosts = [
        "portal.example",
        "portal.example.evil.example",
        "evilportal.example",
        "portal.example:8443",
        "PORTAL.example",
        "pörtal.example",
        "portal.example.",
        "xn--portal-.example",
    ];
    let schemes = ["https://", "http://", "ftp://", "HTTPS://", "null", "file://", "https:", "chrome-extension://"];
    let tails = ["", "/", "?", "#", "@evil.example", "/..", " ", ",https://evil.example"];
    let mut tried = 0;
    for scheme in schemes {
        for host in hosts {
            for tail in tails {
                let origin = format!("{scheme}{host}{tail}");
                if origin == "https://portal.example" || ureq::http::HeaderValue::from_str(&origin).is_err() {
                    continue;
                }
                // A space at the end is no part of a header's value.
                if origin.trim() == "https://portal.example" {
                    continue;
                }
                assert_eq!(allowed_origin(&api, &origin), None, "{origin}");
                tried += 1;
            }
        }
    }
    assert!(tried > 200, "{tried}");
}

#[test]
fn a_page_may_read_what_it_needs() {
    let api = Api::start();
    let response =
        api.agent.get(api.url("forms")).header("Origin", "https://portal.example").call().expect("an answer");
    let exposed = response.headers()["access-control-expose-headers"].to_str().expect("text").to_ascii_lowercase();
    for header in ["retry-after", "etag", "date", "idempotency-replayed", "location", "upload-offset", "tus-resumable"]
    {
        assert!(exposed.contains(header), "{header}: {exposed}");
    }
    assert!(response.headers().get("access-control-allow-credentials").is_none());
}

#[test]
fn a_preflight_names_what_is_sent() {
    let api = Api::start();
    let preflight = ureq::http::Request::builder()
        .method("OPTIONS")
        .uri(api.url("submissions"))
        .header("Origin", "https://portal.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type,idempotency-key,content-digest,authorization")
        .body(())
        .expect("a request");
    let response = api.agent.run(preflight).expect("an answer");
    assert_eq!(response.status(), 200);
    let allowed = response.headers()["access-control-allow-headers"].to_str().expect("text").to_ascii_lowercase();
    for header in ["content-type", "idempotency-key", "content-digest", "authorization", "if-none-match"] {
        assert!(allowed.contains(header), "{header}: {allowed}");
    }
}

#[test]
fn a_plain_form_of_another_site_is_refused() {
    let api = Api::start();
    let post = |origin: &str| {
        let request = api.agent.post(api.url("forms/something-is-broken/plain")).header("Origin", origin);
        request
            .content_type("application/x-www-form-urlencoded")
            .send("what=My+chair")
            .expect("an answer")
            .status()
            .as_u16()
    };
    assert_eq!(post("https://evil.example"), 403);
    assert_eq!(post("null"), 403);
    assert_eq!(post("https://portal.example"), 200);
    assert_eq!(post(&format!("http://{}", api.address)), 200);
}
