//! Between Rust values and JavaScript's: one way for records, JSON and bytes.

use js_sys::{Array, ArrayBuffer, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Window};

use crate::domain::map::Map;
use crate::domain::outbox::PIECE;
use crate::domain::value::{self, Document, Misread, Value};

/// Objects may stand in one another this deep; what is deeper is none of ours.
const MAX_DEPTH: u32 = 40;

/// `value` as a JavaScript value.
pub fn to_js(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Flag(flag) => (*flag).into(),
        Value::Number(number) => (*number).into(),
        Value::Text(text) => text.into(),
        Value::List(values) => {
            let list = Array::new();
            for value in values {
                list.push(&to_js(value));
            }
            list.into()
        }
        Value::Object(members) => {
            // Of no prototype: a member that is called __proto__ is a member like others, and what a page has put into
            // all objects is not in the way.
            let object: JsValue = Object::<JsValue>::create(JsValue::NULL.unchecked_ref()).into();
            for (name, value) in members.iter() {
                let _ = Reflect::set(&object, &name.into(), &to_js(value));
            }
            object
        }
    }
}

/// A JavaScript value as a plain value; `None` if it is none: a function, a big integer, or something too deep.
pub fn value_of(js: &JsValue) -> Option<Value> {
    plain(js, MAX_DEPTH)
}

fn plain(js: &JsValue, depth: u32) -> Option<Value> {
    if js.is_null() || js.is_undefined() {
        return Some(Value::Null);
    }
    if let Some(text) = js.as_string() {
        return Some(Value::Text(text));
    }
    if let Some(number) = js.as_f64() {
        return Some(Value::Number(number));
    }
    if let Some(flag) = js.as_bool() {
        return Some(Value::Flag(flag));
    }
    if depth == 0 || !js.is_object() {
        return None;
    }
    if let Some(list) = js.dyn_ref::<Array>() {
        return list.iter().map(|value| plain(&value, depth - 1)).collect::<Option<_>>().map(Value::List);
    }
    let mut members = Map::default();
    // Only its own members: what a page has put into prototypes is not meant.
    for name in Reflect::own_keys(js).ok()?.iter() {
        // No symbol is meant either.
        if let Some(text) = name.as_string() {
            members.append(text, plain(&Reflect::get(js, &name).ok()?, depth - 1)?);
        }
    }
    Some(Value::Object(members))
}

fn misread(reason: &'static str) -> Misread {
    Misread { place: String::new(), reason }
}

/// A JavaScript value as a `T`; the error says what does not fit.
pub fn from_js<T: Document>(js: &JsValue) -> Result<T, Misread> {
    value::read(value_of(js).ok_or_else(|| misread("is no plain value"))?)
}

/// `document` as JSON text.
pub fn to_json(document: &impl Document) -> String {
    value::to_json(&document.write())
}

/// JSON text as a `T`; the error says what does not fit.
pub fn from_json<T: Document>(text: &str) -> Result<T, Misread> {
    from_js(&js_sys::JSON::parse(text).map_err(|_| misread("is no JSON"))?)
}

/// A member, read by its name: functions of their own in the glue would weigh more. Undefined if it is not there.
pub fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// Calls a function by its name: functions of their own in the glue would weigh more.
pub fn call(of: &JsValue, name: &str, arguments: &Array) -> Option<JsValue> {
    let function: Function = member(of, name).dyn_into().ok()?;
    function.apply(of, arguments).ok()
}

/// Whether nobody sees the page now.
pub fn is_hidden() -> bool {
    member(&window().document().into(), "hidden").is_truthy()
}

/// The page's window. The suite runs in no worker.
pub fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// The piece of `blob` at that place, from 0. Kept as a buffer, since some browsers lose blobs.
pub async fn piece_of(blob: &Blob, index: u32) -> Result<ArrayBuffer, JsValue> {
    let start = f64::from(index) * f64::from(PIECE);
    let end = (start + f64::from(PIECE)).min(blob.size());
    JsFuture::from(blob.slice_with_f64_and_f64(start, end)?.array_buffer()).await?.dyn_into()
}

/// SHA-256 of `bytes`; `None` where the page has no cryptography since it came without TLS.
pub async fn sha256(bytes: &Uint8Array) -> Option<Vec<u8>> {
    let subtle = window().crypto().ok()?.subtle();
    if subtle.is_undefined() {
        return None;
    }
    let promise = subtle.digest_with_str_and_buffer_source("SHA-256", bytes).ok()?;
    Some(Uint8Array::new(&JsFuture::from(promise).await.ok()?).to_vec())
}

/// Lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

/// Base 64 with padding, as header fields have it.
pub fn base64(bytes: &[u8]) -> Option<String> {
    let binary: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    window().btoa(&binary).ok()
}
