//! `cargo xtask size`: what the wasm's bytes are.

use std::collections::BTreeMap;

use clap::Args;

use crate::WasmWay;
use crate::dist::functions::{Anatomy, anatomy, crate_of};
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

/// Compiles, and prints the report.
pub(crate) fn run(args: &SizeArgs, way: Option<WasmWay>) -> Result<(), TaskError> {
    if !args.as_built {
        dist::compile(dist::ELEMENTS, way, Build::Release)?;
    }
    for (name, module) in bundle::named_modules()? {
        println!("── {name}");
        report(args, &module)?;
    }
    // Budgets and forbidden crates are looked at where the files are written.
    if args.as_built { Ok(()) } else { dist::run(way).map(drop) }
}

fn report(args: &SizeArgs, module: &[u8]) -> Result<(), TaskError> {
    let Anatomy { sections, mut functions } = anatomy(module)?;
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
