//! Who is here, as the page says.

use core::pin::pin;

use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::HttpDesk;
use crate::adapters::browser::js::{call, from_json, member, window};
use crate::document;

/// How long a page may take to say who is here, in milliseconds.
const PATIENCE: u32 = 5_000;

/// Who is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// Issuer and subject; empty for somebody who is not signed in, or whose token says nothing.
    pub subject: String,
    /// What the page has for this person alone, to seal what is kept with; empty if it has nothing.
    pub storage_key: String,
}

/// Whom a token is about (RFC 7519, section 4.1). Whether it is true the service desk says.
#[derive(Default)]
struct Claims {
    issuer: Option<String>,
    subject: String,
}

document! { open Claims { issuer: "iss", subject: "sub", } }

/// What the page answered.
pub(super) struct Answer(JsValue);

impl Answer {
    fn member(&self, name: &str) -> Option<String> {
        member(&self.0, name).as_string()
    }

    pub(super) fn token(&self) -> Option<String> {
        self.0.as_string().or_else(|| self.member("token"))
    }

    pub(super) fn who(&self) -> Who {
        let subject = self.member("subject").or_else(|| subject_of(&self.token()?)).unwrap_or_default();
        Who { subject, storage_key: self.member("storageKey").unwrap_or_default() }
    }
}

/// Issuer and subject of a JSON web token; none of any other.
fn subject_of(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1)?.replace('-', "+").replace('_', "/");
    let letters = call(&window(), "atob", &Array::of1(&payload.into()))?.as_string()?;
    let bytes = letters.chars().map(|letter| letter as u8).collect();
    let Claims { issuer, subject } = from_json(&String::from_utf8(bytes).ok()?).ok()?;
    Some([&issuer.unwrap_or_default(), "\n", &subject].concat())
}

impl HttpDesk {
    /// What the page says of who is here; `None` if it does not say now: it could not ask, or takes too long.
    pub(super) async fn ask_page(&self) -> Option<Answer> {
        match select(pin!(self.ask()), TimeoutFuture::new(PATIENCE)).await {
            Either::Left((answer, _)) => answer,
            Either::Right(_) => None,
        }
    }

    async fn ask(&self) -> Option<Answer> {
        let Some(get_token) = self.get_token.borrow().clone() else { return Some(Answer(JsValue::NULL)) };
        let answer = get_token.call0(&JsValue::UNDEFINED).ok()?;
        JsFuture::from(Promise::resolve(&answer)).await.ok().map(Answer)
    }

    /// For whom this desk speaks: who was here when it was first asked; `None` if the page could not say then.
    pub async fn person(&self) -> Option<Who> {
        let known = self.person.borrow().clone();
        match known {
            Some(person) => person,
            None => {
                self.asked.set(self.get_token.borrow().is_some());
                let who = self.ask_page().await.map(|answer| answer.who());
                // Another element may have been quicker.
                self.person.borrow_mut().get_or_insert(who).clone()
            }
        }
    }

    /// Calls `left` once when somebody else is here than the [person](Self::person) for whom this desk speaks.
    pub fn on_left(&self, left: impl Fn() + 'static) {
        self.left.borrow_mut().push(Box::new(left));
    }

    /// Sees whether somebody else is here now.
    pub async fn look_up(&self) {
        self.token_of_person().await;
    }

    /// The token, if there is one; `None` if nothing may be sent now, since somebody else is here, or nobody knows who.
    pub(super) async fn token_of_person(&self) -> Option<Option<String>> {
        let answer = self.ask_page().await;
        let is_same = match (&*self.person.borrow(), &answer) {
            (Some(Some(person)), Some(answer)) => *person == answer.who(),
            (Some(None), Some(_)) => false,
            // The page had nobody to ask when this desk was opened; now it has, and cannot say.
            (Some(Some(_)), None) if !self.asked.get() => false,
            // Who was here before is most likely still here; or this desk was opened for nobody yet.
            (Some(_), None) | (None, _) => return None,
        };
        if is_same {
            return answer.map(|answer| answer.token());
        }
        // What is told may begin anew, with another desk.
        self.retire();
        let left = self.left.take();
        left.iter().for_each(|left| left());
        None
    }
}
