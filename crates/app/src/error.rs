use claviger_catalogue::Mistakes;
use claviger_model::{AllowlistError, CredentialId, Editable, IllegalTransition, NotesError};
use claviger_policy::{CompileError, RouteConflict};
use claviger_store::StoreError;
use claviger_vault::VaultError;
use serde::{Deserialize, Serialize};

use crate::Shown;
use crate::people::{LinkError, PasskeyError, PasswordError, SignInError, SsoError};

/// Why something was not done. Nothing was changed then, but for [`AppError::Unseen`] and
/// [`AppError::Halted`]; where the database was lost in
/// the middle of a commit, nobody can say.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Whoever asked may not.
    #[error("{actor} may not do {use_case}")]
    Forbidden {
        /// Who asked.
        actor: String,
        /// For what.
        use_case: &'static str,
    },
    /// A right or a permission was to be given by somebody who does not have it.
    #[error("nobody gives what they do not have: `{0}`")]
    Lacking(String),
    /// It was done, and this process could not read it back: it does not act by it yet.
    #[error("it was done, but this server does not act by it before it reaches the database again: {0}")]
    Unseen(String),
    /// There is no such thing.
    #[error("there is no {what} `{name}`")]
    NotFound {
        /// What kind of thing.
        what: &'static str,
        /// What it was called.
        name: String,
    },
    /// There is no such API, but one with a name like it.
    #[error("there is no API `{name}`; did you mean `{near}`?")]
    NoApi {
        /// What it was called.
        name: String,
        /// What one is called.
        near: String,
    },
    /// There is one of this name already.
    #[error("the {what} `{name}` is there already")]
    Taken {
        /// What kind of thing.
        what: &'static str,
        /// What it is called.
        name: String,
    },
    /// What must be unique belongs to another.
    #[error("the {what} `{name}` of the {of} belongs to the {by} already")]
    InUse {
        /// What must be unique.
        what: &'static str,
        /// What it is.
        name: String,
        /// What was to have it.
        of: String,
        /// What has it.
        by: String,
    },
    /// What was asked for does not fit.
    #[error("{0}")]
    Invalid(String),
    /// A file of keys cannot be read.
    #[error(transparent)]
    Import(#[from] claviger_import::ImportError),
    /// An import ended in the middle. What was imported stays; a second import goes on with the rest.
    #[error("{done} keys were imported, and then: {error}; import the same file again for the rest")]
    Halted {
        /// How many keys were imported.
        done: usize,
        /// What happened then.
        error: Box<AppError>,
    },
    /// Somebody could not sign in, or not prove themselves again.
    #[error(transparent)]
    SignIn(#[from] SignInError),
    /// Somebody could not sign in by a provider.
    #[error(transparent)]
    Sso(#[from] SsoError),
    /// A passkey cannot be added or removed.
    #[error(transparent)]
    Passkey(#[from] PasskeyError),
    /// What somebody was handed to come in with does nothing.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// A password cannot be taken.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// The addresses do not fit the API's policy.
    #[error(transparent)]
    Allowlist(#[from] AllowlistError),
    /// What is noted does not fit.
    #[error(transparent)]
    Notes(#[from] NotesError),
    /// The API's policy does not let it be changed.
    #[error("`{api}` does not let the {} of a key be changed after it was made", .what.as_str())]
    NotEditable {
        /// The API's slug.
        api: String,
        /// What was to be changed.
        what: Editable,
    },
    /// The key cannot be rotated, or its rotation not taken back.
    #[error("the key `{id}` {why}")]
    Rotation {
        /// Which.
        id: CredentialId,
        /// Why.
        why: String,
    },
    /// One of many keys does not allow what was to happen to all of them.
    #[error("nothing is changed: `{id}`: {error}")]
    Bulk {
        /// Which.
        id: CredentialId,
        /// Why.
        error: IllegalTransition,
    },
    /// It is not as whoever asked knows it.
    #[error("the {what} `{name}` was changed in the meantime")]
    Stale {
        /// What kind of thing.
        what: &'static str,
        /// What it is called.
        name: String,
    },
    /// The credential's state does not allow it.
    #[error(transparent)]
    Transition(#[from] IllegalTransition),
    /// The catalogue has mistakes.
    #[error(transparent)]
    Catalogue(#[from] Mistakes),
    /// Two environments claim one route.
    #[error(transparent)]
    Route(#[from] RouteConflict),
    /// An API cannot be served as defined.
    #[error("the API `{api}` cannot be served: {error}")]
    Compile {
        /// Its slug.
        api: String,
        /// Why.
        error: CompileError,
    },
    /// It was done before, and is not done again: the answer that was given then. No way in ever sees it.
    #[error("it was done before")]
    Kept(Shown),
    /// By the same key something else was asked for before.
    #[error("this `Idempotency-Key` is that of another request; take a new key for each")]
    OtherRequest,
    /// The store failed, or holds something that contradicts.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A secret could not be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A value could not be written as JSON.
    #[error("a value cannot be stored: {0}")]
    Encoding(#[from] serde_json::Error),
}

/// What kind of error it is: enough for an exit code or a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// Whoever asked may not.
    Forbidden,
    /// Whoever asked did not prove who they are.
    Unauthenticated,
    /// It is to be tried again later.
    Busy,
    /// The input does not fit.
    Invalid,
    /// There is no such thing.
    NotFound,
    /// It contradicts what is there.
    Conflict,
    /// It was changed in the meantime.
    Stale,
    /// Something failed inside.
    Internal,
}

impl AppError {
    pub(crate) fn not_found(what: &'static str, name: &(impl std::fmt::Display + ?Sized)) -> Self {
        Self::NotFound { what, name: name.to_string().chars().take(128).collect() }
    }

    /// What kind of error it is.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        match self {
            Self::Forbidden { .. }
            | Self::Lacking(_)
            | Self::SignIn(
                SignInError::ProofNeeded | SignInError::KeyProvesNothing | SignInError::SecondFactorRequired,
            ) => ErrorKind::Forbidden,
            Self::SignIn(SignInError::Blocked { .. } | SignInError::Busy)
            | Self::Sso(SsoError::Unavailable) => ErrorKind::Busy,
            Self::SignIn(_) | Self::Sso(SsoError::Refused(_)) => ErrorKind::Unauthenticated,
            Self::NotFound { .. } | Self::NoApi { .. } | Self::Link(_) => ErrorKind::NotFound,
            Self::Passkey(PasskeyError::NotConfigured | PasskeyError::TooMany | PasskeyError::Last) => {
                ErrorKind::Conflict
            }
            Self::Passkey(_)
            | Self::Invalid(_)
            | Self::OtherRequest
            | Self::Sso(SsoError::NoLanding(_))
            | Self::Password(_)
            | Self::Import(_)
            | Self::Allowlist(_)
            | Self::Notes(_)
            | Self::NotEditable { .. }
            | Self::Catalogue(_)
            | Self::Compile { .. } => ErrorKind::Invalid,
            Self::Stale { .. } => ErrorKind::Stale,
            Self::Taken { .. }
            | Self::InUse { .. }
            | Self::Transition(_)
            | Self::Rotation { .. }
            | Self::Bulk { .. }
            | Self::Route(_)
            | Self::Store(StoreError::Conflict { .. }) => ErrorKind::Conflict,
            Self::Unseen(_)
            | Self::Halted { .. }
            | Self::Kept(_)
            | Self::Store(_)
            | Self::Vault(_)
            | Self::Encoding(_) => ErrorKind::Internal,
        }
    }
}
