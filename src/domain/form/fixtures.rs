//! Definitions that several tests share.

use super::{Definition, DefinitionSource};

/// A document around `properties` and `ui`, both JSON.
pub(crate) fn json_with(properties: &str, ui: &str) -> String {
    format!(
        r#"{{"id":"test-form","version":1,"kind":"incident","locale":"en","title":"Test",
            "schema":{{"type":"object","properties":{properties}}},"ui":{ui}}}"#
    )
}

/// A definition with those parts, and `required` as a JSON array.
pub(crate) fn definition(properties: &str, ui: &str, required: &str) -> Definition {
    let mut source: DefinitionSource = serde_json::from_str(&json_with(properties, ui)).expect("a well-formed fixture");
    source.schema.required = serde_json::from_str(required).expect("a list of fields");
    Definition::parse(source).expect("a fixture whose parts fit")
}

/// A form with every kind of field.
pub(crate) fn everything() -> Definition {
    let text = include_str!("../../../tests/fixtures/everything.json");
    Definition::parse(serde_json::from_str(text).expect("well-formed")).expect("parts that fit")
}

/// A survey with questions of every kind, its document changed by `change` first.
pub(crate) fn survey(change: impl Fn(&str) -> String) -> Definition {
    Definition::parse(survey_source(change)).expect("parts that fit")
}

/// The same as it is written.
pub(crate) fn survey_source(change: impl Fn(&str) -> String) -> DefinitionSource {
    let text = change(include_str!("../../../tests/fixtures/survey.json"));
    serde_json::from_str(&text).expect("well-formed")
}
