use claviger_model::{Account, AccountId, AccountNumber, ChangeNumber, Slug};

use crate::StoreError;
use crate::db::Conn;
use crate::fields::Fields;
use crate::sql;
use crate::users::{read_word, word};

fn read(fields: &mut Fields<'_>) -> Result<Account, StoreError> {
    Ok(Account {
        id: fields.parsed()?,
        number: fields.parsed()?,
        realm: fields.parsed()?,
        name: fields.string()?,
        second_factor: read_word(fields)?,
    })
}

fn read_numbered(fields: &mut Fields<'_>) -> Result<(Account, ChangeNumber), StoreError> {
    Ok((read(fields)?, fields.change_number()?))
}

pub(crate) async fn all(mut on: Conn<'_>) -> Result<Vec<Account>, StoreError> {
    on.all(sql::ACCOUNTS, &[], read).await
}

/// Accounts by number, behind one, of which one alone may be wanted.
pub(crate) async fn after(
    mut on: Conn<'_>,
    number: Option<&AccountNumber>,
    only: Option<AccountId>,
    limit: u32,
) -> Result<Vec<Account>, StoreError> {
    let number = number.map_or("", AccountNumber::as_str);
    on.all(sql::ACCOUNTS_AFTER, &[number.into(), only.into(), limit.into()], read).await
}

pub(crate) async fn all_numbered(mut on: Conn<'_>) -> Result<Vec<(Account, ChangeNumber)>, StoreError> {
    on.all(sql::ACCOUNTS, &[], read_numbered).await
}

pub(crate) async fn by_id(mut on: Conn<'_>, id: AccountId) -> Result<Option<Account>, StoreError> {
    on.first(sql::ACCOUNT, &[id.into()], read).await
}

pub(crate) async fn by_number(
    mut on: Conn<'_>,
    number: &AccountNumber,
) -> Result<Option<Account>, StoreError> {
    on.first(sql::ACCOUNT_BY_NUMBER, &[number.into()], read).await
}

pub(crate) async fn by_realm(mut on: Conn<'_>, realm: &Slug) -> Result<Option<Account>, StoreError> {
    on.first(sql::ACCOUNT_BY_REALM, &[realm.into()], read).await
}

pub(crate) async fn put(mut on: Conn<'_>, account: &Account, number: ChangeNumber) -> Result<(), StoreError> {
    let Account { id, number: account_number, realm, name, second_factor } = account;
    let args = [
        (*id).into(),
        account_number.into(),
        realm.into(),
        name.as_str().into(),
        number.into(),
        word(second_factor)?.into(),
    ];
    on.execute(sql::PUT_ACCOUNT, &args).await.map(drop)
}

pub(crate) async fn delete(mut on: Conn<'_>, id: AccountId) -> Result<(), StoreError> {
    match on.execute(sql::DELETE_ACCOUNT, &[id.into()]).await? {
        0 => Err(StoreError::Missing { what: "account" }),
        _ => Ok(()),
    }
}
