//! The compiled module in chunks: what the first field needs, and what can come after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use wasm_split_cli_support::{Options, transform};

use crate::error::{TaskError, read, read_text};
use crate::process::root;

/// The module that imports the chunks' loaders, as the glue names it.
const LINK: &str = "./chunks.js";

/// The parts of a module.
pub(super) struct Split {
    /// What is loaded first, for wasm-bindgen to bind.
    pub(super) main: PathBuf,
    /// The rest, by the name of its file without an ending.
    pub(super) chunks: BTreeMap<String, Vec<u8>>,
    /// Which of them each split point needs.
    pub(super) needs: BTreeMap<String, Vec<String>>,
}

/// Takes the module at `input` apart.
pub(super) fn split(work: &Path, input: &Path) -> Result<Split, TaskError> {
    let failed = |error: &dyn std::fmt::Display| TaskError::Promise(format!("the module cannot be split: {error}"));
    let module = read(input)?;
    let folder = work.join("split");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(TaskError::file(&folder))?;
    }
    let main = folder.join("main.wasm");
    let mut options = Options::new(&module);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.link_name = LINK;
    let done = transform(options).map_err(|error| failed(&error))?;
    let mut chunks = BTreeMap::new();
    for path in &done.split_modules {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        chunks.insert(stem, read(path)?);
    }
    let needs = done.prefetch_map.into_iter().collect();
    Ok(Split { main, chunks, needs })
}

