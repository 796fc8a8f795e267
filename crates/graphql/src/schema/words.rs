//! The words of the model of which there is a closed list.

use async_graphql::Enum;

use crate::refused::{Answer, Refused};

/// The state of a credential, by the clock.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "CredentialState", remote = "claviger_model::ShownState")]
pub(crate) enum State {
    /// Waits for an operator.
    Pending,
    /// Is active, and works from a later moment on.
    NotYetValid,
    /// Works.
    Active,
    /// Is active, and has ended.
    Expired,
    /// Switched off, and can be switched on again.
    Disabled,
    /// Dead for good, and remembered.
    Revoked,
}

/// Whether a credential is presented, or signed with.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "CredentialKind", remote = "claviger_model::CredentialKind")]
pub(crate) enum Kind {
    /// One secret, which is presented.
    ApiKey,
    /// A public id and a secret, with which requests are signed and which is never presented.
    KeyPair,
}

/// How a key pair signs.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(name = "SignatureAlgorithm", remote = "claviger_model::SignatureAlgorithm")]
pub(crate) enum Algorithm {
    /// HMAC with SHA-512.
    HmacSha512,
    /// HMAC with SHA-256.
    HmacSha256,
}

/// Permissions by action.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "claviger_model::Scope")]
pub(crate) enum Scope {
    /// Everything.
    Admin,
    /// What reads, creates and updates.
    Developer,
    /// What reads.
    ReadOnly,
}

/// Something that a role lets people do in their account.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "claviger_model::Right")]
pub(crate) enum Right {
    /// Make keys, and manage those that one made.
    ManageKeys,
    /// Manage the keys of others.
    ManageOthersKeys,
    /// Make, disable and remove users, and give them roles.
    ManageUsers,
    /// Make and change the account's own roles.
    ManageRoles,
    /// See who the users are.
    ReadUsers,
    /// See the audit of the account.
    ReadAudit,
}

/// Whether a user can do anything.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "claviger_model::UserState")]
pub(crate) enum UserState {
    /// They can.
    Active,
    /// They cannot sign in, and what they have works no more until they are active again.
    Disabled,
}

/// Whether a user stands above accounts.
#[derive(Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "claviger_model::Standing")]
pub(crate) enum Standing {
    /// They do what their roles in their accounts let them.
    Member,
    /// They do everything, in every account.
    Operator,
    /// A machine: it does not sign in, and has keys.
    Service,
}

/// The state with this word of the product.
pub(crate) fn state(word: &str) -> Answer<State> {
    let state = claviger_model::ShownState::from_word(word).ok_or_else(Refused::internal)?;
    Ok(state.into())
}
