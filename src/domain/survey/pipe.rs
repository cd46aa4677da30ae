//! What was said before, in the words of a later question: `{score}` stands for the answer in the field `score`,
//! `{service}` and `{ticket}` for what the survey is about. There are no other braces in a survey's texts.

/// The service's name.
pub const SERVICE: &str = "service";
/// The ticket's number.
pub const TICKET: &str = "ticket";

/// `text` with what `say` says for each name in braces; nothing where it says nothing.
pub fn fill(text: &str, say: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, name, after)) = next(rest) {
        filled.push_str(before);
        filled.push_str(&say(name).unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// The first name in braces that is none of those that `is_known` knows.
pub fn unknown(text: &str, is_known: impl Fn(&str) -> bool) -> Option<&str> {
    let mut rest = text;
    while let Some((_, name, after)) = next(rest) {
        if !is_known(name) {
            return Some(name);
        }
        rest = after;
    }
    None
}

fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_braces_are_filled_in_once() {
        let say = |name: &str| match name {
            "score" => Some("2 {service}".to_owned()),
            "service" => Some("Mail".to_owned()),
            _ => None,
        };
        for (text, filled) in [
            ("You said {score}.", "You said 2 {service}."),
            ("{service}: {other}!", "Mail: !"),
            ("no braces", "no braces"),
            ("{ open", "{ open"),
            ("}{service}{", "}Mail{"),
        ] {
            assert_eq!(fill(text, say), filled, "{text}");
        }
    }

    #[test]
    fn a_name_that_nobody_knows_is_found() {
        let known = |name: &str| name == "score";
        assert_eq!(unknown("a {score} b {scroe} c", known), Some("scroe"));
        assert_eq!(unknown("a {score} {", known), None);
    }
}
