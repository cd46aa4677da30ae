//! From the compiled crate to the files that a page loads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine;
use itsm_components::ELEMENTS;
use itsm_components::element::contract::ElementContract;
use itsm_components::shared::messages::LANGUAGES;
use serde_json::json;
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use super::chunks::{self, Split};
use super::manifest::camel;
use super::{Build, functions, glue};
use crate::error::{TaskError, read, read_text};
use crate::process::{output, program, root};
use crate::setup::npm;

/// The suite's version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What of WebAssembly the compiler uses, beyond its first version.
pub(super) const WASM_FEATURES: [&str; 6] =
    ["bulk-memory", "nontrapping-float-to-int", "sign-ext", "mutable-globals", "reference-types", "multivalue"];

/// What was written.
pub(crate) struct Bundle {
    /// The shell: the one file that a page names.
    pub(crate) shell: PathBuf,
    /// The glue between wasm and the browser.
    pub(crate) glue: PathBuf,
    /// What of the compiled module the first field needs.
    pub(crate) wasm: PathBuf,
    /// What comes after: by the name of its split point, with its files. Some are shared.
    pub(crate) chunks: BTreeMap<String, Vec<PathBuf>>,
}

/// Writes shell, glue, wasm and languages into `dist`.
pub(crate) fn write(dist: &Path, how: Build) -> Result<Bundle, TaskError> {
    let work = root().join("target/bundle");
    std::fs::create_dir_all(&work).map_err(TaskError::file(&work))?;
    let bound = bind(&work, how)?;
    let (glue, wasm) = match how {
        Build::Development => {
            crate::error::write(&work.join(chunks::LINK), "export const early = () => {};")?;
            (bound.glue, bound.wasm)
        }
        Build::Release => {
            functions::forbid(&bound.wasm)?;
            functions::forbid_in_first(&bound.wasm)?;
            let wasm = optimise(&work, &glue::without_unused_exports(&bound.wasm)?, Names::Dropped)?;
            glue::shorten(&bound.glue, &wasm)?
        }
    };
    let mut chunks = BTreeMap::new();
    let mut published = BTreeMap::new();
    if let Some(split) = &bound.split {
        let packed = split.pack();
        for (name, modules) in &packed.files {
            let module = split.merged(&work, modules)?;
            functions::forbid(&module)?;
            let module = optimise(&work, &module, Names::Dropped)?;
            let file = named_by("itsm-chunk", &module) + ".wasm";
            published.insert(name.clone(), (file.clone(), integrity(&module)));
            crate::error::write(&dist.join(&file), module)?;
        }
        packed.write_loader(&work, &published)?;
        for (point, needed) in &packed.needs {
            let files = needed.iter().filter_map(|name| Some(dist.join(&published.get(name)?.0)));
            chunks.insert(point.clone(), files.collect());
        }
    }
    let glue = minify(&in_one_file(&work, &check_glue(glue)?)?)?;
    // One name for both: neither is any use without the other.
    let core = named_by("itsm-core", &[glue.as_bytes(), &wasm].concat());
    let (glue_name, wasm_name) = (format!("{core}.js"), format!("{core}.wasm"));
    let (names, elements) = surfaces();
    let shell = read_text(&root().join("components/element/shell.js"))?
        .replace("__VERSION__", &json!(VERSION).to_string())
        .replace("__CORE__", &json!(core).to_string())
        .replace("__GLUE_INTEGRITY__", &json!(integrity(glue.as_bytes())).to_string())
        .replace("__WASM_INTEGRITY__", &json!(integrity(&wasm)).to_string())
        .replace("__NAMES__", &names.to_string())
        .replace("__ELEMENTS__", &elements.to_string());
    let bundle =
        Bundle { shell: dist.join("itsm-widgets.js"), glue: dist.join(glue_name), wasm: dist.join(wasm_name), chunks };
    crate::error::write(&bundle.shell, minify(&shell)?)?;
    crate::error::write(&bundle.glue, glue)?;
    crate::error::write(&bundle.wasm, wasm)?;
    for (folder, prefix) in [
        ("shared", ""),
        ("outbox", "outbox."),
        ("survey", "survey."),
        ("survey_invitation", "invitation."),
        ("satisfaction_report", "report."),
    ] {
        for tag in LANGUAGES {
            let path = format!("components/{folder}/messages/{tag}.json");
            let texts: serde_json::Value = serde_json::from_str(&read_text(&root().join(&path))?)
                .map_err(|error| TaskError::Promise(format!("{path}: {error}")))?;
            crate::error::write(&dist.join(format!("locales/{prefix}{tag}.json")), texts.to_string())?;
        }
    }
    Ok(bundle)
}

