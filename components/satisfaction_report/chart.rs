//! Bars and ranges. What they show stands beside them in words: they are for eyes alone.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsValue;

use crate::shared::dom::{El, classed};

/// Sets a custom property of the element's own style. By script, since a policy may forbid style attributes.
fn style(element: El, name: &str, share: f64) -> El {
    let value = (share.clamp(0.0, 1.0) * 100.0).to_string() + "%";
    if let Ok(style) = Reflect::get(element.node(), &JsValue::from_str("style")) {
        let arguments = Array::of2(&name.into(), &value.into());
        let _ = itsm_widgets::adapters::browser::js::call(&style, "setProperty", &arguments);
    }
    element
}

/// A bar of that share of its place.
pub fn bar(share: f64) -> El {
    style(classed("span", "bar").attr("aria-hidden", "true"), "--share", share)
}

/// A point in its range; all three are shares of the place.
pub fn range(value: f64, low: f64, high: f64) -> El {
    let range = classed("span", "range").attr("aria-hidden", "true");
    style(style(style(range, "--low", low), "--high", high), "--share", value)
}
