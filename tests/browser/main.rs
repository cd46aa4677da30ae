//! The stores' promises, on IndexedDB in a real browser.
#![cfg(target_family = "wasm")]

use itsm_widgets::adapters::browser::js::{blob_of, bytes_of};
use itsm_widgets::adapters::browser::{BrowserDevice, BrowserPatterns, BrowserZone};
use itsm_widgets::adapters::indexeddb::IndexedDbStore;
use itsm_widgets::domain::form::{LocalZone, Patterns};
use itsm_widgets::domain::id::is_uuid;
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::time::LocalDateTime;
use itsm_widgets::ports::{Chance, FileStore};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Blob;

wasm_bindgen_test_configure!(run_in_browser);

/// A database of its own for each test.
async fn empty_store() -> IndexedDbStore {
    IndexedDbStore::open(&format!("test.{}", BrowserDevice.uuid())).await.expect("a browser with IndexedDB")
}

fn blob(size: usize) -> Blob {
    let bytes: Vec<u8> = (0..size).map(|at| (at * 31 % 251) as u8).collect();
    blob_of(&js_sys::Array::of1(&js_sys::Uint8Array::from(&bytes[..]).buffer())).expect("a blob")
}

macro_rules! promise {
    ($name:ident) => {
        #[wasm_bindgen_test]
        async fn $name() {
            itsm_widgets::ports::contract::$name(&empty_store().await, blob(3)).await;
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
    store.add_file(&"d".into(), &file, &blob(size)).await.expect("kept");
    let back = bytes_of(&store.bytes(&"f".into()).await.expect("bytes")).await.expect("read");
    let expected = bytes_of(&blob(size)).await.expect("read");
    assert!(js_sys::Uint8Array::new(&back).to_vec() == js_sys::Uint8Array::new(&expected).to_vec());
}

#[wasm_bindgen_test]
async fn what_was_kept_is_there_when_the_database_is_opened_again() {
    use itsm_widgets::ports::{CacheStore, Cached};
    let name = format!("test.{}", BrowserDevice.uuid());
    let cached = Cached { body: "{}".into(), etag: None, as_of: Default::default() };
    IndexedDbStore::open(&name).await.expect("a store").keep("u", &cached).await.expect("kept");
    let again = IndexedDbStore::open(&name).await.expect("a store");
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
