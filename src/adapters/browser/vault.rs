//! AES-256-GCM (NIST SP 800-38D) by the browser's own cryptography: 12 random bytes, then what was sealed, with its tag.

use js_sys::{Array, ArrayBuffer, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::js::{call, from_json, sha256, to_js, to_json, window};
use crate::domain::value::{Value, object};
use crate::ports::vault::{Vault, Way};
use crate::ports::{Later, StoreError};

/// How many random bytes each sealing begins with.
const NONCE: u32 = 12;
/// How many bytes a key has.
const KEY: usize = 32;

/// Seals and opens with one key.
pub(super) struct AesVault {
    key: JsValue,
}

fn subtle() -> Option<JsValue> {
    let subtle = window().crypto().ok()?.subtle();
    (!subtle.is_undefined()).then(|| subtle.into())
}

/// Whether the page has cryptography: one that came without TLS has none.
pub(super) fn exists() -> bool {
    subtle().is_some()
}

/// What a function of the browser's cryptography gives in the end.
async fn ask(name: &str, arguments: &Array) -> Option<JsValue> {
    let promise = call(&subtle()?, name, arguments)?;
    JsFuture::from(Promise::resolve(&promise)).await.ok()
}

fn random(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let crypto = window().crypto().expect("every browser of the floor has a generator");
    crypto.get_random_values_with_u8_array(&mut bytes).expect("so few bytes are within its limit");
    bytes
}

/// Bytes as text, a letter for each.
fn letters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn bytes_of(letters: &str) -> Vec<u8> {
    letters.chars().map(|letter| letter as u8).collect()
}

/// A new key, as a value.
pub(super) fn new_key() -> Value {
    Value::Text(letters(&random(KEY)))
}

impl AesVault {
    /// With that key.
    pub(super) async fn with_key(key: &Value) -> Option<Self> {
        let Value::Text(key) = key else { return None };
        Self::with_bytes(&bytes_of(key)).await
    }

    /// With a key that follows from what the page gave.
    pub(super) async fn with_words(words: &str) -> Option<Self> {
        Self::with_bytes(&sha256(&Uint8Array::from(["itsm key ", words].concat().as_bytes())).await?).await
    }

    async fn with_bytes(bytes: &[u8]) -> Option<Self> {
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let arguments = Array::of5(&"raw".into(), &Uint8Array::from(bytes), &"AES-GCM".into(), &JsValue::FALSE, &uses);
        ask("importKey", &arguments).await.map(|key| Self { key })
    }

    /// Seals or opens `bytes`.
    async fn turn(&self, way: Way, about: &str, bytes: Uint8Array) -> Result<Uint8Array, StoreError> {
        let (name, nonce, bytes) = match way {
            Way::In => ("encrypt", Uint8Array::from(&random(NONCE as usize)[..]), bytes),
            Way::Out => ("decrypt", bytes.subarray(0, NONCE), bytes.subarray(NONCE, bytes.length())),
        };
        let algorithm = to_js(&object([("name", Value::Text("AES-GCM".to_owned()), false)]));
        let _ = Reflect::set(&algorithm, &"iv".into(), &nonce);
        let _ = Reflect::set(&algorithm, &"additionalData".into(), &Uint8Array::from(about.as_bytes()));
        let turned = ask(name, &Array::of3(&algorithm, &self.key, &bytes)).await.ok_or(StoreError::Corrupt)?;
        let turned = Uint8Array::new(&turned);
        if way == Way::Out {
            return Ok(turned);
        }
        let whole = Uint8Array::new_with_length(NONCE + turned.length());
        whole.set(&nonce, 0);
        whole.set(&turned, NONCE);
        Ok(whole)
    }
}

impl Vault for AesVault {
    type Bytes = ArrayBuffer;

    fn value<'a>(&'a self, way: Way, about: &'a str, value: Value) -> Later<'a, Result<Value, StoreError>> {
        Box::pin(async move {
            let bytes = match (way, &value) {
                (Way::In, value) => to_json(value).into_bytes(),
                (Way::Out, Value::Text(sealed)) => bytes_of(sealed),
                (Way::Out, _) => return Err(StoreError::Corrupt),
            };
            let turned = self.turn(way, about, Uint8Array::from(&bytes[..])).await?.to_vec();
            match way {
                Way::In => Ok(Value::Text(letters(&turned))),
                Way::Out => {
                    let json = String::from_utf8(turned).map_err(|_| StoreError::Corrupt)?;
                    from_json(&json).map_err(|_| StoreError::Corrupt)
                }
            }
        })
    }

    fn piece<'a>(&'a self, way: Way, about: &'a str, piece: ArrayBuffer) -> Later<'a, Result<ArrayBuffer, StoreError>> {
        Box::pin(async move { Ok(self.turn(way, about, Uint8Array::new(&piece)).await?.buffer()) })
    }
}
