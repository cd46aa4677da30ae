//! The stores' promises, on IndexedDB in a real browser.
#![cfg(target_family = "wasm")]

use std::rc::Rc;

use itsm_widgets::adapters::browser::js::piece_of;
use itsm_widgets::adapters::browser::vault::sealed;
use itsm_widgets::adapters::browser::{BrowserDevice, BrowserPatterns, BrowserZone};
use itsm_widgets::adapters::indexeddb::IndexedDbRecords;
use itsm_widgets::domain::form::{LocalZone, Patterns};
use itsm_widgets::domain::id::is_uuid;
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::time::LocalDateTime;
use itsm_widgets::ports::{Chance, StoreError};
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
    DeviceStore::over(records(name).await)
}

async fn records(name: &str) -> IndexedDbRecords {
    IndexedDbRecords::open(name).await.expect("a browser with IndexedDB")
}

/// The same, sealed for whoever has `storage_key`.
async fn open_sealed(name: &str, storage_key: &str) -> Result<DeviceStore<ArrayBuffer>, StoreError> {
    let sealed = sealed(Rc::new(records(name).await), "key".to_owned(), storage_key, true).await?;
    Ok(DeviceStore::over(sealed.expect("a key was made")))
}

fn content(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 % 251) as u8).collect()
}

fn blob(size: usize) -> Blob {
    let buffer = js_sys::Uint8Array::from(&content(size)[..]).buffer();
    Blob::new_with_u8_array_sequence(&js_sys::Array::of1(&buffer)).expect("a blob")
}

macro_rules! promise {
    ($name:ident) => {
        #[wasm_bindgen_test]
        async fn $name() {
            let pieces = vec![piece_of(&blob(3), 0).await.expect("a piece")];
            itsm_widgets::runtime::store::contract::$name(&empty_store().await, pieces).await;
        }
    };
}

itsm_widgets::store_contract!(promise);

mod sealed_by_the_browser {
    use super::*;

    macro_rules! promise {
        ($name:ident) => {
            #[wasm_bindgen_test]
            async fn $name() {
                let store = open_sealed(&format!("test.{}", BrowserDevice.uuid()), "").await.expect("a store");
                let pieces = vec![piece_of(&blob(3), 0).await.expect("a piece")];
                itsm_widgets::runtime::store::contract::$name(&store, pieces).await;
            }
        };
    }

    itsm_widgets::store_contract!(promise);

    #[wasm_bindgen_test]
    async fn another_key_opens_nothing() {
        let name = format!("test.{}", BrowserDevice.uuid());
        let file =
            Attachment { id: "f".into(), name: "f".into(), size: 3, media_type: String::new(), sha256: String::new() };
        let store = open_sealed(&name, "ada").await.expect("a store");
        store.add_piece(&"d".into(), &file, 0, piece_of(&blob(3), 0).await.expect("a piece")).await.expect("kept");
        let again = open_sealed(&name, "ada").await.expect("a store");
        assert_eq!(js_sys::Uint8Array::new(&again.piece(&"f".into(), 0).await.expect("kept")).to_vec(), content(3));
        assert_eq!(open_sealed(&name, "bob").await.err(), Some(StoreError::Corrupt));
        let unsealed = open(&name).await.piece(&"f".into(), 0).await.expect("kept");
        assert_eq!(unsealed.byte_length(), 12 + 3 + 16, "a nonce, and a tag");
    }
}

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
    let bytes = |buffer: &js_sys::ArrayBuffer| js_sys::Uint8Array::new(buffer).to_vec();
    for index in 0..3 {
        let piece = piece_of(&blob(size), index).await.expect("a piece");
        store.add_piece(&"d".into(), &file, index, piece).await.expect("kept");
    }
    store.finish_file(&"d".into(), &file, 3).await.expect("kept");
    let mut back = vec![];
    for index in 0..3 {
        back.extend(bytes(&store.piece(&"f".into(), index).await.expect("kept")));
    }
    assert!(back == content(size));
    assert!(store.piece(&"f".into(), 3).await.is_err());
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
