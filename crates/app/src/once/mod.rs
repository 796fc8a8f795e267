//! Requests that are done once, however often they are sent: with the change, its answer is kept.

mod claim;
mod told;

use std::str::FromStr;

use claviger_model::{Digest, Span};

pub(crate) use claim::Claim;
pub(crate) use told::{Told, or_kept};

/// For so long the answer to a request is kept.
pub(crate) const KEPT_FOR: Span = Span::from_days(1);
/// Characters of a key.
const LONGEST: usize = 255;

tokio::task_local! {
    static CURRENT: Once;
}

/// By what a caller knows a request that they may send again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnceKey(String);

/// That a key is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it has to be 1 to {LONGEST} visible characters of ASCII")]
pub struct OnceKeyError;

impl FromStr for OnceKey {
    type Err = OnceKeyError;

    fn from_str(text: &str) -> Result<Self, OnceKeyError> {
        let good = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        good.then(|| Self(text.to_owned())).ok_or(OnceKeyError)
    }
}

/// A request that is done once: its key, and a digest of everything that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    key: OnceKey,
    request: Digest,
}

impl Once {
    /// Does work for this request, once. If it was done before, the work ends where its change would begin, and answers
    /// what was answered then. What the work spawns is no part of it.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }

    fn current() -> Option<Self> {
        CURRENT.try_with(Self::clone).ok()
    }
}

impl crate::App {
    /// A request with this key. Of what was asked for, `parts` are everything that counts.
    #[must_use]
    pub fn once(&self, key: OnceKey, parts: &[&[u8]]) -> Once {
        let mut whole = b"once".to_vec();
        for part in parts {
            // With its length: no two lists of parts are alike.
            whole.extend_from_slice(&(part.len() as u64).to_be_bytes());
            whole.extend_from_slice(part);
        }
        Once { key, request: self.vault.digest_key().digest(&whole) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_visible_and_not_endless() {
        let long = "k".repeat(LONGEST);
        for good in ["k", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", &long] {
            assert!(good.parse::<OnceKey>().is_ok(), "{good}");
        }
        for bad in ["", "a b", "schlüssel", "a\u{7f}", &format!("{long}k")] {
            assert_eq!(bad.parse::<OnceKey>(), Err(OnceKeyError), "{bad}");
        }
    }
}
