//! Forwarding: every accepted submission is told to one address, signed, from an outbox of its own. What becomes of a
//! message is the rule that browsers follow too, [`step`](itsm_widgets::domain::outbox::step); what it says is
//! [`Message`].

pub mod list;
pub mod signature;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Uri};
use itsm_widgets::domain::outbox::{Breaker, Claim, OutboxEntry, OutboxState, RetryPolicy, Verdict};
use itsm_widgets::domain::ticket::Receipt;
use itsm_widgets::domain::time::Timestamp;
use itsm_widgets::wire::{IDEMPOTENCY_KEY, Reply, verdict};
use serde::Serialize;
use tokio::sync::Notify;

use self::signature::Secret;
use crate::clock::now;
use crate::outgoing::{Outgoing, OutgoingError};
use crate::registers::Row;
use crate::store::{Store, StoreError};

/// Messages on their way at once.
const HANDS: usize = 4;
/// How long a claim lasts: longer than any request.
const LEASE: Duration = Duration::from_secs(60);
/// How often the database is looked at without a word.
const LOOK: Duration = Duration::from_secs(60);

/// Where submissions are forwarded to.
#[derive(Clone, Debug)]
pub struct RelaySettings {
    /// The address.
    pub address: Uri,
    /// What signs them.
    pub secret: Secret,
}

/// What is told: Standard Webhooks' payload.
#[derive(Serialize)]
pub struct Message<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    timestamp: Timestamp,
    data: Row<'a>,
}

impl<'a> Message<'a> {
    /// A ticket was made.
    pub fn created(ticket: &'a crate::store::Ticket) -> Self {
        Self { kind: "ticket.created", timestamp: ticket.received_at, data: Row::from(ticket) }
    }

    /// Its answers were changed: what they are now.
    pub fn changed(ticket: &'a crate::store::Ticket) -> Self {
        let timestamp = ticket.revised_at.unwrap_or(ticket.received_at);
        Self { kind: "ticket.changed", timestamp, data: Row::from(ticket) }
    }
}

/// Says that there is something to forward.
#[derive(Clone, Debug, Default)]
pub struct Word(Arc<Notify>);

impl Word {
    /// Something was accepted.
    pub fn say(&self) {
        self.0.notify_one();
    }
}

struct Relay<S> {
    store: S,
    settings: RelaySettings,
    outgoing: Outgoing,
    policy: RetryPolicy,
    breaker: Mutex<Breaker>,
    /// Greater than that of any process before.
    epoch: u64,
}

/// Forwards for as long as the store is open. What a process before had in hand is sent again, under the same id.
pub async fn run<S: Store>(store: S, settings: RelaySettings, word: Word) {
    let epoch = now().as_millis().unsigned_abs();
    if let Err(error) = store.relay_take_over(epoch).await {
        tracing::error!(%error, "nothing is forwarded");
        return;
    }
    let policy = RetryPolicy::default();
    let relay = Relay { store, settings, outgoing: Outgoing::new(), policy, breaker: Mutex::default(), epoch };
    let relay = Arc::new(relay);
    loop {
        let hands: Vec<_> = (0..HANDS).map(|_| tokio::spawn(drain(relay.clone()))).collect();
        for hand in hands {
            if !matches!(hand.await, Ok(Ok(()))) {
                // The store is closed, or fails: what waits is kept.
                tokio::time::sleep(Duration::from_secs(1)).await;
                if relay.store.ping().await.is_err() {
                    return;
                }
            }
        }
        let pause = relay.pause().await;
        let _ = tokio::time::timeout(pause, word.0.notified()).await;
    }
}

async fn drain<S: Store>(relay: Arc<Relay<S>>) -> Result<(), StoreError> {
    while relay.is_let_through() {
        let at = now();
        let Some(entry) = relay.store.relay_claim(relay.epoch, at, at + LEASE).await? else { break };
        relay.change_breaker(|breaker| breaker.tried(at, &relay.policy));
        let verdict = relay.tell(&entry).await;
        let claim = Claim { id: entry.id.clone(), key: entry.key.clone(), epoch: relay.epoch };
        relay.change_breaker(|breaker| breaker.settled(&verdict, now(), &relay.policy));
        let state = relay.store.relay_settle(claim, verdict, now(), fastrand::f64()).await?;
        if let Some(OutboxState::Parked { why }) = state {
            tracing::error!(ticket = entry.id.as_str(), ?why, "it is not forwarded any more");
        }
    }
    Ok(())
}

impl<S: Store> Relay<S> {
    fn is_let_through(&self) -> bool {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner).lets_through(now(), &self.policy)
    }

    fn change_breaker(&self, change: impl FnOnce(Breaker) -> Breaker) {
        let mut breaker = self.breaker.lock().unwrap_or_else(PoisonError::into_inner);
        *breaker = change(breaker.clone());
    }

    /// Until something is due.
    async fn pause(&self) -> Duration {
        let at = now();
        let Ok(Some(due)) = self.store.relay_due().await else { return LOOK };
        let open = self.breaker.lock().unwrap_or_else(PoisonError::into_inner).next_try(at, &self.policy);
        let millis = due.max(open).millis_since(at).max(50).unsigned_abs();
        Duration::from_millis(millis).min(LOOK)
    }

    async fn tell(&self, entry: &OutboxEntry) -> Verdict {
        let seconds = now().as_millis() / 1_000;
        let Some(headers) = self.headers(entry, seconds) else { return Verdict::Broken };
        match self.outgoing.post(&self.settings.address, headers, entry.body.clone()).await {
            Ok(answer) if answer.status.is_success() => Verdict::Delivered(receipt_of(entry)),
            Ok(answer) => {
                let (status, retry_after) = (answer.status.as_u16(), answer.retry_after);
                verdict(Reply::Answer { status, retry_after, receipt: None, problem: None }, &entry.key)
            }
            Err(OutgoingError::Address) => Verdict::Config,
            Err(error) => {
                tracing::warn!(%error, ticket = entry.id.as_str(), "it was not forwarded");
                verdict(Reply::None, &entry.key)
            }
        }
    }

    fn headers(&self, entry: &OutboxEntry, seconds: i64) -> Option<HeaderMap> {
        let mut headers = HeaderMap::new();
        let signature = self.settings.secret.sign(entry.key.as_str(), seconds, &entry.body);
        for (name, value) in [
            ("content-type", "application/json"),
            ("webhook-id", entry.key.as_str()),
            ("webhook-timestamp", &seconds.to_string()),
            ("webhook-signature", &signature),
        ] {
            headers.insert(name, HeaderValue::from_str(value).ok()?);
        }
        let key = http::HeaderName::try_from(IDEMPOTENCY_KEY).ok()?;
        headers.insert(key, HeaderValue::from_str(entry.key.as_str()).ok()?);
        Some(headers)
    }
}

/// The receiver's yes: it says no more than that.
fn receipt_of(entry: &OutboxEntry) -> Receipt {
    Receipt {
        key: entry.key.clone(),
        number: entry.id.to_string(),
        received_at: now(),
        priority: None,
        read_link: None,
        editable_until: None,
        answer_by: None,
    }
}
