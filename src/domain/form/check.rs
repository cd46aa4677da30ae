//! Whether one answer is what its field takes.

use super::field_error::{FieldError, Format};
use super::{Answer, Choice, Field, FieldKind};
use crate::domain::ticket::{Impact, Urgency};
use crate::domain::time;

/// Matches text against a regular expression of a definition: the browser's `RegExp`, or the backend's engine.
pub trait Patterns {
    /// Whether `pattern` (ECMA-262, with the `u` flag) matches somewhere in `text`. A pattern that cannot be compiled
    /// matches everything: a mistake in a definition must not keep a person from asking for help.
    fn matches(&self, pattern: &str, text: &str) -> bool;

    /// Whether `pattern` can be compiled.
    fn compiles(&self, pattern: &str) -> bool;
}

/// What is wrong with `answer` for `field`; `None` stands for no answer.
pub fn check_field(
    field: &Field,
    required: bool,
    answer: Option<&Answer>,
    patterns: &impl Patterns,
) -> Option<FieldError> {
    let Some(answer) = answer.filter(|answer| !answer.is_empty()) else {
        return required.then_some(FieldError::Required);
    };
    match &field.kind {
        FieldKind::ShortText | FieldKind::LongText => match text(answer) {
            Some(text) => check_text(field, text, patterns),
            None => Some(FieldError::NotAnOption),
        },
        FieldKind::Email => check_format(field, answer, Format::Email, is_email),
        FieldKind::Phone => check_format(field, answer, Format::Phone, is_phone),
        FieldKind::Url => check_format(field, answer, Format::Url, is_web_url),
        FieldKind::Date => check_format(field, answer, Format::Date, time::is_date),
        FieldKind::DateTime => check_format(field, answer, Format::DateTime, is_date_time),
        FieldKind::Number { min, max, whole } => check_number(answer, *min, *max, *whole),
        FieldKind::Select(choices) | FieldKind::Radio(choices) => check_choices(choices, &[answer.as_text()]),
        FieldKind::MultiSelect(choices) => check_choices(choices, answer.as_choices()),
        FieldKind::Checkbox => (!matches!(answer, Answer::Flag(_))).then_some(FieldError::NotAnOption),
        FieldKind::Service => text(answer).is_none().then_some(FieldError::NotAnOption),
        FieldKind::Files(limits) => match answer.as_choices() {
            [] => Some(FieldError::NotAnOption),
            names if names.len() > limits.max_count => Some(FieldError::TooMany { max: limits.max_count }),
            _ => None,
        },
        FieldKind::Priority => check_levels(answer),
        FieldKind::Scale(measure, _) => {
            let on_scale = answer.as_number().and_then(|number| measure.answer(number));
            on_scale.is_none().then_some(FieldError::NotAnOption)
        }
        FieldKind::Ranking { choices, places } => check_order(choices, *places, answer.as_choices(), required),
    }
}

fn text(answer: &Answer) -> Option<&str> {
    match answer {
        Answer::Text(text) => Some(text),
        Answer::Flag(_) | Answer::Number(_) | Answer::Choices(_) | Answer::Levels { .. } => None,
    }
}

fn check_text(field: &Field, text: &str, patterns: &impl Patterns) -> Option<FieldError> {
    let length = text.chars().count();
    if length > field.max_length {
        return Some(FieldError::TooLong { max: field.max_length });
    }
    if length < field.min_length {
        return Some(FieldError::TooShort { min: field.min_length });
    }
    let pattern = field.pattern.as_deref()?;
    (!patterns.matches(pattern, text)).then_some(FieldError::Malformed { format: Format::Pattern })
}

fn check_format(field: &Field, answer: &Answer, format: Format, fits: fn(&str) -> bool) -> Option<FieldError> {
    let malformed = Some(FieldError::Malformed { format });
    let Some(text) = text(answer) else { return malformed };
    if text.chars().count() > field.max_length {
        return Some(FieldError::TooLong { max: field.max_length });
    }
    if fits(text) { None } else { malformed }
}

fn check_number(answer: &Answer, min: Option<f64>, max: Option<f64>, whole: bool) -> Option<FieldError> {
    let Some(number) = answer.as_number() else { return Some(FieldError::Malformed { format: Format::Number }) };
    if whole && number.fract() != 0.0 {
        return Some(FieldError::Malformed { format: Format::WholeNumber });
    }
    let too_small = min.filter(|min| number < *min).map(|min| FieldError::TooSmall { min });
    too_small.or_else(|| max.filter(|max| number > *max).map(|max| FieldError::TooLarge { max }))
}

fn check_choices(choices: &[Choice], values: &[impl AsRef<str>]) -> Option<FieldError> {
    let known = |value: &str| choices.iter().any(|choice| choice.value == value);
    (values.is_empty() || !values.iter().all(|value| known(value.as_ref()))).then_some(FieldError::NotAnOption)
}

/// Each choice has one place at most; an order that must be given is given to its end.
fn check_order(choices: &[Choice], places: usize, order: &[String], required: bool) -> Option<FieldError> {
    let is_twice = |(at, value): (usize, &String)| order[..at].contains(value);
    if order.iter().enumerate().any(is_twice) {
        return Some(FieldError::NotAnOption);
    }
    if order.len() > places {
        return Some(FieldError::TooMany { max: places });
    }
    check_choices(choices, order).or_else(|| (required && order.len() < places).then_some(FieldError::Required))
}

