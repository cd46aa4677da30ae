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
    fn arabic_is_written_from_right_to_left() {
        assert!(is_right_to_left("ar-EG") && is_right_to_left("he"));
        assert!(!is_right_to_left("de") && !is_right_to_left(""));
    }
}
