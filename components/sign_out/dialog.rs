//! The question.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use itsm_widgets::adapters::browser::PageEvent;
use itsm_widgets::domain::id::EntryId;
use itsm_widgets::domain::outbox::OutboxEntry;
use itsm_widgets::ports::Later;
use js_sys::{Function, Promise};
use leptos::prelude::Owner;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::element::Host;
use crate::outbox::messages::Text;
use crate::outbox::model::call;
use crate::outbox::source::Source;
use crate::shared::dom::{El, classed, el};
use crate::shared::late::NotLoaded;
use crate::shared::messages::{Message, Messages};
use crate::shared::watched::Watched;
use crate::shared::{base, spawn, styles};

/// How long what was tried may take to be taken back, in steps of half a second.
const STEPS: u32 = 8;

/// What is to be done about what is unsent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// The person stays.
    Stay,
    /// All of it goes.
    Forget,
    /// It stays, locked.
    Keep,
    /// It goes, and what was tried is taken back.
    Discard,
}

/// Asks, and does what was answered. Whether the person has left.
pub(super) async fn ask(host: Host, source: Rc<dyn Source>, unsent: (usize, usize)) -> Result<bool, NotLoaded> {
    #[cfg(feature = "split")]
    let asking = dialog(host, source, unsent).await?;
    #[cfg(not(feature = "split"))]
    let asking = dialog(host, source, unsent)?;
    Ok(asking.await)
}

#[cfg_attr(feature = "split", wasm_split_helpers::wasm_split(outbox, fallible))]
fn dialog(host: Host, source: Rc<dyn Source>, unsent: (usize, usize)) -> Result<Later<'static, bool>, NotLoaded> {
    Ok(Box::pin(async move {
        match answer(&host, &source, unsent).await {
            Answer::Stay => false,
            Answer::Keep => true,
            Answer::Forget => source.forget().await,
            Answer::Discard => {
                take_back(&*source).await;
                source.forget().await
            }
        }
    }))
}

/// What the question is about, as it changes: handles, copied freely.
#[derive(Clone, Copy)]
struct Asked {
    /// Drafts and requests that are unsent.
    unsent: Watched<(usize, usize)>,
    /// They are being sent.
    sending: Watched<bool>,
    /// Discarding was pressed once.
    sure: Watched<bool>,
    messages: Watched<Messages>,
    words: Watched<Messages>,
}

