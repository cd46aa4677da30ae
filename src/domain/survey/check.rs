//! What a survey's definition must be, beyond what every form's must: a question that is not understood is answered all the
//! same, and its figures say nothing.

use super::invitation::InvitationRules;
use super::pipe;
use crate::domain::form::{Definition, DefinitionError, Field, FieldKind, Layout, Node, Texts, collect_groups};
use crate::domain::locale::is_tag;
use crate::domain::ticket::SubmissionKind;

/// Checks the matrices of any form, and all texts of a survey.
pub fn check(definition: &Definition) -> Result<(), DefinitionError> {
    let source = definition.source();
    check_matrices(&source.ui, definition)?;
    if source.kind != SubmissionKind::Satisfaction {
        return Ok(());
    }
    if !source.complaint_page.as_deref().is_none_or(is_page) {
        return fail("complaintPage".into(), "an address that begins with / or https://");
    }
    if let Some(rules) = &source.invitations {
        InvitationRules::parse(rules.clone())?;
    }
    check_own_texts(definition)?;
    for (tag, texts) in source.translations.iter() {
        let place = ["translations.", tag].concat();
        check_names(definition, texts, &place)?;
        match missing(definition, texts) {
            Some(missing) => return fail([&place, ".", &missing].concat(), "this text is missing"),
            None => continue,
        }
    }
    for (service, languages) in source.services.iter() {
        for (tag, texts) in languages.iter() {
            let place = ["services.", service.as_str(), ".", tag].concat();
            if !is_tag(tag) {
                return fail(place, "must be a language tag (BCP 47), such as en or de-CH");
            }
            check_names(definition, texts, &place)?;
        }
    }
    Ok(())
}

/// An address that a link may have: nothing that a browser would run.
fn is_page(address: &str) -> bool {
    let is_own = address.starts_with('/') && !address.starts_with("//");
    (is_own || address.starts_with("https://") || address.starts_with("http://"))
        && !address.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\')
}

fn fail(place: String, reason: &'static str) -> Result<(), DefinitionError> {
    Err(DefinitionError { place, reason })
}

fn check_matrices(nodes: &[Node], definition: &Definition) -> Result<(), DefinitionError> {
    for node in nodes {
        let Node::Group { id, layout, elements, .. } = node else { continue };
        if *layout == Some(Layout::Matrix) {
            check_rows(elements, definition)
                .map_err(|reason| DefinitionError { place: ["ui: group ", id].concat(), reason })?;
        }
        check_matrices(elements, definition)?;
    }
    Ok(())
}

/// The columns of a matrix are the answers of all its rows.
fn check_rows(elements: &[Node], definition: &Definition) -> Result<(), &'static str> {
    let mut first: Option<&FieldKind> = None;
    for element in elements {
        let Node::Control(control) = element else { return Err("a matrix has no groups in it") };
        let kind = definition.field(&control.field).map(|field| &field.kind);
        let kind = kind.filter(|kind| matches!(kind, FieldKind::Radio(_) | FieldKind::Scale(..)));
        let kind = kind.ok_or("a row of a matrix is a scale or radio buttons")?;
        if first.get_or_insert(kind) != &kind {
            return Err("all rows of a matrix have the same answers");
        }
    }
    if first.is_some() { Ok(()) } else { Err("a matrix has rows") }
}

const UNKNOWN: &str = "the name in braces is neither service nor ticket nor a question that stands before";

fn check_own_texts(definition: &Definition) -> Result<(), DefinitionError> {
    let source = definition.source();
    let about = |text: &str| pipe::unknown(text, is_about).is_some();
    if about(&source.title) || source.description.as_deref().is_some_and(about) {
        return fail("title".into(), UNKNOWN);
    }
    for (at, field) in definition.fields().iter().enumerate() {
        let texts = [Some(&field.title), field.description.as_ref()].into_iter().flatten();
        let choices = field.kind.choices().iter().map(|choice| &choice.title);
        for text in texts.chain(choices).chain(field.labels.values()) {
            if pipe::unknown(text, |name| is_before(definition, at, name)).is_some() {
                return fail(["schema.properties.", field.id.as_str()].concat(), UNKNOWN);
            }
        }
    }
    Ok(())
}

fn is_about(name: &str) -> bool {
    name == pipe::SERVICE || name == pipe::TICKET
}

fn is_before(definition: &Definition, at: usize, name: &str) -> bool {
    is_about(name) || definition.fields()[..at].iter().any(|field| field.id.as_str() == name)
}

/// Whether texts in another language name what is there, and only what was answered before.
fn check_names(definition: &Definition, texts: &Texts, place: &str) -> Result<(), DefinitionError> {
    let fail = |rest: String, reason| fail([place, ".", &rest].concat(), reason);
    if [&texts.title, &texts.description].into_iter().flatten().any(|text| pipe::unknown(text, is_about).is_some()) {
        return fail("title".into(), UNKNOWN);
    }
    for (id, of_field) in texts.fields.iter() {
        let place = ["fields.", id.as_str()].concat();
        let Some(at) = definition.position(id.as_str()) else {
            return fail(place, "there is nothing of this name in the form");
        };
        let texts = [&of_field.title, &of_field.description].into_iter().flatten();
        for text in texts.chain(of_field.choices.values()) {
            if pipe::unknown(text, |name| is_before(definition, at, name)).is_some() {
                return fail(place, UNKNOWN);
            }
        }
    }
    Ok(())
}

