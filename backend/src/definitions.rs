//! Forms and services as files in a folder: `forms/*.json`, `services.json`, and `complaints.json` with what is promised of
//! every complaint.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use itsm_widgets::domain::complaint::ComplaintRules;
use itsm_widgets::domain::form::{Definition, DefinitionError, FieldKind};
use itsm_widgets::domain::id::{FormId, ServiceId};
use itsm_widgets::domain::outbox::Attachment;
use itsm_widgets::domain::survey;
use itsm_widgets::domain::value;
use itsm_widgets::wire::ServiceDocument;
use sha2::{Digest, Sha256};

use crate::documents::{self, DocumentError};
use crate::patterns::RegexPatterns;

/// What the service desk offers.
#[derive(Clone, Debug, Default)]
pub struct Definitions {
    forms: BTreeMap<FormId, OfferedForm>,
    services: Vec<ServiceDocument>,
    services_document: Document,
    complaint_rules: Option<ComplaintRules>,
}

/// A form on offer.
#[derive(Clone, Debug)]
pub struct OfferedForm {
    /// The form.
    pub definition: Definition,
    /// The same as it is served.
    pub document: Document,
}

/// A body and its entity tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// JSON.
    pub body: String,
    /// A strong entity tag, with its quotes.
    pub etag: String,
}

impl Document {
    fn new(body: String) -> Self {
        let digest = hex::encode(Sha256::digest(body.as_bytes()));
        Self { etag: format!("\"{}\"", &digest[..16]), body }
    }
}

/// Why the definitions cannot be used: always with the file.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file is no JSON of the documented shape.
    #[error("{}: {source}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: DocumentError,
    },
    /// The parts of a form do not fit together.
    #[error("{}: {source}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: DefinitionError,
    },
    /// Two files define the same thing.
    #[error("{}: {id} is defined already", path.display())]
    Twice {
        /// The later file.
        path: PathBuf,
        /// The form or service.
        id: String,
    },
    /// There is nothing to offer.
    #[error("{}: no form here; a folder of definitions holds forms/*.json and services.json", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// Definitions that are built in, so that a first run has something to show.
const BUILT_IN: &[(&str, &str)] = &[
    ("forms/access-request.json", include_str!("../../examples/definitions/forms/access-request.json")),
    ("forms/complaint.json", include_str!("../../examples/definitions/forms/complaint.json")),
    ("forms/feedback.json", include_str!("../../examples/definitions/forms/feedback.json")),
    ("forms/hardware-incident.json", include_str!("../../examples/definitions/forms/hardware-incident.json")),
    ("forms/pulse.json", include_str!("../../examples/definitions/forms/pulse.json")),
    ("forms/something-is-broken.json", include_str!("../../examples/definitions/forms/something-is-broken.json")),
    (COMPLAINTS, include_str!("../../examples/definitions/complaints.json")),
    ("services.json", include_str!("../../examples/definitions/services.json")),
];

/// The file with what is promised of every complaint.
const COMPLAINTS: &str = "complaints.json";

impl Definitions {
    /// The forms of the examples.
    pub fn built_in() -> Result<Self, LoadError> {
        let files = BUILT_IN.iter().map(|(name, text)| (PathBuf::from(name), (*text).to_owned()));
        Self::parse(Path::new("built-in definitions"), files.collect())
    }

