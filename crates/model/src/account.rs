use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, AccountNumber, Slug};

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its number, unique: the Basic user name of contract T.
    pub number: AccountNumber,
    /// Its realm, unique: the `Realm` header of contract R.
    pub realm: Slug,
    /// Its name, for people.
    pub name: String,
    /// Whether it asks its people for a second factor. Changes from before it could do not say.
    #[serde(default)]
    pub second_factor: SecondFactorRule,
}

/// Whether an account asks everybody who signs in for it for a second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorRule {
    /// Everybody has one or not, as they like.
    #[default]
    Optional,
    /// Whoever has none can do nothing but set one up.
    Required,
}
