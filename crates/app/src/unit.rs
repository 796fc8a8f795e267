use claviger_model::{Change, ChangeNumber, Credential, EnvironmentId, Time};
use claviger_store::Tx;
use serde::Serialize;

use crate::audit::{Done, Object, Writer};
use crate::once::{Claim, Told};
use crate::reach::{Beyond, Reach, forbidden, reach};
use crate::{Actor, App, AppError, UseCase};

/// A change under way: an open transaction, and who makes it.
///
/// It is made by [`App::begin`], which authorizes, and ends with [`App::commit`], which makes this node's snapshot
/// level. Dropped before that, nothing has happened.
pub(crate) struct Unit {
    pub(crate) tx: Tx,
    pub(crate) now: Time,
    /// What it may be about.
    pub(crate) reach: Reach,
    /// The request that it does, if that is one that is done once.
    pub(crate) claim: Option<Claim>,
    actor: Actor,
    audit: Writer,
    use_case: UseCase,
    reason: Option<String>,
}

impl App {
    pub(crate) async fn begin(&self, actor: &Actor, use_case: UseCase) -> Result<Unit, AppError> {
        self.authorize(actor, use_case)?;
        let mut tx = match actor {
            Actor::User { .. } => self.begin_level().await?,
            _ => self.store.begin().await?,
        };
        let reach = self.authorize(actor, use_case)?;
        self.check_proof(&mut tx, actor, use_case).await?;
        let audit = Writer::new(self.vault.audit_key(), actor.to_string());
        let (now, actor) = (self.now(), actor.clone());
        let mut unit = Unit { tx, now, reach, claim: None, actor, audit, use_case, reason: None };
        self.claim(&mut unit).await?;
        Ok(unit)
    }

    /// A change by somebody who is not held against the table: they are about to prove who they are.
    pub(crate) fn unchecked(&self, tx: Tx, actor: Actor, use_case: UseCase) -> Unit {
        let audit = Writer::new(self.vault.audit_key(), actor.to_string());
        let (now, reach) = (self.now(), Reach::Everything);
        Unit { tx, now, reach, claim: None, actor, audit, use_case, reason: None }
    }

    /// A transaction in which this node knows every change: what a role was cut by on another node counts.
    pub(crate) async fn begin_level(&self) -> Result<Tx, AppError> {
        for _ in 0..4 {
            let mut tx = self.store.begin().await?;
            if tx.head().await? <= self.snapshot().number() {
                return Ok(tx);
            }
            // Not while it is held: reading takes a connection, and all of them may wait for this transaction.
            tx.rollback().await?;
            self.follow().await?;
        }
        let tx = self.store.begin().await?;
        self.follow().await?;
        Ok(tx)
    }

    /// How far somebody gets with a use case, as this node knows it.
    pub(crate) fn authorize(&self, actor: &Actor, use_case: UseCase) -> Result<Reach, AppError> {
        reach(&self.snapshot(), actor, use_case)
    }

    /// Commits, and gives what is to be told of it back. Where a request is done once, that is kept with the change: so
    /// it is made before.
    pub(crate) async fn commit<T: Told>(&self, mut unit: Unit, told: T) -> Result<T, AppError> {
        self.keep_told(&mut unit, &told).await?;
        self.commit_untold(unit).await?;
        Ok(told)
    }

    /// The same for a secret that is shown once. It is there, so it is shown, even if this node does not act by it yet.
    pub(crate) async fn commit_secret<T: Told>(&self, mut unit: Unit, told: T) -> Result<T, AppError> {
        self.keep_told(&mut unit, &told).await?;
        match self.commit_untold(unit).await {
            Err(AppError::Unseen(why)) => tracing::error!(why, "what was made is not known here yet"),
            done => done?,
        }
        Ok(told)
    }

    /// Commits what nobody is told of.
    pub(crate) async fn commit_untold(&self, unit: Unit) -> Result<(), AppError> {
        if unit.claim.is_some() {
            return Err(AppError::Invalid("this is not one of the requests that are done once".into()));
        }
        unit.tx.commit().await?;
        self.follow().await.map_err(|error| AppError::Unseen(error.to_string()))
    }
}

impl Unit {
    /// Whether this key may be what the change is about.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for those of other accounts, and for what is no key; [`AppError::Forbidden`] for those of
    /// others.
    pub(crate) fn check(&self, key: &Credential) -> Result<(), AppError> {
        check_key(self.reach, key, &self.actor, self.use_case)
    }

    pub(crate) const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Goes on with something else, which belongs to the same transaction.
    pub(crate) const fn turn_to(&mut self, use_case: UseCase) {
        self.use_case = use_case;
    }

    /// Says why, for the audit.
    pub(crate) fn because(&mut self, reason: Option<String>) {
        self.reason = reason;
    }

    /// Writes a change of what decisions depend on to the log.
    pub(crate) async fn log(&mut self, change: &Change) -> Result<ChangeNumber, AppError> {
        Ok(self.tx.record_change(change, self.now).await?)
    }

    /// Writes the audit entry of a change. What is given must hold no secret. If it cannot be written, nothing happens:
    /// without it the transaction is not committed.
    pub(crate) async fn audit<T: Serialize>(
        &mut self,
        object: impl Into<Object>,
        before: Option<&T>,
        after: Option<&T>,
    ) -> Result<(), AppError> {
        let json = |value: Option<&T>| value.map(serde_json::to_string).transpose();
        let done = Done {
            at: self.now,
            action: self.use_case.name(),
            object: object.into(),
            reason: self.reason.clone(),
            before: json(before)?,
            after: json(after)?,
        };
        self.audit.write(&mut self.tx, done).await
    }
}

/// Whether a key is within reach.
pub(crate) fn check_key(
    reach: Reach,
    key: &Credential,
    actor: &Actor,
    use_case: UseCase,
) -> Result<(), AppError> {
    if key.environment == EnvironmentId::PEOPLE {
        return Err(AppError::not_found("key", &key.id));
    }
    reach.check(key).map_err(|beyond| match beyond {
        Beyond::Unseen => AppError::not_found("key", &key.id),
        Beyond::Forbidden => forbidden(actor, use_case),
    })
}
