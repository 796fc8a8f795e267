//! What the ways in ask for, and what they get: plain data that can cross a socket.

use std::fmt;

use claviger_catalogue::Bundle;
use claviger_model::{
    Account, AccountNumber, Allowlist, CredentialId, CredentialState, LifeEvent, Permission, PermissionSet,
    Refusal, RequestId, Scope, Slug, Span, Time, VersionName, VersionUse,
};
use serde::{Deserialize, Serialize};

use crate::{Difference, Import, ImportReport};

/// Something to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "do", content = "with", rename_all = "snake_case")]
pub enum Command {
    /// Make what is there equal to a catalogue, or tell the difference.
    Apply {
        /// The catalogue and its files.
        bundle: Bundle,
        /// Whether to change anything.
        mode: ApplyMode,
    },
    /// Make an account.
    AccountCreate(NewAccount),
    /// List the accounts.
    AccountList,
    /// Make a key.
    KeyCreate(NewKey),
    /// Take keys over that were made elsewhere, or tell what would be taken.
    KeyImport(Import),
    /// List keys.
    KeyList(KeyFilter),
    /// Show a key.
    KeyShow {
        /// Which.
        id: CredentialId,
        /// With its secret or not.
        reveal: Reveal,
    },
    /// Change from where a key may be used.
    KeyAllow {
        /// Which.
        id: CredentialId,
        /// Every address and range from now on.
        addresses: Vec<String>,
    },
    /// Let something happen to a key.
    KeyLife {
        /// Which.
        id: CredentialId,
        /// What.
        event: LifeEvent,
        /// Why, for the audit.
        reason: Option<String>,
    },
    /// Show why a request was refused.
    Explain {
        /// Which.
        request: RequestId,
    },
    /// Show what each endpoint of an API needs.
    Permissions {
        /// Which.
        api: Slug,
    },
    /// Show what keys look like.
    KeyFormat {
        /// Of which API; of all, if absent.
        api: Option<Slug>,
    },
}

/// Whether a catalogue changes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplyMode {
    /// Tell the difference only.
    DryRun,
    /// Make it so.
    Commit,
}

/// Whether a secret is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reveal {
    /// It is, where the API's policy makes keys recoverable.
    Secret,
    /// It is not.
    Nothing,
}

/// An account to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewAccount {
    /// Its number.
    pub number: AccountNumber,
    /// Its realm.
    pub realm: Slug,
    /// Its name.
    pub name: String,
}

/// A key to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewKey {
    /// Whose, by number.
    pub account: AccountNumber,
    /// For which API.
    pub api: Slug,
    /// For which of its environments; may be left out where there is one only.
    pub environment: Option<Slug>,
    /// Of which kind; the API's first if left out.
    pub key_type: Option<Slug>,
    /// What its owner calls it.
    pub label: Option<String>,
    /// What it may do; whatever the API offers if left out.
    #[serde(default)]
    pub access: Access,
    /// From where it may be used.
    pub addresses: Vec<String>,
    /// Before this moment it is refused.
    pub not_before: Option<Time>,
    /// How long it lives; as long as the API's policy allows if left out.
    pub lifetime: Option<Span>,
}

/// What a new key may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// What this scope has of the permissions that the API's endpoints name.
    Scope(Scope),
    /// These, each of which an endpoint of the API names. At least one.
    Only(Vec<Permission>),
}

impl Default for Access {
    fn default() -> Self {
        Self::Scope(Scope::Admin)
    }
}

/// Which keys to list: those that fit everything given.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct KeyFilter {
    /// Of this account.
    pub account: Option<AccountNumber>,
    /// For this API.
    pub api: Option<Slug>,
    /// In this state.
    pub state: Option<CredentialState>,
    /// Older than this key: where the last page ended.
    pub after: Option<CredentialId>,
    /// At most so many; 100 if left out, 1,000 at the most.
    pub limit: Option<u32>,
}

/// A key, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// Its id.
    pub id: CredentialId,
    /// Its account's number.
    pub account: String,
    /// Its API.
    pub api: String,
    /// Its environment.
    pub environment: String,
    /// Its kind.
    pub key_type: Slug,
    /// Its state; `expired` and `not_yet_valid` by the clock.
    pub state: String,
    /// What its owner calls it.
    pub label: Option<String>,
    /// The last characters of the key.
    pub hint: String,
    /// What it may do.
    pub permissions: PermissionSet,
    /// From where it may be used.
    pub allowlist: Allowlist,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// Before this moment it is refused.
    pub not_before: Option<Time>,
    /// From this moment on it is refused.
    pub expires_at: Option<Time>,
    /// When it was revoked.
    pub revoked_at: Option<Time>,
    /// Why it was revoked.
    pub revoked_reason: Option<String>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Time>,
    /// The versions it called last, the latest first.
    pub versions: Vec<VersionUse>,
    /// Whether it called two versions within the window of the API's policy.
    pub version_mixed: bool,
    /// Whether the key can be shown again.
    pub recoverable: bool,
    /// The key itself, if it was made just now or was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Shown>,
}

/// A secret on its way to whoever asked for it. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Shown(String);

impl Shown {
    /// Shows this secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self(secret.to_owned())
    }

    /// The secret.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shown(…)")
    }
}

/// What the keys of an API look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyForm {
    /// The API; absent for the expression that finds the keys of any.
    pub api: Option<Slug>,
    /// A regular expression for secret scanners.
    pub pattern: String,
}

/// What an endpoint needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointNeeds {
    /// The version of the API.
    pub version: VersionName,
    /// The HTTP method.
    pub method: String,
    /// The path template below the route.
    pub path: String,
    /// One line for people, if the document has one.
    pub summary: Option<String>,
    /// What a key needs to call it: all of them.
    pub permissions: Vec<Permission>,
}

/// What came of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "done", content = "with", rename_all = "snake_case")]
pub enum Outcome {
    /// What a catalogue changed, or would change.
    Applied(Vec<Difference>),
    /// Accounts.
    Accounts(Vec<Account>),
    /// What became of each row of a file of keys.
    Imported(ImportReport),
    /// Keys.
    Keys(Vec<KeyView>),
    /// One key.
    Key(Box<KeyView>),
    /// A refusal.
    Explained(Box<Refusal>),
    /// What the endpoints of an API need.
    Permissions(Vec<EndpointNeeds>),
    /// What keys look like.
    KeyForms(Vec<KeyForm>),
}
