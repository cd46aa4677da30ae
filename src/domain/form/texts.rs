//! Whether a definition's texts fit its fields: a misspelt name in a translation would never be shown.

use super::definition::DefinitionError;
use super::document::{DefinitionSource, Node, Texts};
use crate::domain::id::FieldId;
use crate::domain::locale::is_tag;

/// What is wrong with the texts of `source`, which has `fields`.
pub(super) fn check(source: &DefinitionSource, fields: &[FieldId]) -> Result<(), DefinitionError> {
    let fail = |place: String, reason| Err(DefinitionError { place, reason });
    if !is_tag(&source.locale) {
        return fail("locale".into(), "must be a language tag (BCP 47), such as en or de-CH");
    }
    if source.title.trim().is_empty() {
        return fail("title".into(), "must not be empty");
    }
    let mut groups = vec![];
    collect_groups(&source.ui, &mut groups);
    for (tag, texts) in source.translations.iter() {
        let place = ["translations.", tag].concat();
        if !is_tag(tag) {
            return fail(place, "must be a language tag (BCP 47), such as en or de-CH");
        }
        if let Some(unknown) = unknown_name(texts, fields, &groups) {
            return fail([&place, ".", &unknown].concat(), "there is nothing of this name in the form");
        }
    }
    Ok(())
}

/// The names of all groups among `nodes`, at any depth.
pub(in crate::domain) fn collect_groups<'a>(nodes: &'a [Node], groups: &mut Vec<&'a str>) {
    for node in nodes {
        if let Node::Group { id, elements, .. } = node {
            groups.push(id);
            collect_groups(elements, groups);
        }
    }
}

fn unknown_name(texts: &Texts, fields: &[FieldId], groups: &[&str]) -> Option<String> {
    if let Some(group) = texts.groups.keys().find(|group| !groups.contains(&group.as_str())) {
        return Some(["groups.", group].concat());
    }
    texts.fields.keys().find(|field| !fields.contains(field)).map(|field| ["fields.", field.as_str()].concat())
}