/// The glue, with the loaders by name: the object that stands for a whole module would take in what a page has put into
/// the prototype of all objects. The module is imported anew for every split point; once is enough.
pub(super) fn with_loaders(glue: &str) -> Result<String, TaskError> {
    let (mut kept, mut name) = (String::with_capacity(glue.len()), None);
    for line in glue.lines() {
        let import = line.strip_prefix("import * as ").and_then(|rest| rest.split_once(&format!(" from \"{LINK}\"")));
        let is_again = match (import, &name) {
            (Some((this, after)), None) => {
                name = Some(this.to_owned());
                kept.push_str(&format!("import {{ loaders as {this} }} from \"{LINK}\"{after}\n"));
                continue;
            }
            (Some(_), Some(_)) => true,
            (None, Some(first)) => {
                let entry = line.trim_start().strip_prefix(&format!("\"{LINK}\": "));
                entry.is_some_and(|this| this.trim_end_matches(',') != first)
            }
            (None, None) => false,
        };
        if !is_again {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    name.map(|_| kept).ok_or_else(|| TaskError::Promise(format!("the glue does not import {LINK}")))
}

/// What everything else comes after: loaded by every form as soon as it is shown.
const KEEPING: &str = "keeping";
/// What the reader waits for before anything is kept.
const BEFORE: &[&str] = &["survey"];
/// The name of the sections in which a module carries others.
const CARRIED: &str = "also";

/// The chunks as they are published.
pub(super) struct Packed {
    /// Modules by name, some with others in them.
    pub(super) files: BTreeMap<String, Vec<u8>>,
    /// Which of them each split point needs.
    pub(super) needs: BTreeMap<String, Vec<String>>,
}

/// A section of its own at the end of a module (WebAssembly 2.0, section 5.5.3): the module stays one.
fn carry(module: &mut Vec<u8>, other: &[u8]) {
    let sized = |bytes: &[u8]| [leb128(bytes.len()), bytes.to_vec()].concat();
    let content = [sized(CARRIED.as_bytes()), other.to_vec()].concat();
    module.push(0);
    module.extend(sized(&content));
}

/// An unsigned number as WebAssembly writes it.
fn leb128(mut number: usize) -> Vec<u8> {
    let mut bytes = vec![];
    loop {
        let low = (number & 0x7f) as u8;
        number >>= 7;
        bytes.push(if number == 0 { low } else { low | 0x80 });
        if number == 0 {
            return bytes;
        }
    }
}

impl Split {
    /// Puts what several split points share, which is many small modules, into few files: with what every form loads, or
    /// together where a reader waits for less.
    pub(super) fn pack(&self, mut modules: BTreeMap<String, Vec<u8>>) -> Packed {
        let own = |point: &str| format!("split_{point}");
        let needed_by = |name: &String| -> Vec<&String> {
            self.needs.iter().filter(|(_, needed)| needed.contains(name)).map(|(point, _)| point).collect()
        };
        let mut carriers: BTreeMap<String, String> = BTreeMap::new();
        let shared: Vec<String> = modules.keys().filter(|name| needed_by(name).len() > 1).cloned().collect();
        let mut together: Option<String> = None;
        for name in shared {
            let points = needed_by(&name);
            let is_waited_for = points.iter().any(|point| BEFORE.contains(&point.as_str()));
            let is_kept = points.iter().any(|point| *point == KEEPING);
            let carrier =
                if is_kept && !is_waited_for { own(KEEPING) } else { together.get_or_insert(name.clone()).clone() };
            if carrier != name {
                let module = modules.remove(&name).unwrap_or_default();
                if let Some(carrying) = modules.get_mut(&carrier) {
                    carry(carrying, &module);
                }
            }
            carriers.insert(name, carrier);
        }
        let of_point = |needed: &Vec<String>| {
            let mut files: Vec<String> = needed.iter().map(|name| carriers.get(name).unwrap_or(name).clone()).collect();
            files.sort();
            files.dedup();
            files
        };
        let needs = self.needs.iter().map(|(point, needed)| (point.clone(), of_point(needed))).collect();
        Packed { files: modules, needs }
    }
}

impl Packed {
    /// Writes the module that loads the chunks into `work`, beside the glue: `published` has for each chunk its file's
    /// name and integrity.
    pub(super) fn write_loader(
        &self,
        work: &Path,
        published: &BTreeMap<String, (String, String)>,
    ) -> Result<(), TaskError> {
        let files: Vec<_> = published.values().map(|(name, integrity)| json!([name, integrity])).collect();
        let place = |chunk: &String| published.keys().position(|name| name == chunk);
        let loaders: String = self
            .needs
            .iter()
            .map(|(point, chunks)| {
                let places: Vec<usize> = chunks.iter().filter_map(place).collect();
                format!("__wasm_split_load_{point}: chunk({}),", json!(places))
            })
            .collect();
        let loader = read_text(&root().join("components/element/chunks.js"))?
            .replace("__FILES__", &serde_json::Value::from(files).to_string())
            .replace("__LOADERS__", &format!("{{ __proto__: null, {loaders} }}"));
        crate::error::write(&work.join(LINK), loader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_modules_travel_with_others() {
        let empty = b"\0asm\x01\0\0\0".to_vec();
        let names = ["split_keeping", "split_survey", "split_files", "chunk_1", "chunk_2", "chunk_3"];
        let needs = [
            ("keeping", vec!["split_keeping", "chunk_1", "chunk_2"]),
            ("survey", vec!["split_survey", "chunk_1", "chunk_3"]),
            ("files", vec!["split_files", "chunk_2", "chunk_3"]),
        ];
        let owned = |names: &Vec<&str>| names.iter().map(|name| (*name).to_owned()).collect();
        let split = Split {
            main: PathBuf::new(),
            chunks: BTreeMap::new(),
            needs: needs.iter().map(|(point, names)| ((*point).to_owned(), owned(names))).collect(),
        };
        let packed = split.pack(names.iter().map(|name| ((*name).to_owned(), empty.clone())).collect());
        let found: Vec<&str> = packed.files.keys().map(String::as_str).collect();
        assert_eq!(found, ["chunk_1", "split_files", "split_keeping", "split_survey"]);
        assert_eq!(packed.needs["keeping"], ["chunk_1", "split_keeping"]);
        assert_eq!(packed.needs["survey"], ["chunk_1", "split_survey"]);
        assert_eq!(packed.needs["files"], ["chunk_1", "split_files", "split_keeping"]);
        let carrying = walrus::Module::from_buffer(&packed.files["split_keeping"]).expect("a module still");
        let sections: Vec<_> = carrying.customs.iter().map(|(_, section)| section.name().to_owned()).collect();
        assert_eq!(sections, [CARRIED]);
    }

    #[test]
    fn numbers_are_written_as_the_format_says() {
        assert_eq!((leb128(0), leb128(127), leb128(624_485)), (vec![0], vec![127], vec![0xe5, 0x8e, 0x26]));
    }
}
