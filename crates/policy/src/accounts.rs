use std::sync::Arc;

use claviger_model::{Account, AccountId};
use http::HeaderValue;
use imbl::{HashMap, Vector};

/// An account with what its requests carry to the upstream.
#[derive(Debug)]
pub(crate) struct CompiledAccount {
    pub(crate) account: Account,
    pub(crate) number: HeaderValue,
}

#[derive(Debug, Clone, Default)]
struct Place {
    change: u64,
    account: Option<Arc<CompiledAccount>>,
}

/// Accounts by a number that stays the same for as long as this snapshot and its successors live.
#[derive(Debug, Clone, Default)]
pub(crate) struct Accounts {
    numbers: HashMap<AccountId, u32>,
    places: Vector<Place>,
}

impl Accounts {
    /// The number of an account, known already or still to come.
    pub(crate) fn number(&mut self, id: AccountId) -> u32 {
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push_back(Place::default());
        self.numbers.insert(id, number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> Option<&CompiledAccount> {
        self.places.get(number as usize)?.account.as_deref()
    }

    pub(crate) fn find(&self, id: AccountId) -> Option<&Account> {
        self.get(*self.numbers.get(&id)?).map(|compiled| &compiled.account)
    }

    pub(crate) fn put(&mut self, account: Account, change: u64) {
        // An account number is made of visible ASCII, so that it is always a header value.
        let Ok(number) = HeaderValue::from_str(account.number.as_str()) else { return };
        self.set(account.id, change, Some(Arc::new(CompiledAccount { account, number })));
    }

    pub(crate) fn remove(&mut self, id: AccountId, change: u64) {
        self.set(id, change, None);
    }

    fn set(&mut self, id: AccountId, change: u64, account: Option<Arc<CompiledAccount>>) {
        let number = self.number(id);
        if let Some(place) = self.places.get_mut(number as usize)
            && place.change < change
        {
            *place = Place { change, account };
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Account> {
        self.places.iter().filter_map(|place| place.account.as_deref()).map(|compiled| &compiled.account)
    }
}
