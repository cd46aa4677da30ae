//! A form's definition: JSON Schema 2020-12 for the data (the subset below), a tree of controls beside it, rules on the
//! controls, and texts per language.
//!
//! | JSON Schema of a property | kind of field |
//! |---|---|
//! | `string`, with `minLength`, `maxLength`, `pattern` | short text; long text with `widget: "textarea"` |
//! | `string` with `format` `email`, `phone`, `uri`, `date`, `date-time`, `service` | that kind |
//! | `string` with `oneOf: [{const, title}]` | select; radio buttons with `widget: "radio"` |
//! | `number`, `integer`, with `minimum`, `maximum` | number |
//! | `integer` with `format` `csat`, `nps`, `ces`, `thumbs`, with `labels` | a scale; `csat` as stars or faces with `widget: "stars"`, `"smileys"` |
//! | `boolean` | checkbox |
//! | `array` of `string` with `oneOf` | several choices; an order of them with `widget: "ranking"`, of the first `maxItems` |
//! | `array` of `string` with `format` `attachment`, with `maxItems`, `maxBytes`, `contentMediaTypes` | files |
//! | `object` with `format` `priority` | impact and urgency |

use super::check::Patterns;
use super::document::{Choice, Control, DataType, DefinitionSource, Node, Property, Role, Texts, Widget};
use super::rule::{Calculation, Operand};
use super::texts;
use crate::domain::decimal;
use crate::domain::id::{FieldId, FormId};
use crate::domain::locale;
use crate::domain::map::Map;
use crate::domain::media_type::is_shown;
use crate::domain::survey::measure::Measure;

/// What kind of answer a field takes.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the table of this module says it")]
pub enum FieldKind {
    ShortText,
    LongText,
    Email,
    Phone,
    Url,
    Number { min: Option<f64>, max: Option<f64>, whole: bool },
    Date,
    DateTime,
    Select(Vec<Choice>),
    Radio(Vec<Choice>),
    Checkbox,
    MultiSelect(Vec<Choice>),
    Service,
    Files(FileLimits),
    Priority,
    Scale(Measure, Look),
    Ranking { choices: Vec<Choice>, places: usize },
}

impl FieldKind {
    /// What there is to choose from, if that is named in the definition.
    pub fn choices(&self) -> &[Choice] {
        match self {
            Self::Select(choices)
            | Self::Radio(choices)
            | Self::MultiSelect(choices)
            | Self::Ranking { choices, .. } => choices,
            _ => &[],
        }
    }
}

/// How a scale is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// By its numbers, or by its words.
    Plain,
    /// As stars.
    Stars,
    /// As faces.
    Smileys,
}

/// What files a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileLimits {
    /// How many.
    pub max_count: usize,
    /// Bytes of each.
    pub max_bytes: u64,
    /// Media types, or `image/*`; empty for all.
    pub types: Vec<String>,
}

impl FileLimits {
    /// Whether a file is taken, whatever its size: by the media type that its sender names, and by the one that its content
    /// shows, which counts more.
    pub fn takes(&self, named: &str, shown: Option<&str>) -> bool {
        match shown {
            Some(shown) => self.takes_type(shown),
            None => self.takes_type(named) && (self.types.is_empty() || !is_shown(named)),
        }
    }

    /// Whether a file of that media type is taken, whatever its size.
    pub fn takes_type(&self, media_type: &str) -> bool {
        let fits = |pattern: &String| match pattern.strip_suffix("/*") {
            Some(family) => media_type.split('/').next() == Some(family),
            None => pattern == media_type,
        };
        self.types.is_empty() || self.types.iter().any(fits)
    }
}

/// How many bytes all files of a request may have together, whatever its form says of each.
pub const MAX_BYTES_OF_ALL: u64 = 50_000_000;

/// Files of up to 10 MB are taken where the definition names no limit.
const DEFAULT_MAX_BYTES: u64 = 10_000_000;
const DEFAULT_MAX_FILES: usize = 5;
/// A longer answer is refused where the definition names no limit, so that no ticket is without bounds.
const DEFAULT_MAX_LENGTH: usize = 10_000;

