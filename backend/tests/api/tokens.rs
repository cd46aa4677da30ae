//! Tokens: who asks. Whatever is not exactly right is refused, and leaves no trace.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use itsm_backend::identity::issue::{TokenArgs, key_set_of, token};
use itsm_backend::identity::{IdentitySettings, KeySource, Scope};
use itsm_backend::settings::Settings;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Api, KEY, read, submission};

/// A backend that looks at tokens, and the key that signs them.
pub(super) struct Desk {
    pub(super) api: Api,
    folder: TempDir,
}

impl Desk {
    fn start(required: bool) -> Self {
        Self::start_with(required, |_| {})
    }

    /// Starts one, after `change` of the usual settings.
    pub(super) fn start_with(required: bool, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = TempDir::new().expect("a folder");
        token(&args(&folder, "nobody")).expect("a key, made on the way");
        let keys = KeySource::File(key_set_of(&folder.path().join("key")));
        let identity = IdentitySettings {
            keys,
            issuer: "https://id.example".into(),
            audience: "desk".into(),
            leeway: 30,
            required,
        };
        let api = Api::start_with(|settings| {
            settings.identity = Some(identity);
            change(settings);
        });
        Self { api, folder }
    }

    fn token(&self, subject: &str) -> String {
        self.token_of(subject, Scope::EndUser)
    }

    pub(super) fn token_of(&self, subject: &str, scope: Scope) -> String {
        token(&TokenArgs { scope: vec![scope], ..args(&self.folder, subject) }).expect("a token")
    }

    /// Signs whatever is given, with the right key.
    fn signed(&self, header: &Header, claims: &Value) -> String {
        let der = std::fs::read(self.folder.path().join("key")).expect("the key");
        encode(header, claims, &EncodingKey::from_ed_der(&der)).expect("signed")
    }

    fn header(&self) -> Header {
        jsonwebtoken::decode_header(self.token("ada")).expect("a header")
    }

    /// Submits `what` under `key` with these `Authorization` headers.
    fn submit(&self, key: &str, what: &str, authorization: &[String]) -> (u16, Value, bool) {
        let request = self.api.agent.post(self.api.url("submissions")).header("Content-Type", "application/json");
        let request = request.header("Idempotency-Key", key);
        let request = authorization.iter().fold(request, |request, value| request.header("Authorization", value));
        let answer = request.send(submission(what).to_string()).expect("an answer");
        let challenged = answer.headers().contains_key("WWW-Authenticate");
        let (status, body) = read(answer);
        (status, body, challenged)
    }

    fn withdraw(&self, key: &str, token: Option<&str>) -> u16 {
        let request = self.api.agent.post(self.api.url(&format!("submissions/{key}/withdraw")));
        let request = match token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        request.send_empty().expect("an answer").status().as_u16()
    }
}

fn args(folder: &TempDir, subject: &str) -> TokenArgs {
    TokenArgs {
        key: folder.path().join("key"),
        subject: subject.into(),
        scope: vec![Scope::EndUser],
        issuer: "https://id.example".into(),
        audience: "desk".into(),
        ttl: 300,
    }
}

fn bearer(token: &str) -> [String; 1] {
    [format!("Bearer {token}")]
}

fn seconds() -> i64 {
    itsm_backend::clock::now().as_millis() / 1_000
}

fn claims() -> Value {
    json!({ "iss": "https://id.example", "aud": "desk", "sub": "ada", "exp": seconds() + 300, "nbf": seconds() - 5 })
}

/// Right claims with `changes` in them; null takes a claim away.
fn with(changes: Value) -> Value {
    let mut all = claims();
    for (name, value) in changes.as_object().expect("an object") {
        if value.is_null() {
            all.as_object_mut().expect("an object").remove(name);
        } else {
            all[name] = value.clone();
        }
    }
    all
}

