use std::fmt;

use claviger_model::PermissionSet;

use crate::AppError;

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever owns the data folder or the process; stands above accounts.
    Operator {
        /// How they came in, such as `local`.
        via: &'static str,
    },
    /// The server itself, at something that a request gave it the occasion for.
    Server,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator { via } => write!(f, "operator:{via}"),
            Self::Server => f.write_str("server"),
        }
    }
}

/// What can be done: the action of an audit entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UseCase {
    /// Apply a catalogue, or see what it would change.
    CatalogueApply,
    /// See an API: its endpoints and what they need.
    ApiRead,
    /// Make an account.
    AccountCreate,
    /// See accounts.
    AccountRead,
    /// Make a key.
    KeyCreate,
    /// Take keys over that were made elsewhere.
    KeyImport,
    /// Put a digest of ours in the place of a slow one.
    KeyReplaceDigest,
    /// See keys without their secrets.
    KeyRead,
    /// See a key's secret again.
    KeyReveal,
    /// Make a key's successor.
    KeyRotate,
    /// Take a rotation back.
    KeyCancel,
    /// Change who answers for a key.
    KeyOwners,
    /// Change the label or the memo of a key.
    KeyDescribe,
    /// Change the tags of a key.
    KeyTag,
    /// Change from where a key may be used.
    KeyAllow,
    /// Let a pending key work.
    KeyActivate,
    /// Switch a key off.
    KeyDisable,
    /// Switch a key on again.
    KeyEnable,
    /// End a key for good.
    KeyRevoke,
    /// Have the refused signatures of a pair explained.
    KeyDebug,
    /// Let a service ask whether credentials are good.
    ServiceCreate,
    /// See the services that may ask.
    ServiceRead,
    /// End a service's right to ask.
    ServiceRevoke,
    /// See why a request was refused.
    RefusalRead,
    /// See the audit.
    AuditRead,
    /// Have the audit proved to be what was written.
    AuditVerify,
    /// Remove what is older than the audit has to be kept.
    AuditPrune,
}

impl UseCase {
    /// Its name in the audit.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CatalogueApply => "catalogue.apply",
            Self::ApiRead => "api.read",
            Self::AccountCreate => "account.create",
            Self::AccountRead => "account.read",
            Self::KeyCreate => "key.create",
            Self::KeyImport => "key.import",
            Self::KeyReplaceDigest => "key.replace_digest",
            Self::KeyRead => "key.read",
            Self::KeyReveal => "key.reveal",
            Self::KeyRotate => "key.rotate",
            Self::KeyCancel => "key.rotate.cancel",
            Self::KeyOwners => "key.owners",
            Self::KeyDescribe => "key.describe",
            Self::KeyTag => "key.tag",
            Self::KeyAllow => "key.allow",
            Self::KeyActivate => "key.activate",
            Self::KeyDisable => "key.disable",
            Self::KeyEnable => "key.enable",
            Self::KeyRevoke => "key.revoke",
            Self::KeyDebug => "key.debug",
            Self::ServiceCreate => "service.create",
            Self::ServiceRead => "service.read",
            Self::ServiceRevoke => "service.revoke",
            Self::RefusalRead => "refusal.read",
            Self::AuditRead => "audit.read",
            Self::AuditVerify => "audit.verify",
            Self::AuditPrune => "audit.prune",
        }
    }
}

/// The one table of who may do what.
const fn may(actor: &Actor, use_case: UseCase) -> bool {
    match actor {
        Actor::Operator { .. } => true,
        Actor::Server => matches!(use_case, UseCase::KeyReplaceDigest | UseCase::AuditPrune),
    }
}

/// A key never has a permission that its maker lacks. An operator has all of them; whoever else comes to make keys is
/// held here against what they have.
const fn may_hand_on(actor: &Actor, _: &PermissionSet) -> bool {
    match actor {
        Actor::Operator { .. } => true,
        // It makes no keys.
        Actor::Server => false,
    }
}

/// Called for every key that is made, by whatever way.
pub(crate) fn authorize_permissions(
    actor: &Actor,
    use_case: UseCase,
    permissions: &PermissionSet,
) -> Result<(), AppError> {
    if may_hand_on(actor, permissions) {
        return Ok(());
    }
    Err(AppError::Forbidden { actor: actor.to_string(), use_case: use_case.name() })
}

pub(crate) fn authorize(actor: &Actor, use_case: UseCase) -> Result<(), AppError> {
    if may(actor, use_case) {
        return Ok(());
    }
    Err(AppError::Forbidden { actor: actor.to_string(), use_case: use_case.name() })
}