/// One field of a checked definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub id: FieldId,
    /// What it takes.
    pub kind: FieldKind,
    /// The label in the fallback language.
    pub title: String,
    /// The sentence under it, in the fallback language.
    pub description: Option<String>,
    /// Must be answered whenever it is shown.
    pub required: bool,
    /// Characters, at least.
    pub min_length: usize,
    /// Characters, at most.
    pub max_length: usize,
    /// A regular expression (ECMA-262, with the `u` flag) that a text must match somewhere.
    pub pattern: Option<String>,
    /// Names of answers on a scale, by number, in the fallback language.
    pub labels: Map<String, String>,
    /// How it is asked for.
    pub control: Control,
}

/// A definition whose parts fit together.
#[derive(Clone, Debug, PartialEq)]
pub struct Definition {
    source: DefinitionSource,
    fields: Vec<Field>,
}

/// Why a definition cannot be used, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct DefinitionError {
    /// Where, in words of the document: `schema.properties.device`.
    pub place: String,
    /// What is wrong there.
    pub reason: &'static str,
}

/// Names of hidden inputs of the plain HTML form.
const TAKEN: &[&str] = &["idempotency_key", "service_id", "ticket", "invitation"];

impl Definition {
    /// Checks `source`. Conditions and calculations may ask only fields that stand before their own, so that one pass
    /// over the fields settles them all.
    pub fn parse(source: DefinitionSource) -> Result<Self, DefinitionError> {
        let fail = |place: String, reason| Err(DefinitionError { place, reason });
        if source.id.as_str().is_empty() || !source.id.as_str().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        {
            return fail("id".into(), "letters, digits and hyphens only");
        }
        if source.version == 0 {
            return fail("version".into(), "must be at least 1");
        }
        if source.schema.data_type != DataType::Object {
            return fail("schema.type".into(), "must be object");
        }
        let mut controls = Vec::new();
        collect_controls(&source.ui, &mut controls);
        let mut fields: Vec<Field> = Vec::new();
        let mut seen = Vec::new();
        let mut roles = Vec::new();
        for control in controls {
            let place = format!("ui: control of {}", control.field);
            let Some(property) = source.schema.properties.get(&control.field) else {
                return fail(place, "no such property in the schema");
            };
            check_references(control, &seen).map_err(|reason| DefinitionError { place: place.clone(), reason })?;
            if seen.contains(&control.field) {
                return fail(place, "a field has one control");
            }
            if TAKEN.contains(&control.field.as_str()) {
                return fail(place, "a field may not have this name: the plain form has inputs of it");
            }
            seen.push(control.field.clone());
            let field = parse_field(control, property, &source.schema.required)
                .map_err(|reason| DefinitionError { place: format!("schema.properties.{}", control.field), reason })?;
            if let Some(role) = control.role {
                if roles.contains(&role) {
                    return fail(place, "another field has this role");
                }
                roles.push(role);
                if role == Role::OccurredAt && field.kind != FieldKind::DateTime {
                    return fail(place, "the role occurred_at needs a field of format date-time");
                }
            }
            fields.push(field);
        }
        if let Some(unused) = source.schema.properties.keys().find(|id| !seen.contains(id)) {
            return fail(format!("schema.properties.{unused}"), "no control asks for it");
        }
        if let Some(unknown) = source.schema.required.iter().find(|id| !seen.contains(id)) {
            return fail(format!("schema.required: {unknown}"), "no such property");
        }
        if fields.is_empty() {
            return fail("ui".into(), "a form has at least one control");
        }
        texts::check(&source, &seen)?;
        Ok(Self { source, fields })
    }

