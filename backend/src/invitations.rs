//! Signed links to a survey: who holds one may answer once, without a sign-in, and change the answers while that is open.
//!
//! What a link has is `base64url(claims) "." base64url(HMAC-SHA-256(claims))`: nobody else can make or change one, and what
//! it is about stands in it. That it was used stands in the database.

use std::path::PathBuf;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::Args;
use itsm_widgets::domain::id::{FormId, ServiceId};
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::SubmissionBody;
use serde::{Deserialize, Serialize};

use crate::clock::now;
use crate::run::RunError;
use crate::settings::SettingsError;
use crate::store::Store;
use crate::store::sqlite::SqliteStore;

/// Bytes that the secret has at least.
const SHORTEST: usize = 32;
const DAY: i64 = 86_400_000;

/// The secret that signs invitations.
#[derive(Clone)]
pub struct InvitationSecret(hmac::Key);

impl std::fmt::Debug for InvitationSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InvitationSecret")
    }
}

/// What an invitation says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Its name.
    pub id: String,
    /// The survey.
    pub form: FormId,
    /// The ticket that it is about.
    pub ticket: Option<String>,
    /// The service that it is about.
    pub service: Option<ServiceId>,
    /// When it is over, in seconds since 1970.
    pub exp: i64,
}

impl InvitationSecret {
    /// Of a file's content: 32 characters at least.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        (bytes.len() >= SHORTEST).then(|| Self(hmac::Key::new(hmac::HMAC_SHA256, bytes)))
    }

    /// Reads the file.
    pub fn read(path: PathBuf) -> Result<Self, SettingsError> {
        let text = std::fs::read_to_string(&path).ok();
        text.and_then(|text| Self::parse(&text)).ok_or(SettingsError::InvitationSecret(path))
    }

    /// What the link has.
    pub fn sign(&self, claims: &Claims) -> String {
        let said = URL_SAFE_NO_PAD.encode(serde_json::to_vec(claims).expect("claims are JSON"));
        let signature = hmac::sign(&self.0, said.as_bytes());
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// What `token` says, if it is ours and not over.
    pub fn open(&self, token: &str, now: Timestamp) -> Option<Claims> {
        let (said, signature) = token.split_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.0, said.as_bytes(), &signature).ok()?;
        let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(said).ok()?).ok()?;
        (now.as_millis() < claims.exp.saturating_mul(1_000)).then_some(claims)
    }
}

impl Claims {
    /// Claims that hold from now on, for so many days.
    pub fn new(form: FormId, ticket: Option<String>, service: Option<ServiceId>, days: i64) -> Self {
        let exp = now().shifted(days.clamp(1, 365) * DAY).as_millis() / 1_000;
        Self { id: uuid::Uuid::new_v4().to_string(), form, ticket, service, exp }
    }

    /// Whether a submission is about what this invites to.
    pub fn fit(&self, body: &SubmissionBody) -> bool {
        let (service, said) = (self.service.as_ref(), body.service_id.as_ref());
        self.form == body.form.id
            && (self.ticket.is_none() || self.ticket == body.ticket)
            && (service.is_none() || service == said)
    }
}

/// An invitation as it is kept.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// What it says.
    pub claims: Claims,
    /// How those who are asked were chosen, in words.
    pub sample_rule: String,
    /// Of how many they were chosen.
    pub population: Option<u32>,
    /// When.
    pub at: Timestamp,
}

/// What is to be signed.
#[derive(Args, Debug)]
pub struct InviteArgs {
    /// The database, in which it is noted who was asked
    #[arg(long, env = "ITSM_DATABASE", value_name = "sqlite://PATH", default_value = "sqlite://itsm.db")]
    pub database: String,
    /// The file with the secret that signs invitations: 32 characters at least
    #[arg(long, env = "ITSM_INVITATION_SECRET", value_name = "FILE")]
    pub invitation_secret: PathBuf,
    /// The survey
    #[arg(long)]
    pub form: String,
    /// The number of the ticket that it is about
    #[arg(long)]
    pub ticket: Option<String>,
    /// The service that it is about
    #[arg(long)]
    pub service: Option<String>,
    /// Days until it is over
    #[arg(long, default_value_t = 14)]
    pub days: i64,
    /// How those who are asked were chosen, in words
    #[arg(long, default_value = "everybody")]
    pub sample_rule: String,
    /// Of how many they were chosen
    #[arg(long)]
    pub population: Option<u32>,
}

/// Signs an invitation and notes it; gives what its link has.
pub async fn invite(args: InviteArgs) -> Result<String, RunError> {
    let secret = InvitationSecret::read(args.invitation_secret)?;
    let claims = Claims::new(FormId::new(args.form), args.ticket, args.service.map(ServiceId::new), args.days);
    let database = |source| RunError::Database { url: args.database.clone(), source };
    let store = SqliteStore::open(&args.database).await.map_err(database)?;
    let token = secret.sign(&claims);
    let (sample_rule, population) = (args.sample_rule, args.population);
    store.invite(Invitation { claims, sample_rule, population, at: now() }).await.map_err(database)?;
    store.close().await;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> InvitationSecret {
        InvitationSecret::parse("a secret of at least thirty-two characters").expect("a secret")
    }

    #[test]
    fn what_was_signed_opens_until_it_is_over() {
        let claims = Claims { exp: 1_000, ..Claims::new("feedback".into(), Some("INC-1".into()), None, 14) };
        let token = secret().sign(&claims);
        assert_eq!(secret().open(&token, Timestamp::from_millis(999_999)), Some(claims));
        assert_eq!(secret().open(&token, Timestamp::from_millis(1_000_000)), None, "it is over");
    }

    #[test]
    fn nobody_else_can_make_or_change_one() {
        let claims = Claims::new("feedback".into(), Some("INC-1".into()), None, 14);
        let token = secret().sign(&claims);
        let other = InvitationSecret::parse("another secret of thirty-two characters").expect("a secret");
        let (said, signature) = token.split_once('.').expect("two parts");
        let changed = Claims { ticket: None, ..claims.clone() };
        let changed = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&changed).expect("JSON"));
        for wrong in [
            other.sign(&claims),
            format!("{changed}.{signature}"),
            format!("{said}."),
            said.to_owned(),
            format!("{said}.{signature}."),
            format!("{}.{signature}", said.to_uppercase()),
            String::new(),
            ".".into(),
        ] {
            assert_eq!(secret().open(&wrong, now()), None, "{wrong}");
        }
        assert!(InvitationSecret::parse("short").is_none());
    }
}