fn encoded(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Tokens that say what must not be believed.
fn wrong_claims() -> Vec<Value> {
    let now = seconds();
    let mut all = vec![];
    for name in ["exp", "iss", "aud", "sub"] {
        all.push(with(json!({ name: null })));
        for value in [json!(""), json!([]), json!({}), json!(true), json!(-1)] {
            all.push(with(json!({ name: value })));
        }
    }
    for exp in [json!(now - 31), json!(now - 86_400), json!(0), json!("9999999999"), json!("soon")] {
        all.push(with(json!({ "exp": exp })));
    }
    all.extend([now + 40, now + 86_400].map(|nbf| with(json!({ "nbf": nbf }))));
    for issuer in
        ["https://id.example/", "http://id.example", "https://ID.example", "https://id.example.evil", "*", "null"]
    {
        all.push(with(json!({ "iss": issuer })));
    }
    all.push(with(json!({ "iss": ["https://id.example.evil"] })));
    for audience in [json!("Desk"), json!("desk "), json!("des"), json!("desk2"), json!(["other"]), json!([["desk"]])] {
        all.push(with(json!({ "aud": audience })));
    }
    for subject in ["a\u{0}b", "a\nb", "\u{7f}", &"x".repeat(256)] {
        all.push(with(json!({ "sub": subject })));
    }
    all
}

/// Tokens whose header lies: no signature, another algorithm, another key.
fn wrong_headers(desk: &Desk) -> Vec<String> {
    let (right, body) = (desk.header(), encoded(&claims().to_string()));
    let kid = right.kid.clone().expect("a name");
    let mut all = vec![];
    for name in ["none", "None", "NONE", "nOnE", "", "HS257", "ED25519"] {
        let head = encoded(&json!({ "alg": name, "kid": kid, "typ": "JWT" }).to_string());
        all.extend([format!("{head}.{body}."), format!("{head}.{body}"), format!("{head}.{body}.AAAA")]);
    }
    // The public key as a secret: whoever let the token choose the algorithm would believe it.
    let set = std::fs::read_to_string(key_set_of(&desk.folder.path().join("key"))).expect("the set");
    let public: Value = serde_json::from_str(&set).expect("JSON");
    let x = public["keys"][0]["x"].as_str().expect("the key").to_owned();
    let secrets = [
        x.clone().into_bytes(),
        URL_SAFE_NO_PAD.decode(&x).expect("base64"),
        set.into_bytes(),
        vec![],
        b"secret".to_vec(),
    ];
    for secret in &secrets {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let header = Header { kid: Some(kid.clone()), ..Header::new(algorithm) };
            all.push(encode(&header, &claims(), &EncodingKey::from_secret(secret)).expect("signed"));
        }
    }
    // The right key under a name that is not its own.
    let names = ["../../key", "/dev/null", "", " ", "1 OR 1=1", "https://evil.example/jwks.json", "\u{0}", "Nobody"];
    for name in names {
        all.push(desk.signed(&Header { kid: Some(name.into()), ..right.clone() }, &claims()));
    }
    // A key of somebody else's, under the right name, and brought along.
    let other = TempDir::new().expect("a folder");
    token(&args(&other, "nobody")).expect("another key");
    let der = std::fs::read(other.path().join("key")).expect("the key");
    let stranger = EncodingKey::from_ed_der(&der);
    all.push(encode(&right, &claims(), &stranger).expect("signed"));
    let own = jsonwebtoken::jwk::Jwk::from_encoding_key(&stranger, Algorithm::EdDSA).expect("its public twin");
    let brought = Header { jwk: Some(own), jku: Some("https://evil.example/jwks.json".into()), ..right.clone() };
    all.push(encode(&brought, &claims(), &stranger).expect("signed"));
    all
}

/// A right token with one letter changed, at many places.
fn flipped(desk: &Desk) -> Vec<String> {
    let right = desk.token("ada");
    let places = (0..right.len()).step_by(3).filter(|at| right.as_bytes()[*at] != b'.');
    // The last letter holds bits that say nothing.
    let places = places.filter(|at| *at + 1 < right.len());
    let change = |at: usize| {
        let mut letters = right.clone().into_bytes();
        letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(letters).expect("letters")
    };
    places.map(change).filter(|changed| *changed != right).collect()
}

