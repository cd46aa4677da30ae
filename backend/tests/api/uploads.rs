//! Files in pieces, from the first byte to the agent who fetches them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use itsm_backend::clock::now;
use itsm_backend::collector::{PATIENCE, collect};
use itsm_backend::files::Files;
use itsm_backend::identity::Scope;
use itsm_backend::store::sqlite::SqliteStore;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::RequestBuilder;
use ureq::typestate::{WithBody, WithoutBody};

use super::tokens::Desk;
use super::*;

fn base64_digest(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

fn hex_digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// What an answer says: its status, where the file ends, and the problem's code.
#[derive(Debug, PartialEq)]
struct Said(u16, Option<u64>, String);

fn said(response: Response<Body>) -> Said {
    assert_eq!(response.headers()["tus-resumable"], "1.0.0");
    let offset =
        response.headers().get("upload-offset").map(|value| value.to_str().expect("text").parse().expect("a number"));
    let (status, body) = read(response);
    let code = body["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned();
    Said(status, offset, code)
}

fn ok(status: u16, offset: u64) -> Said {
    Said(status, Some(offset), String::new())
}

fn problem(status: u16, code: &str) -> Said {
    Said(status, None, code.to_owned())
}

impl Api {
    fn post_upload(&self) -> RequestBuilder<WithBody> {
        self.agent.post(self.url("uploads")).header("Tus-Resumable", "1.0.0")
    }

    fn begin(&self, id: &str, whole: &[u8]) -> Said {
        let request = self.post_upload().header("Idempotency-Key", id).header("Upload-Length", whole.len().to_string());
        said(
            request
                .header("Upload-Metadata", format!("sha256 {}", base64_digest(whole)))
                .send_empty()
                .expect("an answer"),
        )
    }

    fn patch(&self, id: &str, offset: impl ToString) -> RequestBuilder<WithBody> {
        let request = self.agent.patch(self.url(&format!("uploads/{id}"))).header("Tus-Resumable", "1.0.0");
        request.header("Upload-Offset", offset.to_string()).header("Content-Type", "application/offset+octet-stream")
    }

    fn append(&self, id: &str, offset: u64, bytes: &[u8]) -> Said {
        let request = self.patch(id, offset).header("Upload-Checksum", format!("sha256 {}", base64_digest(bytes)));
        said(request.send(bytes).expect("an answer"))
    }

    fn head(&self, id: &str) -> RequestBuilder<WithoutBody> {
        self.agent.head(self.url(&format!("uploads/{id}"))).header("Tus-Resumable", "1.0.0")
    }

    fn objects(&self) -> usize {
        let folders = std::fs::read_dir(self.folder.path().join("files")).expect("a folder");
        folders.map(|folder| std::fs::read_dir(folder.expect("an entry").path()).expect("a folder").count()).sum()
    }
}

/// The `n`-th name of a file.
fn name(n: usize) -> String {
    format!("018f4e2a-7c1b-7def-8a00-{n:012x}")
}

#[test]
fn a_file_arrives_in_pieces_and_goes_on_where_it_was_cut() {
    let api = Api::start();
    assert_eq!(api.begin(KEY, b"hello world"), ok(201, 0));
    assert_eq!(api.append(KEY, 0, b"hello "), ok(204, 6));
    assert_eq!(api.append(KEY, 0, b"hello "), problem(409, "upload_offset"), "a piece that came twice");
    assert_eq!(api.begin(KEY, b"hello world"), ok(200, 6), "beginning anew tells how far it is");
    let head = api.head(KEY).call().expect("an answer");
    assert_eq!(head.headers()["upload-length"], "11");
    assert_eq!(head.headers()["cache-control"], "no-store");
    assert_eq!(said(head), ok(200, 6));
    let wrong = api.patch(KEY, 6).header("Upload-Checksum", format!("sha256 {}", base64_digest(b"world")));
    assert_eq!(said(wrong.send(&b"w0rld"[..]).expect("an answer")), problem(460, "checksum_mismatch"));
    assert_eq!(api.append(KEY, 6, b"world!"), problem(413, "too_large"));
    assert_eq!(api.append(KEY, 6, b"world"), ok(204, 11));
    assert_eq!(api.append(KEY, 11, b""), ok(204, 11));
    assert_eq!(api.begin(KEY, b"hello there"), problem(422, "key_reused"));
    assert_eq!(api.objects(), 2, "nothing that was refused is kept");
}

#[test]
fn a_file_that_is_not_as_announced_begins_anew() {
    let api = Api::start();
    assert_eq!(api.begin(KEY, b"hello world"), ok(201, 0));
    assert_eq!(api.append(KEY, 0, b"hallo "), ok(204, 6));
    assert_eq!(api.append(KEY, 6, b"world"), problem(460, "checksum_mismatch"));
    assert_eq!(said(api.head(KEY).call().expect("an answer")).0, 404);
    assert_eq!(api.objects(), 0);
    assert_eq!(api.begin(KEY, b"hello world"), ok(201, 0));
}

#[test]
fn clients_that_know_only_the_standard_are_served() {
    let api = Api::start();
    let options = ureq::http::Request::builder().method("OPTIONS").uri(api.url("uploads")).body(()).expect("a request");
    let spoken = api.agent.run(options).expect("an answer");
    assert_eq!(spoken.headers()["tus-extension"], "creation,checksum");
    assert_eq!(spoken.headers()["tus-max-size"], "100000");
    assert_eq!(said(spoken), Said(204, None, String::new()));
    let large = vec![7; 90_000];
    let begun = api.post_upload().header("Upload-Length", "90000").header("Upload-Metadata", "filename eC5wbmc=");
    let begun = begun.send_empty().expect("an answer");
    let place = begun.headers()["location"].to_str().expect("text").to_owned();
    let id = place.strip_prefix("/api/v1/uploads/").expect("below the API").to_owned();
    assert_eq!(said(begun), ok(201, 0));
    assert_eq!(said(api.patch(&id, 0).send(&large[..]).expect("an answer")), ok(204, 90_000));
    assert_eq!(api.begin(&id, &large), ok(200, 90_000), "the digest was found on arrival");
}

#[test]
fn what_is_not_the_protocol_is_refused_by_name() {
    let api = Api::start();
    let unspoken = api.agent.post(api.url("uploads")).header("Upload-Length", "1").send_empty().expect("an answer");
    assert_eq!(unspoken.headers()["tus-version"], "1.0.0");
    assert_eq!(said(unspoken), problem(412, "tus_version"));
    for (length, code) in
        [("", 400), ("x", 400), ("-1", 400), ("+1", 400), ("1.5", 400), ("99999999999999999999", 400), ("100001", 413)]
    {
        let request = api.post_upload().header("Upload-Length", length);
        assert_eq!(said(request.send_empty().expect("an answer")).0, code, "{length:?}");
    }
    for (header, value) in
        [("Idempotency-Key", "1"), ("Upload-Metadata", "sha256 eA=="), ("Upload-Metadata", "sha256 !")]
    {
        let request = api.post_upload().header("Upload-Length", "1").header(header, value);
        assert_eq!(said(request.send_empty().expect("an answer")).0, 400, "{header}");
    }
    assert_eq!(api.begin(KEY, b"hello"), ok(201, 0));
    let plain = api.agent.patch(api.url(&format!("uploads/{KEY}"))).header("Tus-Resumable", "1.0.0");
    assert_eq!(
        said(plain.header("Upload-Offset", "0").send(&b"hello"[..]).expect("an answer")),
        problem(415, "media_type")
    );
    assert_eq!(said(api.patch(KEY, "").send(&b"hello"[..]).expect("an answer")).0, 400);
    for checksum in ["md5 eA==", "sha256", "sha256 eA==", ""] {
        let request = api.patch(KEY, 0).header("Upload-Checksum", checksum);
        assert_eq!(said(request.send(&b"hello"[..]).expect("an answer")).0, 400, "{checksum:?}");
    }
    for nobody in [&*name(9), "1", "..%2f..%2fetc"] {
        assert_eq!(
            said(api.patch(nobody, 0).send(&b"hello"[..]).expect("an answer")),
            problem(404, "not_found"),
            "{nobody}"
        );
    }
    assert_eq!(api.append(KEY, 0, b"hello"), ok(204, 5), "none of these did anything");
}

#[test]
fn an_empty_file_is_whole_at_once() {
    let api = Api::start();
    assert_eq!(api.begin(KEY, b""), ok(201, 0));
    assert_eq!(api.begin(KEY, b""), ok(200, 0));
    assert_eq!(api.begin(&name(1), b"x"), ok(201, 0));
    let wrong = api.post_upload().header("Idempotency-Key", name(2)).header("Upload-Length", "0");
    let wrong = wrong.header("Upload-Metadata", format!("sha256 {}", base64_digest(b"x"))).send_empty();
    assert_eq!(said(wrong.expect("an answer")), problem(460, "checksum_mismatch"));
}

/// A form with one field for files, of these media types.
fn with_files(types: &[&str]) -> (TempDir, impl FnOnce(&mut Settings) + use<>) {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir_all(folder.path().join("forms")).expect("a folder");
    let form = json!({ "id": "f", "version": 1, "kind": "incident", "locale": "en", "title": "F", "schema": { "type": "object",
        "properties": { "files": { "type": "array", "title": "Files", "maxItems": 100, "contentMediaTypes": types,
            "items": { "type": "string", "format": "attachment" } } } },
        "ui": [{ "type": "control", "field": "files" }] });
    std::fs::write(folder.path().join("forms/f.json"), form.to_string()).expect("a file");
    let path = folder.path().to_owned();
    (folder, move |settings| settings.definitions = Some(path))
}

/// A submission of that form, with files of these ids, names, media types and contents.
fn submission_with(files: &[(String, &str, &str, &[u8])]) -> Value {
    let ids: Vec<&str> = files.iter().map(|(id, ..)| id.as_str()).collect();
    let described: Vec<Value> = files
        .iter()
        .map(|(id, name, media_type, bytes)| {
            json!({ "id": id, "name": name, "size": bytes.len(), "type": media_type, "sha256": hex_digest(bytes) })
        })
        .collect();
    json!({ "v": 1, "kind": "incident", "form": { "id": "f", "version": 1, "locale": "en" }, "answers": { "files": ids },
        "attachments": described, "captured_at": "2026-11-22T08:00:00Z" })
}

#[test]
fn a_form_takes_files_by_what_they_are_and_not_by_what_they_are_called() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";
    let (_folder, settings) = with_files(&["image/*", "text/plain"]);
    let api = Api::start_with(settings);
    for (at, (media_type, bytes, status)) in [
        ("image/png", PNG, 201),
        ("text/plain", PNG, 201),
        ("image/png", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", 422),
        ("text/plain", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff", 422),
        ("image/png", b"%PDF-1.7", 422),
        ("image/png", b"<script>alert(1)</script>", 422),
        ("text/plain", b"<script>alert(1)</script>", 201),
        ("application/pdf", PNG, 201),
        ("application/pdf", b"nothing that shows", 422),
    ]
    .into_iter()
    .enumerate()
    {
        let id = name(at);
        api.begin(&id, bytes);
        assert_eq!(api.append(&id, 0, bytes), ok(204, bytes.len() as u64));
        let (found, told) = api.submit(&name(1_000 + at), &submission_with(&[(id, "a", media_type, bytes)]));
        assert_eq!(found, status, "{media_type} {} {told}", String::from_utf8_lossy(bytes));
    }
}

/// What has been used to make somebody's browser or disk do what they did not mean.
fn evil_contents() -> Vec<Vec<u8>> {
    // Not in one piece, or a scanner on a developer's machine takes this file away.
    let eicar = [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR", "-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into_bytes();
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        eicar,
        text("<!doctype html><script>alert(document.cookie)</script>"),
        text(r#"<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>"#),
        text("<?xml version=\"1.0\"?><x:script xmlns:x=\"http://www.w3.org/1999/xhtml\">alert(1)</x:script>"),
        // A picture that is a page, a picture that is a script, a document that is a page.
        b"GIF89a/*<script>alert(1)</script>*/=1;alert(1)".to_vec(),
        b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>".to_vec(),
        text("%PDF-1.4\n<html><script>alert(1)</script>"),
        // A heap of nothing in a small archive, and a picture of 65,535 by 65,535.
        [&b"PK\x03\x04\x14\0\0\0\x08\0"[..], &[0; 64]].concat(),
        b"\xff\xd8\xff\xc0\0\x11\x08\xff\xff\xff\xff\x03".to_vec(),
        b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff".to_vec(),
        text("#!/bin/sh\nrm -rf ~\n"),
        text("text\0with\0nothing"),
    ]
}

const EVIL_NAMES: &[&str] = &[
    "picture.png",
    "page.html",
    "drawing.svg",
    "a.png.html",
    "a.html.png",
    "../../../etc/passwd",
    "..\\..\\boot.ini",
    "/etc/passwd",
    "C:\\Windows\\x.exe",
    "a\0.png",
    "photo\u{202e}gpj.exe",
    "\u{2066}a\u{2069}.txt",
    "\"; filename=\"x.html",
    "a\r\nContent-Type: text/html",
    "<img src=x onerror=alert(1)>.png",
    ".htaccess",
    "con",
    "%2e%2e%2fetc",
    "",
    "name.PNG.Js",
    "ナ.pdf",
    "a;b=c.txt",
    "-rf",
    "x.mhtml",
    "y.xht",
    "z.swf",
];

#[test]
fn no_file_is_ever_shown() {
    let (_folder, settings) = with_files(&[]);
    let desk = Desk::start_with(false, settings);
    let api = &desk.api;
    let fetch = |id: &str, token: Option<&str>| {
        let request = api.agent.get(api.url(&format!("attachments/{id}")));
        let request = match token {
            Some(token) => request.header("Authorization", format!("Bearer {token}")),
            None => request,
        };
        request.call().expect("an answer")
    };
    let agent = desk.token_of("grace", Scope::Agent);
    let contents = evil_contents();
    let mut count = 0;
    for (at, bytes) in contents.iter().enumerate() {
        let mut files: Vec<(String, &str, &str, &[u8])> = vec![];
        for (n, name_of_file) in EVIL_NAMES.iter().enumerate() {
            let id = name(at * 100 + n);
            api.begin(&id, bytes);
            assert_eq!(api.append(&id, 0, bytes), ok(204, bytes.len() as u64));
            files.push((id, name_of_file, ["image/png", "text/html", ""][n % 3], bytes));
        }
        assert_eq!(fetch(&files[0].0, Some(&agent)).status(), 404, "no ticket has it yet");
        assert_eq!(api.submit(&name(10_000 + at), &submission_with(&files)).0, 201);
        for (id, file, ..) in &files {
            let mut response = fetch(id, Some(&agent));
            let header =
                |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert_eq!(response.status(), 200, "{file}");
            assert_eq!(header("content-type"), "application/octet-stream", "{file}");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
            let digest = header("content-digest").to_owned();
            let disposition = header("content-disposition");
            let called = disposition.strip_prefix("attachment; filename=\"").and_then(|rest| rest.split('"').next());
            let called = called.expect("handed out to be kept");
            assert!(
                !called.contains(['/', '\\', ';', '<']) && !called.starts_with('.') && !called.is_empty(),
                "{file:?}: {called}"
            );
            assert!(!disposition.contains("%E2%80%AE") && !disposition.contains("%0D"), "{disposition}");
            let body = response.body_mut().read_to_vec().expect("a body");
            assert_eq!(digest, format!("sha-256=:{}:", base64_digest(&body)));
            if bytes.starts_with(b"\x89PNG") || bytes.starts_with(b"\xff\xd8") {
                assert!(!String::from_utf8_lossy(&body).contains("script"), "of a picture, what is a picture");
            } else {
                assert_eq!(body, *bytes, "byte by byte");
            }
            count += 1;
        }
    }
    assert!(count >= 300, "{count}");
    let id = name(0);
    assert_eq!(fetch(&id, None).status(), 401);
    assert_eq!(fetch(&id, Some(&desk.token_of("ada", Scope::EndUser))).status(), 403);
    assert_eq!(fetch("none", Some(&agent)).status(), 404);
}

/// Where a picture was taken is its sender's business: it is kept as it came, and handed out without.
#[test]
fn a_picture_is_handed_out_without_what_it_says_beside_the_picture() {
    let (_folder, settings) = with_files(&["image/*"]);
    let desk = Desk::start_with(false, settings);
    let api = &desk.api;
    let segment = |marker: u8, contents: &[u8]| [&[0xff, marker, 0, contents.len() as u8 + 2], contents].concat();
    let picture = [
        &[0xff, 0xd8][..],
        &segment(0xe1, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0 48.2082 N"),
        &segment(0xdb, &[1; 65]),
        &segment(0xda, &[1, 1, 0, 0, 63, 0]),
        b"picture",
        &[0xff, 0xd9],
    ]
    .concat();
    api.begin(&name(1), &picture);
    assert_eq!(api.append(&name(1), 0, &picture), ok(204, picture.len() as u64));
    assert_eq!(api.submit(&name(2), &submission_with(&[(name(1), "a.jpg", "image/jpeg", &picture)])).0, 201);
    let token = format!("Bearer {}", desk.token_of("grace", Scope::Agent));
    let request = api.agent.get(api.url(&format!("attachments/{}", name(1)))).header("Authorization", token);
    let mut response = request.call().expect("an answer");
    let digest = response.headers()["content-digest"].to_str().expect("text").to_owned();
    let length = response.headers()["content-length"].to_str().expect("text").to_owned();
    let body = response.body_mut().read_to_vec().expect("a body");
    assert!(picture.windows(7).any(|part| part == b"48.2082") && !body.windows(7).any(|part| part == b"48.2082"));
    assert!(body.windows(7).any(|part| part == b"picture"));
    assert_eq!(digest, format!("sha-256=:{}:", base64_digest(&body)));
    assert_eq!(length, body.len().to_string());
}

#[test]
fn files_that_nobody_names_are_collected_after_two_days() {
    let folder = TempDir::new().expect("a folder");
    let (_definitions, definitions) = with_files(&[]);
    let database = format!("sqlite://{}", folder.path().join("kept.db").display());
    let kept = folder.path().join("files");
    let api = Api::start_with(|settings| {
        definitions(settings);
        settings.database.clone_from(&database);
        settings.files.clone_from(&kept);
    });
    let bytes = &b"some bytes"[..];
    for (n, whole) in [(0, true), (1, true), (2, false)] {
        api.begin(&name(n), bytes);
        api.append(&name(n), 0, if whole { bytes } else { b"some" });
    }
    assert_eq!(api.submit(KEY, &submission_with(&[(name(0), "a", "", bytes)])).0, 201);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = SqliteStore::open(&database).await.expect("the database");
        let files = Files::open(&kept).expect("the folder");
        let lost = files.put(b"recorded nowhere".to_vec().into()).await.expect("kept");
        assert_eq!(collect(&store, &files, now().shifted(-PATIENCE)).await.expect("collected"), 0, "all are young");
        assert_eq!(collect(&store, &files, now().shifted(60_000)).await.expect("collected"), 3);
        assert!(!kept.join(lost).exists());
        store.close().await;
    });
    assert_eq!(said(api.head(&name(0)).call().expect("an answer")), ok(200, 10));
    assert_eq!(said(api.head(&name(1)).call().expect("an answer")).0, 404);
    assert_eq!(said(api.patch(&name(2), 4).send(&b" bytes"[..]).expect("an answer")), problem(404, "not_found"));
    assert_eq!(api.begin(&name(2), bytes), ok(201, 0), "it may be begun anew");
}
