//! Which of the languages at hand a reader gets.

/// Picks from `available` the best tag for `wanted`: the tag itself, then shorter and shorter prefixes of it
/// (RFC 4647, section 3.4, "Lookup"). `None` if nothing fits, so that the caller names its fallback.
pub fn lookup<'a>(wanted: &str, available: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let mut range = wanted;
    loop {
        if let Some(tag) = available.clone().find(|tag| tag.eq_ignore_ascii_case(range)) {
            return Some(tag);
        }
        let (shorter, _) = range.rsplit_once('-')?;
        // A single letter or digit only introduces what follows it, so it goes too.
        range = match shorter.rsplit_once('-') {
            Some((prefix, single)) if single.len() == 1 => prefix,
            _ => shorter,
        };
    }
}

/// Whether `tag` has the form of a language tag (BCP 47, section 2.1): letters and digits in parts of up to eight, the
/// first part of letters only.
pub fn is_tag(tag: &str) -> bool {
    let part = |text: &str| (1..=8).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let first = tag.split('-').next().unwrap_or_default();
    first.len() >= 2 && first.bytes().all(|byte| byte.is_ascii_alphabetic()) && tag.split('-').all(part)
}

/// Whether the language of `tag` is written from right to left.
pub fn is_right_to_left(tag: &str) -> bool {
    let language = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    matches!(
        language.as_str(),
        "ar" | "arc" | "ckb" | "dv" | "fa" | "he" | "ks" | "ku" | "ps" | "sd" | "ug" | "ur" | "yi"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lookup_shortens_the_range() {
        let have = ["en", "de", "zh-Hant", "de-CH"];
        for (wanted, found) in [
            ("de-CH", Some("de-CH")),
            ("de-AT", Some("de")),
            ("DE", Some("de")),
            ("zh-Hant-TW-x-private", Some("zh-Hant")),
            ("fr", None),
            ("", None),
        ] {
            assert_eq!(lookup(wanted, have.into_iter()), found, "{wanted}");
        }
    }

    #[test]
    fn a_tag_has_parts_of_letters_and_digits() {
        assert!(["en", "de-CH", "zh-Hant-TW", "es-419", "de-x-private"].into_iter().all(is_tag));
        assert!(!["", "e", "!!", "de_CH", "de-", "toolongword", "1a"].into_iter().any(is_tag));
    }

    #[test]
    fn arabic_is_written_from_right_to_left() {
        assert!(is_right_to_left("ar-EG") && is_right_to_left("he"));
        assert!(!is_right_to_left("de") && !is_right_to_left(""));
    }
}
