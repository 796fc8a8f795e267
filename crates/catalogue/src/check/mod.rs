//! What must hold in a catalogue beyond its shape.

mod api;
mod document;
mod lists;
mod policy;
mod routes;
mod signature;
mod texts;
mod upstream;

use crate::cursor::Cursor;
use crate::entries::{AccountEntry, Catalogue};
use crate::mistake::Found;
use crate::{Bundle, Desired, DesiredAccount, Mistakes};

use api::ApiChecks;
use lists::Unique;
use texts::check_name;

pub(crate) use document::check_document_name;

const MAX_ACCOUNTS: usize = 100_000;
const MAX_APIS: usize = 1_000;

/// Everything that is wrong with a catalogue of the right shape, or what it declares.
pub(crate) fn catalogue(bundle: &Bundle, at: Cursor<'_>, entries: &Catalogue) -> Result<Desired, Mistakes> {
    let mut found = Found::nothing(&bundle.catalogue.name);
    lists::check_length(&entries.accounts, MAX_ACCOUNTS, "accounts", at.field("accounts"), &mut found);
    lists::check_length(&entries.apis, MAX_APIS, "APIs", at.field("apis"), &mut found);
    let accounts = accounts(at.field("accounts"), &entries.accounts, &mut found);
    let mut checks = ApiChecks::new(bundle);
    let apis = at.field("apis").each(&entries.apis);
    let apis = apis.map(|(at, entry)| checks.api(at, entry, &mut found)).collect();
    found.or(Desired { accounts, apis })
}

fn accounts(at: Cursor<'_>, entries: &[AccountEntry], found: &mut Found<'_>) -> Vec<DesiredAccount> {
    let mut numbers = Unique::new("account number");
    let mut realms = Unique::new("realm");
    let read = |(at, entry): (Cursor<'_>, &AccountEntry)| {
        numbers.check(entry.number.as_str(), at.field("number"), found);
        realms.check(entry.realm.as_str(), at.field("realm"), found);
        check_name(&entry.name, at.field("name"), found);
        DesiredAccount {
            number: entry.number.clone(),
            realm: entry.realm.clone(),
            name: entry.name.clone(),
            second_factor: entry.second_factor,
        }
    };
    at.each(entries).map(read).collect()
}
