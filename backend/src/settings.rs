//! What `itsm-backend serve` can be told: by flag, by environment, or in a TOML file; the first of these that says it wins.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Deserialize;
use tokio::sync::Semaphore;

use crate::identity::{IdentitySettings, KeySource};
use crate::invitations::InvitationSecret;
use crate::outgoing::is_trustworthy;
use crate::relay::RelaySettings;
use crate::relay::signature::Secret;

/// The flags of `serve`. Each stands in the environment as `ITSM_` and its name, and in the file under its name with
/// underscores.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeArgs {
    /// Address and port to listen on [default: 127.0.0.1:8080; port 0 takes a free one]
    #[arg(long, env = "ITSM_LISTEN", value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// The database; made if it is not there [default: sqlite://itsm.db]
    #[arg(long, env = "ITSM_DATABASE", value_name = "sqlite://PATH")]
    database: Option<String>,
    /// A folder to serve beside the API: what `cargo xtask dist` wrote
    #[arg(long, env = "ITSM_ASSETS", value_name = "DIR")]
    assets: Option<PathBuf>,
    /// A folder with forms/*.json and services.json [default: three built-in examples]
    #[arg(long, env = "ITSM_DEFINITIONS", value_name = "DIR")]
    definitions: Option<PathBuf>,
    /// The folder for attachments [default: beside the database, its name with `.files`]
    #[arg(long, env = "ITSM_FILES", value_name = "DIR")]
    files: Option<PathBuf>,
    /// Origins whose pages may use the API, such as https://portal.example; repeat it or separate by commas
    #[arg(long = "allow-origin", env = "ITSM_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<String>,
    /// Bytes that a submission may have [default: 262144]
    #[arg(long, env = "ITSM_MAX_BODY", value_name = "BYTES")]
    max_body: Option<usize>,
    /// Bytes that an attachment may have [default: 25000000]
    #[arg(long, env = "ITSM_MAX_ATTACHMENT", value_name = "BYTES")]
    max_attachment: Option<u64>,
    /// Seconds that a request may take [default: 30]
    #[arg(long, env = "ITSM_REQUEST_TIMEOUT", value_name = "SECONDS")]
    request_timeout: Option<u64>,
    /// Seconds that a piece of an attachment may take [default: 300]
    #[arg(long, env = "ITSM_UPLOAD_TIMEOUT", value_name = "SECONDS")]
    upload_timeout: Option<u64>,
    /// Connections at once; more wait at the door [default: 4096]
    #[arg(long, env = "ITSM_MAX_CONNECTIONS", value_name = "N")]
    max_connections: Option<usize>,
    /// The keys that tokens are signed with, a JSON Web Key Set: a file, or an https address [default: no tokens]
    #[arg(long, env = "ITSM_JWKS", value_name = "FILE|URL")]
    jwks: Option<String>,
    /// Who issues tokens: their claim `iss`; needed with --jwks
    #[arg(long, env = "ITSM_ISSUER", value_name = "ISS")]
    issuer: Option<String>,
    /// For whom tokens are issued: their claim `aud`; needed with --jwks
    #[arg(long, env = "ITSM_AUDIENCE", value_name = "AUD")]
    audience: Option<String>,
    /// Seconds by which clocks may differ, at most 60 [default: 30]
    #[arg(long, env = "ITSM_LEEWAY", value_name = "SECONDS")]
    leeway: Option<u64>,
    /// Take nothing from people who are not signed in; needs --jwks
    #[arg(long, env = "ITSM_REQUIRE_SIGN_IN")]
    require_sign_in: bool,
    /// Forward every accepted submission to this address, as a Standard Webhook [default: nothing is forwarded]
    #[arg(long, env = "ITSM_FORWARD_TO", value_name = "URL")]
    forward_to: Option<String>,
    /// The file with the secret that signs what is forwarded: whsec_ and Base64 of at least 24 bytes
    #[arg(long, env = "ITSM_FORWARD_SECRET", value_name = "FILE")]
    forward_secret: Option<PathBuf>,
    /// The smallest number of answers of a survey of which more than their number is told [default: 5]
    #[arg(long, env = "ITSM_LEAST_ANSWERS", value_name = "N")]
    least_answers: Option<u32>,
    /// The file with the secret that signs invitations to surveys: 32 characters at least [default: none are taken]
    #[arg(long, env = "ITSM_INVITATION_SECRET", value_name = "FILE")]
    invitation_secret: Option<PathBuf>,
    /// A TOML file with the same settings
    #[arg(long, env = "ITSM_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
}

/// What holds, after all layers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The database's URL.
    pub database: String,
    /// A folder to serve beside the API.
    pub assets: Option<PathBuf>,
    /// The folder of definitions; none for the built-in ones.
    pub definitions: Option<PathBuf>,
    /// The folder for attachments.
    pub files: PathBuf,
    /// Origins whose pages may use the API.
    pub allow_origins: Vec<String>,
    /// What tokens must say; none if they are not looked at.
    pub identity: Option<IdentitySettings>,
    /// Where submissions are forwarded to.
    pub relay: Option<RelaySettings>,
    /// Bytes of a submission.
    pub max_body: usize,
    /// Bytes of an attachment.
    pub max_attachment: u64,
    /// Seconds of a request.
    pub request_timeout: u64,
    /// Seconds of an attachment's request.
    pub upload_timeout: u64,
    /// Connections at once.
    pub max_connections: usize,
    /// Answers of a survey of which more than their number is told.
    pub least_answers: u32,
    /// What signs invitations to surveys; none if there are none.
    pub invitation_secret: Option<InvitationSecret>,
}

