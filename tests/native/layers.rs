//! The directions in which modules may name each other.

use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = vec![];
    for entry in fs::read_dir(folder).expect("a folder of this crate") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

fn names(layer: &str, forbidden: &[&str]) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(layer);
    let mut found = vec![];
    let files = rust_files(&folder);
    assert!(!files.is_empty(), "{layer} has no files");
    for file in files {
        let text = fs::read_to_string(&file).expect("a text file");
        // What only tests name is no dependency of the layer.
        let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let product = product.split("#[cfg(test)]\npub(crate) mod tests").next().unwrap_or_default();
        for (number, line) in product.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if forbidden.iter().any(|name| code.contains(name)) {
                found.push(format!("{}:{}: {}", file.display(), number + 1, line.trim()));
            }
        }
    }
    found
}

#[test]
fn the_domain_names_nothing_else_of_ours() {
    let found = names("domain", &["crate::ports", "crate::runtime", "crate::wire", "crate::adapters"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn wire_names_only_the_domain() {
    let found = names("wire", &["crate::ports", "crate::runtime", "crate::adapters"]);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn ports_and_runtime_name_no_adapter_and_no_browser() {
    for layer in ["ports", "runtime"] {
        let found = names(layer, &["crate::adapters", "web_sys", "js_sys", "wasm_bindgen"]);
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[test]
fn nothing_names_leptos_in_the_core() {
    for layer in ["domain", "wire", "ports", "runtime", "adapters"] {
        assert!(names(layer, &["leptos"]).is_empty(), "{layer}");
    }
}
