//! Tables as text that spreadsheets read and do not run: comma-separated values (RFC 4180), with a sign before what a
//! spreadsheet would take for a formula (OWASP, CSV Injection).

/// What begins a formula in some spreadsheet; the wide forms are those of East Asian keyboards.
const STARTS: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What stands in one place of a table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Words, of whoever.
    Text(&'a str),
    /// A figure of our own.
    Number(f64),
}

/// One row, with its line end.
pub fn row<'a>(cells: impl IntoIterator<Item = Cell<'a>>) -> String {
    let mut line = cells.into_iter().map(written).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

fn written(cell: Cell<'_>) -> String {
    match cell {
        Cell::Text(text) => quoted(text),
        Cell::Number(number) => number.to_string(),
    }
}

/// Words in quotes.
fn quoted(text: &str) -> String {
    let guard = if text.trim_start_matches([' ', '\u{a0}', '\u{3000}']).starts_with(STARTS) { "'" } else { "" };
    ["\"", guard, &text.replace('"', "\"\""), "\""].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_text() {
        for (text, expected) in [
            ("plain", "\"plain\""),
            ("=1+1", "\"'=1+1\""),
            (" =1+1", "\"' =1+1\""),
            ("＝1", "\"'＝1\""),
            ("-5", "\"'-5\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("\tx", "\"'\tx\""),
            ("a\"b,c\nd", "\"a\"\"b,c\nd\""),
            ("", "\"\""),
        ] {
            assert_eq!(quoted(text), expected, "{text}");
        }
        assert_eq!(row([Cell::Text("a"), Cell::Number(-2.5)]), "\"a\",-2.5\r\n");
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula(text in "[=+@\\-\t\r\n＝＋－＠ a\"]{0,8}") {
            let cell = quoted(&text);
            let inner = cell.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).expect("quotes around it");
            let content = inner.replace("\"\"", "\"");
            prop_assert!(!content.trim_start_matches(' ').starts_with(STARTS), "{}", cell);
            prop_assert_eq!(content.strip_prefix('\'').unwrap_or(&content), text);
            prop_assert_eq!(inner.replace("\"\"", "").matches('"').count(), 0);
        }
    }
}
