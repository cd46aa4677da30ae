//! Surveys and complaints by the API: answers that change, figures that tell nothing of few, and who may see them.

use itsm_backend::identity::Scope;
use itsm_backend::invitations::InvitationSecret;
use serde_json::{Value, json};

use super::tokens::Desk;
use super::{Api, read};

/// A key of its own for every number.
fn key(n: u32) -> String {
    format!("018f4e2a-7c1b-7def-8a00-{n:012}")
}

fn feedback(answers: Value) -> Value {
    json!({
        "v": 1,
        "kind": "satisfaction",
        "form": { "id": "feedback", "version": 1, "locale": "en" },
        "service_id": "workplace",
        "ticket": "INC-000001",
        "answers": answers,
        "captured_at": "2026-11-22T08:05:00.000Z",
    })
}

#[test]
fn answers_change_until_their_time_is_over() {
    let api = Api::start();
    let (status, first) = api.submit(&key(1), &feedback(json!({ "score": 2 })));
    assert_eq!((status, &first["number"]), (201, &json!("SAT-000001")));
    assert!(first["editable_until"].is_string(), "{first}");
    let mut changed = feedback(json!({ "score": 5, "comment": "It is fine now" }));
    changed["revises"] = json!(key(1));
    let (status, second) = api.submit(&key(2), &changed);
    assert_eq!((status, &second["number"], &second["key"]), (200, &json!("SAT-000001"), &json!(key(2))));
    let (status, again) = api.submit(&key(2), &changed);
    assert_eq!((status, again), (200, second.clone()), "the same change once");
    // The link shows what can be changed.
    let (_, shown) = read(api.get(second["read_link"].as_str().expect("a link")));
    assert_eq!(shown["answers"], json!({ "score": 5, "comment": "It is fine now" }));
    // An unknown one, one of another ticket, one that is no survey's.
    let mut unknown = changed.clone();
    unknown["revises"] = json!(key(99));
    let (status, refused) = api.submit(&key(3), &unknown);
    assert_eq!((status, &refused["type"]), (422, &json!("urn:itsm-widgets:problem:edit_closed")));
    let mut elsewhere = changed.clone();
    elsewhere["ticket"] = json!("INC-000002");
    assert_eq!(api.submit(&key(4), &elsewhere).0, 422);
    let mut incident = super::submission("A printer");
    incident["revises"] = json!(key(1));
    assert_eq!(api.submit(&key(5), &incident).1["errors"][0]["pointer"], "#/revises");
    let mut own = changed;
    own["revises"] = json!(key(6));
    assert_eq!(api.submit(&key(6), &own).0, 422, "not its own place");
}

#[test]
fn what_is_on_no_scale_is_refused_with_its_place() {
    let api = Api::start();
    for (answers, place) in [
        (json!({ "score": 6 }), "#/answers/score"),
        (json!({ "score": 4.5 }), "#/answers/score"),
        (json!({ "score": 4, "why": "Hidden for a good score" }), "#/answers/why"),
        (json!({ "score": 4, "matters": ["speed", "speed"] }), "#/answers/matters"),
        (json!({ "score": 4, "matters": ["nothing"] }), "#/answers/matters"),
        (json!({ "score": 4, "recommend": -1 }), "#/answers/recommend"),
        (json!({}), "#/answers/score"),
    ] {
        let (status, problem) = api.submit(&key(1), &feedback(answers.clone()));
        assert_eq!((status, &problem["errors"][0]["pointer"]), (422, &json!(place)), "{answers}");
    }
    let mut odd = feedback(json!({ "score": 4 }));
    odd["ticket"] = json!("x".repeat(101));
    assert_eq!(api.submit(&key(1), &odd).1["errors"][0]["pointer"], "#/ticket");
}

fn results(desk: &Desk, token: Option<&str>, query: &str) -> (u16, Value) {
    let request = desk.api.agent.get(desk.api.url(&format!("surveys/feedback/results{query}")));
    let request = match token {
        Some(token) => request.header("Authorization", format!("Bearer {token}")),
        None => request,
    };
    read(request.call().expect("an answer"))
}

