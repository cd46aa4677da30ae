//! The glue, without what nobody calls, and with short names: a name of the import table stands in both files, and
//! means nothing to anybody.

use std::collections::{BTreeMap, BTreeSet};

use walrus::Module;

use crate::error::TaskError;

/// Exports of libraries that no element uses, with all that only they need.
const UNUSED_EXPORTS: &[&str] = &["intounderlying", "__wbg_intounderlying"];

/// Classes that stand for these, which call what is gone.
const UNUSED_CLASSES: &str = "IntoUnderlying";

/// What it tells those who call it in another way than we do.
const SAID_TO_OTHERS: &[&str] = &[
    "using deprecated parameters for `initSync()`; pass a single object instead",
    "using deprecated parameters for the initialization function; pass a single object instead",
];

pub(super) fn parse(wasm: &[u8]) -> Result<Module, TaskError> {
    Module::from_buffer(wasm).map_err(|error| TaskError::Promise(format!("the wasm cannot be read: {error}")))
}

/// Takes the exports away that nobody calls, so that the optimiser finds what they need unused.
pub(super) fn without_unused_exports(wasm: &[u8]) -> Result<Vec<u8>, TaskError> {
    let mut module = parse(wasm)?;
    let is_unused = |name: &str| UNUSED_EXPORTS.iter().any(|unused| name.starts_with(unused));
    let unused: Vec<_> =
        module.exports.iter().filter(|export| is_unused(&export.name)).map(walrus::Export::id).collect();
    unused.into_iter().for_each(|id| module.exports.delete(id));
    Ok(module.emit_wasm())
}

/// Leaves out of the glue what the optimised wasm does not import, and gives the rest short names in both.
pub(super) fn shorten(glue: &str, wasm: &[u8]) -> Result<(String, Vec<u8>), TaskError> {
    let mut module = parse(wasm)?;
    let mut imported: BTreeSet<String> = module.imports.iter().map(|import| import.name.clone()).collect();
    // What does the same, whatever it is called and of whatever type the wasm thinks it is, is there once.
    let same = with_same_body(glue, &imported);
    imported.retain(|name| !same.contains_key(name));
    for import in module.imports.iter_mut() {
        if let Some(first) = same.get(&import.name) {
            import.name.clone_from(first);
        }
    }
    let is_compiled = |name: &String| name.contains("__") || name.starts_with("_ZN") || name.starts_with("_R");
    let exported = module.exports.iter().map(|export| export.name.clone()).filter(is_compiled);
    let names: BTreeMap<String, String> = imported
        .iter()
        .cloned()
        .chain(exported)
        .filter(|name| !is_of_chunks(name))
        .enumerate()
        .map(|(at, name)| (name, format!("${}", letters(at))))
        .collect();
    for import in module.imports.iter_mut() {
        if let Some(short) = names.get(&import.name) {
            import.name.clone_from(short);
        }
    }
    for export in module.exports.iter_mut() {
        if let Some(short) = names.get(&export.name) {
            export.name.clone_from(short);
        }
    }
    let glue = &without_spread(glue)?;
    let glue = SAID_TO_OTHERS.iter().fold(without_unused_classes(glue), |glue, words| glue.replace(words, ""));
    Ok((rename(&without_unused_imports(&glue, &imported), &names), module.emit_wasm()))
}

/// What chunks and their loader know by its name.
fn is_of_chunks(name: &str) -> bool {
    name.starts_with("__wasm_split") || name == "__indirect_function_table"
}

/// Closures hand on what they are called with. A page can make lists that cannot be walked, so they are given names: none
/// of ours takes more than two.
fn without_spread(glue: &str) -> Result<String, TaskError> {
    let named = glue.replace("(...args) =>", "(one, two) =>").replace(", ...args)", ", one, two)");
    if named == glue || named.contains("...") {
        return Err(TaskError::Promise("the glue walks lists in another way than before".into()));
    }
    Ok(named)
}