/// What has no text in that language: a survey that changes its language half way measures something else.
fn missing(definition: &Definition, texts: &Texts) -> Option<String> {
    if texts.title.is_none() {
        return Some("title".into());
    }
    definition.fields().iter().find_map(|field| missing_of(field, texts)).or_else(|| {
        let mut groups = vec![];
        collect_groups(&definition.source().ui, &mut groups);
        groups.into_iter().find(|group| !texts.groups.contains_key(*group)).map(|group| ["groups.", group].concat())
    })
}

fn missing_of(field: &Field, texts: &Texts) -> Option<String> {
    let of_field = texts.fields.get(&field.id);
    let place = ["fields.", field.id.as_str()].concat();
    let Some(of_field) = of_field.filter(|texts| texts.title.is_some()) else { return Some(place + ".title") };
    let choices = field.kind.choices().iter().map(|choice| choice.value.as_str());
    let mut named = choices.chain(field.labels.keys().map(String::as_str));
    named.find(|value| !of_field.choices.contains_key(*value)).map(|value| [&place, ".choices.", value].concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::fixtures::{survey, survey_source};

    #[test]
    fn a_survey_in_order_is_taken() {
        assert_eq!(check(&survey(str::to_owned)), Ok(()));
    }

    #[test]
    fn a_wrong_survey_is_refused_with_its_place() {
        for (from, to, place) in [
            ("How did we do with {ticket}?", "How did we do, {score}?", "title"),
            ("You said {score}", "You said {scroe}", "schema.properties.why"),
            ("You said {score}", "You said {comment}", "schema.properties.why"),
            ("Not at all", "Not {why}", "schema.properties.score"),
            ("Sie sagten {score}", "Sie sagten {punkte}", "translations.de.fields.why"),
            ("\"title\": \"Wie waren wir bei {ticket}?\",", "", "translations.de.title"),
            (", \"rest\": \"Und\"", "", "translations.de.groups.rest"),
            (
                "\"recommend\": { \"title\": \"Würden Sie uns empfehlen?\" },",
                "",
                "translations.de.fields.recommend.title",
            ),
            (", \"result\": \"Das Ergebnis\"", "", "translations.de.fields.matters.choices.result"),
            ("{ \"1\": \"Gar nicht\" }", "{}", "translations.de.fields.score.choices.1"),
            ("with your mail?", "with {mail}?", "services.mail.en.fields.score"),
            ("mit Ihrer Post?\" } } }", "\" }, \"mark\": {} } }", "services.mail.de.fields.mark"),
            ("      \"en\": { \"fields\"", "      \"!!\": { \"fields\"", "services.mail.!!"),
            ("\"editMinutes\"", "\"complaintPage\": \"javascript:alert(1)\", \"editMinutes\"", "complaintPage"),
            ("\"editMinutes\"", "\"complaintPage\": \"//other.example\", \"editMinutes\"", "complaintPage"),
            ("\"editMinutes\"", "\"invitations\": { \"seconds\": 0 }, \"editMinutes\"", "invitations.seconds"),
            (
                "\"speed\": { \"type\": \"integer\", \"format\": \"ces\"",
                "\"speed\": { \"type\": \"integer\", \"format\": \"csat\"",
                "ui: group aspects",
            ),
        ] {
            let definition = survey(|json| {
                let changed = json.replacen(from, to, 1);
                assert_ne!(changed, json, "{from}");
                changed
            });
            assert_eq!(check(&definition).map_err(|error| error.place), Err(place.to_owned()), "{from} → {to}");
        }
    }

    #[test]
    fn what_is_no_question_is_refused_before() {
        for (from, to, place) in [
            ("\"field\": \"score\", \"atMost\": 2", "\"field\": \"comment\", \"answered\": true", "ui: control of why"),
            ("\"field\": \"score\", \"atMost\": 2", "\"field\": \"why\", \"answered\": true", "ui: control of why"),
            ("\"field\": \"recommend\" }", "\"field\": \"recommended\" }", "ui: control of recommended"),
            ("\"format\": \"nps\"", "\"format\": \"nsp\"", "schema.properties.recommend"),
            ("{ \"1\": \"Not at all\" }", "{ \"6\": \"Not at all\" }", "schema.properties.score"),
            ("\"widget\": \"ranking\"", "\"widget\": \"stars\"", "schema.properties.matters"),
        ] {
            let source = survey_source(|json| {
                let changed = json.replacen(from, to, 1);
                assert_ne!(changed, json, "{from}");
                changed
            });
            assert_eq!(Definition::parse(source).map_err(|error| error.place), Err(place.to_owned()), "{from} → {to}");
        }
    }

    #[test]
    fn another_form_may_have_braces() {
        let definition = survey(|json| json.replacen("satisfaction", "incident", 1).replacen("{score}", "{x}", 1));
        assert_eq!(check(&definition), Ok(()));
    }
}
