//! Complaints by the API: kept apart from tickets, answered, escalated, resolved, and closed by their complainant alone.

use itsm_backend::identity::Scope;
use serde_json::{Value, json};

use super::tokens::Desk;
use super::{Api, read};

fn key(n: u32) -> String {
    format!("018f4e2a-7c1b-7def-8a00-{n:012}")
}

fn complaint(what: &str) -> Value {
    json!({
        "v": 1,
        "kind": "complaint",
        "form": { "id": "complaint", "version": 1, "locale": "en" },
        "ticket": "INC-004711",
        "answers": { "type": "late", "what": what, "contact": "none" },
        "captured_at": "2026-11-22T08:05:00.000Z",
    })
}

fn get(desk: &Desk, path: &str, token: Option<&str>) -> (u16, Value) {
    let request = desk.api.agent.get(desk.api.url(path));
    let request = match token {
        Some(token) => request.header("Authorization", format!("Bearer {token}")),
        None => request,
    };
    read(request.call().expect("an answer"))
}

fn act(desk: &Desk, token: &str, n: u32, body: &Value) -> (u16, Value) {
    let request = desk.api.agent.post(desk.api.url("complaints/CMP-000001/actions"));
    let request = request.header("Authorization", format!("Bearer {token}")).header("Idempotency-Key", key(n));
    read(request.header("Content-Type", "application/json").send(body.to_string()).expect("an answer"))
}

