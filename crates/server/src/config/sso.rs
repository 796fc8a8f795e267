//! `[sso.<slug>]`: the providers by which people sign in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use claviger_model::{AccountNumber, Slug};
use schemars::JsonSchema;
use serde::Deserialize;

/// An OpenID Connect provider by which people sign in.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SsoConfig {
    /// What people are shown.
    pub name: String,
    /// Who the provider is: an `https` address, or one on this machine.
    pub issuer: String,
    /// What Claviger is called there.
    pub client_id: String,
    /// With what it proves there that it is itself. Without one it is a public client.
    #[serde(default)]
    pub client_secret: Option<SecretConfig>,
    /// What is asked for.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// The address to which the provider sends the browser back, as it is registered there.
    #[serde(default)]
    pub redirect: Option<String>,
    /// Whether `claviger login --sso` can be used. `http://127.0.0.1/` is registered at the provider then, as of a native
    /// application.
    #[serde(default)]
    pub command_line: bool,
    /// Whether the provider is asked for the claims that are not in the ID token.
    #[serde(default = "yes")]
    pub userinfo: bool,
    /// Certificates, in PEM, of authorities that vouch for the provider; those of the system, without it.
    #[serde(default)]
    pub roots: Option<PathBuf>,
    /// What becomes of those who never signed in by it.
    #[serde(default)]
    pub newcomers: NewcomersConfig,
    /// Whether a user of the account who was made otherwise is known by their e-mail address at their first sign-in, if
    /// the provider says that it is theirs.
    #[serde(default)]
    pub link_by_email: bool,
    /// The account in which its people have a place.
    pub account: SsoAccountConfig,
    /// The roles that they have there.
    pub roles: SsoRolesConfig,
    /// What of the provider's word counts as a second factor.
    #[serde(default)]
    pub second_factor: SsoFactorConfig,
}

fn scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(ToOwned::to_owned).to_vec()
}

const fn yes() -> bool {
    true
}

/// Where a secret comes from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SecretConfig {
    /// The file that holds it.
    pub file: Option<PathBuf>,
    /// The environment variable that holds it; goes before a file.
    pub environment: Option<String>,
}

/// What becomes of those who never signed in by a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NewcomersConfig {
    /// A user is made.
    Make,
    /// They do not get in.
    #[default]
    Refuse,
}

/// The account in which people of a provider have a place: one for all, or the one that a claim names.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SsoAccountConfig {
    /// This one, by number.
    pub number: Option<AccountNumber>,
    /// The one that this claim names.
    pub claim: Option<String>,
    /// What of an account the claim has.
    pub by: AccountByConfig,
    /// No others than these, by number.
    pub only: Vec<AccountNumber>,
}

/// What of an account names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountByConfig {
    /// Its number.
    #[default]
    Number,
    /// Its realm.
    Realm,
}

/// The roles of a provider's people.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SsoRolesConfig {
    /// The claim that says it.
    pub claim: Option<String>,
    /// The roles for each value of it.
    pub values: BTreeMap<String, Vec<Slug>>,
    /// The roles of those for whom no value says any. Without it they are not signed in.
    pub default: Vec<Slug>,
}

/// What of a provider's word counts as a second factor.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SsoFactorConfig {
    /// One of these methods, such as `mfa`.
    pub amr: Vec<String>,
    /// One of these classes.
    pub acr: Vec<String>,
}
