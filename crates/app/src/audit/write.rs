use std::sync::Arc;

use claviger_model::{AuditEntry, Time};
use claviger_store::{AuditMac, HASH_LEN, Tx};
use claviger_vault::AuditKey;

use super::{Object, Origin};
use crate::AppError;

/// The vault's key as what the store chains entries with.
pub(super) struct Chain<'a>(pub(super) &'a AuditKey);

impl AuditMac for Chain<'_> {
    fn mac(&self, message: &[u8]) -> [u8; HASH_LEN] {
        self.0.mac(message)
    }
}

/// Who does something and where it comes from: the part of an entry that all entries of one transaction share.
pub(crate) struct Writer {
    pub(super) key: Arc<AuditKey>,
    pub(super) actor: String,
    origin: Origin,
}

/// The part of an entry that is its own.
pub(crate) struct Done {
    pub(crate) at: Time,
    pub(crate) action: &'static str,
    pub(crate) object: Object,
    pub(crate) reason: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

impl Writer {
    pub(crate) fn new(key: &Arc<AuditKey>, actor: String) -> Self {
        Self { key: Arc::clone(key), actor, origin: Origin::current() }
    }

    pub(crate) async fn write(&self, tx: &mut Tx, done: Done) -> Result<(), AppError> {
        tx.audit(&Chain(&self.key), &self.entry(done)).await?;
        Ok(())
    }

    fn entry(&self, done: Done) -> AuditEntry {
        let Done { at, action, object, reason, before, after } = done;
        AuditEntry {
            at,
            actor: self.actor.clone(),
            via: Some(self.origin.via.as_str().to_owned()),
            from: self.origin.from.map(|from| from.to_string()),
            action: action.to_owned(),
            kind: Some(object.kind.to_owned()),
            object: object.id,
            account: object.account.map(|account| account.to_string()),
            request: self.origin.request.map(|request| request.to_string()),
            reason,
            before,
            after,
        }
    }
}
