//! The seam between the view and the module that keeps and sends: what of a page's runtime the view may use. Nothing of
//! that module's own types is made or dropped on this side, so that neither has to hold the other's code.

use core::any::Any;
use std::rc::Rc;

use itsm_widgets::adapters::browser::{PageEvent, PageRuntime, Storage};
use itsm_widgets::adapters::http::HttpDesk;
use itsm_widgets::domain::id::EntryId;
use itsm_widgets::domain::outbox::{OutboxEntry, OutboxState};
use itsm_widgets::ports::Later;
use itsm_widgets::runtime::url_of;

use crate::element::Host;
use crate::shared::late::NotLoaded;
use crate::shared::messages::Messages;
use crate::shared::state_text;
use crate::sign_out;

/// Looks at requests.
pub type Look = Box<dyn FnOnce(&[OutboxEntry])>;

/// What is on its way to one service desk.
pub trait Source {
    /// Shows `look` all requests of the person who is here, the oldest first.
    fn look(&self, look: Look) -> Later<'static, ()>;
    /// Where a request stands, in words.
    fn state_text(&self, messages: &Messages, state: &OutboxState) -> String;
    /// The definition of a form as it was read last: JSON.
    fn form(&self, form: String) -> Later<'static, Option<String>>;
    /// Tries a request at once.
    fn send_now(&self, id: EntryId) -> Later<'static, ()>;
    /// Gives a request up.
    fn discard(&self, id: EntryId) -> Later<'static, ()>;
    /// How many drafts and requests of the person who is here are on this device; `None` if that cannot be told.
    fn unsent(&self) -> Later<'static, Option<(usize, usize)>>;
    /// Whether what is kept opens only with something that the page gives this person.
    fn is_locked(&self) -> bool;
    /// Forgets all that belongs to this person. Whether it is gone.
    fn forget(&self) -> Later<'static, bool>;
    /// Signs this person out. Whether they have left.
    fn leave(&self, host: Host) -> Later<'static, bool>;
    /// Puts a request into its form, if that is on this page.
    fn edit(&self, id: EntryId) -> bool;
    /// How many saved requests cannot be read any more.
    fn missing(&self) -> Later<'static, usize>;
    /// Whether what is kept here survives the end of the page, as far as that is known.
    fn is_lasting(&self) -> bool;
    /// Calls `told` with what happens, until what it gives is dropped.
    fn follow(&self, told: Rc<dyn Fn(&PageEvent)>) -> Box<dyn Any>;
}

/// Loads the module, if it is not there yet, and opens what is on its way to `desk`.
pub async fn open(desk: Rc<HttpDesk>, storage: Storage) -> Result<Rc<dyn Source>, NotLoaded> {
    #[cfg(feature = "split")]
    let opening = source(desk, storage).await?;
    #[cfg(not(feature = "split"))]
    let opening = source(desk, storage)?;
    Ok(opening.await)
}

#[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(keeping, fallible))]
fn source(desk: Rc<HttpDesk>, storage: Storage) -> Result<Later<'static, Rc<dyn Source>>, NotLoaded> {
    Ok(Box::pin(async move { of(PageRuntime::of(&desk, storage).await) }))
}

/// What is on its way by `runtime`.
pub fn of(runtime: Rc<PageRuntime>) -> Rc<dyn Source> {
    Rc::new(Page(runtime))
}

struct Page(Rc<PageRuntime>);

impl Source for Page {
    fn look(&self, look: Look) -> Later<'static, ()> {
        let runtime = self.0.clone();
        Box::pin(async move { look(&runtime.store().entries(runtime.part()).await.unwrap_or_default()) })
    }

    fn state_text(&self, messages: &Messages, state: &OutboxState) -> String {
        state_text(messages, state, self.0.now())
    }

    fn form(&self, form: String) -> Later<'static, Option<String>> {
        let runtime = self.0.clone();
        Box::pin(async move {
            let url = url_of(runtime.desk().api(), &["forms/", &form].concat());
            runtime.store().cached(&url).await.ok().flatten().map(|cached| cached.body)
        })
    }

    fn send_now(&self, id: EntryId) -> Later<'static, ()> {
        let runtime = self.0.clone();
        Box::pin(async move {
            let _ = runtime.send_now(&id).await;
        })
    }

    fn discard(&self, id: EntryId) -> Later<'static, ()> {
        let runtime = self.0.clone();
        Box::pin(async move {
            let _ = runtime.discard(&id).await;
        })
    }

    fn unsent(&self) -> Later<'static, Option<(usize, usize)>> {
        let runtime = self.0.clone();
        Box::pin(async move { runtime.unsent().await.ok() })
    }

    fn is_locked(&self) -> bool {
        self.0.is_locked()
    }

    fn forget(&self) -> Later<'static, bool> {
        let runtime = self.0.clone();
        Box::pin(async move { runtime.forget().await.is_ok() })
    }

    fn leave(&self, host: Host) -> Later<'static, bool> {
        Box::pin(sign_out::leave(host, Rc::new(Page(self.0.clone()))))
    }

    fn edit(&self, id: EntryId) -> bool {
        self.0.edit(id)
    }

    fn missing(&self) -> Later<'static, usize> {
        let runtime = self.0.clone();
        Box::pin(async move { runtime.missing().await })
    }

    fn is_lasting(&self) -> bool {
        self.0.may_last()
    }

    fn follow(&self, told: Rc<dyn Fn(&PageEvent)>) -> Box<dyn Any> {
        Box::new(self.0.subscribe(move |event| told(event)))
    }
}
