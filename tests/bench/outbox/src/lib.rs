//! The outbox alone, as a page can call it, to be measured beside other ways to keep a request.
#![cfg(target_family = "wasm")]

use std::rc::Rc;

use itsm_widgets::adapters::browser::vault::sealed;
use itsm_widgets::adapters::indexeddb::IndexedDbRecords;
use itsm_widgets::domain::draft::{Draft, DraftPlace};
use itsm_widgets::domain::form::Answers;
use itsm_widgets::domain::outbox::{OutboxEntry, Progress};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::runtime::DeviceStore;
use js_sys::ArrayBuffer;
use wasm_bindgen::prelude::*;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

fn failed(error: impl core::fmt::Debug) -> JsValue {
    js_sys::Error::new(&format!("{error:?}")).into()
}

/// A database of its own.
#[wasm_bindgen]
pub struct Outbox(DeviceStore<ArrayBuffer>);

#[wasm_bindgen]
impl Outbox {
    /// The database of that name, sealed as in a page.
    pub async fn open(name: String) -> Result<Outbox, JsValue> {
        let records = Rc::new(IndexedDbRecords::open(&name).await.map_err(failed)?);
        let sealed = sealed(records, "key".to_owned(), "", true).await.map_err(failed)?;
        Ok(Self(DeviceStore::over(sealed.ok_or_else(|| failed("no key"))?)))
    }

    /// Keeps a draft, as typing does.
    pub async fn draft(&self, id: String) -> Result<(), JsValue> {
        let place = DraftPlace { part: "part".into(), form: "form".into(), context: id.clone() };
        let draft = Draft {
            id: id.as_str().into(),
            place,
            revision: 1,
            updated: NOW,
            revises: None,
            answers: Answers::default(),
        };
        self.0.save_draft(&draft).await.map_err(failed)
    }

    /// Keeps a request and drops its draft, strictly.
    pub async fn commit(&self, id: String, body: String) -> Result<(), JsValue> {
        let entry = OutboxEntry {
            id: id.as_str().into(),
            key: id.as_str().into(),
            seq: 0,
            part: "part".into(),
            form: "form".into(),
            context: String::new(),
            body,
            supersedes: vec![],
            lane: String::new(),
            depends_on: None,
            attachments: vec![],
            created: NOW,
            progress: Progress::default(),
        };
        self.0.commit(&entry, Some(&id.as_str().into()), None).await.map_err(failed)
    }

    /// Reads all requests, and gives how many there are.
    pub async fn entries(&self) -> Result<usize, JsValue> {
        Ok(self.0.entries("part").await.map_err(failed)?.len())
    }
}