/// A setting that cannot be used: names it.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("--config {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no TOML of the documented shape.
    #[error("--config {}:{line}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where, from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// Only SQLite is built in.
    #[error("--database {0}: it must begin with sqlite://")]
    Database(String),
    /// An origin has no path and no slash at its end.
    #[error("--allow-origin {0}: an origin is needed, such as https://portal.example")]
    Origin(String),
    /// The folder is not there.
    #[error("--assets {0}: there is no such folder")]
    Assets(PathBuf),
    /// The keys say nothing without what tokens must say.
    #[error("--{0}: it goes with --jwks, --issuer and --audience, all of them")]
    Identity(&'static str),
    /// Clocks that differ more are wrong.
    #[error("--leeway: it must be at most 60")]
    Leeway,
    /// Keys that somebody on the way can change are nobody's.
    #[error("--jwks {0}: an address must begin with https://, or with http:// on this machine")]
    Jwks(String),
    /// What is forwarded must be signed, and must not be read on the way.
    #[error(
        "--forward-to {0}: it must begin with https://, or with http:// on this machine, and --forward-secret goes with it"
    )]
    Forward(String),
    /// The secret cannot be used.
    #[error("--forward-secret {}: whsec_ and Base64 of at least 24 bytes are needed", .0.display())]
    Secret(PathBuf),
    /// The secret cannot be used.
    #[error("--invitation-secret {}: a file with at least 32 characters is needed", .0.display())]
    InvitationSecret(PathBuf),
    /// A limit of nothing.
    #[error("--{0}: it must be at least 1")]
    Zero(&'static str),
    /// More connections than can be counted.
    #[error("--max-connections: it must be at most {0}")]
    Connections(usize),
}

impl ServeArgs {
    /// Adds what the file says, then the defaults, and checks it all.
    pub fn resolve(self) -> Result<Settings, SettingsError> {
        let file = match &self.config {
            Some(path) => read_file(path)?,
            None => Self::default(),
        };
        let database = self.database.or(file.database).unwrap_or_else(|| "sqlite://itsm.db".to_owned());
        let Some(path) = database.strip_prefix("sqlite://").filter(|path| !path.is_empty()) else {
            return Err(SettingsError::Database(database));
        };
        let identity = identity_of(
            self.jwks.or(file.jwks),
            self.issuer.or(file.issuer),
            self.audience.or(file.audience),
            self.leeway.or(file.leeway),
            self.require_sign_in || file.require_sign_in,
        )?;
        let relay = relay_of(self.forward_to.or(file.forward_to), self.forward_secret.or(file.forward_secret))?;
        let beside = PathBuf::from(format!("{}.files", path.split('?').next().unwrap_or(path)));
        let settings = Settings {
            listen: self.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            assets: self.assets.or(file.assets),
            definitions: self.definitions.or(file.definitions),
            files: self.files.or(file.files).unwrap_or(beside),
            allow_origins: if self.allow_origin.is_empty() { file.allow_origin } else { self.allow_origin },
            identity,
            relay,
            max_body: self.max_body.or(file.max_body).unwrap_or(262_144),
            max_attachment: self.max_attachment.or(file.max_attachment).unwrap_or(25_000_000),
            request_timeout: self.request_timeout.or(file.request_timeout).unwrap_or(30),
            upload_timeout: self.upload_timeout.or(file.upload_timeout).unwrap_or(300),
            max_connections: self.max_connections.or(file.max_connections).unwrap_or(4_096),
            invitation_secret: self
                .invitation_secret
                .or(file.invitation_secret)
                .map(InvitationSecret::read)
                .transpose()?,
            least_answers: self.least_answers.or(file.least_answers).unwrap_or(5),
            database,
        };
        settings.check()
    }
}

impl Settings {
    fn check(self) -> Result<Self, SettingsError> {
        if let Some(wrong) = self.allow_origins.iter().find(|origin| !is_origin(origin)) {
            return Err(SettingsError::Origin(wrong.clone()));
        }
        if let Some(missing) = self.assets.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(SettingsError::Assets(missing.clone()));
        }
        if self.max_connections > Semaphore::MAX_PERMITS {
            return Err(SettingsError::Connections(Semaphore::MAX_PERMITS));
        }
        let limits = [
            ("max-body", self.max_body as u64),
            ("max-attachment", self.max_attachment),
            ("request-timeout", self.request_timeout),
            ("upload-timeout", self.upload_timeout),
            ("max-connections", self.max_connections as u64),
            ("least-answers", self.least_answers.into()),
        ];
        match limits.iter().find(|(_, limit)| *limit == 0) {
            Some((name, _)) => Err(SettingsError::Zero(name)),
            None => Ok(self),
        }
    }
}

