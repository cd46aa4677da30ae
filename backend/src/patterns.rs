//! Regular expressions of definitions, on this side.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use fancy_regex::{Regex, RegexBuilder};
use itsm_widgets::domain::form::Patterns;

/// The engine for patterns of form definitions; gives up after a bounded number of steps.
pub struct RegexPatterns;

/// Compiles a pattern of a definition.
fn compile(pattern: &str) -> Result<Regex, fancy_regex::Error> {
    RegexBuilder::new(pattern).backtrack_limit(100_000).build()
}

static COMPILED: LazyLock<Mutex<HashMap<String, Option<Regex>>>> = LazyLock::new(Mutex::default);

impl Patterns for RegexPatterns {
    fn matches(&self, pattern: &str, text: &str) -> bool {
        let mut compiled = COMPILED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let regex = compiled.entry(pattern.to_owned()).or_insert_with(|| compile(pattern).ok()).clone();
        drop(compiled);
        regex.is_none_or(|regex| regex.is_match(text).unwrap_or(true))
    }

    fn compiles(&self, pattern: &str) -> bool {
        compile(pattern).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_somewhere_and_a_broken_one_everywhere() {
        assert!(RegexPatterns.matches("[A-Z]{2}-\\d+", "asset IT-42"));
        assert!(!RegexPatterns.matches("^[A-Z]{2}-\\d+$", "asset IT-42"));
        assert!(RegexPatterns.matches("([", "anything"));
    }

    #[test]
    fn a_pattern_that_backtracks_for_ever_is_given_up() {
        assert!(RegexPatterns.matches("^(a|a)*(?=b)$", &"a".repeat(40)));
    }
}
