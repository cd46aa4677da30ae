//! The service desk that an element names.

use std::rc::Rc;

use itsm_widgets::adapters::browser::Storage;
use itsm_widgets::adapters::browser::js::{member, window};
use itsm_widgets::adapters::http::HttpDesk;
use leptos::prelude::untrack;
use wasm_bindgen::prelude::*;

use crate::element::Host;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = URL)]
    type Url;
    #[wasm_bindgen(constructor, js_class = "URL", catch)]
    fn new(url: &str, base: &str) -> Result<Url, JsValue>;
}

/// The API's address: absolute, without a slash at its end. The error says what is wrong, for the page author.
pub fn address(host: &Host) -> Result<String, String> {
    let text = untrack(|| host.attribute("api")).unwrap_or_default();
    if text.trim().is_empty() {
        return Err("The attribute api is missing: the address of the service desk's API, such as /api/v1.".into());
    }
    let base = window().document().and_then(|document| document.base_uri().ok().flatten()).unwrap_or_default();
    let url = Url::new(&text, &base).map_err(|_| ["The attribute api is no URL: ", &text].concat())?;
    let href = member(&url, "href").as_string().unwrap_or_default();
    if !href.starts_with("https:") && !href.starts_with("http:") {
        return Err(["The attribute api must be an http or https URL: ", &text].concat());
    }
    Ok(href.trim_end_matches('/').to_owned())
}

/// The service desk that the element names, with its token. The error says what is wrong, for the page author. An element
/// that has no token leaves that of its neighbours.
pub fn desk(host: &Host) -> Result<Rc<HttpDesk>, String> {
    let desk = HttpDesk::of(&address(host)?);
    if let Some(token) = untrack(|| host.property("getToken")) {
        desk.set_get_token(token.dyn_into().ok());
    }
    Ok(desk)
}

/// What may be kept on the device, as the page says.
pub fn storage(host: &Host) -> Storage {
    match untrack(|| host.attribute("storage")).as_deref() {
        Some("off") => Storage::Off,
        _ => Storage::Allowed,
    }
}