    /// An error if a pattern cannot be compiled: then it would be passed over, and take every answer.
    pub fn check_patterns(&self, patterns: &impl Patterns) -> Result<(), DefinitionError> {
        let broken = |field: &&Field| field.pattern.as_deref().is_some_and(|pattern| !patterns.compiles(pattern));
        match self.fields.iter().find(broken) {
            Some(field) => Err(DefinitionError {
                place: ["schema.properties.", field.id.as_str(), ".pattern"].concat(),
                reason: "this pattern cannot be compiled",
            }),
            None => Ok(()),
        }
    }

    /// The form's name.
    pub fn id(&self) -> &FormId {
        &self.source.id
    }

    /// The document it was made from.
    pub fn source(&self) -> &DefinitionSource {
        &self.source
    }

    /// The fields in the order in which they are shown.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Where among them the field of that name stands.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.id.as_str() == name)
    }

    /// The field of that name.
    pub fn field(&self, id: &FieldId) -> Option<&Field> {
        self.fields.iter().find(|field| field.id == *id)
    }

    /// The field whose answer has `role`.
    pub fn field_with(&self, role: Role) -> Option<&Field> {
        self.fields.iter().find(|field| field.control.role == Some(role))
    }

    /// The names of the fields that take files.
    pub fn file_fields(&self) -> impl Iterator<Item = &FieldId> {
        self.fields.iter().filter(|field| matches!(field.kind, FieldKind::Files(_))).map(|field| &field.id)
    }

    /// The language whose texts a reader of `wanted` gets, and those texts; none for the fallback's own.
    pub fn texts(&self, wanted: &str) -> (&str, Option<&Texts>) {
        let tags = self.source.translations.keys().map(String::as_str).chain([self.source.locale.as_str()]);
        let tag = locale::lookup(wanted, tags).unwrap_or(&self.source.locale);
        (tag, self.source.translations.get(tag))
    }
}

fn collect_controls<'a>(nodes: &'a [Node], controls: &mut Vec<&'a Control>) {
    for node in nodes {
        match node {
            Node::Group { elements, .. } => collect_controls(elements, controls),
            Node::Control(control) => controls.push(control),
        }
    }
}

fn check_references(control: &Control, earlier: &[FieldId]) -> Result<(), &'static str> {
    let mut known = true;
    let mut see = |field: &FieldId| known &= earlier.contains(field);
    [&control.visible_when, &control.required_when].into_iter().flatten().for_each(|c| c.for_each_field(&mut see));
    for operand in control.calculated.iter().flat_map(Calculation::operands) {
        if let Operand::Field { field } = operand {
            see(field);
        }
    }
    if known { Ok(()) } else { Err("a rule asks only fields that stand before its own") }
}

fn parse_field(control: &Control, property: &Property, required: &[FieldId]) -> Result<Field, &'static str> {
    let kind = parse_kind(control.widget, property)?;
    let min_length = property.min_length.unwrap_or(0);
    let max_length = property.max_length.unwrap_or(DEFAULT_MAX_LENGTH);
    if min_length > max_length {
        return Err("minLength is greater than maxLength");
    }
    if let FieldKind::Number { min: Some(min), max: Some(max), .. } = kind
        && min > max
    {
        return Err("minimum is greater than maximum");
    }
    let choices = kind.choices();
    let is_twice = |(at, choice): (usize, &Choice)| choices[..at].iter().any(|earlier| earlier.value == choice.value);
    if choices.iter().enumerate().any(is_twice) || choices.iter().any(|choice| choice.value.is_empty()) {
        return Err("the values in oneOf must differ, and none is empty");
    }
    let is_on_scale = |label: &String| match kind {
        FieldKind::Scale(measure, _) => decimal::parse(label).and_then(|number| measure.answer(number)).is_some(),
        _ => false,
    };
    if !property.labels.keys().all(is_on_scale) {
        return Err("labels are for the numbers of a scale");
    }
    Ok(Field {
        id: control.field.clone(),
        kind,
        title: property.title.clone().ok_or("needs a title")?,
        description: property.description.clone(),
        required: required.contains(&control.field),
        min_length,
        max_length,
        pattern: property.pattern.clone(),
        labels: property.labels.clone(),
        control: control.clone(),
    })
}

