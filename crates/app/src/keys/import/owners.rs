use std::collections::HashMap;

use claviger_import::Owner;
use claviger_model::{Account, AccountNumber};

use crate::AppError;

/// The accounts that rows can belong to.
pub(super) struct Owners {
    by_number: HashMap<String, Account>,
    numbers_by_realm: HashMap<String, String>,
    /// Whose a key is of which its row does not say it.
    otherwise: Option<Account>,
}

impl Owners {
    pub(super) fn new(accounts: Vec<Account>, otherwise: Option<&AccountNumber>) -> Result<Self, AppError> {
        let realm = |account: &Account| (account.realm.to_string(), account.number.to_string());
        let numbers_by_realm = accounts.iter().map(realm).collect();
        let by_number: HashMap<_, _> =
            accounts.into_iter().map(|account| (account.number.to_string(), account)).collect();
        let known = |number: &AccountNumber| {
            let account = by_number.get(number.as_str()).cloned();
            account.ok_or_else(|| AppError::not_found("account", number))
        };
        let otherwise = otherwise.map(known).transpose()?;
        Ok(Self { by_number, numbers_by_realm, otherwise })
    }

    /// The account with this number, or else with this realm.
    fn named(&self, name: &str) -> Option<&Account> {
        self.by_number.get(name).or_else(|| self.by_number.get(self.numbers_by_realm.get(name)?))
    }

    /// Whose a row is. What a file says is not repeated: a key may stand in the wrong column.
    pub(super) fn of(&self, owner: &Owner) -> Result<&Account, AppError> {
        let (found, why) = match owner {
            Owner::Unsaid => {
                (self.otherwise.as_ref(), "it names no account; say with --account whose such keys are")
            }
            Owner::Account(name) => {
                (self.named(name), "there is no account with the number or realm that it names")
            }
            Owner::Known(names) => {
                let known = names.iter().find_map(|name| self.named(name));
                let why = "none of its owner's names is the number or realm of an account; make the account, or say with \
                    --account whose such keys are";
                (known.or(self.otherwise.as_ref()), why)
            }
        };
        found.ok_or_else(|| AppError::Invalid(why.to_owned()))
    }
}
