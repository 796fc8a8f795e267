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
}