fn parse_kind(widget: Option<Widget>, property: &Property) -> Result<FieldKind, &'static str> {
    let choices = || property.one_of.clone();
    let kind = match (property.data_type, property.format.as_deref()) {
        (DataType::String, None) if !property.one_of.is_empty() => match widget {
            Some(Widget::Radio) => FieldKind::Radio(choices()),
            _ => FieldKind::Select(choices()),
        },
        (DataType::String, None) => match widget {
            Some(Widget::Textarea) => FieldKind::LongText,
            _ => FieldKind::ShortText,
        },
        (DataType::String, Some("email")) => FieldKind::Email,
        (DataType::String, Some("phone")) => FieldKind::Phone,
        (DataType::String, Some("uri")) => FieldKind::Url,
        (DataType::String, Some("date")) => FieldKind::Date,
        (DataType::String, Some("date-time")) => FieldKind::DateTime,
        (DataType::String, Some("service")) => FieldKind::Service,
        (DataType::Number | DataType::Integer, None) => FieldKind::Number {
            min: property.minimum,
            max: property.maximum,
            whole: property.data_type == DataType::Integer,
        },
        (DataType::Integer, Some(name)) => FieldKind::Scale(
            Measure::named(name).ok_or("this format is not known for this type")?,
            match widget {
                Some(Widget::Stars) => Look::Stars,
                Some(Widget::Smileys) => Look::Smileys,
                _ => Look::Plain,
            },
        ),
        (DataType::Boolean, None) => FieldKind::Checkbox,
        (DataType::Object, Some("priority")) => FieldKind::Priority,
        (DataType::Array, None) => parse_list(widget, property)?,
        (_, Some(_)) => return Err("this format is not known for this type"),
        (DataType::Object, None) => return Err("an object needs the format priority"),
    };
    match (widget, &kind) {
        (None, _)
        | (Some(Widget::Radio), FieldKind::Radio(_))
        | (Some(Widget::Textarea), FieldKind::LongText)
        | (Some(Widget::Stars | Widget::Smileys), FieldKind::Scale(Measure::Csat, _))
        | (Some(Widget::Ranking), FieldKind::Ranking { .. }) => Ok(kind),
        (Some(_), _) => Err("this widget does not fit this type"),
    }
}

