//! The shape of a catalogue.

use claviger_model::{AccountNumber, ApiPolicy, SecondFactorRule, Slug, VersionName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The JSON Schema of a catalogue, for editors.
#[must_use]
pub fn schema() -> serde_json::Value {
    schemars::schema_for!(Catalogue).to_value()
}

/// Accounts and APIs that should exist. Applying a catalogue twice changes nothing the second time.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Claviger catalogue")]
pub(crate) struct Catalogue {
    /// The version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    #[serde(rename = "catalogue")]
    pub(crate) version: u32,
    /// The customers.
    #[serde(default)]
    #[schemars(length(max = 100_000))]
    pub(crate) accounts: Vec<AccountEntry>,
    /// The APIs.
    #[serde(default)]
    #[schemars(length(max = 1_000))]
    pub(crate) apis: Vec<ApiEntry>,
}

/// A customer.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Account")]
pub(crate) struct AccountEntry {
    /// Its number, unique: the Basic user name of its keys. In quotes if it begins with zeros.
    pub(crate) number: AccountNumber,
    /// Its realm, unique.
    pub(crate) realm: Slug,
    /// Its name, for people.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// Whether it asks its people for a second factor. Left out, it stays as it is, and is optional at first.
    pub(crate) second_factor: Option<SecondFactorRule>,
}

/// A versioned collection of endpoints with one policy for the credentials made for it.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Api")]
pub(crate) struct ApiEntry {
    /// Its slug, unique.
    pub(crate) slug: Slug,
    /// Its name, for people.
    #[schemars(length(min = 1, max = 200))]
    pub(crate) name: String,
    /// How credentials for it look and behave, and what its endpoints take.
    pub(crate) policy: ApiPolicy,
    /// Its versions, oldest first; the last is the latest.
    #[schemars(length(min = 1, max = 255))]
    pub(crate) versions: Vec<VersionEntry>,
    /// Its deployments.
    #[schemars(length(min = 1))]
    pub(crate) environments: Vec<EnvironmentEntry>,
}

/// One version of an API.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Version")]
pub(crate) struct VersionEntry {
    /// What stands for `{version}` in a path.
    pub(crate) name: VersionName,
    /// Its OpenAPI 3.0 or 3.1 document: a file beside the catalogue or below.
    #[schemars(length(min = 1))]
    pub(crate) document: String,
}

/// A deployment of an API with its own upstream.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Environment")]
pub(crate) struct EnvironmentEntry {
    /// Its slug, unique within the API; the second part of a key.
    pub(crate) slug: Slug,
    /// Where accepted requests go: an http or https URL, in whose path `{version}` may stand once. `${NAME}` and
    /// `${NAME:-default}` stand for variables of the command line's environment.
    pub(crate) upstream: String,
    /// Which requests belong here.
    #[schemars(length(min = 1))]
    pub(crate) routes: Vec<RouteEntry>,
}

/// A host and a path prefix of the gateway.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Route")]
pub(crate) struct RouteEntry {
    /// The host name in lower case, without a port; any host if absent. Variables as in `upstream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<String>,
    /// The path prefix, such as `/billing/{version}`: `/` for every path; otherwise it starts with `/`, does not end
    /// with one, and has `{version}` as a whole segment at most once. Without it every request is for the latest
    /// version.
    #[schemars(regex(pattern = "^(/|(/[^/]+)+)$"))]
    pub(crate) path: String,
}
