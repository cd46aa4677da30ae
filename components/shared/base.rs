//! The root of a widget's view.

use super::dom::{El, classed};
use super::messages::Messages;
use super::watched::Watched;

/// The root, with the theme that the page asks for, and the direction and language of what is said in it.
pub fn base(class: &str, messages: Watched<Messages>, theme: impl Fn() -> Option<String> + 'static) -> El {
    let right_to_left = move || messages.with(Messages::is_right_to_left);
    classed("div", class)
        .part("base")
        .bind("data-theme", theme)
        .bind("dir", move || Some(if right_to_left() { "rtl" } else { "ltr" }.to_owned()))
        .bind("lang", move || Some(messages.with(|messages| messages.tag().to_owned())))
}

/// What a screen reader is told, and nobody sees.
pub fn announcement(said: Watched<String>) -> El {
    let place = classed("p", "visually-hidden").attr("role", "status").attr("data-role", "announcement");
    place.say(move || said.get())
}
