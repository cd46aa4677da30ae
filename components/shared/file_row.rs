//! A file with how much of it is at the service desk.

use super::dom::{El, classed, el};
use super::messages::Messages;
use super::watched::Watched;

/// A row of a list: name, bar, and bytes. `sent` says how many bytes are there, once it is on its way.
pub fn file_row(
    messages: Watched<Messages>,
    name: &str,
    size: u64,
    sent: impl Fn() -> Option<u64> + Clone + 'static,
) -> El {
    let value = sent.clone();
    let bar = el("progress").attr("aria-label", name).attr("max", &size.to_string());
    let bar = bar.bind("value", move || Some(value().unwrap_or_default().to_string()));
    let words = move || {
        let bytes = |n| messages.with(|m| m.bytes(n));
        sent().map_or_else(|| bytes(size), |sent| [&bytes(sent), " / ", &bytes(size)].concat())
    };
    el("li")
        .child(classed("span", "file-name").text(name))
        .text(" ")
        .child(bar)
        .text(" ")
        .child(classed("span", "muted").say(words))
}
