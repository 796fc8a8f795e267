//! Passwords of which there is nothing but a slow digest: checked a few at a time, and replaced at the first use.
//!
//! A check costs as much processor time as ten thousand decisions, and anyone can ask for one. So there is room for a
//! few checks and no more, of which nobody gets all; whoever finds none in time is told to come back. A user has one
//! check at a time, and a wrong password that was tried before is not checked again. A user that there is not costs the
//! same, so that nobody can tell by the time who there is.

mod counted;
mod pool;
mod replace;
mod share;

use std::sync::Arc;
use std::time::Duration;

use claviger_door::{Prepared, Preparing, SlowDigests};
use claviger_policy::{SlowCandidate, Stake};

use crate::{App, AppError};
use pool::Pool;

/// Checks a password against a slow digest. It blocks.
pub trait SlowHash: Send + Sync + 'static {
    /// Whether the digest is that of the password.
    fn matches(&self, digest: &str, password: &str) -> bool;
}

/// How long a password waits for a place among the checks. Its check may take longer.
const PATIENCE: Duration = Duration::from_secs(2);

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
        Self { app, hash, pool: Pool::new(PATIENCE) }
    }

    /// The same, where passwords wait so long for a place.
    #[must_use]
    pub fn waiting(self, patience: Duration) -> Self {
        Self { pool: Pool::new(patience), ..self }
    }

    /// Whether the password is right. If it is, its digest is in the snapshot afterwards.
    async fn try_password(&self, candidate: SlowCandidate) -> Result<Tried, AppError> {
        let SlowCandidate { credential, digest, password, stake, .. } = candidate;
        // Replaced by another check, or by another process whose change is not here yet.
        let Some(slow) = self.app.store.slow_digest(credential).await? else {
            self.app.follow().await?;
            return Ok(Tried::Unneeded);
        };
        let hash = Arc::clone(&self.hash);
        let checked = tokio::task::spawn_blocking(move || hash.matches(&slow, &password)).await;
        match checked {
            // Somebody else's password.
            Ok(true) if stake == Stake::Nothing => Ok(Tried::Wrong),
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
        let work = |candidate| {
            let slow = self.clone();
            async move {
                let tried = slow.try_password(candidate).await;
                let told = |error: &AppError| tracing::error!(%error, "a slow digest was not checked or not replaced");
                tried.inspect_err(told).ok()
            }
        };
        match self.pool.enter(candidate, work) {
            Some(flight) => Box::pin(flight),
            None => Box::pin(std::future::ready(Prepared::Ready)),
        }
    }
}
