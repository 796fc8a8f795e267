use claviger_model::{Account, AccountId, AccountNumber, Change, SecondFactorRule};

use crate::tag::check_known;
use crate::unit::Unit;
use crate::{Actor, App, AppError, NewAccount, Part, Tag, UseCase};

impl App {
    pub(crate) async fn create_account(&self, actor: &Actor, new: NewAccount) -> Result<Account, AppError> {
        check_name("name", &new.name)?;
        let mut unit = self.begin(actor, UseCase::AccountCreate).await?;
        let id = AccountId::new(unit.now, self.entropy.array());
        let second_factor = SecondFactorRule::Optional;
        let account = Account { id, number: new.number, realm: new.realm, name: new.name, second_factor };
        unit.put_account(None, &account).await?;
        self.commit(unit, account).await
    }

    /// Says whether an account asks its people for a second factor. When this returns, who has none is held to it.
    pub(crate) async fn edit_account(
        &self,
        actor: &Actor,
        number: &AccountNumber,
        second_factor: SecondFactorRule,
        known: Option<Tag>,
    ) -> Result<Account, AppError> {
        let mut unit = self.begin(actor, UseCase::AccountEdit).await?;
        let id = unit.account_within(Some(number)).await?;
        let missing = || AppError::not_found("account", number);
        let before = unit.tx.account(id).await?.ok_or_else(missing)?;
        check_known(known.as_ref(), Some(&before), "account", number)?;
        let after = Account { second_factor, ..before.clone() };
        if after != before {
            unit.put_account(Some(&before), &after).await?;
        }
        self.commit(unit, after).await
    }

    pub(crate) async fn show_account(
        &self,
        actor: &Actor,
        number: &AccountNumber,
    ) -> Result<Account, AppError> {
        let own = self.authorize(actor, UseCase::AccountRead)?.account();
        let found = self.store.account_by_number(number).await?;
        let seen = found.filter(|account| own.is_none_or(|own| own == account.id));
        seen.ok_or_else(|| AppError::not_found("account", number))
    }

    pub(crate) async fn list_accounts(
        &self,
        actor: &Actor,
        part: Part<AccountNumber>,
    ) -> Result<Vec<Account>, AppError> {
        let own = self.authorize(actor, UseCase::AccountRead)?.account();
        Ok(self.store.accounts_after(part.after.as_ref(), own, part.most()?).await?)
    }
}

impl Unit {
    pub(crate) async fn put_account(
        &mut self,
        before: Option<&Account>,
        after: &Account,
    ) -> Result<(), AppError> {
        self.check_unique(after).await?;
        let number = self.log(&Change::Account(after.clone())).await?;
        self.tx.put_account(after, number).await?;
        self.audit(after, before, Some(after)).await
    }
}

impl Unit {
    /// Says which account has the number or the realm; the store would say that one has.
    async fn check_unique(&mut self, account: &Account) -> Result<(), AppError> {
        let Account { id, number, realm, .. } = account;
        if self.tx.account_by_number(number).await?.is_some_and(|other| other.id != *id) {
            return Err(AppError::Taken { what: "account", name: number.to_string() });
        }
        match self.tx.account_by_realm(realm).await?.filter(|other| other.id != *id) {
            Some(other) => Err(AppError::InUse {
                what: "realm",
                name: realm.to_string(),
                of: format!("account `{number}`"),
                by: format!("account `{}`", other.number),
            }),
            None => Ok(()),
        }
    }
}

/// Names and labels are shown to people: some text, on one line, not endless.
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), AppError> {
    let length = name.chars().count();
    if (1..=200).contains(&length) && !name.chars().any(char::is_control) && name.trim() == name {
        return Ok(());
    }
    Err(AppError::Invalid(format!(
        "the {what} has 1 to 200 characters, no control characters and no space at its ends"
    )))
}
