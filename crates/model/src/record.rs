//! What is kept beside the facts that a decision needs: for people, for the audit and for `explain`.

use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{ApiId, ChangeNumber, Credential, CredentialId, Notes, Reason, RequestId, Time, VersionName};

/// A credential with everything that is kept about it, but for its sealed secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRecord {
    /// What decisions need.
    #[serde(flatten)]
    pub credential: Credential,
    /// The change that made it what it is now.
    pub change: ChangeNumber,
    /// What its owner calls it.
    pub label: Option<String>,
    /// The last characters of the key, by which a person tells keys apart. Too few to be of use to a thief.
    pub hint: String,
    /// When it was made.
    pub created_at: Time,
    /// When it was last changed.
    pub updated_at: Time,
    /// When and why it was revoked.
    pub revocation: Option<Revocation>,
    /// What people noted about it.
    #[serde(default)]
    pub notes: Notes,
    /// Whose place it took, and how it gives way to its successor.
    #[serde(default)]
    pub succession: Succession,
}

/// A credential's place in a row of rotations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Succession {
    /// The credential whose place it took.
    pub predecessor: Option<CredentialId>,
    /// How it gives way to its successor, if it has one.
    pub rotation: Option<Rotation>,
    /// How many requests were accepted with it since its successor was made. Counted apart from changes.
    pub late_uses: u64,
}

/// How a credential gives way to its successor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// When the successor was made.
    pub started_at: Time,
    /// From when on the credential is refused: the end of the overlap, or its own end if that comes first.
    pub ends_at: Time,
    /// When the credential would have expired without its successor.
    pub expiry_before: Option<Time>,
}

/// The end of a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocation {
    /// When.
    pub at: Time,
    /// Why, in the words of whoever did it.
    pub reason: Option<String>,
}

/// The last call of one version by one credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct VersionUse {
    /// Which version.
    pub version: VersionName,
    /// The minute of the call.
    pub at: Time,
}

/// When a credential was last used, and which versions it called: the latest use first, two at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionUses {
    /// Whose uses.
    pub credential: CredentialId,
    /// The last call.
    pub last: VersionUse,
    /// The last call of another version, if there was one.
    pub other: Option<VersionUse>,
}

/// A refused request, kept for `explain`. No part of a secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// The id that the caller was given.
    pub request: RequestId,
    /// When.
    pub at: Time,
    /// The reason.
    pub reason: Reason,
    /// The status of the answer.
    pub status: u16,
    /// The API, if the request named one.
    pub api: Option<ApiId>,
    /// The credential, if a real one was presented.
    pub credential: Option<CredentialId>,
    /// From where.
    pub client: IpAddr,
    /// The method, cut to 32 characters.
    pub method: String,
    /// The host, cut to 255 characters.
    pub host: String,
    /// The path without its query, cut to 1,024 characters.
    pub path: String,
    /// Each check, in order, up to the one that failed.
    pub checks: Vec<CheckLine>,
}

/// One check of a decision, as `explain` shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckLine {
    /// What was checked.
    pub check: String,
    /// Whether it passed.
    pub passed: bool,
    /// What the check saw.
    pub saw: String,
    /// What would have passed.
    pub wanted: String,
}
