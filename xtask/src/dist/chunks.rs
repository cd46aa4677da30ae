//! The compiled module in chunks: what the first field needs, and what can come after.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;
use wasm_split_cli_support::{Options, transform};

use super::bundle::WASM_FEATURES;
use super::glue::parse;
use crate::error::{TaskError, read, read_text, write};
use crate::process::{output, program, root};
use crate::setup::npm;

/// The module that imports the chunks' loaders, as the glue names it.
pub(super) const LINK: &str = "./chunks.js";

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
/// What a survey waits for before it can be used.
const SURVEY: &str = "survey";
/// What is shown before anything is kept, or without it.
const BEFORE: &[&str] = &["invitation", SURVEY];
/// What the modules call that whose memory, table and stack they work on; and what the loader calls it.
const MAIN: &str = "__wasm_split";
const SHARED: &str = "main";

/// Which modules are published together.
pub(super) struct Packed {
    /// By the name of the file without an ending: the modules that become one.
    pub(super) files: BTreeMap<String, Vec<String>>,
    /// Which files each split point needs.
    pub(super) needs: BTreeMap<String, Vec<String>>,
}

impl Split {
    /// Puts what several split points share, which is many small modules, into few files: with what every form loads, or
    /// together where a reader waits for less.
    pub(super) fn pack(&self) -> Packed {
        let own = |point: &str| format!("split_{point}");
        let needed_by = |name: &String| -> Vec<&String> {
            self.needs.iter().filter(|(_, needed)| needed.contains(name)).map(|(point, _)| point).collect()
        };
        let carrier_of = |name: &String| {
            let points = needed_by(name);
            let is_waited_for = points.iter().any(|point| BEFORE.contains(&point.as_str()));
            let is_kept = points.iter().any(|point| *point == KEEPING);
            match points.len() {
                0 | 1 => name.clone(),
                _ if is_kept && !is_waited_for => own(KEEPING),
                _ => "shared".to_owned(),
            }
        };
        let mut files: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for name in self.chunks.keys() {
            files.entry(carrier_of(name)).or_default().push(name.clone());
        }
        let of_point = |needed: &Vec<String>| {
            let mut files: Vec<String> = needed.iter().map(carrier_of).collect();
            files.sort();
            files.dedup();
            files
        };
        let needs = self.needs.iter().map(|(point, needed)| (point.clone(), of_point(needed))).collect();
        Packed { files, needs }
    }

    /// One module of those of these names: types, imports and functions that are the same are there once.
    pub(super) fn merged(&self, work: &Path, names: &[String]) -> Result<Vec<u8>, TaskError> {
        let folder = work.join("merge");
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(TaskError::file(&folder))?;
        }
        let modules: Vec<&Vec<u8>> = names.iter().filter_map(|name| self.chunks.get(name)).collect();
        let (imports, result) = (folder.join("imports.wasm"), folder.join("merged.wasm"));
        write(&imports, imports_of(&modules)?)?;
        let mut merge = program(npm::binary("wasm-merge")?);
        merge
            .arg("-g")
            .arg(&imports)
            .arg(MAIN)
            .arg("-o")
            .arg(&result)
            .args(WASM_FEATURES.map(|on| format!("--enable-{on}")));
        for (name, module) in names.iter().zip(modules) {
            let file = folder.join(name).with_extension("wasm");
            write(&file, module)?;
            merge.arg(&file).arg(name);
        }
        output(&mut merge)?;
        let mut module = parse(&read(&result)?)?;
        // They were there for the other modules.
        let exports: Vec<_> = module.exports.iter().map(walrus::Export::id).collect();
        exports.into_iter().for_each(|id| module.exports.delete(id));
        Ok(module.emit_wasm())
    }
}

