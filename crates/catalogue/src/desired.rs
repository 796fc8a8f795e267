use std::collections::BTreeMap;

use claviger_model::{AccountNumber, ApiPolicy, ApiVersion, Route, SecondFactorRule, Slug, VersionName};

/// What should exist, as a catalogue declares it. Ids are given when it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Desired {
    /// The accounts; no two have a number or a realm in common.
    pub accounts: Vec<DesiredAccount>,
    /// The APIs; no two have a slug or a key prefix in common.
    pub apis: Vec<DesiredApi>,
}

/// An account that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredAccount {
    /// Its number.
    pub number: AccountNumber,
    /// Its realm.
    pub realm: Slug,
    /// Its name, for people.
    pub name: String,
    /// Whether it asks its people for a second factor; as it is, if left out.
    pub second_factor: Option<SecondFactorRule>,
}

/// An API that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredApi {
    /// Its slug.
    pub slug: Slug,
    /// Its name, for people.
    pub name: String,
    /// How credentials for it look and behave.
    pub policy: ApiPolicy,
    /// Its versions, oldest first. Never empty.
    pub versions: Vec<ApiVersion>,
    /// The text of each version's OpenAPI document.
    pub documents: BTreeMap<VersionName, String>,
    /// Its deployments. Never empty.
    pub environments: Vec<DesiredEnvironment>,
}

/// An environment that should exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredEnvironment {
    /// Its slug.
    pub slug: Slug,
    /// Where accepted requests go, with variables filled in.
    pub upstream: String,
    /// Which requests belong here, with variables filled in. Never empty.
    pub routes: Vec<Route>,
}
