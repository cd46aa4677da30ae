//! A form's definition as it is written: JSON Schema 2020-12 for the data, a tree of controls beside it, rules on the
//! controls, and texts per language.

use super::rule::{Calculation, Condition};
use crate::domain::id::{FieldId, FormId, ServiceId};
use crate::domain::map::Map;
use crate::domain::ticket::SubmissionKind;
use crate::domain::value::{Document, Members, Reading, Value, object};
use crate::{as_serde, document, words};

/// A definition as it is written: parse it with [`Definition::parse`](super::Definition::parse) before use.
#[derive(Clone, Debug, PartialEq)]
pub struct DefinitionSource {
    /// The form's name.
    pub id: FormId,
    /// Grows with every change of the form.
    pub version: u32,
    /// What it makes.
    pub kind: SubmissionKind,
    /// The language (BCP 47) of the texts in `schema` and `ui`: the fallback for all others.
    pub locale: String,
    /// The form's heading.
    pub title: String,
    /// A sentence under the heading.
    pub description: Option<String>,
    /// Whether the answers are shown once more before they are sent.
    pub review: bool,
    /// What is asked at a time; all of it without this.
    pub steps: Option<Steps>,
    /// For how many minutes answers of a survey can be changed after they have arrived.
    pub edit_minutes: Option<u32>,
    /// Where a complaint can be made: offered when a survey's answers are poor. An address on the same site, or of the web.
    pub complaint_page: Option<String>,
    /// When a survey is offered to people who did not ask for it:
    /// [`InvitationRules`](crate::domain::survey::invitation::InvitationRules), read by who offers it.
    pub invitations: Option<Value>,
    /// The data's schema.
    pub schema: ObjectSchema,
    /// The controls, in the order in which they are shown.
    pub ui: Vec<Node>,
    /// Texts in other languages, by BCP 47 tag.
    pub translations: Map<String, Texts>,
    /// Texts of a survey for single services, each by BCP 47 tag.
    pub services: Map<ServiceId, Map<String, Texts>>,
}

document! {
    closed DefinitionSource {
        id: "id",
        version: "version",
        kind: "kind",
        locale: "locale",
        title: "title",
        description: "description",
        review or_default: "review",
        steps: "steps",
        edit_minutes: "editMinutes",
        complaint_page: "complaintPage",
        invitations: "invitations",
        schema: "schema",
        ui: "ui",
        translations or_default: "translations",
        services or_default: "services",
    }
}

/// What is asked at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Steps {
    /// A group, or the controls between two groups.
    Groups,
    /// A question; a matrix is one.
    Questions,
}

words! { Steps { Groups = "groups", Questions = "questions", } }

/// The schema of a form's data.
#[derive(Clone, Debug, PartialEq)]
pub struct ObjectSchema {
    /// The dialect, for tools that ask: `https://json-schema.org/draft/2020-12/schema`.
    pub dialect: Option<String>,
    /// Always `object`.
    pub data_type: DataType,
    /// The fields' schemas.
    pub properties: Map<FieldId, Property>,
    /// Fields that must be answered whenever they are shown.
    pub required: Vec<FieldId>,
}

document! {
    closed ObjectSchema {
        dialect: "$schema",
        data_type: "type",
        properties: "properties",
        required or_default: "required",
    }
}

/// A `type` of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words of JSON Schema")]
pub enum DataType {
    String,
    Number,
    Integer,
    Boolean,
    Array,
    Object,
}

words! {
    DataType {
        String = "string",
        Number = "number",
        Integer = "integer",
        Boolean = "boolean",
        Array = "array",
        Object = "object",
    }
}

/// One property's schema: keywords of JSON Schema 2020-12, three annotations for files, and one for scales.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the keywords of JSON Schema")]
pub struct Property {
    pub data_type: DataType,
    pub title: Option<String>,
    pub description: Option<String>,
    pub format: Option<String>,
    pub min_length: Option<usize>,
    pub max_length: Option<usize>,
    pub pattern: Option<String>,
    pub minimum: Option<f64>,
    pub maximum: Option<f64>,
    pub max_items: Option<usize>,
    pub max_bytes: Option<u64>,
    pub content_media_types: Vec<String>,
    pub one_of: Vec<Choice>,
    pub items: Option<Box<Property>>,
    /// Names of answers on a scale, by number; the suite's own for the others.
    pub labels: Map<String, String>,
}

