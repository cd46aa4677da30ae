//! Sealing by AES-256-GCM (NIST SP 800-38D), the browser's own: 12 random bytes, then what was sealed, with its tag. And the
//! keys for that, which lie in the database, each for one person.

use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::js::{call, from_json, sha256, to_js, to_json, window};
use crate::domain::value::{Value, object};
use crate::ports::records::{Ask, Change, Found, Keep, META, RecordStore};
use crate::ports::vault::{Vault, Way};
use crate::ports::{Later, StoreError};
use crate::runtime::store::SealedRecords;

/// How many random bytes each sealing begins with.
const NONCE: u32 = 12;
/// How many bytes a key has.
const KEY: usize = 32;

/// Seals and opens with one key.
struct AesVault {
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
fn new_key() -> Value {
    Value::Text(letters(&random(KEY)))
}

impl AesVault {
    /// With that key.
    async fn with_key(key: &Value) -> Option<Self> {
        let Value::Text(key) = key else { return None };
        Self::with_bytes(&bytes_of(key)).await
    }

    /// With a key that follows from what the page gave.
    async fn with_words(words: &str) -> Option<Self> {
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

/// Records, sealed for one person.
pub type Sealed = SealedRecords<ArrayBuffer>;
/// What they are kept in.
pub type Records = Rc<dyn RecordStore<Bytes = ArrayBuffer>>;

/// What is sealed in `records` by the key under `name` of the table `meta`; `None` if there is no such key and none is to be
/// made. The key itself is sealed by `storage_key`, unless that is empty.
pub async fn sealed(
    records: Records,
    name: String,
    storage_key: &str,
    make: bool,
) -> Result<Option<Sealed>, StoreError> {
    let wrapping = match storage_key {
        "" => None,
        words => Some(AesVault::with_words(words).await.ok_or(StoreError::Unavailable)?),
    };
    let new = match &wrapping {
        _ if !make => None,
        Some(wrapping) => Some(wrapping.value(Way::In, &name, new_key()).await?),
        None if exists() => Some(new_key()),
        // It lies open, for want of cryptography. That is noted, so that it can be found and forgotten.
        None => Some(Value::Flag(false)),
    };
    let (key, kept) = match (key(&*records, &name, new).await?, &wrapping) {
        (None, _) => return Ok(None),
        (Some(kept @ Value::Flag(_)), _) => return Ok(Some(SealedRecords::new(records, None, (name, kept)))),
        (Some(kept), Some(wrapping)) => (wrapping.value(Way::Out, &name, kept.clone()).await?, kept),
        (Some(kept), None) => (kept.clone(), kept),
    };
    let vault = AesVault::with_key(&key).await.ok_or(StoreError::Unavailable)?;
    Ok(Some(SealedRecords::new(records, Some(Rc::new(vault)), (name, kept))))
}

/// The key as it is kept; `new`, if there is none yet.
async fn key(
    records: &dyn RecordStore<Bytes = ArrayBuffer>,
    name: &str,
    new: Option<Value>,
) -> Result<Option<Value>, StoreError> {
    let keep = if new.is_some() { Keep::Strict } else { Keep::Read };
    let mut kept = None;
    let mut decide = |found: &mut Found| {
        kept = found.one::<Value>()?;
        if kept.is_some() {
            return Ok(vec![]);
        }
        kept = new.clone();
        Ok(kept.iter().map(|key| Change::PutAt(&META, name.to_owned(), key.clone())).collect())
    };
    records.transact(keep, &[&META], &[Ask::One(&META, name)], &mut decide).await?;
    Ok(kept)
}
