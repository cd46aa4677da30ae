//! The same forms without scripts.

use super::*;

fn post(api: &Api, form: &str, body: &str) -> (u16, String) {
    let request =
        api.agent.post(api.url(&format!("forms/{form}/plain"))).content_type("application/x-www-form-urlencoded");
    let mut response = request.send(body).expect("an answer");
    (response.status().as_u16(), response.body_mut().read_to_string().expect("a page"))
}

/// The hidden key of a page.
fn key_in(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"idempotency_key\" value=\"").expect("a key");
    rest.chars().take(36).collect()
}

#[test]
fn a_page_without_scripts_sends_once() {
    let api = Api::start();
    let page = api.get("forms/something-is-broken/plain").body_mut().read_to_string().expect("a page");
    let body = format!("idempotency_key={}&what=My+chair&email=", key_in(&page));
    let (status, receipt) = post(&api, "something-is-broken", &body);
    assert_eq!(status, 201);
    assert!(receipt.contains("INC-000001"), "{receipt}");
    let (status, again) = post(&api, "something-is-broken", &body);
    assert_eq!(status, 200);
    assert!(again.contains("INC-000001"), "a reload makes no second ticket");
}

#[test]
fn a_page_authors_own_form_is_asked_to_confirm() {
    let api = Api::start();
    let (status, page) = post(&api, "something-is-broken", "what=My+chair");
    assert_eq!(status, 200);
    assert!(page.contains("My chair") && page.contains("once more"));
    let (status, _) = post(&api, "something-is-broken", &format!("idempotency_key={}&what=My+chair", key_in(&page)));
    assert_eq!(status, 201);
}

#[test]
fn what_is_wrong_stands_on_the_page_and_nothing_typed_is_lost() {
    let api = Api::start();
    let body = "summary=%3Cscript%3Ealert(1)%3C%2Fscript%3E&device=printer&email=nobody";
    let (status, page) = post(&api, "hardware-incident", body);
    assert_eq!(status, 422);
    assert!(page.contains("Where does the printer stand?</a>: an answer is needed."), "{page}");
    assert!(page.contains("&lt;script&gt;") && !page.contains("<script"), "as text");
    assert!(page.contains("value=\"nobody\""));
}

#[test]
fn answers_to_hidden_fields_are_left_out() {
    let api = Api::start();
    let key = KEY.replace("ab", "ad");
    let body = format!(
        "idempotency_key={key}&summary=It+hums&device=phone&printer_place=Cellar&priority.impact=3&priority.urgency=2&email=a%40b.example"
    );
    let (status, page) = post(&api, "hardware-incident", &body);
    assert_eq!(status, 201, "{page}");
}

#[test]
fn a_link_gives_nobody_a_key() {
    let api = Api::start();
    let path = format!("forms/something-is-broken/plain?what=My+chair&idempotency_key={KEY}");
    let page = api.get(&path).body_mut().read_to_string().expect("a page");
    assert!(page.contains("My chair"));
    assert_ne!(key_in(&page), KEY);
}

#[test]
fn what_the_service_desk_refuses_stands_on_the_page_too() {
    let api = Api::start();
    let body = format!("idempotency_key={KEY}&what=My+chair&service_id=nowhere");
    let (status, page) = post(&api, "something-is-broken", &body);
    assert_eq!(status, 422);
    assert!(page.contains("There is no service nowhere") && page.contains("My chair"), "{page}");
}
