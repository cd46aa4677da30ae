//! `<itsm-satisfaction-report>`: what a survey's answers come to. The element itself is a place that waits for its module.

pub mod contract;
pub mod messages;

#[cfg(target_family = "wasm")]
mod chart;
#[cfg(target_family = "wasm")]
mod export;
#[cfg(target_family = "wasm")]
mod model;
#[cfg(target_family = "wasm")]
mod view;

#[cfg(target_family = "wasm")]
pub use wasm::mount;

#[cfg(target_family = "wasm")]
mod wasm {
    use super::{model, view};
    use crate::element::Host;
    use crate::shared::dom::El;
    use crate::shared::late::{Draw, NotLoaded, late};
    use crate::shared::styles;

    /// Shows the element.
    pub fn mount(host: Host) -> El {
        styles::adopt(host.root());
        late(move || Box::pin(load(host.clone())))
    }

    async fn load(host: Host) -> Result<Draw, NotLoaded> {
        #[cfg(feature = "split")]
        return draw(host).await;
        #[cfg(not(feature = "split"))]
        draw(host)
    }

    #[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(report, fallible))]
    fn draw(host: Host) -> Result<Draw, NotLoaded> {
        Ok(Box::new(|| view::report(model::Report::new(host))))
    }
}
