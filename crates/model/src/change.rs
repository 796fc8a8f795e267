use serde::{Deserialize, Serialize};

use crate::{Account, AccountId, Api, ApiId, Credential, Role, Service, Signer, Slug, User, UserId};

/// The place of a change in the change log: 1 is the first, and there are no gaps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeNumber(pub u64);

/// One change of what decisions depend on. It carries the whole new value, so that applying it needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Change {
    /// An account was made or changed.
    Account(Account),
    /// An account is gone; its credentials are refused from now on.
    AccountRemoved(AccountId),
    /// An API was made or changed.
    Api(Box<Api>),
    /// An API is gone; its routes end and its credentials are refused from now on.
    ApiRemoved(ApiId),
    /// A credential was made or changed. Revoked ones stay, so that their holders are told.
    Credential(Credential),
    /// A user was made or changed.
    User(User),
    /// A user is gone; what they have works no more.
    UserRemoved(UserId),
    /// A role of an account's own was made or changed.
    Role(Role),
    /// A role is gone: nobody has it any more.
    RoleRemoved {
        /// Whose it was.
        account: AccountId,
        /// Which.
        slug: Slug,
    },
    /// What a key pair signs with was made or changed.
    Signer(Signer),
    /// A service may ask from now on.
    Service(Service),
    /// The service of this name may not ask any more.
    ServiceRemoved(Slug),
}

/// A change with its place in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedChange {
    /// Its place.
    pub number: ChangeNumber,
    /// What changed.
    pub change: Change,
}