#[test]
fn at_least_two_hundred_wrong_tokens_are_refused_and_leave_no_trace() {
    let desk = Desk::start(false);
    let mut wrong: Vec<Vec<String>> =
        wrong_claims().iter().map(|c| bearer(&desk.signed(&desk.header(), c)).into()).collect();
    wrong.extend(wrong_headers(&desk).iter().chain(&flipped(&desk)).map(|token| bearer(token).into()));
    let right = desk.token("ada");
    // Signed as it stands: what is doubled is no JSON value of ours.
    let spoiled = |head: &str, body: &str| {
        let head = encoded(head);
        let message = format!("{head}.{}", encoded(body));
        let der = std::fs::read(desk.folder.path().join("key")).expect("the key");
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_ed_der(&der), Algorithm::EdDSA);
        format!("{message}.{}", signature.expect("signed"))
    };
    let head = serde_json::to_string(&desk.header()).expect("JSON");
    let doubled = |name: &str, value: &str| {
        let text = claims().to_string();
        spoiled(&head, &format!("{},\"{name}\":{value}}}", &text[..text.len() - 1]))
    };
    // What must be understood, and is not (RFC 7515, section 4.1.11).
    let critical = format!("{},\"crit\":[\"exp\"],\"exp\":1}}", &head[..head.len() - 1]);
    wrong.push(bearer(&spoiled(&critical, &claims().to_string())).into());
    for (name, value) in [
        ("sub", "\"eve\""),
        ("exp", "9999999999"),
        ("aud", "\"desk\""),
        ("iss", "\"https://id.example\""),
        ("scope", "\"agent\""),
    ] {
        let token = doubled(name, value);
        let text = if name == "scope" { doubled("scope", "\"end_user\",\"scope\":\"administrator\"") } else { token };
        wrong.push(bearer(&text).into());
    }
    for value in [
        "Bearer".to_owned(),
        "Bearer ".into(),
        right.clone(),
        format!("Basic {right}"),
        format!("Bearer {right} {right}"),
        format!("Bearer {right}.x"),
        format!("Bearer {}", "a".repeat(9_000)),
        format!("Bearer {right}, Bearer {right}"),
    ] {
        wrong.push(vec![value]);
    }
    wrong.push(vec![format!("Bearer {right}"), format!("Bearer {right}")]);
    assert!(wrong.len() >= 200, "{}", wrong.len());
    for authorization in &wrong {
        let (status, body, challenged) = desk.submit(KEY, "Who am I?", authorization);
        assert_eq!((status, challenged), (401, true), "{authorization:?}");
        assert_eq!(body["type"], "urn:itsm-widgets:problem:token_invalid", "{authorization:?}");
    }
    let ten_megabytes = bearer(&"a".repeat(10_000_000));
    let request = desk.api.agent.post(desk.api.url("submissions")).header("Authorization", &ten_megabytes[0]);
    let refused = request.send("{}");
    assert!(refused.is_err() || refused.is_ok_and(|answer| answer.status().as_u16() >= 400));
    let (status, body, _) = desk.submit(KEY, "Who am I?", &bearer(&right));
    assert_eq!((status, body["number"].as_str()), (201, Some("INC-000001")), "the first that was accepted");
}

#[test]
fn clocks_may_differ_a_little() {
    let desk = Desk::start(false);
    let late = desk.signed(&desk.header(), &with(json!({ "exp": seconds() - 20, "nbf": seconds() + 20 })));
    assert_eq!(desk.submit(KEY, "A little late", &bearer(&late)).0, 201);
}