document! {
    closed Property {
        data_type: "type",
        title: "title",
        description: "description",
        format: "format",
        min_length: "minLength",
        max_length: "maxLength",
        pattern: "pattern",
        minimum: "minimum",
        maximum: "maximum",
        max_items: "maxItems",
        max_bytes: "maxBytes",
        content_media_types or_default: "contentMediaTypes",
        one_of or_default: "oneOf",
        items: "items",
        labels or_default: "labels",
    }
}

/// One of several values.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// The value that is stored and sent.
    pub value: String,
    /// The value's name for people.
    pub title: String,
}

document! { closed Choice { value: "const", title: "title", } }

/// A part of the tree of controls.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// Controls under a common heading.
    Group {
        /// Names the heading in the translations.
        id: String,
        /// The heading.
        title: String,
        /// A presentation other than one below the other.
        layout: Option<Layout>,
        /// What stands under it.
        elements: Vec<Node>,
    },
    /// The control of one field.
    Control(Box<Control>),
}

impl Document for Node {
    fn read(value: Value, reading: &mut Reading) -> Self {
        let mut members = Members::of(value, reading);
        let node = match members.take("type") {
            NodeType::Group => Self::Group {
                id: members.take("id"),
                title: members.take("title"),
                layout: members.take("layout"),
                elements: members.take("elements"),
            },
            NodeType::Control => Self::Control(Box::new(Control {
                field: members.take("field"),
                widget: members.take("widget"),
                role: members.take("role"),
                visible_when: members.take("visibleWhen"),
                required_when: members.take("requiredWhen"),
                calculated: members.take("calculated"),
                autocomplete: members.take("autocomplete"),
            })),
        };
        members.end();
        node
    }

    fn write(&self) -> Value {
        match self {
            Self::Group { id, title, layout, elements } => object([
                ("type", NodeType::Group.write(), false),
                ("id", id.write(), false),
                ("title", title.write(), false),
                ("layout", layout.write(), false),
                ("elements", elements.write(), false),
            ]),
            Self::Control(control) => object([
                ("type", NodeType::Control.write(), false),
                ("field", control.field.write(), false),
                ("widget", control.widget.write(), false),
                ("role", control.role.write(), false),
                ("visibleWhen", control.visible_when.write(), false),
                ("requiredWhen", control.required_when.write(), false),
                ("calculated", control.calculated.write(), false),
                ("autocomplete", control.autocomplete.write(), false),
            ]),
        }
    }
}

as_serde!(Node);

#[derive(Clone, Copy)]
enum NodeType {
    Group,
    Control,
}

words! { NodeType { Group = "group", Control = "control", } }

/// A presentation of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Questions with the same answers: a row for each, a column for each answer.
    Matrix,
}

words! { Layout { Matrix = "matrix", } }

/// How a field is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// The field.
    pub field: FieldId,
    /// A presentation other than the usual one of its kind.
    pub widget: Option<Widget>,
    /// What the answer is, for the ticket as a whole.
    pub role: Option<Role>,
    /// Shown only while this holds.
    pub visible_when: Option<Condition>,
    /// Must be answered while this holds.
    pub required_when: Option<Condition>,
    /// Not filled in by a person, but calculated.
    pub calculated: Option<Calculation>,
    /// What a browser may fill in by itself: a token of HTML's `autocomplete`.
    pub autocomplete: Option<String>,
}

/// A presentation other than the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Widget {
    /// Text on several lines.
    Textarea,
    /// Choices as radio buttons.
    Radio,
    /// Satisfaction as stars.
    Stars,
    /// Satisfaction as faces.
    Smileys,
    /// Choices to be put in an order.
    Ranking,
}

words! {
    Widget {
        Textarea = "textarea",
        Radio = "radio",
        Stars = "stars",
        Smileys = "smileys",
        Ranking = "ranking",
    }
}

/// What an answer is for the ticket as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
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

words! {
    Role {
        Summary = "summary",
        RequesterName = "requester_name",
        RequesterEmail = "requester_email",
        RequesterPhone = "requester_phone",
        OccurredAt = "occurred_at",
    }
}

/// The texts of a form in one language; what is missing is taken from the definition's own.
#[derive(Clone, Debug, Default, PartialEq)]
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

document! {
    closed Texts {
        title: "title",
        description: "description",
        groups or_default: "groups",
        fields or_default: "fields",
    }
}

/// The texts of one field in one language.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FieldTexts {
    /// The label.
    pub title: Option<String>,
    /// The sentence under it.
    pub description: Option<String>,
    /// Names of choices, by value.
    pub choices: Map<String, String>,
}

document! { closed FieldTexts { title: "title", description: "description", choices or_default: "choices", } }