/// Shows the question until it is answered.
async fn answer(host: &Host, source: &Rc<dyn Source>, unsent: (usize, usize)) -> Answer {
    let (answered, answer) = (Rc::new(Cell::new(Answer::Stay)), Rc::new(Cell::new(None::<Function>)));
    let resolve = answer.clone();
    let promise = Promise::new(&mut |resolved, _| resolve.set(Some(resolved)));
    let last = answered.clone();
    let decide: Rc<dyn Fn(Answer)> = Rc::new(move |word| {
        if let Some(resolve) = answer.take() {
            last.set(word);
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let owner = Owner::new();
    let (shown, following) = owner.with(|| {
        let asked = Asked {
            unsent: Watched::new(unsent),
            sending: Watched::new(false),
            sure: Watched::new(false),
            messages: Watched::new(Messages::english()),
            words: Watched::new(Messages::english()),
        };
        speak(host.clone(), asked);
        let (counted, decided) = (source.clone(), decide.clone());
        let follow = move |_: &PageEvent| count(asked, counted.clone(), decided.clone());
        (question(host, asked, source, &decide), source.follow(Rc::new(follow)))
    });
    let sheets = styles::add(host.root(), include_str!("dialog.css"));
    let _ = host.root().append_child(shown.node());
    let _ = call(shown.node(), "showModal", &JsValue::UNDEFINED);
    let _ = JsFuture::from(promise).await;
    // Where the focus was before, it is again.
    let _ = call(shown.node(), "close", &JsValue::UNDEFINED);
    shown.node().remove();
    styles::set(host.root(), &sheets);
    drop(following);
    owner.cleanup();
    answered.get()
}

/// Loads the words of the reader's language.
fn speak(host: Host, asked: Asked) {
    spawn(async move {
        let tag = Messages::tag_for(&leptos::prelude::untrack(|| host.language()));
        let is_wanted = || host.reads(tag);
        let (Some(shared), Some(own)) = (
            Messages::load(host.base(), "", tag, is_wanted).await,
            Messages::load(host.base(), "outbox.", tag, is_wanted).await,
        ) else {
            return;
        };
        asked.messages.set(shared);
        asked.words.set(own);
    });
}

/// Sees how much is unsent, and leaves if that was waited for.
fn count(asked: Asked, source: Rc<dyn Source>, decide: Rc<dyn Fn(Answer)>) {
    spawn(async move {
        let Some(unsent) = source.unsent().await.filter(|_| asked.unsent.is_there()) else { return };
        asked.unsent.set(unsent);
        if unsent.1 == 0 && asked.sending.get_untracked() {
            decide(Answer::Forget);
        }
    });
}

fn question(host: &Host, asked: Asked, source: &Rc<dyn Source>, decide: &Rc<dyn Fn(Answer)>) -> El {
    let words = move |text| move || asked.words.with(|words| words.get(text));
    let when = move |is_so: bool, text| is_so.then(words(text));
    let count = move || {
        let (_, entries) = asked.unsent.get();
        (entries > 0).then(|| asked.words.with(|words| words.count(Text::CountOther, Text::CountOne, entries)))
    };
    let button = |class, word: Answer, text| {
        let decide = decide.clone();
        el("button").attr("type", "button").attr("class", class).say(words(text)).on("click", move |_| decide(word))
    };
    let progress = el("p").attr("role", "status").attr("tabindex", "-1");
    let send = {
        let (source, progress) = (source.clone(), progress.clone());
        let key = move || (asked.unsent.get().1 > 0 && !asked.sending.get()).then(String::new);
        let draw = move |_: &str| {
            let (source, progress) = (source.clone(), progress.clone());
            classed("button", "primary").attr("type", "button").say(words(Text::SignOutSend)).on("click", move |_| {
                asked.sending.set(true);
                let (source, progress) = (source.clone(), progress.clone());
                spawn(async move {
                    // The button goes, and what is said instead has the focus once it is there.
                    TimeoutFuture::new(0).await;
                    let _ = call(progress.node(), "focus", &JsValue::UNDEFINED);
                    for_each(&*source, |id| source.send_now(id)).await;
                });
            })
        };
        (key, draw)
    };
    let discard = {
        let decide = decide.clone();
        let text = move || match asked.sure.get() {
            true => asked.messages.with(|messages| messages.get(Message::ConfirmDiscard)),
            false => words(Text::SignOutDiscard)(),
        };
        classed("button", "quiet").attr("type", "button").say(text).on("click", move |_| {
            if asked.sure.get_untracked() {
                return decide(Answer::Discard);
            }
            asked.sure.set(true);
        })
    };
    let locked = source.is_locked();
    let theme = host.clone();
    let paragraph = |text: &str| el("p").text(text);
    let mut actions = classed("div", "actions").when(send.0, send.1);
    if locked {
        actions = actions.child(button("secondary", Answer::Keep, Text::SignOutKeep));
    }
    let inside = base("base sign-out", asked.messages, move || theme.attribute("theme"))
        .child(el("h2").attr("id", "itsm-sign-out").say(words(Text::SignOutTitle)))
        .when(count, paragraph)
        .when(move || when(asked.unsent.get().0 > 0, Text::SignOutDrafts), paragraph)
        .when(move || when(locked, Text::SignOutKept), paragraph)
        .child(progress.say(move || when(asked.sending.get(), Text::SignOutSending).unwrap_or_default()))
        .child(actions.child(discard).child(button("secondary", Answer::Stay, Text::SignOutStay)));
    let decide = decide.clone();
    el("dialog").attr("aria-labelledby", "itsm-sign-out").child(inside).on("close", move |_| decide(Answer::Stay))
}

/// Does something about every request.
async fn for_each(source: &dyn Source, act: impl Fn(EntryId) -> Later<'static, ()>) {
    let ids = Rc::new(std::cell::RefCell::new(vec![]));
    let found = ids.clone();
    let look = move |entries: &[OutboxEntry]| {
        found.replace(entries.iter().map(|entry| entry.id.clone()).collect());
    };
    source.look(Box::new(look)).await;
    for id in ids.take() {
        act(id).await;
    }
}

/// Tells the service desk of what was tried, as far as it answers soon.
async fn take_back(source: &dyn Source) {
    for _ in 0..STEPS {
        // What was just being sent can be given up once that has ended.
        for_each(source, |id| source.discard(id)).await;
        if matches!(source.unsent().await, Some((_, 0))) {
            return;
        }
        TimeoutFuture::new(500).await;
    }
}
