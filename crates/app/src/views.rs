//! What people are shown of keys, services and APIs.

use claviger_model::{
    Allowlist, ApiId, ApiPolicy, CredentialId, CredentialKind, EnvironmentId, Notes, Permission,
    PermissionSet, Route, ShownState, SignatureAlgorithm, Slug, Time, VersionName, VersionUse,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Shown;

/// A key, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyView {
    /// Its id.
    pub id: CredentialId,
    /// Its account's number.
    pub account: String,
    /// The user name of whose it is within the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
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
    /// Whether it is presented, or signed with.
    #[serde(default)]
    pub kind: CredentialKind,
    /// How a key pair signs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub algorithm: Option<SignatureAlgorithm>,
    /// Until then, refused signatures of a key pair are explained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug_until: Option<Time>,
    /// The last characters of the key, or of a pair's secret.
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
    /// Its memo, its owners and its tags.
    #[serde(flatten)]
    pub notes: Notes,
    /// How it gives way to its successor.
    #[serde(default)]
    pub rotation: Option<RotationView>,
    /// The key that takes its place.
    #[serde(default)]
    pub successor: Option<CredentialId>,
    /// The key whose place it took.
    #[serde(default)]
    pub predecessor: Option<CredentialId>,
    /// How many requests were accepted with it since its successor was made.
    #[serde(default)]
    pub late_uses: u64,
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
    /// The signing secret of a key pair, if it was made just now. Its public id is the credential's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Shown>,
}

/// How a key gives way to its successor, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RotationView {
    /// When the successor was made.
    pub started_at: Time,
    /// From when on the key is refused.
    pub ends_at: Time,
    /// Until then, in seconds, rounded down; 0 once it is over.
    pub remaining_seconds: u64,
}

/// What happened, or would happen, to one key of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BulkLine {
    /// Which.
    pub id: CredentialId,
    /// What its owner calls it.
    pub label: Option<String>,
    /// Its state before.
    pub before: ShownState,
    /// Its state afterwards.
    pub after: ShownState,
}

/// A service that may ask, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceView {
    /// What it is called.
    pub name: Slug,
    /// The APIs that it may ask about.
    pub apis: Vec<Slug>,
    /// When it was made.
    pub created_at: Time,
    /// When it was revoked, if it was just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Time>,
    /// Why it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_reason: Option<String>,
    /// Its token, if it was made just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Shown>,
}

/// What the keys of an API look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KeyForm {
    /// The API; absent for the expression that finds the keys of any.
    pub api: Option<Slug>,
    /// A regular expression for secret scanners.
    pub pattern: String,
}

/// An API, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApiView {
    /// Its id.
    pub id: ApiId,
    /// How it is named to programs.
    pub slug: Slug,
    /// How it is named to people.
    pub name: String,
    /// Its versions, the oldest first.
    pub versions: Vec<VersionName>,
    /// Its environments.
    pub environments: Vec<Slug>,
    /// How credentials for it look and behave.
    pub policy: ApiPolicy,
}

/// An environment of an API, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnvironmentView {
    /// Its id.
    pub id: EnvironmentId,
    /// How it is named to programs; the second part of its keys.
    pub slug: Slug,
    /// Which requests of the gateway belong to it.
    pub routes: Vec<Route>,
    /// Where accepted requests go, for whoever stands above accounts: it is nobody else's business.
    pub upstream: Option<String>,
}

/// What an endpoint needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
