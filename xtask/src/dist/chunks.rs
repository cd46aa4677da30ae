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

impl Split {
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
