use claviger_model::{Account, AccountId, Change};

use crate::unit::Unit;
use crate::{Actor, App, AppError, NewAccount, UseCase};

impl App {
    pub(crate) async fn create_account(
        &self,
        actor: &Actor,
        new: NewAccount,
    ) -> Result<Vec<Account>, AppError> {
        check_name(&new.name)?;
        let mut unit = self.begin(actor, UseCase::AccountCreate).await?;
        let id = AccountId::new(unit.now, self.entropy.array());
        let account = Account { id, number: new.number, realm: new.realm, name: new.name };
        unit.put_account(None, &account).await?;
        self.commit(unit).await?;
        Ok(vec![account])
    }

    pub(crate) async fn list_accounts(&self, actor: &Actor) -> Result<Vec<Account>, AppError> {
        let reach = self.authorize(actor, UseCase::AccountRead)?;
        let mut accounts = self.store.accounts().await?;
        accounts.retain(|account| reach.account().is_none_or(|own| own == account.id));
        Ok(accounts)
    }
}

impl Unit {
    pub(crate) async fn put_account(
        &mut self,
        before: Option<&Account>,
        after: &Account,
    ) -> Result<(), AppError> {
        let number = self.log(&Change::Account(after.clone())).await?;
        self.tx.put_account(after, number).await?;
        self.audit(after.id, before, Some(after)).await
    }
}

/// Names and labels are shown to people: some text, on one line, not endless.
pub(crate) fn check_name(name: &str) -> Result<(), AppError> {
    let length = name.chars().count();
    if (1..=200).contains(&length) && !name.chars().any(char::is_control) && name.trim() == name {
        return Ok(());
    }
    Err(AppError::Invalid(
        "a name or label has 1 to 200 characters, no control characters and no space at its ends".into(),
    ))
}
