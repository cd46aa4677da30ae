//! Web Locks: what only one tab of this origin does at a time. web-sys has them only behind an unstable flag.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{AbortController, AbortSignal};

#[wasm_bindgen]
extern "C" {
    type LockManager;
    #[wasm_bindgen(method)]
    fn request(this: &LockManager, name: &str, options: &Object, granted: &Function) -> Promise;
}

fn manager() -> Option<LockManager> {
    let locks = Reflect::get(&super::js::window().navigator(), &"locks".into()).ok()?;
    locks.is_object().then(|| locks.unchecked_into())
}

/// Waits for the lock `name`, does `work`, and lets go of it. Where there are no locks, only does `work`: safety never
/// depends on the lock, it saves traffic.
pub async fn hold(name: &str, work: impl Future<Output = ()> + 'static) {
    let Some(manager) = manager() else { return work.await };
    let granted = Closure::once_into_js(move || {
        future_to_promise(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    let _ = JsFuture::from(manager.request(name, &Object::new(), granted.unchecked_ref())).await;
}

/// A lock that is held until it is dropped, or until the page ends.
#[derive(Debug)]
pub struct Held(Option<Function>);

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Takes the lock `name` if nobody else has it within `patience` milliseconds. Where there are no locks, everybody gets
/// it: the revision of a draft still keeps tabs apart.
pub async fn take(name: &str, patience: i32) -> Option<Held> {
    let Some(manager) = manager() else { return Some(Held(None)) };
    let abort = AbortController::new().ok()?;
    let timer = {
        let abort = abort.clone();
        gloo_timers::callback::Timeout::new(patience.unsigned_abs(), move || abort.abort())
    };
    let taken = Promise::new(&mut |resolve, reject| {
        let granted = Closure::once_into_js(move || {
            // The lock is held until this promise ends, which is when `Held` is dropped.
            Promise::new(&mut |release, _| {
                let _ = resolve.call1(&JsValue::UNDEFINED, &release);
            })
        });
        let request = manager.request(name, &options(&abort.signal()), granted.unchecked_ref());
        let refused = Closure::once_into_js(move |reason: JsValue| {
            let _ = reject.call1(&JsValue::UNDEFINED, &reason);
        });
        let _ = catch(&request, refused.unchecked_ref());
    });
    let release = JsFuture::from(taken).await.ok()?;
    drop(timer);
    Some(Held(Some(release.unchecked_into())))
}

fn options(signal: &AbortSignal) -> Object {
    let options = Object::new();
    let _ = Reflect::set(&options, &"signal".into(), signal);
    options
}

fn catch(promise: &Promise, refused: &Function) -> Result<JsValue, JsValue> {
    Reflect::get(promise, &"catch".into())?.unchecked_into::<Function>().call1(promise, refused)
}
