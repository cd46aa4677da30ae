//! Between Rust values and JavaScript's: one way for records, JSON and bytes.

use js_sys::{Array, ArrayBuffer, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Window};

use crate::domain::map::Map;
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
            // Not by assignment: a member that is called __proto__ is a member like others.
            let entries = Array::new();
            for (name, value) in members.iter() {
                entries.push(&Array::of2(&name.into(), &to_js(value)));
            }
            Object::from_entries(&entries).map_or(JsValue::NULL, Into::into)
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
    for name in Object::keys(js.unchecked_ref::<Object>()) {
        let value = plain(&Reflect::get(js, &name).ok()?, depth - 1)?;
        members.append(name.as_string()?, value);
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

/// The page's window. The suite runs in no worker.
pub fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// The bytes of `blob`.
pub async fn bytes_of(blob: &Blob) -> Result<ArrayBuffer, JsValue> {
    JsFuture::from(blob.array_buffer()).await?.dyn_into()
}

/// Bytes of a piece of a file. Kept as buffers, since some browsers lose blobs.
const PIECE: f64 = 1_048_576.0;

/// The bytes of `blob` in pieces of 1 MiB, the last of what is left.
pub async fn pieces_of(blob: &Blob) -> Result<Vec<ArrayBuffer>, JsValue> {
    let (mut pieces, mut start) = (vec![], 0.0);
    while start < blob.size() {
        let end = (start + PIECE).min(blob.size());
        pieces.push(bytes_of(&blob.slice_with_f64_and_f64(start, end)?).await?);
        start = end;
    }
    Ok(pieces)
}

/// One blob of `pieces`.
pub fn blob_of(pieces: &[ArrayBuffer]) -> Result<Blob, JsValue> {
    let parts = Array::new();
    for piece in pieces {
        parts.push(piece);
    }
    Blob::new_with_u8_array_sequence(&parts)
}

/// SHA-256 of `bytes`; `None` where the page has no cryptography since it came without TLS.
pub async fn sha256(bytes: &ArrayBuffer) -> Option<Vec<u8>> {
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
