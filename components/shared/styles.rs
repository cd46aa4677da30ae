//! One style sheet for all elements of a page: constructed, so that no policy has to allow inline styles.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::ShadowRoot;

#[wasm_bindgen]
extern "C" {
    type CSSStyleSheet;
    #[wasm_bindgen(constructor)]
    fn new() -> CSSStyleSheet;
    #[wasm_bindgen(method, js_name = replaceSync)]
    fn replace_sync(this: &CSSStyleSheet, text: &str);
}

const SHEETS: &[&str] = &[
    include_str!("../../style/tokens.css"),
    include_str!("../../style/themes/dark.css"),
    include_str!("../../style/form_control.css"),
    include_str!("../ticket_form/ticket_form.css"),
];

thread_local! {
    static SHEET: CSSStyleSheet = {
        let sheet = CSSStyleSheet::new();
        sheet.replace_sync(&SHEETS.concat());
        sheet
    };
}

/// Gives `root` the suite's style sheet, and one of `text` for what only it shows.
pub fn adopt_with(root: &ShadowRoot, text: &str) {
    let own = CSSStyleSheet::new();
    own.replace_sync(text);
    SHEET.with(|sheet| {
        let _ = Reflect::set(root, &"adoptedStyleSheets".into(), &Array::of2(sheet, &own));
    });
}

/// Adds a style sheet of `text` to those of `root`. Gives those that it had before.
pub fn add(root: &ShadowRoot, text: &str) -> Array {
    let before =
        Reflect::get(root, &"adoptedStyleSheets".into()).map(|sheets| Array::from(&sheets)).unwrap_or_default();
    let own = CSSStyleSheet::new();
    own.replace_sync(text);
    set(root, &before.concat(&Array::of1(&own)));
    before
}

/// Gives `root` these style sheets.
pub fn set(root: &ShadowRoot, sheets: &Array) {
    let _ = Reflect::set(root, &"adoptedStyleSheets".into(), sheets);
}

/// Gives `root` the suite's style sheet.
pub fn adopt(root: &ShadowRoot) {
    SHEET.with(|sheet| {
        let _ = Reflect::set(root, &"adoptedStyleSheets".into(), &Array::of1(sheet));
    });
}