fn check_levels(answer: &Answer) -> Option<FieldError> {
    let Answer::Levels { impact, urgency } = answer else { return Some(FieldError::NotAnOption) };
    match (impact, urgency) {
        (0, _) | (_, 0) => Some(FieldError::Required),
        _ => (Impact::try_from(*impact).is_err() || Urgency::try_from(*urgency).is_err())
            .then_some(FieldError::NotAnOption),
    }
}

/// An address as HTML's `<input type="email">` takes it: one `@`, something before it, labels of a domain after it.
fn is_email(text: &str) -> bool {
    let text = text.trim();
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && !local.chars().any(|c| c.is_whitespace() || c.is_control() || "@<>()[],;:\\\"".contains(c));
    let label_ok = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 254 && local_ok && domain.split('.').all(label_ok)
}

/// Digits with the signs that people put between them; at least three digits, since there are short internal numbers.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(|c| c.is_numeric()).count();
    let signs_ok = text.chars().all(|c| c.is_numeric() || " +-./()#*xX".contains(c));
    signs_ok && (3..=20).contains(&digits)
}

/// An absolute URL that a reader may follow without danger: `http` or `https`, a host, no white space.
fn is_web_url(text: &str) -> bool {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    !host.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"\\^`{|}".contains(c))
}

/// Both forms that stand in a date-time field: local while it is typed, with an offset once it was sent.
fn is_date_time(text: &str) -> bool {
    time::LocalDateTime::parse(text).is_some() || time::Timestamp::parse_rfc3339(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::form::fixtures::everything;

    struct Contains;
    impl Patterns for Contains {
        fn matches(&self, pattern: &str, text: &str) -> bool {
            text.contains(pattern)
        }
        fn compiles(&self, _: &str) -> bool {
            true
        }
    }

    fn wrong(field: &str, answer: Answer) -> Option<FieldError> {
        let definition = everything();
        let field = definition.field(&field.into()).expect("a field of the fixture");
        check_field(field, field.required, Some(&answer), &Contains)
    }

    #[test]
    fn each_kind_says_what_is_wrong() {
        let text = |text: &str| Answer::Text(text.into());
        let list = |values: &[&str]| Answer::Choices(values.iter().map(|v| (*v).into()).collect());
        let malformed = |format| Some(FieldError::Malformed { format });
        for (field, answer, error) in [
            ("subject", text("Broken"), None),
            ("subject", text("  "), Some(FieldError::Required)),
            ("subject", text("ab"), Some(FieldError::TooShort { min: 3 })),
            ("subject", text(&"ä".repeat(41)), Some(FieldError::TooLong { max: 40 })),
            ("email", text("a@b.example"), None),
            ("email", text("a b@c.example"), malformed(Format::Email)),
            ("email", text("a@"), malformed(Format::Email)),
            ("email", text("a@-b.example"), malformed(Format::Email)),
            ("phone", text("+49 (30) 123-45"), None),
            ("phone", text("call me"), malformed(Format::Phone)),
            ("link", text("https://desk.example/a?b#c"), None),
            ("link", text("javascript:alert(1)"), malformed(Format::Url)),
            ("link", text("https:///path"), malformed(Format::Url)),
            ("count", text("3"), None),
            ("count", text("3.5"), malformed(Format::WholeNumber)),
            ("count", text("many"), malformed(Format::Number)),
            ("count", text("0"), Some(FieldError::TooSmall { min: 1.0 })),
            ("count", text("21"), Some(FieldError::TooLarge { max: 20.0 })),
            ("wanted_by", text("2026-02-30"), malformed(Format::Date)),
            ("happened", text("2026-02-20T25:00"), malformed(Format::DateTime)),
            ("happened", text("2026-02-20T23:00"), None),
            ("device", text("laptop"), None),
            ("device", text("toaster"), Some(FieldError::NotAnOption)),
            ("apps", list(&["mail", "erp"]), Some(FieldError::NotAnOption)),
            ("apps", text("mail"), Some(FieldError::NotAnOption)),
            ("consent", Answer::Flag(false), Some(FieldError::Required)),
            ("files", list(&["a", "b", "c"]), Some(FieldError::TooMany { max: 2 })),
            ("priority", Answer::Levels { impact: 2, urgency: 0 }, Some(FieldError::Required)),
            ("priority", Answer::Levels { impact: 9, urgency: 1 }, Some(FieldError::NotAnOption)),
            ("priority", Answer::Levels { impact: 2, urgency: 1 }, None),
        ] {
            assert_eq!(wrong(field, answer.clone()), error, "{field}: {answer:?}");
        }
    }

    #[test]
    fn an_answer_of_another_shape_is_never_taken() {
        let shapes =
            [Answer::Flag(true), Answer::Number(1.0), Answer::Text("x".into()), Answer::Choices(vec!["x".into()])];
        for field in ["email", "wanted_by", "device", "apps", "priority", "happened"] {
            for shape in &shapes {
                assert!(wrong(field, shape.clone()).is_some(), "{field}: {shape:?}");
            }
        }
    }
}
