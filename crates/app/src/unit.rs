use claviger_model::{Change, ChangeNumber, Time};
use claviger_store::Tx;
use serde::Serialize;

use crate::actor::authorize;
use crate::audit::{Done, Object, Writer};
use crate::{Actor, App, AppError, UseCase};

/// A change under way: an open transaction, and who makes it.
///
/// It is made by [`App::begin`], which authorizes, and ends with [`App::commit`], which makes this node's snapshot
/// level. Dropped before that, nothing has happened.
pub(crate) struct Unit {
    pub(crate) tx: Tx,
    pub(crate) now: Time,
    audit: Writer,
    use_case: UseCase,
    reason: Option<String>,
}

impl App {
    pub(crate) async fn begin(&self, actor: &Actor, use_case: UseCase) -> Result<Unit, AppError> {
        authorize(actor, use_case)?;
        Ok(Unit {
            tx: self.store.begin().await?,
            now: self.now(),
            audit: Writer::new(self.vault.audit_key(), actor.to_string()),
            use_case,
            reason: None,
        })
    }

    pub(crate) async fn commit(&self, unit: Unit) -> Result<(), AppError> {
        unit.tx.commit().await?;
        self.follow().await.map_err(|error| AppError::Unseen(error.to_string()))
    }
}

impl Unit {
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
