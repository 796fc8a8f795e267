//! What is known of a provider, for a while.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use claviger_app::SsoFailure;
use claviger_model::{Span, Time};
use tokio::sync::Mutex;

use crate::Address;
use crate::discovery::{self, Endpoints};
use crate::keys::{self, Keys};
use crate::wire::Wire;

/// How long what a provider said of itself is believed: a key that it gave up is one for no longer.
const BELIEVED: Span = Span::from_secs(3600);
/// How long it is not asked for its keys again, whatever keys tokens name.
const KEYS_AGAIN: Span = Span::from_secs(60);
/// How long it is not asked again after it did not answer.
const AFTER_FAILURE: Span = Span::from_secs(5);

/// What a provider said of itself.
#[derive(Clone)]
pub(crate) struct Known {
    pub(crate) endpoints: Arc<Endpoints>,
    pub(crate) keys: Arc<Keys>,
    at: Time,
    keys_at: Time,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    failed: Option<(Time, SsoFailure)>,
}

/// Asks once for all who want to know at the same time.
#[derive(Default)]
pub(crate) struct Memory {
    state: Mutex<State>,
    /// How often it was asked.
    asked: AtomicU64,
}

impl Memory {
    /// What is known, asked for if need be.
    pub(crate) async fn get(&self, wire: &Wire, issuer: &Address, now: Time) -> Result<Known, SsoFailure> {
        let before = self.asked.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(known) = state.known.as_ref().filter(|known| is_within(known.at, BELIEVED, now)) {
            return Ok(known.clone());
        }
        if let Some((at, failure)) = &state.failed
            // Whoever waited for the answer of another one has that: they do not ask one after the other.
            && (self.asked.load(Ordering::Acquire) != before || is_within(*at, AFTER_FAILURE, now))
        {
            return Err(failure.clone());
        }
        let asked = ask(wire, issuer, now).await;
        self.asked.fetch_add(1, Ordering::Release);
        state.failed = asked.as_ref().err().map(|failure| (now, failure.clone()));
        state.known = asked.as_ref().ok().cloned();
        asked
    }

    /// The same with keys that are asked for again, if that was not done just now; nothing, if it was.
    pub(crate) async fn with_new_keys(&self, wire: &Wire, now: Time) -> Result<Option<Known>, SsoFailure> {
        let mut state = self.state.lock().await;
        let Some(known) = state.known.as_mut() else { return Ok(None) };
        if is_within(known.keys_at, KEYS_AGAIN, now) {
            return Ok(None);
        }
        // Not again at once if it does not answer, either.
        known.keys_at = now;
        known.keys = Arc::new(keys::fetch(wire, &known.endpoints.keys).await?);
        Ok(Some(known.clone()))
    }
}

/// Whether something is younger than that. What is of a time to come, by a clock that was set back, is not.
fn is_within(at: Time, span: Span, now: Time) -> bool {
    at <= now && now < at.after(span)
}

async fn ask(wire: &Wire, issuer: &Address, now: Time) -> Result<Known, SsoFailure> {
    let endpoints = discovery::fetch(wire, issuer).await?;
    let keys = Arc::new(keys::fetch(wire, &endpoints.keys).await?);
    Ok(Known { endpoints: Arc::new(endpoints), keys, at: now, keys_at: now })
}
