//! Views that come with a module of their own.

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::ports::Later;
use leptos::prelude::Owner;

use super::dom::{El, classed};
use super::watched::Watched;
use super::{spawn, styles};
use crate::element::Host;

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

/// An element whose whole view comes with a module of its own.
pub fn late_element(host: Host, load: fn(Host) -> Later<'static, Result<Draw, NotLoaded>>) -> El {
    styles::adopt(host.root());
    late(move || load(host.clone()))
}

/// Makes the `mount` of an element whose `$view` of what `$model` makes of its host is the module `$module`.
#[macro_export]
macro_rules! late_element {
    ($module:ident, $model:path, $view:path) => {
        /// Shows the element.
        pub fn mount(host: $crate::element::Host) -> $crate::shared::dom::El {
            $crate::shared::late::late_element(host, |host| Box::pin(load(host)))
        }

        async fn load(
            host: $crate::element::Host,
        ) -> Result<$crate::shared::late::Draw, $crate::shared::late::NotLoaded> {
            #[cfg(feature = "split")]
            return draw(host).await;
            #[cfg(not(feature = "split"))]
            draw(host)
        }

        #[cfg_attr(feature = "split", wasm_split_helpers::wasm_split($module, fallible))]
        fn draw(host: $crate::element::Host) -> Result<$crate::shared::late::Draw, $crate::shared::late::NotLoaded> {
            Ok(Box::new(move || $view($model(host))))
        }
    };
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
