//! Between Rust values and JavaScript's: one way for records, JSON and bytes.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Window};

/// Something that comes later, as one pointer: what many callers await is in the wasm once.
pub type Later<'a, T> = core::pin::Pin<Box<dyn Future<Output = T> + 'a>>;

/// `value` as a plain JavaScript value; `None` if it has no such form.
pub fn to_js<T: Serialize + ?Sized>(value: &T) -> Option<JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).ok()
}

/// A plain JavaScript value as a `T`; `Err` says what does not fit.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())
}

/// `value` as JSON text.
pub fn to_json<T: Serialize + ?Sized>(value: &T) -> Option<String> {
    js_sys::JSON::stringify(&to_js(value)?).ok()?.as_string()
}

/// JSON text as a `T`; `Err` says what does not fit.
pub fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let value = js_sys::JSON::parse(text)
        .map_err(|error| error.dyn_into::<js_sys::Error>().map_or_else(|_| String::new(), |e| e.message().into()))?;
    from_js(value)
}

/// The page's window. The suite runs in no worker.
pub fn window() -> Window {
    web_sys::window().expect("a page has a window")
}

/// The bytes of `blob`.
pub async fn bytes_of(blob: &Blob) -> Result<ArrayBuffer, JsValue> {
    JsFuture::from(blob.array_buffer()).await?.dyn_into()
}

/// One blob of `parts`, each an `ArrayBuffer`.
pub fn blob_of(parts: &Array) -> Result<Blob, JsValue> {
    Blob::new_with_u8_array_sequence(parts)
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
