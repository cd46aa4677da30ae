//! What publishing needs, written from the elements' contracts: `package.json`, `custom-elements.json`, types, hashes.

use std::fmt::Write as _;
use std::path::Path;

use itsm_components::ELEMENTS;
use itsm_components::element::contract::{CREDENTIAL, ElementContract, Named};
use serde_json::{Value, json};

use super::bundle::{Bundle, VERSION, integrity};
use crate::error::{TaskError, read, read_text, write as write_file};
use crate::process::root;

/// Writes them into `dist`.
pub(crate) fn write(dist: &Path, bundle: &Bundle) -> Result<(), TaskError> {
    write_json(&dist.join("custom-elements.json"), &custom_elements())?;
    write_json(&dist.join("package.json"), &package())?;
    write_file(&dist.join("itsm-widgets.d.ts"), types())?;
    write_file(&dist.join("react.d.ts"), react_types())?;
    let mut hashes = serde_json::Map::new();
    for file in [&bundle.shell, &bundle.glue, &bundle.wasm].into_iter().chain(bundle.chunks.values().flatten()) {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        hashes.insert(name, integrity(&read(file)?).into());
    }
    write_json(&dist.join("integrity.json"), &Value::Object(hashes))?;
    for name in ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        write_file(&dist.join(name), read_text(&root().join(name))?)?;
    }
    // What the README shows and links to.
    for name in ["docs/portal.png", "docs/size.md", "backend/openapi.json"] {
        write_file(&dist.join(name), read(&root().join(name))?)?;
    }
    Ok(())
}

fn write_json(path: &Path, value: &Value) -> Result<(), TaskError> {
    write_file(path, format!("{value:#}\n"))
}

fn package() -> Value {
    json!({
        "name": "itsm-widgets",
        "version": VERSION,
        "description": "IT service management widgets as custom elements: ticket forms that deliver exactly once.",
        "license": "MIT OR Apache-2.0",
        "type": "module",
        "exports": {
            ".": { "types": "./itsm-widgets.d.ts", "default": "./itsm-widgets.js" },
            "./react": { "types": "./react.d.ts" },
            "./custom-elements.json": "./custom-elements.json",
            "./integrity.json": "./integrity.json",
            "./package.json": "./package.json"
        },
        "main": "./itsm-widgets.js",
        "types": "./itsm-widgets.d.ts",
        "customElements": "custom-elements.json",
        "sideEffects": ["./itsm-widgets.js"],
        "files": ["*.js", "*.wasm", "*.d.ts", "*.json", "locales", "docs", "backend/openapi.json", "*.md", "LICENSE-*"]
    })
}

/// The manifest, in the shape of schema 2.1.0 of webcomponents/custom-elements-manifest.
pub(crate) fn custom_elements() -> Value {
    let declarations: Vec<Value> = ELEMENTS.iter().map(|element| declaration(element)).collect();
    let exports: Vec<Value> = ELEMENTS
        .iter()
        .map(|element| {
            json!({ "kind": "custom-element-definition", "name": element.tag,
                "declaration": { "name": element.class, "module": "itsm-widgets.js" } })
        })
        .collect();
    json!({
        "schemaVersion": "2.1.0",
        "readme": "README.md",
        "modules": [{ "kind": "javascript-module", "path": "itsm-widgets.js", "declarations": declarations, "exports": exports }]
    })
}

fn declaration(element: &ElementContract) -> Value {
    let named = |all: &[Named]| -> Vec<Value> {
        all.iter().map(|n| json!({ "name": n.name, "description": n.text })).collect()
    };
    let attributes: Vec<Value> = element
        .attributes
        .iter()
        .map(|a| json!({ "name": a.name, "type": { "text": a.kind }, "default": a.default, "description": a.text, "fieldName": camel(a.name) }))
        .collect();
    let fields = element
        .properties
        .iter()
        .map(|p| json!({ "kind": "field", "name": p.name, "type": { "text": p.kind }, "description": p.text }));
    let methods = element.methods.iter().map(|m| {
        json!({ "kind": "method", "name": m.name, "description": m.text, "return": { "type": { "text": format!("Promise<{}>", m.returns) } } })
    });
    let events: Vec<Value> = element
        .events
        .iter()
        .map(|e| json!({ "name": e.name, "type": { "text": format!("CustomEvent<{}>", e.detail) }, "description": e.text }))
        .collect();
    json!({
        "kind": "class",
        "customElement": true,
        "name": element.class,
        "tagName": element.tag,
        "superclass": { "name": "HTMLElement" },
        "summary": element.summary,
        "attributes": attributes,
        "members": fields.chain(methods).collect::<Vec<_>>(),
        "events": events,
        "slots": named(element.slots),
        "cssParts": named(element.parts),
        "cssProperties": named(element.custom_properties),
    })
}

/// `without-title` as `withoutTitle`.
pub(super) fn camel(name: &str) -> String {
    let mut words = name.split('-');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |mut all, word| {
        let mut letters = word.chars();
        all.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        all.push_str(letters.as_str());
        all
    })
}