/// The page behind the link of a receipt.
fn page(api: &Api, receipt: &Value) -> (u16, String) {
    let mut answer = api.get(receipt["read_link"].as_str().expect("a page"));
    (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
}

fn verdict(api: &Api, receipt: &Value, n: u32, satisfied: &str, words: &str) -> (u16, String) {
    let form = [("satisfied", satisfied), ("words", words), ("idempotency_key", &key(n))];
    let mut answer =
        api.agent.post(api.url(receipt["read_link"].as_str().expect("a page"))).send_form(form).expect("an answer");
    (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
}

#[test]
fn a_complaint_is_managed_to_its_closure() {
    let desk = Desk::start_with(false, |_| {});
    let agent = desk.token_of("tom", Scope::Agent);
    let (status, receipt) = desk.api.submit(&key(1), &complaint("Nobody <b>called</b>"));
    assert_eq!((status, &receipt["number"]), (201, &json!("CMP-000001")));
    let hours = |text: &Value| {
        let text = text.as_str().expect("a time");
        itsm_widgets::domain::time::Timestamp::parse_rfc3339(text).expect("RFC 3339").as_millis() / 3_600_000
    };
    assert_eq!(hours(&receipt["answer_by"]) - hours(&receipt["received_at"]), 48, "when an answer is due");
    let (status, text) = page(&desk.api, &receipt);
    assert!(
        status == 200 && text.contains("nobody has answered yet") && text.contains("Nobody &lt;b&gt;called"),
        "{text}"
    );
    assert!(text.contains("The lead of the service desk"), "the ladder: {text}");
    // Only agents act, each action once.
    assert_eq!(act(&desk, &desk.token_of("eve", Scope::EndUser), 2, &json!({ "action": "acknowledge" })).0, 403);
    let acknowledge = json!({ "action": "acknowledge", "words": "We look <script>into</script> it" });
    let (status, first) = act(&desk, &agent, 2, &acknowledge);
    assert_eq!((status, &first["state"], &first["events"][0]["by"]), (200, &json!("acknowledged"), &json!("tom")));
    assert_eq!(act(&desk, &agent, 2, &acknowledge), (200, first));
    assert_eq!(act(&desk, &agent, 2, &json!({ "action": "escalate" })).0, 422, "the key is another action's");
    let (status, again) = act(&desk, &agent, 3, &json!({ "action": "acknowledge" }));
    assert_eq!((status, &again["type"]), (409, &json!("urn:itsm-widgets:problem:not_now")));
    // The complainant cannot close what has no outcome.
    assert!(verdict(&desk.api, &receipt, 4, "yes", "").1.contains("There is no outcome now"));
    let resolve = json!({ "action": "resolve", "outcome": "partly_upheld", "words": "We called too late." });
    assert_eq!(act(&desk, &agent, 5, &resolve).1["state"], "resolved");
    let (_, text) = page(&desk.api, &receipt);
    assert!(
        text.contains("You were right in part.") && text.contains("We call") && !text.contains("<script>"),
        "{text}"
    );
    // Not satisfied: it goes up. The same press twice counts once.
    for _ in 0..2 {
        assert_eq!(verdict(&desk.api, &receipt, 6, "no", "Nobody asked me").0, 200);
    }
    let (_, view) = get(&desk, "complaints/CMP-000001", Some(&agent));
    assert_eq!(
        (&view["state"], &view["level"], &view["satisfied"]),
        (&json!("acknowledged"), &json!(1), &json!(false))
    );
    assert_eq!(view["ladder"][0]["reached"], true);
    assert_eq!(act(&desk, &agent, 7, &json!({ "action": "resolve", "outcome": "upheld" })).0, 200);
    assert!(verdict(&desk.api, &receipt, 8, "yes", "Now it is good").1.contains("It is closed."));
    let (_, view) = get(&desk, "complaints/CMP-000001", Some(&agent));
    assert_eq!((&view["state"], view["events"].as_array().map(Vec::len)), (&json!("closed"), Some(5)));
    assert_eq!(act(&desk, &agent, 9, &json!({ "action": "escalate" })).0, 409, "what is closed stays closed");
}

#[test]
fn the_register_is_for_agents_and_can_be_asked() {
    let desk = Desk::start_with(false, |_| {});
    let agent = desk.token_of("tom", Scope::Agent);
    desk.api.submit(&key(1), &complaint("First"));
    desk.api.submit(&key(2), &complaint("Second"));
    desk.api.submit(&key(3), &super::submission("A ticket"));
    assert_eq!(get(&desk, "complaints", None).0, 401);
    assert_eq!(get(&desk, "complaints", Some(&desk.token_of("ann", Scope::Analyst))).0, 403);
    let numbers = |query: &str| {
        let (status, list) = get(&desk, &format!("complaints{query}"), Some(&agent));
        assert_eq!(status, 200, "{list}");
        let all = list.as_array().expect("a list").iter();
        all.map(|one| one["number"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(numbers(""), ["CMP-000001", "CMP-000002"], "no ticket among them");
    act(&desk, &agent, 4, &json!({ "action": "escalate" }));
    assert_eq!(numbers("?state=received"), ["CMP-000002"]);
    assert_eq!(numbers("?state=acknowledged&late=false"), ["CMP-000001"]);
    assert_eq!(numbers("?service=mail"), [""; 0]);
    assert_eq!(get(&desk, "complaints?state=lost", Some(&agent)).0, 400);
    // Taken back, it is none of the register's any more.
    desk.api.agent.post(desk.api.url(&format!("submissions/{}/withdraw", key(2)))).send_empty().expect("an answer");
    assert_eq!(numbers(""), ["CMP-000001"]);
}

#[test]
fn a_link_opens_its_own_complaint_alone() {
    let desk = Desk::start_with(false, |_| {});
    let (_, receipt) = desk.api.submit(&key(1), &complaint("First"));
    let (_, other) = desk.api.submit(&key(2), &complaint("Second"));
    let link = receipt["read_link"].as_str().expect("a page");
    let secret_of_other = other["read_link"].as_str().and_then(|link| link.split('=').next_back()).expect("a secret");
    for wrong in [
        format!("complaints/CMP-000001/status?secret={secret_of_other}"),
        "complaints/CMP-000001/status?secret=".into(),
        link.replace("CMP-000001", "CMP-000009"),
        link.replace("CMP-000001", "INC-000001"),
    ] {
        assert_eq!(desk.api.get(&wrong).status(), 403, "{wrong}");
    }
    assert_eq!(desk.api.get("complaints/CMP-000001/status").status(), 400);
    // A page of another origin cannot speak for the complainant.
    let post = desk.api.agent.post(desk.api.url(link)).header("Origin", "https://evil.example");
    assert_eq!(post.send_form([("satisfied", "yes"), ("idempotency_key", &key(3))]).expect("an answer").status(), 403);
    assert_eq!(desk.api.submit(&key(2), &complaint("Second")).1["read_link"], other["read_link"], "the same again");
}

#[test]
fn a_wrong_action_says_what_is_wrong() {
    let desk = Desk::start_with(false, |_| {});
    let agent = desk.token_of("tom", Scope::Agent);
    desk.api.submit(&key(1), &complaint("First"));
    for body in [
        json!({ "action": "close" }),
        json!({ "action": "resolve" }),
        json!({ "action": "acknowledge", "outcome": "upheld" }),
        json!({ "action": "acknowledge", "words": "x".repeat(4_001) }),
        json!({ "action": "acknowledge", "admin": true }),
    ] {
        assert_eq!(act(&desk, &agent, 2, &body).0, 400, "{body}");
    }
    let (status, _) = get(&desk, "complaints/INC-000001", Some(&agent));
    assert_eq!(status, 404);
}
