//! `itsm-backend token`: signs tokens for a demonstration, and makes the key they are signed with. A real service desk has
//! an identity provider for that.

use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::Scope;
use crate::clock::now;

/// What a token shall say.
#[derive(Args, Debug)]
pub struct TokenArgs {
    /// The private key (PKCS #8, DER); made if it is not there, with its public twin beside it as FILE.jwks.json
    #[arg(long, env = "ITSM_TOKEN_KEY", value_name = "FILE")]
    pub key: PathBuf,
    /// Who it is for
    #[arg(long)]
    pub subject: String,
    /// What they may do; repeat it for more
    #[arg(long, value_enum, default_value = "end_user")]
    pub scope: Vec<Scope>,
    /// The claim `iss`
    #[arg(long, env = "ITSM_ISSUER", default_value = "itsm-demo")]
    pub issuer: String,
    /// The claim `aud`
    #[arg(long, env = "ITSM_AUDIENCE", default_value = "itsm-backend")]
    pub audience: String,
    /// Seconds until it ends
    #[arg(long, default_value_t = 900)]
    pub ttl: i64,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// A file cannot be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It is no key of that kind.
    #[error("--key {}: it is no Ed25519 key in PKCS #8", .0.display())]
    Key(PathBuf),
    /// The library did not sign.
    #[error("the token was not signed: {0}")]
    Sign(#[from] jsonwebtoken::errors::Error),
}

/// The public twin's place.
pub fn key_set_of(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".jwks.json");
    name.into()
}

/// A token, signed.
pub fn token(args: &TokenArgs) -> Result<String, IssueError> {
    let (pair, der) = pair(&args.key)?;
    let issued = now().as_millis() / 1_000;
    let scopes: Vec<&str> = args.scope.iter().map(|scope| scope.as_str()).collect();
    let claims = json!({
        "iss": args.issuer, "aud": args.audience, "sub": args.subject, "scope": scopes.join(" "),
        "iat": issued, "nbf": issued, "exp": issued + args.ttl,
    });
    let header = Header { kid: Some(id_of(&pair)), ..Header::new(Algorithm::EdDSA) };
    Ok(encode(&header, &claims, &EncodingKey::from_ed_der(&der))?)
}

fn id_of(pair: &Ed25519KeyPair) -> String {
    hex::encode(&Sha256::digest(pair.public_key().as_ref())[..8])
}

/// The key in `path`; a new one if there is none.
fn pair(path: &Path) -> Result<(Ed25519KeyPair, Vec<u8>), IssueError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| IssueError::File { path, source }
    };
    let wrong = || IssueError::Key(path.to_owned());
    if path.exists() {
        let der = std::fs::read(path).map_err(at(path))?;
        let pair = Ed25519KeyPair::from_pkcs8(&der).map_err(|_| wrong())?;
        return Ok((pair, der));
    }
    let pair = Ed25519KeyPair::generate().map_err(|_| wrong())?;
    let der = pair.to_pkcs8v1().map_err(|_| wrong())?.as_ref().to_vec();
    write_private(path, &der).map_err(at(path))?;
    let public = key_set_of(path);
    let key = json!({
        "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": id_of(&pair),
        "x": URL_SAFE_NO_PAD.encode(pair.public_key().as_ref()),
    });
    std::fs::write(&public, format!("{}\n", json!({ "keys": [key] }))).map_err(at(&public))?;
    Ok((pair, der))
}

/// For its owner's eyes only.
fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)
}
