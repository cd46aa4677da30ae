//! Web Locks: what only one tab of this origin does at a time. web-sys has them only behind an unstable flag.

use core::cell::RefCell;
use core::pin::pin;
use std::rc::Rc;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;

#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &Function) -> Promise;
}

thread_local! {
    /// What lets go of the locks that are held.
    static HELD: RefCell<Vec<Function>> = const { RefCell::new(Vec::new()) };
}

fn manager() -> Option<LockManager> {
    let locks = Reflect::get(&super::js::window().navigator(), &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}

/// A lock that is held until it is dropped, or until the page ends.
#[derive(Debug)]
pub struct Held(Option<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            HELD.with_borrow_mut(|held| held.retain(|other| other != release));
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Lets go of every lock. For an instance that has panicked and will drop nothing any more: its successor needs them.
pub fn release_all() {
    let held = HELD.with(|held| held.try_borrow().map(|held| held.clone()).unwrap_or_default());
    for release in held {
        let _ = release.call0(&JsValue::UNDEFINED);
    }
}

/// Whether there are locks here.
pub fn exist() -> bool {
    manager().is_some()
}

/// Takes the lock `name` if nobody else has it within `patience` milliseconds. Where there are no locks, everybody gets
/// it: the revision of a draft still keeps tabs apart.
pub async fn take(name: &str, patience: u32) -> Option<Held> {
    let (asked, late) = (pin!(hold(name)), pin!(TimeoutFuture::new(patience)));
    match select(asked, late).await {
        Either::Left((held, _)) => held,
        Either::Right(_) => None,
    }
}

/// Waits for the lock `name`; who stops waiting is out of the queue.
pub async fn hold(name: &str) -> Option<Held> {
    let abort = AbortController::new().ok()?;
    request(name, "signal", &abort.signal().into(), Asked { granted: Rc::default(), abort: Some(abort) }).await
}

/// Takes the lock `name`, whoever has it.
pub async fn steal(name: &str) -> Option<Held> {
    request(name, "steal", &JsValue::TRUE, Asked { granted: Rc::default(), abort: None }).await
}

/// A request for a lock, and what lets go of it once it is granted.
struct Asked {
    granted: Rc<RefCell<Option<Function>>>,
    abort: Option<AbortController>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        match (self.granted.take(), &self.abort) {
            // Granted, and nobody is here any more to hold it.
            (Some(release), _) => drop(release.call0(&JsValue::UNDEFINED)),
            (None, Some(abort)) => abort.abort(),
            (None, None) => {}
        }
    }
}

async fn request(name: &str, option: &str, value: &JsValue, asked: Asked) -> Option<Held> {
    let Some(manager) = manager() else { return Some(Held(None)) };
    let options = Object::new();
    Reflect::set(&options, &option.into(), value).ok()?;
    let taken = Promise::new(&mut |resolve, reject| {
        let slot = asked.granted.clone();
        let granted = Closure::once_into_js(move || {
            // The lock is held until this promise ends.
            Promise::new(&mut |release, _| {
                slot.replace(Some(release));
                let _ = resolve.call0(&JsValue::UNDEFINED);
            })
        });
        let request = manager.request(name, &options, granted.unchecked_ref());
        let refused = Closure::once_into_js(move |reason: JsValue| {
            let _ = reject.call1(&JsValue::UNDEFINED, &reason);
        });
        let _ = catch(&request, refused.unchecked_ref());
    });
    JsFuture::from(taken).await.ok()?;
    let release = asked.granted.take()?;
    HELD.with_borrow_mut(|held| held.push(release.clone()));
    Some(Held(Some(release)))
}

fn catch(promise: &Promise, refused: &Function) -> Result<JsValue, JsValue> {
    Reflect::get(promise, &"catch".into())?.unchecked_into::<Function>().call1(promise, refused)
}