/// TypeScript's view of the elements: for scripts, and for JSX.
pub(crate) fn types() -> String {
    let mut text = String::from("// Written from the elements' contracts.\n\n");
    let _ = writeln!(text, "/** Who is here, as `getToken` says it. */\nexport type Credential = {CREDENTIAL};\n");
    for element in ELEMENTS {
        let _ = writeln!(text, "/** {} */\nexport interface {} extends HTMLElement {{", element.summary, element.class);
        for attribute in element.attributes.iter().filter(|a| a.name != "lang") {
            let _ = writeln!(text, "  /** {} */\n  {}: {};", attribute.text, camel(attribute.name), attribute.kind);
        }
        for property in element.properties {
            let readonly = if property.name == "ready" { "readonly " } else { "" };
            let _ = writeln!(text, "  /** {} */\n  {readonly}{}: {};", property.text, property.name, property.kind);
        }
        for method in element.methods {
            let _ = writeln!(text, "  /** {} */\n  {}(): Promise<{}>;", method.text, method.name, method.returns);
        }
        let _ = writeln!(
            text,
            "}}\n\n/** Attributes of `<{}>`, for JSX. */\nexport interface {}Attributes {{",
            element.tag, element.class
        );
        for attribute in element.attributes {
            let _ = writeln!(text, "  '{}'?: {};", attribute.name, attribute.kind);
        }
        for property in element.properties.iter().filter(|p| p.name != "ready") {
            let _ = writeln!(text, "  {}?: {};", property.name, property.kind);
        }
        for event in element.events {
            let _ = writeln!(text, "  'on{}'?: (event: CustomEvent<{}>) => void;", event.name, event.detail);
        }
        let _ = writeln!(text, "}}\n");
    }
    let _ = writeln!(text, "declare global {{\n  interface HTMLElementTagNameMap {{");
    for element in ELEMENTS {
        let _ = writeln!(text, "    '{}': {};", element.tag, element.class);
    }
    let _ = writeln!(text, "  }}\n  interface HTMLElementEventMap {{");
    let mut seen = std::collections::BTreeSet::new();
    for event in ELEMENTS.iter().flat_map(|element| element.events).filter(|event| seen.insert(event.name)) {
        let _ = writeln!(text, "    '{}': CustomEvent<{}>;", event.name, event.detail);
    }
    let _ = writeln!(text, "  }}\n  namespace JSX {{\n    interface IntrinsicElements {{");
    for element in ELEMENTS {
        let _ = writeln!(text, "      '{}': {}Attributes;", element.tag, element.class);
    }
    text.push_str("    }\n  }\n}\n");
    text
}

/// The elements as React's JSX knows elements: with `ref`, `key`, children and what all HTML elements have.
fn react_types() -> String {
    let mut text = String::from(
        "// Written from the elements' contracts. For React 19: `import type {} from 'itsm-widgets/react'`.\n\nimport type { DetailedHTMLProps, HTMLAttributes } from 'react';\n",
    );
    for element in ELEMENTS {
        let class = element.class;
        let _ = writeln!(text, "import type {{ {class}, {class}Attributes }} from './itsm-widgets.js';");
    }
    text.push_str("\ndeclare module 'react' {\n  namespace JSX {\n    interface IntrinsicElements {\n");
    for element in ELEMENTS {
        let (tag, class) = (element.tag, element.class);
        let _ =
            writeln!(text, "      '{tag}': DetailedHTMLProps<HTMLAttributes<{class}>, {class}> & {class}Attributes;");
    }
    text.push_str("    }\n  }\n}\n");
    text
}

/// The README's table of elements.
#[cfg(test)]
fn table() -> String {
    let mut text = String::from("| Element | What it is | Attributes | Events |\n|---|---|---|---|\n");
    for element in ELEMENTS {
        let list = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ");
        let attributes = list(element.attributes.iter().map(|a| a.name).collect());
        let events = list(element.events.iter().map(|e| e.name).collect());
        let _ = writeln!(text, "| `<{}>` | {} | {attributes} | {events} |", element.tag, element.summary);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_elements_as_they_are() {
        let path = root().join("README.md");
        let readme = read_text(&path).expect("a README");
        let (before, rest) = readme.split_once("<!-- elements -->\n").expect("a marker before the table");
        let (shown, after) = rest.split_once("<!-- /elements -->").expect("a marker after the table");
        if std::env::var_os("UPDATE").is_some() {
            let updated = format!("{before}<!-- elements -->\n{}<!-- /elements -->{after}", table());
            write_file(&path, updated).expect("a README that can be written");
        } else {
            assert_eq!(shown, table(), "run the tests with UPDATE=1 to write the table anew");
        }
    }

    #[test]
    fn an_attribute_has_its_property() {
        assert_eq!((camel("without-title").as_str(), camel("api").as_str()), ("withoutTitle", "api"));
    }
}
