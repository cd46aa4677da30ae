//! `cargo xtask size`: what the wasm's bytes are.

use std::collections::{BTreeMap, HashMap};

use clap::Args;
use rustc_demangle::demangle;
use wasmparser::{Name, NameSectionReader, Parser, Payload};

use crate::WasmWay;
use crate::dist::{self, Build, bundle};
use crate::error::TaskError;

/// What the report can be told.
#[derive(Args)]
pub(crate) struct SizeArgs {
    /// How many functions to list
    #[arg(long, default_value_t = 40)]
    functions: usize,
    /// Only functions whose name has this in it
    #[arg(long, default_value = "")]
    matching: String,
    /// Do not compile anew
    #[arg(long)]
    as_built: bool,
}

/// A function of the module.
struct Function {
    name: String,
    bytes: usize,
}

/// Compiles, and prints the report.
pub(crate) fn run(args: &SizeArgs, way: Option<WasmWay>) -> Result<(), TaskError> {
    if !args.as_built {
        dist::compile(way, Build::Release)?;
    }
    let wasm = bundle::named_module()?;
    let unreadable = |error: wasmparser::BinaryReaderError| TaskError::Promise(format!("the wasm: {error}"));
    let (sections, mut functions) = read(&wasm).map_err(unreadable)?;
    println!("{:>9}  section", "bytes");
    sections.iter().for_each(|(name, bytes)| println!("{bytes:>9}  {name}"));
    let mut crates: BTreeMap<&str, usize> = BTreeMap::new();
    for function in &functions {
        *crates.entry(crate_of(&function.name)).or_default() += function.bytes;
    }
    let mut crates: Vec<_> = crates.into_iter().collect();
    crates.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    println!("\n{:>9}  crate", "bytes");
    crates.iter().for_each(|(name, bytes)| println!("{bytes:>9}  {name}"));
    functions.retain(|function| function.name.contains(&args.matching));
    functions.sort_by_key(|function| std::cmp::Reverse(function.bytes));
    println!("\n{:>9}  function", "bytes");
    functions.iter().take(args.functions).for_each(|f| println!("{:>9}  {}", f.bytes, f.name));
    Ok(())
}

/// The sizes of the sections, and the functions with their names.
fn read(wasm: &[u8]) -> Result<(Vec<(&'static str, usize)>, Vec<Function>), wasmparser::BinaryReaderError> {
    let (mut sections, mut bodies, mut names, mut imported) = (vec![], vec![], HashMap::new(), 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ImportSection(section) => imported = section.count(),
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
    Ok((sections, (0..).zip(bodies).map(function).collect()))
}

/// The crate that a function is of: the first in its name, of a trait's implementation that of the type.
fn crate_of(name: &str) -> &str {
    let start = name.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(0);
    let rest = &name[start..];
    let rest = rest.strip_prefix("dyn ").or_else(|| rest.strip_prefix("mut ")).unwrap_or(rest);
    rest.split("::").next().filter(|first| first.len() < rest.len()).unwrap_or("(none)")
}

#[cfg(test)]
mod tests {
    use super::crate_of;

    #[test]
    fn a_function_belongs_to_the_crate_its_name_begins_with() {
        assert_eq!(crate_of("core::fmt::write"), "core");
        assert_eq!(crate_of("<alloc::vec::Vec<T> as core::clone::Clone>::clone"), "alloc");
        assert_eq!(crate_of("memcpy"), "(none)");
    }
}
