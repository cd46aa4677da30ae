//! What is answered to what.

use super::*;

#[test]
fn the_description_is_the_one_that_is_kept() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let written = itsm_backend::http::openapi_document();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &written).expect("a file that can be written");
    }
    assert!(
        std::fs::read_to_string(path).unwrap_or_default() == written,
        "run the tests with UPDATE=1 to write openapi.json anew"
    );
}

#[test]
fn the_same_request_is_answered_the_same_and_another_is_refused() {
    let api = Api::start();
    let (status, first) = api.submit(KEY, &submission("My chair"));
    assert_eq!((status, &first["number"]), (201, &"INC-000001".into()));
    assert_eq!(api.submit(KEY, &submission("My chair")), (200, first));
    let (status, problem) = api.submit(KEY, &submission("My desk"));
    assert_eq!((status, &problem["type"]), (422, &"urn:itsm-widgets:problem:key_reused".into()));
}

#[test]
fn an_edited_request_takes_the_place_of_its_predecessor_however_the_key_is_written() {
    let api = Api::start();
    api.submit(KEY, &submission("My chair"));
    let mut edited = submission("My other chair");
    edited["supersedes"] = json!([KEY.to_uppercase()]);
    let (status, problem) = api.submit(&KEY.replace("ab", "ac"), &edited);
    assert_eq!((status, &problem["receipt"]["number"]), (409, &"INC-000001".into()));
}

#[test]
fn an_address_that_is_no_text_names_nothing() {
    let api = Api::start();
    for path in ["forms/%ff", "forms/%ff/plain"] {
        assert_eq!(read(api.get(path)).0, 404, "{path}");
    }
    let (status, problem) = read(api.get("receipts/x?secret=y"));
    assert_eq!((status, &problem["detail"]), (400, &"the address: a UUID is needed.".into()));
}

#[test]
fn an_anonymous_requester_reads_one_ticket_by_its_secret_link() {
    let api = Api::start();
    let (_, receipt) = api.submit(KEY, &submission("My chair"));
    let (status, ticket) = read(api.get(receipt["read_link"].as_str().expect("a link")));
    assert_eq!((status, &ticket["summary"]), (200, &"My chair".into()));
    for link in [
        format!("receipts/{KEY}?secret=wrong"),
        format!("receipts/{KEY}"),
        format!("receipts/{}?secret=x", KEY.replace('8', "9")),
    ] {
        assert_eq!(read(api.get(&link)).0, 403, "{link}");
    }
}

#[test]
fn a_withdrawn_key_is_gone_and_a_withdrawn_ticket_says_its_number() {
    let api = Api::start();
    let withdraw = |key: &str| {
        read(api.agent.post(api.url(&format!("submissions/{key}/withdraw"))).send_empty().expect("an answer"))
    };
    assert_eq!(withdraw(KEY), (200, json!({ "key": KEY })));
    assert_eq!(api.submit(KEY, &submission("Too late")).0, 410);
    let other = KEY.replace("ab", "ac");
    api.submit(&other, &submission("In time"));
    assert_eq!(withdraw(&other).1["number"], "INC-000001");
}