#[test]
fn figures_are_for_analysts_and_tell_nothing_of_few() {
    let desk = Desk::start_with(false, |_| {});
    let analyst = desk.token_of("ann", Scope::Analyst);
    assert_eq!(results(&desk, None, "").0, 401);
    for scope in [Scope::EndUser, Scope::Agent] {
        assert_eq!(results(&desk, Some(&desk.token_of("eve", scope)), "").0, 403);
    }
    for (n, score) in [(1, 5), (2, 4)] {
        desk.api.submit(&key(n), &feedback(json!({ "score": score, "comment": "My own words" })));
    }
    let (status, few) = results(&desk, Some(&analyst), "");
    assert_eq!((status, &few["answered"]), (200, &json!(2)));
    assert!(!few.to_string().contains("My own words") && few["scales"][0]["score"].is_null(), "{few}");
    desk.api.submit(&key(3), &feedback(json!({ "score": 1, "why": "Too late", "recommend": 0 })));
    let (_, found) = results(&desk, Some(&analyst), "?by=month&service=workplace");
    assert_eq!(found["scales"][0]["counts"], json!([1, 0, 0, 1, 1]));
    assert_eq!(found["scales"][0]["score"]["value"], json!(66.67));
    assert_eq!(found["comments"].as_array().map(Vec::len), Some(3));
    assert_eq!((&found["trend"][0]["n"], &found["services"][0]["name"]), (&json!(3), &json!("workplace")));
    assert_eq!(results(&desk, Some(&analyst), "?service=mail").1["answered"], 0);
    assert_eq!(results(&desk, Some(&analyst), "?to=2020-01-01T00:00:00Z").1["answered"], 0);
    for query in ["?by=day", "?from=yesterday", "?all=1"] {
        assert_eq!(results(&desk, Some(&analyst), query).0, 400, "{query}");
    }
    let request = desk.api.agent.get(desk.api.url("surveys/complaint/results"));
    let request = request.header("Authorization", format!("Bearer {analyst}"));
    assert_eq!(request.call().expect("an answer").status(), 404, "a form that is no survey");
}

#[test]
fn answers_that_were_taken_back_do_not_count() {
    let desk = Desk::start_with(false, |settings| settings.least_answers = 1);
    let analyst = desk.token_of("ann", Scope::Analyst);
    desk.api.submit(&key(1), &feedback(json!({ "score": 1 })));
    desk.api.submit(&key(2), &feedback(json!({ "score": 5 })));
    desk.api.agent.post(desk.api.url(&format!("submissions/{}/withdraw", key(1)))).send_empty().expect("an answer");
    let (_, found) = results(&desk, Some(&analyst), "");
    assert_eq!((&found["answered"], &found["scales"][0]["score"]["value"]), (&json!(1), &json!(100)));
}

fn invite(desk: &Desk, scope: Scope, body: &Value) -> (u16, Value) {
    let request = desk.api.agent.post(desk.api.url("surveys/feedback/invitations"));
    let request = request.header("Authorization", format!("Bearer {}", desk.token_of("tom", scope)));
    read(request.header("Content-Type", "application/json").send(body.to_string()).expect("an answer"))
}

#[test]
fn a_signed_link_lets_somebody_answer_once_and_change_it() {
    let desk = Desk::start_with(true, |settings| {
        settings.invitation_secret = InvitationSecret::parse("a secret of at least thirty-two characters");
        settings.least_answers = 1;
    });
    let whom = json!({ "ticket": "INC-000001", "sample_rule": "every fifth closed ticket", "population": 50 });
    assert_eq!(invite(&desk, Scope::EndUser, &whom).0, 403);
    let (status, signed) = invite(&desk, Scope::Agent, &whom);
    assert_eq!(status, 201, "{signed}");
    invite(&desk, Scope::Agent, &whom);
    let invited = |answers: Value, token: &Value| {
        let mut body = feedback(answers);
        body["invitation"] = token.clone();
        body
    };
    // Nobody else is heard here without a sign-in; who holds the link is.
    assert_eq!(desk.api.submit(&key(1), &feedback(json!({ "score": 1 }))).0, 401);
    let (status, first) = desk.api.submit(&key(1), &invited(json!({ "score": 2 }), &signed["invitation"]));
    assert_eq!((status, &first["number"]), (201, &json!("SAT-000001")));
    // Used once more, it changes what was answered, on whatever device.
    let (status, second) = desk.api.submit(&key(2), &invited(json!({ "score": 4 }), &signed["invitation"]));
    assert_eq!((status, &second["number"]), (200, &json!("SAT-000001")));
    let (_, found) = results(&desk, Some(&desk.token_of("ann", Scope::Analyst)), "");
    assert_eq!((&found["answered"], &found["asked"], &found["response"]["value"]), (&json!(1), &json!(2), &json!(50)));
    assert_eq!(found["channels"][0]["name"], "invitation");
    // About another ticket, changed, or for another survey it is none.
    let mut elsewhere = invited(json!({ "score": 1 }), &signed["invitation"]);
    elsewhere["ticket"] = json!("INC-000002");
    let text = signed["invitation"].as_str().expect("text");
    for body in [
        elsewhere,
        invited(json!({ "score": 1 }), &json!(format!("{text}x"))),
        invited(json!({ "score": 1 }), &json!("")),
    ] {
        let (status, problem) = desk.api.submit(&key(3), &body);
        assert_eq!((status, &problem["type"]), (422, &json!("urn:itsm-widgets:problem:invitation_invalid")));
    }
    for body in [json!({}), json!({ "sample_rule": "all", "days": 0 }), json!({ "sample_rule": "all", "x": 1 })] {
        assert_eq!(invite(&desk, Scope::Agent, &body).0, 400, "{body}");
    }
}