/// What the shell has to wire: the names that elements have, and for each element which of them.
fn surfaces() -> (serde_json::Value, serde_json::Value) {
    let kinds: [fn(&ElementContract) -> Vec<&'static str>; 3] = [
        |element| element.attributes.iter().map(|a| a.name).collect(),
        // `ready` is the shell's own; `carried` is how it hands over what was typed before.
        |element| element.properties.iter().map(|p| p.name).filter(|name| *name != "ready").collect(),
        |element| element.methods.iter().map(|m| m.name).collect(),
    ];
    let names = kinds.map(union);
    let is_plain = |name: &str| camel(name) == name || name == "without-title";
    assert!(names[0].iter().all(|name| is_plain(name)), "the shell knows one attribute with a hyphen");
    let of_element = |element: &&ElementContract| {
        let bits = (0..3).map(|kind| bits(&names[kind], &kinds[kind](element)) << (12 * kind)).sum::<u32>();
        json!([element.tag, bits])
    };
    (json!(names), ELEMENTS.iter().map(of_element).collect())
}

/// All names, each once, in the order in which they come.
fn union(names: fn(&ElementContract) -> Vec<&'static str>) -> Vec<&'static str> {
    let mut all = vec![];
    for name in ELEMENTS.iter().flat_map(|element| names(element)) {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

/// A bit for each of `all` that is among `some`.
fn bits(all: &[&str], some: &[&str]) -> u32 {
    assert!(all.len() <= 12, "the shell has twelve bits for each kind of name");
    all.iter().enumerate().filter(|(_, name)| some.contains(name)).map(|(at, _)| 1 << at).sum()
}

/// Whether the names of functions stay in the wasm.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Names {
    /// For whom looks at the figures.
    Kept,
    /// For what ships.
    Dropped,
}

/// The modules that ship, but for the names of their functions, which are still there.
pub(crate) fn named_modules() -> Result<Vec<(String, Vec<u8>)>, TaskError> {
    let work = root().join("target/debug-dist");
    std::fs::create_dir_all(&work).map_err(TaskError::file(&work))?;
    let bound = bind(&work, Build::Release)?;
    let main = optimise(&work, &glue::without_unused_exports(&bound.wasm)?, Names::Kept)?;
    let mut modules = vec![("first".to_owned(), main)];
    if let Some(split) = &bound.split {
        for (name, parts) in split.pack().files {
            modules.push((name, optimise(&work, &split.merged(&work, &parts)?, Names::Kept)?));
        }
    }
    Ok(modules)
}

/// A module with its glue.
struct Bound {
    glue: String,
    wasm: Vec<u8>,
    split: Option<Split>,
}

fn bind(work: &Path, how: Build) -> Result<Bound, TaskError> {
    let input = compiled("itsm_components", how);
    let split = match how {
        Build::Development => None,
        Build::Release => Some(chunks::split(work, &input)?),
    };
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(split.as_ref().map_or(&input, |split| &split.main))
        .web(true)
        .map_err(not_bound)?
        .out_name("itsm-core")
        .typescript(false)
        .omit_default_module_path(true)
        // Chunks work on the same memory, table and stack.
        .keep_lld_exports(split.is_some())
        .demangle(false)
        .remove_producers_section(true);
    bindgen.generate(work).map_err(not_bound)?;
    let glue = read_text(&work.join("itsm-core.js"))?;
    Ok(Bound {
        glue: if split.is_some() { chunks::with_loaders(&glue)? } else { glue },
        wasm: read(&work.join("itsm-core_bg.wasm"))?,
        split,
    })
}

/// Binds a compiled module that is no part of the suite into `folder`, as it is.
pub(crate) fn bind_alone(module: &str, name: &str, folder: &Path) -> Result<(), TaskError> {
    let mut bindgen = Bindgen::new();
    let bound = bindgen
        .input_path(compiled(module, Build::Release))
        .web(true)
        .map(|bindgen| bindgen.out_name(name).typescript(false));
    bound.and_then(|bindgen| bindgen.generate(folder)).map_err(not_bound)
}

/// Where cargo put a module.
fn compiled(module: &str, how: Build) -> PathBuf {
    root().join("target/wasm32-unknown-unknown").join(how.folder()).join(module).with_extension("wasm")
}

fn not_bound(error: impl std::fmt::Display) -> TaskError {
    TaskError::Promise(format!("wasm-bindgen: {error}"))
}

/// Glue, cover and loaders in one file, without what nobody imports.
fn in_one_file(work: &Path, glue: &str) -> Result<String, TaskError> {
    let whole = work.join("whole.js");
    crate::error::write(&whole, glue)?;
    let entry = work.join("entry.js");
    crate::error::write(
        &entry,
        "export { default, Widget, start } from './whole.js'; export { cover } from './cover.js';",
    )?;
    crate::error::write(&work.join("cover.js"), read_text(&root().join("components/element/cover.js"))?)?;
    let mut esbuild = program(npm::binary("esbuild")?);
    output(esbuild.arg(&entry).args(["--bundle", "--format=esm", "--log-level=error"]))
}

/// Refuses glue that a strict policy would stop: markup from strings, or code from strings.
fn check_glue(glue: String) -> Result<String, TaskError> {
    for forbidden in [".innerHTML", ".outerHTML", "insertAdjacentHTML", "new Function(", "eval(", "document.write"] {
        if glue.contains(forbidden) {
            let advice = "a dependency brings it, or a view is drawn by other means than shared/dom.rs";
            return Err(TaskError::Promise(format!("the glue holds {forbidden}: {advice}")));
        }
    }
    Ok(glue)
}

fn optimise(work: &Path, wasm: &[u8], names: Names) -> Result<Vec<u8>, TaskError> {
    let (input, result) = (work.join("input.wasm"), work.join("optimised.wasm"));
    crate::error::write(&input, wasm)?;
    let mut optimise = program(npm::binary("wasm-opt")?);
    optimise
        .args(["-Oz", "--converge", "--strip-producers", "--strip-target-features"])
        .arg(&input)
        .arg("-o")
        .arg(&result);
    // Functions that are inlined into their one caller make fewer bytes, but such as compress worse.
    optimise.args(["--one-caller-inline-max-function-size", "15"]);
    optimise.arg(if names == Names::Kept { "--debuginfo" } else { "--strip-debug" });
    optimise.args(WASM_FEATURES.map(|feature| format!("--enable-{feature}")));
    output(&mut optimise)?;
    read(&result)
}

/// Smaller, and for browsers of our floor.
fn minify(module: &str) -> Result<String, TaskError> {
    use std::io::Write;
    let mut esbuild = Command::new(npm::binary("esbuild")?);
    esbuild.args(["--minify", "--format=esm", "--target=chrome111,firefox114,safari16.4", "--legal-comments=none"]);
    let failed = |error: std::io::Error| TaskError::Failed { command: "esbuild".into(), hint: error.to_string() };
    let mut child = esbuild.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    child.stdin.take().expect("a pipe was asked for").write_all(module.as_bytes()).map_err(failed)?;
    let ended = child.wait_with_output().map_err(failed)?;
    if ended.status.success() {
        Ok(String::from_utf8_lossy(&ended.stdout).trim_end().to_owned())
    } else {
        Err(TaskError::Failed { command: "esbuild".into(), hint: "see above".into() })
    }
}

/// A name that changes with the content, so that it can be kept for ever.
fn named_by(stem: &str, bytes: &[u8]) -> String {
    let digest: String = Sha256::digest(bytes).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}-{digest}")
}

/// The value of an `integrity` attribute.
pub(crate) fn integrity(bytes: &[u8]) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(bytes)))
}
