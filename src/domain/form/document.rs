//! A form's definition as it is written: JSON Schema 2020-12 for the data, a tree of controls beside it, rules on the
//! controls, and texts per language.

use serde::{Deserialize, Serialize};

use super::rule::{Calculation, Condition};
use crate::domain::id::{FieldId, FormId};
use crate::domain::map::Map;
use crate::domain::ticket::TicketKind;

/// A definition as it is written: parse it with [`Definition::parse`](super::Definition::parse) before use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DefinitionSource {
    /// The form's name.
    pub id: FormId,
    /// Grows with every change of the form.
    pub version: u32,
    /// What kind of ticket it makes.
    pub kind: TicketKind,
    /// The language (BCP 47) of the texts in `schema` and `ui`: the fallback for all others.
    pub locale: String,
    /// The form's heading.
    pub title: String,
    /// A sentence under the heading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether the answers are shown once more before they are sent.
    #[serde(default)]
    pub review: bool,
    /// The data's schema.
    pub schema: ObjectSchema,
    /// The controls, in the order in which they are shown.
    pub ui: Vec<Node>,
    /// Texts in other languages, by BCP 47 tag.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub translations: Map<String, Texts>,
}

/// The schema of a form's data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ObjectSchema {
    /// The dialect, for tools that ask: `https://json-schema.org/draft/2020-12/schema`.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// Always `object`.
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// The fields' schemas.
    pub properties: Map<FieldId, Property>,
    /// Fields that must be answered whenever they are shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required: Vec<FieldId>,
}

/// A `type` of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the words of JSON Schema")]
pub enum DataType {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
}

/// One property's schema: keywords of JSON Schema 2020-12, and three annotations for files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[allow(missing_docs, reason = "the keywords of JSON Schema")]
pub struct Property {
    #[serde(rename = "type")]
    pub data_type: DataType,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_items: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content_media_types: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub one_of: Vec<Choice>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Box<Property>>,
}

/// One of several values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value that is stored and sent.
    #[serde(rename = "const")]
    pub value: String,
    /// The value's name for people.
    pub title: String,
}

/// A part of the tree of controls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", try_from = "NodeRecord")]
pub enum Node {
    /// Controls under a common heading.
    Group {
        /// Names the heading in the translations.
        id: String,
        /// The heading.
        title: String,
        /// What stands under it.
        elements: Vec<Node>,
    },
    /// The control of one field.
    Control(Box<Control>),
}

/// A part of the tree as it is written: a group or a control, told by `type`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NodeRecord {
    r#type: NodeType,
    id: Option<String>,
    title: Option<String>,
    elements: Option<Vec<Node>>,
    field: Option<FieldId>,
    widget: Option<Widget>,
    role: Option<Role>,
    visible_when: Option<Condition>,
    required_when: Option<Condition>,
    calculated: Option<Calculation>,
    autocomplete: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum NodeType {
    Group,
    Control,
}

impl TryFrom<NodeRecord> for Node {
    type Error = &'static str;

    fn try_from(record: NodeRecord) -> Result<Self, Self::Error> {
        let NodeRecord {
            r#type,
            id,
            title,
            elements,
            field,
            widget,
            role,
            visible_when,
            required_when,
            calculated,
            autocomplete,
        } = record;
        match (r#type, id, title, elements, field) {
            (NodeType::Group, Some(id), Some(title), Some(elements), None) => Ok(Self::Group { id, title, elements }),
            (NodeType::Group, ..) => Err("a group has id, title and elements, and no field"),
            (NodeType::Control, None, None, None, Some(field)) => Ok(Self::Control(Box::new(Control {
                field,
                widget,
                role,
                visible_when,
                required_when,
                calculated,
                autocomplete,
            }))),
            (NodeType::Control, ..) => Err("a control has a field, and no id, title or elements"),
        }
    }
}

/// How a field is asked for.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Control {
    /// The field.
    pub field: FieldId,
    /// A presentation other than the usual one of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widget: Option<Widget>,
    /// What the answer is, for the ticket as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// Shown only while this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visible_when: Option<Condition>,
    /// Must be answered while this holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub required_when: Option<Condition>,
    /// Not filled in by a person, but calculated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calculated: Option<Calculation>,
    /// What a browser may fill in by itself: a token of HTML's `autocomplete`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autocomplete: Option<String>,
}

/// A presentation other than the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Widget {
    /// Text on several lines.
    Textarea,
    /// Choices as radio buttons.
    Radio,
}

/// What an answer is for the ticket as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The ticket's line in a list.
    Summary,
    /// The requester's name.
    RequesterName,
    /// The requester's e-mail address.
    RequesterEmail,
    /// The requester's telephone number.
    RequesterPhone,
    /// When it happened, by the requester's account: a field of format `date-time`.
    OccurredAt,
}

/// The texts of a form in one language; what is missing is taken from the definition's own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct Texts {
    /// The form's heading.
    pub title: Option<String>,
    /// The sentence under it.
    pub description: Option<String>,
    /// Headings of groups, by the groups' names.
    pub groups: Map<String, String>,
    /// Texts of fields.
    pub fields: Map<FieldId, FieldTexts>,
}

/// The texts of one field in one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldTexts {
    /// The label.
    pub title: Option<String>,
    /// The sentence under it.
    pub description: Option<String>,
    /// Names of choices, by value.
    pub choices: Map<String, String>,
}