#[test]
fn every_wrong_body_gets_one_error_that_names_the_place() {
    let api = Api::start();
    let changed = |pointer: &str, value: Value| {
        let mut body = submission("My chair");
        *body.pointer_mut(pointer).expect(pointer) = value;
        body
    };
    let added = |member: &str, value: Value| {
        let mut body = submission("My chair");
        body[member] = value;
        body
    };
    for (body, status, place) in [
        (changed("/v", 2.into()), 422, "#/v"),
        (changed("/kind", "service_request".into()), 422, "#/kind"),
        (changed("/kind", "bug".into()), 400, "kind"),
        (changed("/form/id", "none".into()), 422, "#/form"),
        (changed("/form/version", 9.into()), 422, "#/form"),
        (changed("/answers/what", "x".into()), 422, "#/answers/what"),
        (changed("/answers/what", true.into()), 422, "#/answers/what"),
        (changed("/answers/what", "x".repeat(2001).into()), 422, "#/answers/what"),
        (changed("/answers", json!({ "what": "My chair", "nonsense": 1 })), 422, "#/answers/nonsense"),
        (changed("/answers", json!({})), 422, "#/answers/what"),
        (changed("/captured_at", "yesterday".into()), 400, "captured_at"),
        (changed("/captured_at", "2026-11-22T08:00:00".into()), 400, "captured_at"),
        (added("service_id", "none".into()), 422, "#/service_id"),
        (added("impact", 1.into()), 422, "#/answers"),
        (added("requester", json!({ "name": "Eve" })), 422, "#/answers"),
        (
            added("attachments", json!([{ "id": KEY, "name": "a", "size": 1, "type": "", "sha256": "" }])),
            422,
            "#/attachments",
        ),
        (added("supersedes", json!(["no uuid"])), 422, "#/supersedes"),
        (added("supersedes", json!([KEY.to_uppercase()])), 422, "#/supersedes"),
        (added("supersedes", json!(vec![KEY.replace("ab", "ac"); 101])), 422, "#/supersedes"),
        (added("service_id", "".into()), 422, "#/service_id"),
        (added("captured_at", "0000-01-01T00:00:00+23:59".into()), 400, "captured_at"),
        (added("admin", true.into()), 400, "admin"),
    ] {
        let (answered, problem) = api.submit(KEY, &body);
        assert_eq!(answered, status, "{body} {problem}");
        let said = problem.to_string();
        assert!(said.contains(place), "{body} {said}");
    }
    for body in ["", "{", "[]", "null", "\u{0}"] {
        assert_eq!(api.submit_text(KEY, body).0, 400, "{body:?}");
    }
    for key in ["", "1", "not-a-uuid-not-a-uuid-not-a-uuid-not-"] {
        assert_eq!(api.submit(key, &submission("My chair")).0, 400, "{key:?}");
    }
    assert_eq!(api.submit(KEY, &submission("My chair")).1["number"], "INC-000001", "none of these was accepted");
}

#[test]
fn a_late_submission_is_held_against_the_form_that_was_filled_in() {
    let folder = TempDir::new().expect("a folder");
    let definitions = folder.path().join("definitions");
    std::fs::create_dir_all(definitions.join("forms")).expect("a folder");
    let put = |version: u32, field: &str| {
        let form = json!({ "id": "f", "version": version, "kind": "incident", "locale": "en", "title": "F",
            "schema": { "type": "object", "required": [field], "properties": { field: { "type": "string", "title": "T" } } },
            "ui": [{ "type": "control", "field": field }] });
        std::fs::write(definitions.join("forms/f.json"), form.to_string()).expect("a file");
    };
    let database = format!("sqlite://{}", folder.path().join("kept.db").display());
    let start = || {
        Api::start_with(|settings| {
            settings.definitions = Some(definitions.clone());
            settings.database.clone_from(&database);
        })
    };
    put(1, "old");
    drop(start());
    put(2, "new");
    let api = start();
    let body = |version: u32, field: &str| json!({ "v": 1, "kind": "incident", "form": { "id": "f", "version": version, "locale": "en" }, "answers": { field: "x" }, "captured_at": "2026-11-22T08:00:00Z" });
    assert_eq!(api.submit(KEY, &body(2, "old")).0, 422);
    assert_eq!(api.submit(KEY, &body(1, "new")).0, 422);
    assert_eq!(api.submit(KEY, &body(1, "old")).0, 201);
}

#[test]
fn a_form_says_whether_it_has_changed() {
    let api = Api::start();
    let response = api.get("forms/hardware-incident");
    let etag = response.headers()["etag"].clone();
    let again =
        api.agent.get(api.url("forms/hardware-incident")).header("If-None-Match", &etag).call().expect("an answer");
    assert_eq!(again.status(), 304);
    assert_eq!(read(api.get("forms/none")).0, 404);
    assert_eq!(read(api.get("services")).1.as_array().map(Vec::len), Some(4));
    assert_eq!(api.get("health/ready").status(), 204);
}
