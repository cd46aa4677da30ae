//! Views that come with a module of their own.

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::ports::Later;
use leptos::prelude::Owner;

use super::dom::{El, classed};
use super::spawn;
use super::watched::Watched;

/// A module could not be loaded.
#[derive(Clone, Copy, Debug)]
pub struct NotLoaded;

#[cfg(feature = "split")]
impl From<wasm_split_helpers::SplitLoaderError> for NotLoaded {
    fn from(_: wasm_split_helpers::SplitLoaderError) -> Self {
        Self
    }
}

/// Draws what a module shows.
pub type Draw = Box<dyn FnOnce() -> El>;

/// A place for a view, which is drawn there as soon as `load` has loaded it. A module that cannot be loaded is asked for
/// again, until the place is gone.
pub fn late(load: impl Fn() -> Later<'static, Result<Draw, NotLoaded>> + 'static) -> El {
    let place = classed("div", "late");
    // It is gone together with its owner.
    let (owner, there, node) = (Owner::current().unwrap_or_default(), Watched::new(()), place.node().clone());
    spawn(async move {
        if let Some(draw) = loaded(move || there.is_there(), load).await {
            let _ = node.append_child(owner.with(draw).node());
        }
    });
    place
}

/// What `load` has loaded, asked again after longer and longer pauses; `None` once it is not wanted any more.
pub async fn loaded<T: 'static>(
    is_wanted: impl Fn() -> bool,
    load: impl Fn() -> Later<'static, Result<T, NotLoaded>>,
) -> Option<T> {
    let mut pause = 1_000;
    while is_wanted() {
        if let Ok(loaded) = load().await {
            return Some(loaded).filter(|_| is_wanted());
        }
        TimeoutFuture::new(pause).await;
        pause = (pause * 4).min(60_000);
    }
    None
}