fn parse_list(widget: Option<Widget>, property: &Property) -> Result<FieldKind, &'static str> {
    let items = property.items.as_deref().ok_or("an array needs items")?;
    match (items.data_type, items.format.as_deref()) {
        (DataType::String, None) if !items.one_of.is_empty() => {
            let choices = items.one_of.clone();
            Ok(match widget {
                Some(Widget::Ranking) => {
                    let places = property.max_items.unwrap_or(choices.len()).min(choices.len());
                    FieldKind::Ranking { choices, places }
                }
                _ => FieldKind::MultiSelect(choices),
            })
        }
        (DataType::String, Some("attachment")) => Ok(FieldKind::Files(FileLimits {
            max_count: property.max_items.unwrap_or(DEFAULT_MAX_FILES),
            max_bytes: property.max_bytes.unwrap_or(DEFAULT_MAX_BYTES),
            types: property.content_media_types.clone(),
        })),
        _ => Err("items must be strings with oneOf, or of format attachment"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::fixtures::{everything, json_with};

    #[test]
    fn every_kind_of_field_can_be_defined() {
        let definition = everything();
        assert_eq!(definition.fields().len(), 17);
        assert!(definition.fields().iter().any(|field| matches!(field.kind, FieldKind::Files(_))));
        let again = serde_json::to_string(definition.source()).unwrap();
        assert_eq!(Definition::parse(serde_json::from_str(&again).unwrap()).unwrap(), definition);
    }

    #[test]
    fn a_wrong_definition_is_refused_with_its_place() {
        for (properties, ui, place) in [
            (r#"{"a":{"type":"string","title":"A"}}"#, r#"[]"#, "schema.properties.a"),
            (r#"{}"#, r#"[{"type":"control","field":"a"}]"#, "ui: control of a"),
            (r#"{"a":{"type":"string"}}"#, r#"[{"type":"control","field":"a"}]"#, "schema.properties.a"),
            (
                r#"{"a":{"type":"string","title":"A","format":"colour"}}"#,
                r#"[{"type":"control","field":"a"}]"#,
                "schema.properties.a",
            ),
            (
                r#"{"a":{"type":"boolean","title":"A"}}"#,
                r#"[{"type":"control","field":"a","widget":"radio"}]"#,
                "schema.properties.a",
            ),
            (
                r#"{"a":{"type":"number","title":"A","minimum":2,"maximum":1}}"#,
                r#"[{"type":"control","field":"a"}]"#,
                "schema.properties.a",
            ),
            (
                r#"{"a":{"type":"string","title":"A"},"b":{"type":"string","title":"B"}}"#,
                r#"[{"type":"control","field":"a","visibleWhen":{"field":"b","answered":true}},{"type":"control","field":"b"}]"#,
                "ui: control of a",
            ),
            (
                r#"{"a":{"type":"string","title":"A"}}"#,
                r#"[{"type":"control","field":"a"},{"type":"control","field":"a"}]"#,
                "ui: control of a",
            ),
            (
                r#"{"a":{"type":"string","title":"A","oneOf":[{"const":"x","title":"X"},{"const":"x","title":"Y"}]}}"#,
                r#"[{"type":"control","field":"a"}]"#,
                "schema.properties.a",
            ),
            (
                r#"{"service_id":{"type":"string","title":"A"}}"#,
                r#"[{"type":"control","field":"service_id"}]"#,
                "ui: control of service_id",
            ),
        ] {
            let source: DefinitionSource = serde_json::from_str(&json_with(properties, ui)).unwrap();
            assert_eq!(Definition::parse(source).unwrap_err().place, place, "{properties} {ui}");
        }
    }

    #[test]
    fn a_family_of_types_takes_its_members_only() {
        let limits = |types: &[&str]| FileLimits {
            max_count: 1,
            max_bytes: 1,
            types: types.iter().map(|pattern| (*pattern).to_owned()).collect(),
        };
        let some = limits(&["image/*", "application/pdf"]);
        assert!(some.takes_type("image/png") && some.takes_type("application/pdf"));
        assert!(!some.takes_type("imagery/png") && !some.takes_type("application/zip") && !some.takes_type(""));
        assert!(limits(&[]).takes_type(""));
    }

    #[test]
    fn texts_fit_the_form() {
        let whole = include_str!("../../../tests/fixtures/everything.json");
        for (from, to, place) in [
            ("\"locale\": \"en\"", "\"locale\": \"!!\"", "locale"),
            ("\"version\": 3", "\"version\": 0", "version"),
            ("\"title\": \"Every kind of field\"", "\"title\": \" \"", "title"),
            ("\"de\": {", "\"german!\": {", "translations.german!"),
            ("\"you\": \"Über Sie\"", "\"yuo\": \"Über Sie\"", "translations.de.groups.yuo"),
        ] {
            let text = whole.replacen(from, to, 1);
            assert_ne!(text, whole, "{from}");
            let source: DefinitionSource = serde_json::from_str(&text).unwrap();
            assert_eq!(Definition::parse(source).unwrap_err().place, place);
        }
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let json = json_with(r#"{"a":{"type":"string","titel":"A"}}"#, "[]");
        assert!(serde_json::from_str::<DefinitionSource>(&json).unwrap_err().to_string().contains("titel"));
    }

    #[test]
    fn texts_fall_back_to_the_named_language() {
        let definition = everything();
        assert_eq!(definition.texts("de-AT").0, "de");
        assert_eq!(definition.texts("fr").0, "en");
        assert!(definition.texts("fr").1.is_none());
    }
}