#[test]
fn where_signing_in_is_needed_nobody_else_is_heard() {
    let desk = Desk::start(true);
    let (status, body, challenged) = desk.submit(KEY, "Anonymous", &[]);
    assert_eq!((status, challenged), (401, true));
    assert_eq!(body["type"], "urn:itsm-widgets:problem:sign_in_needed");
    assert_eq!(desk.withdraw(KEY, None), 401);
    assert_eq!(desk.submit(KEY, "Ada", &bearer(&desk.token("ada"))).0, 201);
}

#[test]
fn what_was_answered_is_answered_again_and_its_link_only_to_who_submitted_it() {
    let desk = Desk::start(false);
    let (status, first, _) = desk.submit(KEY, "Mine", &bearer(&desk.token("ada")));
    assert!(status == 201 && first["read_link"].is_string());
    let (status, again, _) = desk.submit(KEY, "Mine", &bearer(&desk.token("ada")));
    assert_eq!((status, &again), (200, &first));
    let expired = desk.signed(&desk.header(), &with(json!({ "exp": seconds() - 600 })));
    for authorization in [vec![], bearer(&desk.token("eve")).into(), bearer(&expired).into()] {
        let (status, other, _) = desk.submit(KEY, "Mine", &authorization);
        assert_eq!((status, &other["number"]), (200, &first["number"]), "it is there, whoever asks");
        assert_eq!(other["read_link"], Value::Null);
    }
}

#[test]
fn only_who_submitted_it_takes_it_back() {
    let desk = Desk::start(false);
    desk.submit(KEY, "Mine", &bearer(&desk.token("ada")));
    assert_eq!((desk.withdraw(KEY, None), desk.withdraw(KEY, Some(&desk.token("eve")))), (403, 403));
    assert_eq!(desk.withdraw(KEY, Some(&desk.token("ada"))), 200);
}

#[test]
fn keys_may_lie_at_an_address() {
    use std::io::{Read, Write};
    let folder = TempDir::new().expect("a folder");
    let right = token(&args(&folder, "ada")).expect("a token");
    let set = std::fs::read_to_string(key_set_of(&folder.path().join("key"))).expect("the set");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}/jwks.json", listener.local_addr().expect("an address"));
    let answering = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().expect("a client");
        let mut head = [0; 2_048];
        let read = client.read(&mut head).expect("a request");
        let head = String::from_utf8_lossy(&head[..read]).into_owned();
        let length = set.len();
        write!(client, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{set}").expect("sent");
        head
    });
    let keys = KeySource::Address(address.parse().expect("an address"));
    let identity = IdentitySettings {
        keys,
        issuer: "https://id.example".into(),
        audience: "desk".into(),
        leeway: 0,
        required: true,
    };
    let api = Api::start_with(|settings| settings.identity = Some(identity));
    assert!(answering.join().expect("an answer").starts_with("GET /jwks.json HTTP/1.1"));
    let desk = Desk { api, folder };
    assert_eq!(desk.submit(KEY, "Signed in", &bearer(&right)).0, 201);
}

#[test]
fn a_new_key_is_found_without_a_restart() {
    let desk = Desk::start(false);
    let next = TempDir::new().expect("a folder");
    token(&args(&next, "nobody")).expect("another key");
    let set = |folder: &TempDir| -> Value {
        serde_json::from_str(&std::fs::read_to_string(key_set_of(&folder.path().join("key"))).expect("a set"))
            .expect("JSON")
    };
    let both = json!({ "keys": [set(&desk.folder)["keys"][0], set(&next)["keys"][0]] });
    std::fs::write(key_set_of(&desk.folder.path().join("key")), both.to_string()).expect("written");
    let rotated = token(&args(&next, "ada")).expect("a token");
    // Keys are not read more often than every ten seconds.
    assert_eq!(desk.submit(KEY, "Too early", &bearer(&rotated)).0, 401);
    std::thread::sleep(std::time::Duration::from_secs(10));
    assert_eq!(desk.submit(KEY, "In time", &bearer(&rotated)).0, 201);
}
