//! Passwords of which there is nothing but a slow digest: checked a few at a time, and replaced at the first use.
//!
//! A check costs as much processor time as ten thousand decisions, and anyone can ask for one. So there is room for a
//! few checks and no more; whoever finds none is told to come back. A user has one check at a time, and a wrong
//! password that was tried before is not checked again.

mod counted;
mod pool;
mod replace;

use std::sync::Arc;

use claviger_door::{Prepared, Preparing, SlowDigests};
use claviger_policy::SlowCandidate;

use crate::{App, AppError};
use pool::Pool;

/// Checks a password against a slow digest. It blocks.
pub trait SlowHash: Send + Sync + 'static {
    /// Whether the digest is that of the password.
    fn matches(&self, digest: &str, password: &str) -> bool;
}

/// bcrypt.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bcrypt;

impl SlowHash for Bcrypt {
    fn matches(&self, digest: &str, password: &str) -> bool {
        bcrypt::verify(password, digest).unwrap_or(false)
    }
}

/// The slow digests of an installation.
#[derive(Clone)]
pub struct SlowKeys {
    app: Arc<App>,
    hash: Arc<dyn SlowHash>,
    pool: Arc<Pool>,
}

impl SlowKeys {
    /// Checks with `hash`.
    #[must_use]
    pub fn new(app: Arc<App>, hash: Arc<dyn SlowHash>) -> Self {
        Self { app, hash, pool: Arc::default() }
    }

    /// Whether the password is right. If it is, its digest is in the snapshot afterwards.
    async fn try_password(&self, candidate: SlowCandidate) -> Result<Tried, AppError> {
        let SlowCandidate { credential, digest, password } = candidate;
        // Replaced by another check, or by another process whose change is not here yet.
        let Some(slow) = self.app.store.slow_digest(credential).await? else {
            self.app.follow().await?;
            return Ok(Tried::Unneeded);
        };
        let hash = Arc::clone(&self.hash);
        let checked = tokio::task::spawn_blocking(move || hash.matches(&slow, &password)).await;
        match checked {
            Ok(true) => self.app.replace_slow_digest(credential, digest).await.map(|()| Tried::Right),
            Ok(false) => Ok(Tried::Wrong),
            Err(error) => Err(AppError::Invalid(format!("a slow digest cannot be checked: {error}"))),
        }
    }
}

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tried {
    Right,
    Wrong,
    Unneeded,
}

impl SlowDigests for SlowKeys {
    fn check(&self, candidate: SlowCandidate) -> Preparing<'_> {
        let key = (candidate.credential, candidate.digest);
        let work = || {
            let slow = self.clone();
            async move {
                match slow.try_password(candidate).await {
                    Ok(tried) => Some(tried),
                    Err(error) => {
                        tracing::error!(%error, "a slow digest was not checked or not replaced");
                        None
                    }
                }
            }
        };
        match self.pool.enter(key, work) {
            Some(flight) => Box::pin(flight),
            None => Box::pin(std::future::ready(Prepared::Ready)),
        }
    }
}
