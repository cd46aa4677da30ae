//! Regular expressions of definitions, in the browser.

use wasm_bindgen::prelude::*;

use crate::domain::form::Patterns;

#[wasm_bindgen]
extern "C" {
    type RegExp;
    #[wasm_bindgen(constructor, catch)]
    fn new(pattern: &str, flags: &str) -> Result<RegExp, JsValue>;
    #[wasm_bindgen(method)]
    fn test(this: &RegExp, text: &str) -> bool;
}

/// The browser's engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct BrowserPatterns;

impl Patterns for BrowserPatterns {
    fn matches(&self, pattern: &str, text: &str) -> bool {
        RegExp::new(pattern, "u").map_or(true, |regex| regex.test(text))
    }

    fn compiles(&self, pattern: &str) -> bool {
        RegExp::new(pattern, "u").is_ok()
    }
}
