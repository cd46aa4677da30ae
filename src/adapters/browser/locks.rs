//! Web Locks: what only one tab of this origin does at a time. web-sys has them only behind an unstable flag.

use core::cell::RefCell;

use gloo_timers::callback::Timeout;
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

/// Waits for the lock `name`, does `work`, and lets go of it. Where there are no locks, only does `work`: safety never
/// depends on the lock, it saves traffic.
pub async fn hold(name: &str, work: impl Future<Output = ()>) {
    let held = acquire(name, &Object::new()).await;
    work.await;
    drop(held);
}

/// Takes the lock `name` if nobody else has it within `patience` milliseconds. Where there are no locks, everybody gets
/// it: the revision of a draft still keeps tabs apart.
pub async fn take(name: &str, patience: u32) -> Option<Held> {
    let abort = AbortController::new().ok()?;
    let options = Object::new();
    Reflect::set(&options, &"signal".into(), &abort.signal()).ok()?;
    let timer = Timeout::new(patience, move || abort.abort());
    let held = acquire(name, &options).await;
    drop(timer);
    held
}

async fn acquire(name: &str, options: &Object) -> Option<Held> {
    let Some(manager) = manager() else { return Some(Held(None)) };
    let taken = Promise::new(&mut |resolve, reject| {
        let granted = Closure::once_into_js(move || {
            // The lock is held until this promise ends.
            Promise::new(&mut |release, _| {
                let _ = resolve.call1(&JsValue::UNDEFINED, &release);
            })
        });
        let request = manager.request(name, options, granted.unchecked_ref());
        let refused = Closure::once_into_js(move |reason: JsValue| {
            let _ = reject.call1(&JsValue::UNDEFINED, &reason);
        });
        let _ = catch(&request, refused.unchecked_ref());
    });
    let release: Function = JsFuture::from(taken).await.ok()?.unchecked_into();
    HELD.with_borrow_mut(|held| held.push(release.clone()));
    Some(Held(Some(release)))
}

fn catch(promise: &Promise, refused: &Function) -> Result<JsValue, JsValue> {
    Reflect::get(promise, &"catch".into())?.unchecked_into::<Function>().call1(promise, refused)
}
