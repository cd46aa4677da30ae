//! Who asks: JSON Web Tokens (RFC 7519), signed by keys of a set (RFC 7517), in the header `Authorization: Bearer`.
//!
//! What a token says counts more than what a body says. A token is checked and forgotten; it is never kept or logged.

pub mod issue;
mod keys;

use jsonwebtoken::{Algorithm, Validation, decode, decode_header};
use serde::Deserialize;

use self::keys::KeySet;
pub use self::keys::{KeyError, KeySource};

/// No token is longer: what is longer is no token.
const LONGEST: usize = 8 * 1024;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Scope {
    /// Submits requests, and reads their own.
    EndUser,
    /// Works on tickets.
    Agent,
    /// Reads reports.
    Analyst,
    /// Changes what is offered.
    Administrator,
}

impl Scope {
    /// The word in a token's claim `scope`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EndUser => "end_user",
            Self::Agent => "agent",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
        }
    }
}

/// Who asks, as a token that was checked says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The claim `sub`: names the person at the issuer.
    pub subject: String,
    /// What they may do: those words of the claim `scope` that are known here; [`Scope::EndUser`] if the token has no
    /// such claim.
    pub scopes: Vec<Scope>,
}

/// Why a token is refused. Says nothing that helps to make one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is not `Bearer` and a token.
    #[error("it is not a bearer token")]
    NoToken,
    /// It is no token, of another issuer, for others, or signed by none of the keys.
    #[error("it is not valid here")]
    Invalid,
    /// Its time is over, or has not come.
    #[error("its time is over, or has not come")]
    Expired,
}

/// What a token must say.
#[derive(Clone, Debug)]
pub struct IdentitySettings {
    /// Where the keys are.
    pub keys: KeySource,
    /// The claim `iss`.
    pub issuer: String,
    /// The claim `aud`, or one of it.
    pub audience: String,
    /// Seconds by which clocks may differ; at most 60.
    pub leeway: u64,
    /// Whether nothing is taken from people who are not signed in.
    pub required: bool,
}

/// The claims that are read; those of time, issuer and audience are checked by the library.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    scope: Option<String>,
}

/// Checks tokens.
#[derive(Debug)]
pub struct Identities {
    settings: IdentitySettings,
    keys: KeySet,
}

impl Identities {
    /// Reads the keys once: a set that cannot be read at the start is a mistake of the set-up.
    pub async fn open(settings: IdentitySettings) -> Result<Self, KeyError> {
        let keys = KeySet::open(settings.keys.clone()).await?;
        Ok(Self { settings, keys })
    }

    /// Whether nothing is taken from people who are not signed in.
    pub fn are_required(&self) -> bool {
        self.settings.required
    }

    /// Who asks, by the value of the header `Authorization`.
    pub async fn of_header(&self, value: &[u8]) -> Result<Identity, TokenError> {
        let text = std::str::from_utf8(value).map_err(|_| TokenError::NoToken)?;
        let (scheme, token) = text.split_once(' ').ok_or(TokenError::NoToken)?;
        let token = token.trim();
        if !scheme.eq_ignore_ascii_case("bearer") || token.is_empty() || token.len() > LONGEST {
            return Err(TokenError::NoToken);
        }
        self.of_token(token).await
    }

    async fn of_token(&self, token: &str) -> Result<Identity, TokenError> {
        let header = decode_header(token).map_err(|_| TokenError::Invalid)?;
        // What must be understood is not (RFC 7515, section 4.1.11), and the library leaves that to us.
        if header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        // The key decides which algorithms there are; the token can only agree.
        let key = self.keys.find(header.kid.as_deref()).await.ok_or(TokenError::Invalid)?;
        if !key.algorithms.contains(&header.alg) {
            return Err(TokenError::Invalid);
        }
        let claims = decode::<Claims>(token, &key.key, &self.validation(header.alg)).map_err(|error| {
            use jsonwebtoken::errors::ErrorKind::{ExpiredSignature, ImmatureSignature};
            match error.kind() {
                ExpiredSignature | ImmatureSignature => TokenError::Expired,
                _ => TokenError::Invalid,
            }
        })?;
        let Claims { sub, scope } = claims.claims;
        if sub.is_empty() || sub.len() > 255 || sub.chars().any(char::is_control) {
            return Err(TokenError::Invalid);
        }
        Ok(Identity { subject: sub, scopes: scopes_of(scope.as_deref()) })
    }

    fn validation(&self, algorithm: Algorithm) -> Validation {
        let mut validation = Validation::new(algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.validate_nbf = true;
        validation.leeway = self.settings.leeway;
        validation
    }
}

fn scopes_of(claim: Option<&str>) -> Vec<Scope> {
    let Some(claim) = claim else { return vec![Scope::EndUser] };
    let known = [Scope::EndUser, Scope::Agent, Scope::Analyst, Scope::Administrator];
    known.into_iter().filter(|scope| claim.split(' ').any(|word| word == scope.as_str())).collect()
}
