//! The keys that tokens are signed with: a JSON Web Key Set, in a file or at an address, read again when a token names a
//! key that is not known.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::outgoing::{Outgoing, OutgoingError};

/// The set is not read more often: a token may name any key.
const PAUSE: Duration = Duration::from_secs(10);
/// Bytes that a set may have.
const LARGEST: usize = 256 * 1024;

/// Where the keys are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeySource {
    /// In a file.
    File(PathBuf),
    /// At an address, `https:`, or `http:` on this machine.
    Address(http::Uri),
}

/// Why the keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The address cannot be read.
    #[error("{0}: {1}")]
    Address(http::Uri, OutgoingError),
    /// It is no set of keys.
    #[error("it is no JSON Web Key Set: {0}")]
    Malformed(#[from] serde_json::Error),
    /// None of its keys can be used.
    #[error(
        "none of its keys can check a signature; each needs a `kid`, and RSA, P-256, P-384, Ed25519, or `alg` HS256"
    )]
    Useless,
}

/// A key, and what it may be used with.
#[derive(Clone)]
pub(super) struct Key {
    id: String,
    pub(super) key: DecodingKey,
    pub(super) algorithms: &'static [Algorithm],
}

/// The keys, and where they come from.
pub(super) struct KeySet {
    source: KeySource,
    outgoing: Outgoing,
    keys: RwLock<Arc<[Key]>>,
    /// When they were read last. Held while they are read.
    read: Mutex<Instant>,
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeySet").field("source", &self.source).finish_non_exhaustive()
    }
}

impl KeySet {
    pub(super) async fn open(source: KeySource) -> Result<Self, KeyError> {
        let outgoing = Outgoing::new();
        let keys = RwLock::new(load(&source, &outgoing).await?);
        Ok(Self { source, outgoing, keys, read: Mutex::new(Instant::now()) })
    }

    /// The key of that name; without a name the only one.
    pub(super) async fn find(&self, id: Option<&str>) -> Option<Key> {
        if let Some(known) = self.known(id) {
            return Some(known);
        }
        let mut read = self.read.lock().await;
        if read.elapsed() >= PAUSE {
            *read = Instant::now();
            match load(&self.source, &self.outgoing).await {
                Ok(keys) => *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys,
                // The keys of before still hold.
                Err(error) => tracing::warn!(%error, "the keys were not read"),
            }
        }
        self.known(id)
    }

    fn known(&self, id: Option<&str>) -> Option<Key> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner).clone();
        match (id, &*keys) {
            (Some(id), keys) => keys.iter().find(|key| key.id == id).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        }
    }
}

async fn load(source: &KeySource, outgoing: &Outgoing) -> Result<Arc<[Key]>, KeyError> {
    let text = match source {
        KeySource::File(path) => {
            tokio::fs::read(path).await.map_err(|source| KeyError::File { path: path.clone(), source })?
        }
        KeySource::Address(address) => {
            outgoing.get(address, LARGEST).await.map_err(|error| KeyError::Address(address.clone(), error))?
        }
    };
    let set: JwkSet = serde_json::from_slice(&text)?;
    let keys: Arc<[Key]> = set.keys.iter().filter_map(usable).collect();
    if keys.is_empty() { Err(KeyError::Useless) } else { Ok(keys) }
}

/// A key that can check signatures; others in the set are for other things.
fn usable(jwk: &Jwk) -> Option<Key> {
    if jwk.common.public_key_use.as_ref().is_some_and(|use_| *use_ != PublicKeyUse::Signature) {
        return None;
    }
    let algorithms = algorithms_of(jwk)?;
    Some(Key { id: jwk.common.key_id.clone()?, key: DecodingKey::from_jwk(jwk).ok()?, algorithms })
}

/// By the key's own kind, so that no token can choose: an RSA key checks no HMAC.
fn algorithms_of(jwk: &Jwk) -> Option<&'static [Algorithm]> {
    const RSA: &[Algorithm] = &[Algorithm::RS256, Algorithm::RS384, Algorithm::RS512, Algorithm::PS256];
    let said = jwk.common.key_algorithm;
    let only =
        |algorithm: KeyAlgorithm, all: &'static [Algorithm]| said.is_none_or(|said| said == algorithm).then_some(all);
    match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => match said {
            None => Some(RSA),
            Some(KeyAlgorithm::RS256) => Some(&[Algorithm::RS256]),
            Some(KeyAlgorithm::RS384) => Some(&[Algorithm::RS384]),
            Some(KeyAlgorithm::RS512) => Some(&[Algorithm::RS512]),
            Some(KeyAlgorithm::PS256) => Some(&[Algorithm::PS256]),
            Some(_) => None,
        },
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => only(KeyAlgorithm::ES256, &[Algorithm::ES256]),
            EllipticCurve::P384 => only(KeyAlgorithm::ES384, &[Algorithm::ES384]),
            _ => None,
        },
        AlgorithmParameters::OctetKeyPair(_) => only(KeyAlgorithm::EdDSA, &[Algorithm::EdDSA]),
        // A secret that is shared: only where the set says so.
        AlgorithmParameters::OctetKey(_) => (said == Some(KeyAlgorithm::HS256)).then_some(&[Algorithm::HS256]),
        _ => None,
    }
}
