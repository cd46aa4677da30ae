//! The functions of a module by name: what its bytes are, and what must not be among them.

use std::collections::HashMap;

use rustc_demangle::demangle;
use wasmparser::{Name, NameSectionReader, Parser, Payload, TypeRef};

use crate::error::TaskError;

/// A function of the module.
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) bytes: usize,
}

/// A module's sections with their sizes, and its functions.
pub(crate) struct Anatomy {
    pub(crate) sections: Vec<(&'static str, usize)>,
    pub(crate) functions: Vec<Function>,
}

/// Crates that weigh more than all widgets together; the browser has what they do.
const FORBIDDEN: &[&str] = &["regex", "regex_syntax", "regex_automata", "url", "idna", "chrono"];

/// Crates that the first field does not need: what names them has slipped into the wrong chunk.
const FORBIDDEN_FIRST: &[&str] = &["matrix_indexed_db_futures", "tokio"];

/// Takes a module with names apart.
pub(crate) fn anatomy(wasm: &[u8]) -> Result<Anatomy, TaskError> {
    read(wasm).map_err(|error| TaskError::Promise(format!("the wasm: {error}")))
}

/// An error if a forbidden crate is in the module.
pub(crate) fn forbid(wasm: &[u8]) -> Result<(), TaskError> {
    let is_forbidden = |found: &str| FORBIDDEN.contains(&found) || found.starts_with("icu_");
    check(wasm, is_forbidden, "the browser has that already")
}

/// An error if something is in the module that only what comes later needs.
pub(crate) fn forbid_in_first(wasm: &[u8]) -> Result<(), TaskError> {
    check(wasm, |found| FORBIDDEN_FIRST.contains(&found), "the first field does not need it")
}

fn check(wasm: &[u8], is_forbidden: impl Fn(&str) -> bool, why: &str) -> Result<(), TaskError> {
    match anatomy(wasm)?.functions.iter().find(|function| is_forbidden(crate_of(&function.name))) {
        Some(found) => Err(TaskError::Promise(format!("the wasm holds {}: {why}", found.name))),
        None => Ok(()),
    }
}

fn read(wasm: &[u8]) -> Result<Anatomy, wasmparser::BinaryReaderError> {
    let (mut sections, mut bodies, mut names, mut imported) = (vec![], vec![], HashMap::new(), 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            // Memories, tables and globals have numbers of their own.
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { size, .. } => sections.push(("code", size as usize)),
            Payload::DataSection(section) => sections.push(("data", section.range().len())),
            Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
            Payload::CustomSection(section) if section.name() == "name" => {
                let reader = wasmparser::BinaryReader::new(section.data(), section.data_offset());
                for name in NameSectionReader::new(reader) {
                    if let Name::Function(map) = name? {
                        for naming in map {
                            let naming = naming?;
                            names.insert(naming.index, format!("{:#}", demangle(naming.name)));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let function =
        |(at, bytes): (u32, usize)| Function { name: names.remove(&(at + imported)).unwrap_or_default(), bytes };
    Ok(Anatomy { sections, functions: (0..).zip(bodies).map(function).collect() })
}

/// The crate that a function is of: the first in its name, of a trait's implementation that of the type.
pub(crate) fn crate_of(name: &str) -> &str {
    let start = name.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
    let rest = &name[start..];
    let rest = rest.strip_prefix("dyn ").or_else(|| rest.strip_prefix("mut ")).unwrap_or(rest);
    rest.split("::").next().filter(|first| first.len() < rest.len()).unwrap_or("(none)")
}

#[cfg(test)]
mod tests {
    use super::{anatomy, check, crate_of};

    /// Imports a memory and a function, and has one function of its own, `idna::f`.
    const MODULE: &[u8] = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x0e\x02\x01m\x01m\x02\0\0\x01m\x01f\0\0\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b\
        \0\x12\x04name\x01\x0b\x01\x01\x08idna::ff";

    #[test]
    fn a_function_has_its_own_name_whatever_else_is_imported() {
        let functions = anatomy(MODULE).expect("a module").functions;
        assert_eq!(functions.iter().map(|function| function.name.as_str()).collect::<Vec<_>>(), ["idna::ff"]);
    }

    #[test]
    fn a_forbidden_crate_is_found() {
        assert!(check(MODULE, |found| found == "idna", "no").is_err());
        assert!(check(MODULE, |found| found == "url", "no").is_ok());
    }

    #[test]
    fn a_function_belongs_to_the_crate_its_name_begins_with() {
        assert_eq!(crate_of("core::fmt::write"), "core");
        assert_eq!(crate_of("<alloc::vec::Vec<T> as core::clone::Clone>::clone"), "alloc");
        assert_eq!(crate_of("memcpy"), "(none)");
    }
}
