//! What the database holds, upgrade by upgrade. An upgrade never drops the outbox.
//!
//! By the browser's own calls: the library's way to upgrade prints its errors, floats among them, and the tables for
//! printing floats weigh more than all that is kept here.

use core::cell::Cell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbDatabase, IdbObjectStoreParameters, IdbOpenDbRequest, IdbVersionChangeEvent};

use crate::adapters::browser::js::{call, window};
use crate::ports::records::TABLES;

/// The version that this suite writes.
const VERSION: u32 = 1;
/// How long another tab may keep an upgrade waiting, in milliseconds.
const PATIENCE: u32 = 3_000;

/// Makes the database `name` if `make` says so, or brings it up to [`VERSION`]. Whether it is there.
pub(super) async fn prepare(name: &str, make: bool) -> Result<bool, JsValue> {
    let factory = window().indexed_db()?.ok_or(JsValue::UNDEFINED)?;
    let request = factory.open_with_u32(name, VERSION)?;
    let (is_missing, given_up) = (Rc::new(Cell::new(false)), Rc::new(Cell::new(false)));
    let (missing, too_late) = (is_missing.clone(), given_up.clone());
    let on_upgrade = EventListener::once(&request, "upgradeneeded", move |event| {
        // An upgrade that fails is undone by the browser, and tried again at the next visit.
        missing.set(upgrade(event.unchecked_ref(), make && !too_late.get()).is_err());
    });
    let too_late = given_up.clone();
    let on_opened = EventListener::once(&request, "success", move |event| {
        if too_late.get() {
            close(event);
        }
    });
    let mut timer = None;
    let opened = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
        timer = Some(Timeout::new(PATIENCE, move || drop(reject.call0(&JsValue::UNDEFINED))));
    });
    let done = JsFuture::from(opened).await;
    drop(timer);
    if done.is_err() && !is_missing.get() {
        // The request lives on. What it still opens, nobody may be kept waiting by.
        given_up.set(true);
        on_upgrade.forget();
        on_opened.forget();
    }
    if !make && is_missing.get() {
        return Ok(false);
    }
    done?;
    request.result()?.unchecked_into::<IdbDatabase>().close();
    Ok(true)
}

/// Closes what was opened.
fn close(event: &web_sys::Event) {
    let opened = event.target().and_then(|request| request.unchecked_into::<IdbOpenDbRequest>().result().ok());
    if let Some(db) = opened {
        db.unchecked_into::<IdbDatabase>().close();
    }
}

/// Makes what is missing; takes it back if the database is new, and none is to be made.
fn upgrade(event: &IdbVersionChangeEvent, make: bool) -> Result<(), JsValue> {
    let request: IdbOpenDbRequest = event.target().ok_or(JsValue::UNDEFINED)?.unchecked_into();
    let db: IdbDatabase = request.result()?.unchecked_into();
    if event.old_version() < 1.0 {
        if !make {
            call(&Reflect::get(&request, &"transaction".into())?, "abort", &Array::new());
            return Err(JsValue::UNDEFINED);
        }
        for table in TABLES {
            let options = IdbObjectStoreParameters::new();
            if let Some(key) = table.key {
                options.set_key_path(&key.into());
            }
            let store = db.create_object_store_with_optional_parameters(table.name, &options)?;
            if let Some(index) = &table.index {
                store.create_index_with_str(index.name, index.member)?;
            }
        }
    }
    Ok(())
}
