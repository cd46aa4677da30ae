//! The second place in a browser: its cache of responses, which it keeps apart from its databases.

use core::cell::{Cell, RefCell};

use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::js::{call, from_json, member, to_json, window};
use super::part::DATABASE;
use crate::document;
use crate::domain::value::Value;
use crate::ports::Later;
use crate::ports::spare::Spare;

/// A copy with its name: a response does not say where it lay.
struct Copy {
    name: String,
    record: Value,
}

document! { open Copy { name: "name", record: "record", } }

/// What is to be done: a function of the cache, or of all caches, and what it is given.
struct Work {
    of_cache: bool,
    function: &'static str,
    arguments: Array,
}

thread_local! {
    static WAITING: RefCell<Vec<Work>> = const { RefCell::new(vec![]) };
    static IS_BUSY: Cell<bool> = const { Cell::new(false) };
    static IS_LISTED: Cell<bool> = const { Cell::new(false) };
}

/// Copies in the cache of this origin. Where a page has none, without TLS, nothing is copied.
pub(super) struct CacheSpare;

/// What a function of `of` promises. As one pointer: it is in the wasm once.
fn promised<'a>(of: &'a JsValue, function: &'a str, arguments: &'a Array) -> Later<'a, Option<JsValue>> {
    Box::pin(async move { JsFuture::from(Promise::resolve(&call(of, function, arguments)?)).await.ok() })
}

fn named() -> Array {
    Array::of1(&DATABASE.into())
}

fn caches() -> JsValue {
    member(&window(), "caches")
}

async fn read_all() -> Option<Vec<(String, Value)>> {
    // Asked first, so that none is made.
    promised(&caches(), "has", &named()).await.filter(JsValue::is_truthy)?;
    let cache = promised(&caches(), "open", &named()).await?;
    let mut copies = vec![];
    // As the list that it is: a page may have broken the walking of lists.
    for response in promised(&cache, "matchAll", &Array::new()).await?.dyn_into::<Array>().ok()?.iter() {
        let text = promised(&response, "text", &Array::new()).await.and_then(|text| text.as_string());
        if let Some(Copy { name, record }) = text.and_then(|text| from_json(&text).ok()) {
            copies.push((name, record));
        }
    }
    Some(copies)
}

/// One after the other, while the page goes on.
fn add(more: Work) {
    WAITING.with_borrow_mut(|waiting| waiting.push(more));
    if IS_BUSY.replace(true) {
        return;
    }
    spawn_local(async {
        loop {
            let next = WAITING.with_borrow_mut(|waiting| (!waiting.is_empty()).then(|| waiting.remove(0)));
            let Some(Work { of_cache, function, arguments }) = next else { break };
            let mut of = Some(caches());
            if of_cache {
                of = promised(&caches(), "open", &named()).await;
            }
            if let Some(of) = of {
                promised(&of, function, &arguments).await;
            }
            // Chromium writes down which caches there are five seconds after one is made, and at once when one is deleted:
            // until then a kill would take this one with it.
            if of_cache && !IS_LISTED.replace(true) {
                for function in ["open", "delete"] {
                    promised(&caches(), function, &Array::of1(&[DATABASE, " listed"].concat().into())).await;
                }
            }
        }
        IS_BUSY.set(false);
    });
}

/// Takes all copies away.
pub(super) fn delete_all() {
    add(Work { of_cache: false, function: "delete", arguments: named() });
}

/// Whoever comes back finds nothing half done: what is to be forgotten is not read again meanwhile. As one pointer.
pub(super) fn settled() -> Later<'static, ()> {
    Box::pin(async {
        while IS_BUSY.get() {
            TimeoutFuture::new(5).await;
        }
    })
}

impl Spare for CacheSpare {
    fn put(&self, name: &str, record: Option<Value>) {
        // One address on all pages, whatever their base is.
        let origin = member(&window().location(), "origin").as_string().unwrap_or_default();
        let address = [&origin, "/", DATABASE, "/", &String::from(js_sys::encode_uri_component(name))].concat();
        let arguments = Array::of1(&address.into());
        let function = if record.is_some() { "put" } else { "delete" };
        if let Some(record) = record {
            let text = to_json(&Copy { name: name.to_owned(), record });
            let response = member(&window(), "Response").dyn_into::<Function>();
            let made = response.and_then(|make| Reflect::construct(&make, &Array::of1(&text.into())));
            arguments.push(&made.unwrap_or_default());
        }
        add(Work { of_cache: true, function, arguments });
    }

    fn all(&self) -> Later<'_, Vec<(String, Value)>> {
        Box::pin(async { read_all().await.unwrap_or_default() })
    }
}