/// A class ends with a brace that begins a line; so does not what says when one of its objects is dropped, which ends with
/// a semicolon.
fn without_unused_classes(glue: &str) -> String {
    let (mut kept, mut ends) = (String::with_capacity(glue.len()), None);
    for line in glue.lines() {
        let begins = |start: &str| line.strip_prefix(start).is_some_and(|rest| rest.starts_with(UNUSED_CLASSES));
        if begins("export class ") {
            ends = Some("}");
        } else if begins("const ") {
            ends = Some(";");
        }
        match ends {
            Some(end) => {
                let is_last = if end == "}" { line == end } else { line.ends_with(end) };
                ends = ends.filter(|_| !is_last);
            }
            None if begins("if (Symbol.dispose) ") => {}
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    kept
}

/// The import table has an entry a function, each from `        name: function(` to a line of `        },`. The name in a
/// line that begins one, and what follows.
fn entry(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("        ").filter(|rest| !rest.starts_with(' '))?;
    rest.split_once(": function(")
}

/// Each function of the import table that says the same as an earlier one, with that one.
fn with_same_body(glue: &str, imported: &BTreeSet<String>) -> BTreeMap<String, String> {
    let (mut bodies, mut same) = (BTreeMap::new(), BTreeMap::new());
    let mut open: Option<(&str, String)> = None;
    for line in glue.lines() {
        if let Some((name, rest)) = entry(line) {
            open = Some((name, rest.to_owned())).filter(|(name, _)| imported.contains(*name));
        } else if line == "        }," {
            if let Some((name, body)) = open.take() {
                match bodies.get(&body) {
                    Some(first) => drop(same.insert(name.to_owned(), String::clone(first))),
                    None => drop(bodies.insert(body, name.to_owned())),
                }
            }
        } else if let Some((_, body)) = open.as_mut().filter(|_| !line.trim_start().starts_with("//")) {
            body.push_str(line);
        }
    }
    same
}

/// The glue without the functions of the import table that are not `imported`.
fn without_unused_imports(glue: &str, imported: &BTreeSet<String>) -> String {
    let mut kept = String::with_capacity(glue.len());
    let mut leaving_out = false;
    for line in glue.lines() {
        if let Some((name, _)) = entry(line) {
            leaving_out = !imported.contains(name);
        }
        if !leaving_out {
            kept.push_str(line);
            kept.push('\n');
        }
        if line == "        }," {
            leaving_out = false;
        }
    }
    kept
}

/// Whole words only.
fn rename(glue: &str, names: &BTreeMap<String, String>) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut renamed = String::with_capacity(glue.len());
    let mut rest = glue;
    while let Some(start) = rest.find(is_word) {
        let end = rest[start..].find(|c| !is_word(c)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..end];
        renamed.push_str(&rest[..start]);
        renamed.push_str(names.get(word).map_or(word, String::as_str));
        rest = &rest[end..];
    }
    renamed.push_str(rest);
    renamed
}

/// 0 → `a`, 25 → `z`, 26 → `aa`, …
fn letters(mut number: usize) -> String {
    let mut text = String::new();
    loop {
        text.insert(0, char::from(b'a' + u8::try_from(number % 26).unwrap_or_default()));
        number /= 26;
        if number == 0 {
            return text;
        }
        number -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_imported_leaves_the_glue() {
        let glue = "{\n        a: function() {\n            if (x) {\n            };\n        },\n        b: function(c) {\n        },\n    };\n";
        let kept = without_unused_imports(glue, &["b".to_owned()].into());
        assert_eq!(kept, "{\n        b: function(c) {\n        },\n    };\n");
    }

    #[test]
    fn what_says_the_same_is_there_once() {
        let glue = "        a: function(x) {\n            x();\n        },\n        b: function(x) {\n            x();\n        },\n        c: function(x, y) {\n            x();\n        },\n";
        let imported = ["a", "b", "c"].map(str::to_owned).into();
        assert_eq!(with_same_body(glue, &imported), [("b".to_owned(), "a".to_owned())].into());
    }

    #[test]
    fn whole_words_are_renamed() {
        let names = [("__a".to_owned(), "$a".to_owned())].into();
        assert_eq!(rename("wasm.__a(__ab, __a)", &names), "wasm.$a(__ab, $a)");
    }

    #[test]
    fn letters_never_repeat() {
        let all: BTreeSet<String> = (0..1_000).map(letters).collect();
        assert_eq!((all.len(), letters(25).as_str(), letters(26).as_str()), (1_000, "z", "aa"));
    }
}
