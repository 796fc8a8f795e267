use std::collections::BTreeSet;

use claviger_model::{AccountId, AccountNumber, Change, Standing, User, UserId};
use claviger_store::UserRecord;

use super::WhichUser;
use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Object};

/// Whether somebody with this reach is told that the user exists.
fn seen(user: &User, reach: Reach) -> bool {
    let within = |account: AccountId| user.memberships.iter().any(|one| one.account == account);
    reach.account().is_none_or(within) && reach.user().is_none_or(|own| own == user.id)
}

impl App {
    /// A user within reach.
    pub(crate) async fn user_within(&self, which: &WhichUser, reach: Reach) -> Result<UserRecord, AppError> {
        let found = match which {
            WhichUser::Id(id) => self.store.user(*id).await?,
            WhichUser::Handle(handle) => self.store.user_by_handle(handle).await?,
        };
        found.filter(|found| seen(&found.user, reach)).ok_or_else(|| AppError::not_found("user", which))
    }
}

impl Unit {
    /// A user within reach, as they are in this transaction.
    pub(crate) async fn find_user(&mut self, which: &WhichUser) -> Result<UserRecord, AppError> {
        let found = match which {
            WhichUser::Id(id) => self.tx.user(*id).await?,
            WhichUser::Handle(handle) => self.tx.user_by_handle(handle).await?,
        };
        let reach = self.reach;
        found.filter(|found| seen(&found.user, reach)).ok_or_else(|| AppError::not_found("user", which))
    }

    /// Whoever does this themselves.
    pub(super) async fn oneself(&mut self) -> Result<UserRecord, AppError> {
        let id = oneself(self.actor())?;
        self.tx.user(id).await?.ok_or_else(|| AppError::not_found("user", &id))
    }

    /// The account with this number, or the one that the reach ends with.
    pub(crate) async fn account_within(
        &mut self,
        number: Option<&AccountNumber>,
    ) -> Result<AccountId, AppError> {
        let own = self.reach.account();
        let Some(number) = number else {
            return own.ok_or_else(|| AppError::Invalid("say which account".into()));
        };
        let account = self.tx.account_by_number(number).await?.map(|account| account.id);
        let within = account.filter(|id| own.is_none_or(|own| own == *id));
        within.ok_or_else(|| AppError::not_found("account", number))
    }

    /// A user whose factors were changed in this transaction, as they are now; written and logged if decisions depend on
    /// it.
    pub(super) async fn keep_factors(&mut self, before: &UserRecord) -> Result<UserRecord, AppError> {
        let found = self.tx.user(before.user.id).await?;
        let mut after = found.ok_or_else(|| AppError::not_found("user", &before.user.username))?;
        if after.user.second_factor_since != before.user.second_factor_since {
            self.put_user(&mut after).await?;
        }
        Ok(after)
    }

    async fn put_user(&mut self, after: &mut UserRecord) -> Result<(), AppError> {
        after.updated_at = self.now;
        after.change = self.log(&Change::User(after.user.clone())).await?;
        Ok(self.tx.put_user(after).await?)
    }

    /// Writes a changed user, their log entry and their audit entry.
    pub(super) async fn keep_user(
        &mut self,
        before: Option<&UserRecord>,
        after: &mut UserRecord,
    ) -> Result<(), AppError> {
        self.put_user(after).await?;
        if after.user.standing == Standing::Operator {
            // The link is for where there is none, and must not come to life again.
            self.tx.delete_setup_link().await?;
        }
        let object = object(before.map(|before| &before.user), &after.user);
        self.audit(object, before, Some(after)).await
    }
}

/// A user for the audit: of their account, if it is the only one that they belong to, so that nobody there is told of
/// others.
pub(super) fn object(before: Option<&User>, after: &User) -> Object {
    let memberships = before.into_iter().chain([after]).flat_map(|user| &user.memberships);
    let accounts: BTreeSet<_> = memberships.map(|membership| membership.account).collect();
    let object = Object::from(after.id);
    match accounts.first() {
        Some(only) if accounts.len() == 1 => object.of(*only),
        _ => object,
    }
}

/// Who does something about themselves.
pub(super) fn oneself(actor: &Actor) -> Result<UserId, AppError> {
    match actor {
        Actor::User { id, .. } => Ok(*id),
        _ => Err(AppError::Invalid("this is for somebody who signed in".into())),
    }
}
