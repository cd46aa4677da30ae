//! The stores' promises, on IndexedDB in a real browser.
#![cfg(target_family = "wasm")]

use itsm_widgets::adapters::browser::js::{blob_of, bytes_of, pieces_of};
use itsm_widgets::adapters::browser::{BrowserDevice, BrowserPatterns, BrowserZone};
use itsm_widgets::adapters::indexeddb::IndexedDbRecords;
use itsm_widgets::domain::form::{LocalZone, Patterns};
use itsm_widgets::domain::id::is_uuid;
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::time::LocalDateTime;
use itsm_widgets::ports::Chance;
use itsm_widgets::runtime::DeviceStore;
use js_sys::ArrayBuffer;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Blob;

wasm_bindgen_test_configure!(run_in_browser);

/// A database of its own for each test.
async fn empty_store() -> DeviceStore<ArrayBuffer> {
    open(&format!("test.{}", BrowserDevice.uuid())).await
}

async fn open(name: &str) -> DeviceStore<ArrayBuffer> {
    DeviceStore::over(IndexedDbRecords::open(name).await.expect("a browser with IndexedDB"))
}

fn blob(size: usize) -> Blob {
    let bytes: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
    blob_of(&[js_sys::Uint8Array::from(&bytes[..]).buffer()]).expect("a blob")
}

macro_rules! promise {
    ($name:ident) => {
        #[wasm_bindgen_test]
        async fn $name() {
            let pieces = pieces_of(&blob(3)).await.expect("pieces");
            itsm_widgets::runtime::store::contract::$name(&empty_store().await, pieces).await;
        }
    };
}

itsm_widgets::store_contract!(promise);

#[wasm_bindgen_test]
async fn a_file_of_several_chunks_comes_back_byte_by_byte() {
    let store = empty_store().await;
    let size = 2 * (1 << 20) + 17;
    let file = Attachment {
        id: "f".into(),
        name: "f".into(),
        size: size as u64,
        media_type: String::new(),
        sha256: String::new(),
    };
    let pieces = pieces_of(&blob(size)).await.expect("pieces");
    assert_eq!(pieces.len(), 3);
    store.add_file(&"d".into(), &file, &pieces).await.expect("kept");
    let back = blob_of(&store.bytes(&"f".into()).await.expect("bytes")).expect("a blob");
    let back = bytes_of(&back).await.expect("read");
    let expected = bytes_of(&blob(size)).await.expect("read");
    assert!(js_sys::Uint8Array::new(&back).to_vec() == js_sys::Uint8Array::new(&expected).to_vec());
}

#[wasm_bindgen_test]
async fn what_was_kept_is_there_when_the_database_is_opened_again() {
    use itsm_widgets::ports::Cached;
    let name = format!("test.{}", BrowserDevice.uuid());
    let cached = Cached { body: "{}".into(), etag: None, as_of: Default::default() };
    open(&name).await.keep("u", &cached).await.expect("kept");
    let again = open(&name).await;
    assert_eq!(again.cached("u").await.expect("read"), Some(cached));
}

#[wasm_bindgen_test]
fn the_devices_uuids_are_of_version_7_and_differ() {
    let (one, two) = (BrowserDevice.uuid(), BrowserDevice.uuid());
    assert!(is_uuid(&one) && one.as_bytes()[14] == b'7', "{one}");
    assert_ne!(one, two);
}

#[wasm_bindgen_test]
fn the_zone_agrees_with_the_browser() {
    for text in ["2026-01-15T12:00", "2026-07-15T12:00"] {
        let local = LocalDateTime::parse(text).expect("a date-time");
        let date = js_sys::Date::new(&text.into());
        assert_eq!(f64::from(BrowserZone.offset_minutes(local)), -date.get_timezone_offset());
    }
}

#[wasm_bindgen_test]
fn patterns_are_the_browsers_own() {
    assert!(BrowserPatterns.matches(r"^\p{Lu}-\d+$", "Ä-42"));
    assert!(!BrowserPatterns.matches("^[0-9]+$", "4x"));
    assert!(BrowserPatterns.matches("([", "a pattern that cannot be compiled keeps nobody out"));
}