fn identity_of(
    jwks: Option<String>,
    issuer: Option<String>,
    audience: Option<String>,
    leeway: Option<u64>,
    required: bool,
) -> Result<Option<IdentitySettings>, SettingsError> {
    let (keys, issuer, audience) = match (jwks, issuer, audience) {
        (Some(jwks), Some(issuer), Some(audience)) => (key_source(jwks)?, issuer, audience),
        (Some(_), _, _) => return Err(SettingsError::Identity("jwks")),
        (None, ..) if required => return Err(SettingsError::Identity("require-sign-in")),
        // The names alone do nothing: `itsm-backend token` reads the same variables.
        (None, ..) => return Ok(None),
    };
    let leeway = leeway.unwrap_or(30);
    if leeway > 60 {
        return Err(SettingsError::Leeway);
    }
    Ok(Some(IdentitySettings { keys, issuer, audience, leeway, required }))
}

fn relay_of(address: Option<String>, secret: Option<PathBuf>) -> Result<Option<RelaySettings>, SettingsError> {
    let Some(text) = address else { return Ok(None) };
    let address = text.parse().ok().filter(is_trustworthy);
    let (Some(address), Some(path)) = (address, secret) else { return Err(SettingsError::Forward(text)) };
    let secret = std::fs::read_to_string(&path).ok().and_then(|text| Secret::parse(&text));
    Ok(Some(RelaySettings { address, secret: secret.ok_or(SettingsError::Secret(path))? }))
}

fn key_source(text: String) -> Result<KeySource, SettingsError> {
    if !text.contains("://") {
        return Ok(KeySource::File(text.into()));
    }
    let address = text.parse().ok().filter(is_trustworthy);
    address.map(KeySource::Address).ok_or(SettingsError::Jwks(text))
}

fn read_file(path: &Path) -> Result<ServeArgs, SettingsError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| SettingsError::Unreadable { path: path.to_owned(), source })?;
    toml::from_str(&text).map_err(|error| SettingsError::Malformed {
        path: path.to_owned(),
        line: text[..error.span().map_or(0, |span| span.start)].lines().count().max(1),
        reason: error.message().replace('\n', " "),
    })
}

/// Scheme, host, and a port if it is not the usual one: as browsers send it in `Origin`.
fn is_origin(text: &str) -> bool {
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    host.is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.:[]".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(change: impl FnOnce(&mut ServeArgs)) -> Result<Settings, SettingsError> {
        let mut args = ServeArgs::default();
        change(&mut args);
        args.resolve()
    }

    #[test]
    fn nothing_said_means_the_defaults() {
        let settings = with(|_| {}).expect("defaults");
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.files, Path::new("itsm.db.files"));
    }

    #[test]
    fn a_flag_wins_over_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("itsm.toml");
        std::fs::write(&path, "listen = \"127.0.0.1:1\"\nmax_body = 5\nallow_origin = [\"https://a.example\"]")
            .expect("a file");
        let settings = with(|args| {
            args.config = Some(path);
            args.max_body = Some(7);
        });
        let settings = settings.expect("in order");
        assert_eq!((settings.listen.port(), settings.max_body), (1, 7));
        assert_eq!(settings.allow_origins, ["https://a.example"]);
    }

    fn tokens(args: &mut ServeArgs, jwks: &str, leeway: u64) {
        (args.jwks, args.leeway) = (Some(jwks.into()), Some(leeway));
        (args.issuer, args.audience) = (Some("i".into()), Some("a".into()));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("itsm.toml");
        std::fs::write(&path, "listn = \"127.0.0.1:1\"").expect("a file");
        let errors = [
            with(|args| args.config = Some(path)),
            with(|args| args.config = Some("/none.toml".into())),
            with(|args| args.database = Some("postgres://x".into())),
            with(|args| args.allow_origin = vec!["https://a.example/".into()]),
            with(|args| args.allow_origin = vec!["*".into()]),
            with(|args| args.assets = Some("/none".into())),
            with(|args| args.max_body = Some(0)),
            with(|args| args.max_connections = Some(usize::MAX)),
            with(|args| args.jwks = Some("keys.json".into())),
            with(|args| args.require_sign_in = true),
            with(|args| tokens(args, "http://keys.example/set", 30)),
            with(|args| tokens(args, "keys.json", 61)),
            with(|args| args.forward_to = Some("https://desk.example/hook".into())),
            with(|args| {
                args.forward_to = Some("https://desk.example/hook".into());
                args.forward_secret = Some("/none.secret".into());
            }),
        ];
        for (error, name) in errors.into_iter().zip([
            "listn",
            "/none.toml",
            "--database",
            "https://a.example/",
            "*",
            "/none",
            "--max-body",
            "--max-connections",
            "--jwks",
            "--require-sign-in",
            "http://keys.example/set",
            "--leeway",
            "--forward-to",
            "/none.secret",
        ]) {
            let error = error.expect_err(name).to_string();
            assert!(error.contains(name) && error.lines().count() == 1, "{error}");
        }
    }
}