    /// Reads the folder: every `forms/*.json`, and `services.json` and `complaints.json` if they are there.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let unreadable = |path: &Path, source| LoadError::Unreadable { path: path.to_owned(), source };
        let forms = folder.join("forms");
        let entries = std::fs::read_dir(&forms).map_err(|source| unreadable(&forms, source))?;
        let mut paths = entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|source| unreadable(&forms, source))?;
        paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
        paths.sort();
        let others = ["services.json", COMPLAINTS].map(|name| folder.join(name));
        paths.extend(others.into_iter().filter(|path| path.exists()));
        let read = |path: PathBuf| match std::fs::read_to_string(&path) {
            Ok(text) => Ok((path, text)),
            Err(source) => Err(unreadable(&path, source)),
        };
        Self::parse(folder, paths.into_iter().map(read).collect::<Result<_, _>>()?)
    }

    fn parse(folder: &Path, files: Vec<(PathBuf, String)>) -> Result<Self, LoadError> {
        let mut all = Self::default();
        for (path, text) in files {
            if path.file_name().is_some_and(|name| name == COMPLAINTS) {
                all.complaint_rules = Some(read_json(&path, &text)?);
                continue;
            }
            if path.file_name().is_some_and(|name| name == "services.json") {
                all.services = read_json(&path, &text)?;
                let mut seen = std::collections::BTreeSet::new();
                if let Some(twice) = all.services.iter().find(|service| !seen.insert(&service.id)) {
                    return Err(LoadError::Twice { path, id: twice.id.to_string() });
                }
                continue;
            }
            let wrong = |source| LoadError::Form { path: path.clone(), source };
            let definition = Definition::parse(read_json(&path, &text)?).map_err(wrong)?;
            definition.check_patterns(&RegexPatterns).map_err(wrong)?;
            survey::check::check(&definition).map_err(wrong)?;
            let id = definition.id().clone();
            let body = serde_json::to_string(definition.source()).expect("a definition is JSON");
            let offered = OfferedForm { definition, document: Document::new(body) };
            if all.forms.insert(id.clone(), offered).is_some() {
                return Err(LoadError::Twice { path, id: id.to_string() });
            }
        }
        if all.forms.is_empty() {
            return Err(LoadError::Empty { path: folder.to_owned() });
        }
        all.services_document = Document::new(serde_json::to_string(&all.services).expect("services are JSON"));
        Ok(all)
    }

    /// All forms on offer.
    pub fn forms(&self) -> impl Iterator<Item = &OfferedForm> {
        self.forms.values()
    }

    /// The form of that name.
    pub fn form(&self, id: &FormId) -> Option<&OfferedForm> {
        self.forms.get(id)
    }

    /// The list of services as it is served.
    pub fn services_document(&self) -> &Document {
        &self.services_document
    }

    /// What is promised of every complaint: an answer within two days, and nobody further to go to, where nothing is said.
    pub fn complaint_rules(&self) -> ComplaintRules {
        self.complaint_rules.clone().unwrap_or(ComplaintRules { acknowledge_hours: 48, ladder: vec![] })
    }

    /// The services.
    pub fn services(&self) -> &[ServiceDocument] {
        &self.services
    }

    /// Whether that service is in the catalogue.
    pub fn has_service(&self, id: &ServiceId) -> bool {
        self.services.iter().any(|service| service.id == *id)
    }
}

/// Whether a form asks for such a file somewhere: with the media type that its content shows, if it shows one.
pub fn takes_file(definition: &Definition, file: &Attachment, shown: Option<&str>) -> bool {
    definition.fields().iter().any(|field| match &field.kind {
        FieldKind::Files(limits) => file.size <= limits.max_bytes && limits.takes(&file.media_type, shown),
        _ => false,
    })
}

fn read_json<T: value::Document>(path: &Path, text: &str) -> Result<T, LoadError> {
    documents::read(text).map_err(|source| LoadError::Malformed { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("forms")).expect("a folder");
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).expect("a file");
        }
        folder
    }

    #[test]
    fn the_built_in_definitions_fit() {
        let definitions = Definitions::built_in().expect("definitions in order");
        assert_eq!(definitions.forms().count(), 6);
        assert!(definitions.has_service(&"workplace".into()));
    }

    #[test]
    fn a_wrong_file_is_named_with_the_place() {
        let form = include_str!("../../examples/definitions/forms/something-is-broken.json");
        for (name, text, expected) in [
            ("forms/a.json", "{", "forms/a.json"),
            ("forms/a.json", &form.replace("\"version\"", "\"versoin\""), "versoin"),
            ("forms/a.json", &form.replace("\"kind\": \"incident\"", "\"kind\": \"bug\""), "kind"),
            ("services.json", r#"[{"id":"a","locale":"en"}]"#, "services.json: [0]"),
            (
                "services.json",
                r#"[{"id":"a","locale":"en","name":"A"},{"id":"a","locale":"en","name":"B"}]"#,
                "a is defined already",
            ),
        ] {
            let folder = folder(&[("forms/ok.json", form), (name, text)]);
            let error = Definitions::load(folder.path()).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_compiled_is_refused() {
        let form = r#"{"id":"a","version":1,"kind":"incident","locale":"en","title":"A","schema":{"type":"object",
            "properties":{"x":{"type":"string","title":"X","pattern":"(["}}},"ui":[{"type":"control","field":"x"}]}"#;
        let error = Definitions::load(folder(&[("forms/a.json", form)]).path()).expect_err("a pattern").to_string();
        assert!(error.contains("schema.properties.x.pattern"), "{error}");
    }

    #[test]
    fn an_empty_folder_says_what_belongs_there() {
        let error = Definitions::load(folder(&[]).path()).expect_err("nothing").to_string();
        assert!(error.contains("forms/*.json"), "{error}");
        assert!(Definitions::load(Path::new("/does/not/exist")).is_err());
    }
}