/// A module that stands for the main one: it hands on what each of `modules` imports, so that all import it once.
fn imports_of(modules: &[&Vec<u8>]) -> Result<Vec<u8>, TaskError> {
    let mut all = walrus::Module::default();
    for module in modules {
        let module = parse(module)?;
        for import in module.imports.iter().filter(|import| import.module == MAIN) {
            if all.exports.iter().any(|export| export.name == import.name) {
                continue;
            }
            let item: walrus::ExportItem = match import.kind {
                walrus::ImportKind::Memory(id) => {
                    let memory = module.memories.get(id);
                    let (least, most) = (memory.initial, memory.maximum);
                    all.add_import_memory(SHARED, &import.name, false, false, least, most, None).0.into()
                }
                walrus::ImportKind::Table(id) => {
                    let table = module.tables.get(id);
                    let (least, most) = (table.initial, table.maximum);
                    all.add_import_table(SHARED, &import.name, false, least, most, table.element_ty).0.into()
                }
                walrus::ImportKind::Global(id) => {
                    let global = module.globals.get(id);
                    all.add_import_global(SHARED, &import.name, global.ty, global.mutable, false).0.into()
                }
                walrus::ImportKind::Function(_) | walrus::ImportKind::Tag(_) => {
                    return Err(TaskError::Promise(format!("a chunk imports {}", import.name)));
                }
            };
            all.exports.add(&import.name, item);
        }
    }
    Ok(all.emit_wasm())
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
        let places = |chunks: &Vec<String>| json!(chunks.iter().filter_map(place).collect::<Vec<usize>>());
        let loaders = self.needs.iter();
        let loaders = loaders.map(|(point, chunks)| format!("__wasm_split_load_{point}: chunk({}),", places(chunks)));
        let before = self.needs.get(SURVEY).map_or_else(|| json!([]), places);
        let loader = read_text(&root().join("components/element/chunks.js"))?
            .replace("__FILES__", &serde_json::Value::from(files).to_string())
            .replace("__LOADERS__", &format!("{{ __proto__: null, {} }}", loaders.collect::<String>()))
            .replace("__BEFORE__", &before.to_string());
        crate::error::write(&work.join(LINK), loader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_modules_travel_with_others() {
        let names = ["split_keeping", "split_survey", "split_files", "chunk_1", "chunk_2", "chunk_3"];
        let needs = [
            ("keeping", vec!["split_keeping", "chunk_1", "chunk_2"]),
            ("survey", vec!["split_survey", "chunk_1", "chunk_3"]),
            ("files", vec!["split_files", "chunk_2", "chunk_3"]),
        ];
        let owned = |names: &Vec<&str>| names.iter().map(|name| (*name).to_owned()).collect();
        let split = Split {
            main: PathBuf::new(),
            chunks: names.iter().map(|name| ((*name).to_owned(), vec![])).collect(),
            needs: needs.iter().map(|(point, names)| ((*point).to_owned(), owned(names))).collect(),
        };
        let Packed { files, needs } = split.pack();
        assert_eq!(files.keys().collect::<Vec<_>>(), ["shared", "split_files", "split_keeping", "split_survey"]);
        assert_eq!(files["shared"], ["chunk_1", "chunk_3"]);
        assert_eq!(files["split_keeping"], ["chunk_2", "split_keeping"]);
        assert_eq!(needs["keeping"], ["shared", "split_keeping"]);
        assert_eq!(needs["survey"], ["shared", "split_survey"]);
        assert_eq!(needs["files"], ["shared", "split_files", "split_keeping"]);
    }

    #[test]
    fn what_all_import_is_imported_once() {
        let module = |import_table: bool| {
            let mut module = walrus::Module::default();
            module.add_import_memory(MAIN, "memory", false, false, 18, None, None);
            if import_table {
                module.add_import_table(MAIN, "table", false, 7, None, walrus::RefType::FUNCREF);
            }
            module.emit_wasm()
        };
        let all = imports_of(&[&module(false), &module(true)]).expect("a module");
        let all = parse(&all).expect("a module");
        let named: Vec<_> = all.imports.iter().map(|import| (&*import.module, &*import.name)).collect();
        assert_eq!(named, [(SHARED, "memory"), (SHARED, "table")]);
        assert_eq!(all.exports.iter().map(|export| &*export.name).collect::<Vec<_>>(), ["memory", "table"]);
    }
}
