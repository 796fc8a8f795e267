use claviger_model::{EmailAddress, UserName};
use claviger_store::{HasPassword, UserRecord};

use super::rules::{ALONE, Beside, check};
use crate::people::find::oneself;
use crate::people::{SignInError, UserView, WhichUser};
use crate::reach::Reach;
use crate::{Actor, App, AppError, PasswordError, Shown, UseCase};

impl App {
    /// The digest of a new password, if it is taken.
    pub(in crate::people) async fn new_password(
        &self,
        password: &Shown,
        known: &UserRecord,
    ) -> Result<String, AppError> {
        let user = &known.user;
        let beside = if user.second_factor_since.is_some() { Beside::Factor } else { Beside::Nothing };
        check(password.expose(), &user.username, user.email.as_ref(), beside)?;
        self.passwords.hash(password.clone(), self.entropy.array()).await
    }

    /// The digest of the password of somebody new, if it is taken.
    pub(in crate::people) async fn first_password(
        &self,
        password: &Shown,
        username: &UserName,
        email: Option<&EmailAddress>,
    ) -> Result<String, AppError> {
        check(password.expose(), username, email, Beside::Nothing)?;
        self.passwords.hash(password.clone(), self.entropy.array()).await
    }

    /// Whether a password is that of somebody who signed in. A wrong one counts as a guess.
    pub(in crate::people) async fn prove(
        &self,
        actor: &Actor,
        use_case: UseCase,
        current: Shown,
    ) -> Result<(UserRecord, String), AppError> {
        self.authorize(actor, use_case)?;
        let id = oneself(actor)?;
        let record = self.store.user(id).await?.ok_or_else(|| AppError::not_found("user", &id))?;
        let hash = self.store.password_hash(id).await?.ok_or(SignInError::Wrong)?;
        let counted = self.count_proof(id).await?;
        if !self.passwords.is_right(current, hash.clone()).await? {
            return Err(SignInError::Wrong.into());
        }
        self.proved(&counted).await?;
        Ok((record, hash))
    }

    /// Changes one's own password. One is signed out everywhere when this returns.
    pub(in crate::people) async fn change_password(
        &self,
        actor: &Actor,
        current: Shown,
        password: Shown,
    ) -> Result<UserView, AppError> {
        let (record, _) = self.prove(actor, UseCase::PasswordChange, current).await?;
        let hash = self.new_password(&password, &record).await?;
        self.keep_password(actor, UseCase::PasswordChange, &record, &hash).await
    }

    /// Gives somebody else another password.
    pub(in crate::people) async fn set_password(
        &self,
        actor: &Actor,
        which: &WhichUser,
        password: Shown,
    ) -> Result<UserView, AppError> {
        let reach = self.authorize(actor, UseCase::UserRescue)?;
        let record = self.user_within(which, reach).await?;
        if record.user.standing == claviger_model::Standing::Service {
            return Err(AppError::Invalid("a machine does not sign in, and has no password".into()));
        }
        let hash = self.new_password(&password, &record).await?;
        self.keep_password(actor, UseCase::UserRescue, &record, &hash).await
    }

    async fn keep_password(
        &self,
        actor: &Actor,
        use_case: UseCase,
        known: &UserRecord,
        hash: &str,
    ) -> Result<UserView, AppError> {
        let mut unit = self.begin(actor, use_case).await?;
        let id = known.user.id;
        let found = unit.tx.user(id).await?;
        let before = found.ok_or_else(|| AppError::not_found("user", &known.user.username))?;
        if before.user.second_factor_since.is_none() && known.user.second_factor_since.is_some() {
            // It was long enough beside a factor that is gone meanwhile.
            return Err(PasswordError::Short { least: ALONE }.into());
        }
        let mut after = UserRecord { password: HasPassword::Set, ..before.clone() };
        unit.tx.put_password_hash(id, Some(hash)).await?;
        unit.keep_user(Some(&before), &mut after).await?;
        unit.end_sessions(id, "the password was changed").await?;
        let view = self.user_view(&after, Reach::Everything);
        self.commit(unit, view).await
    }

    /// Whether a password would do without a second factor.
    pub(in crate::people) fn check_alone(password: &str, record: &UserRecord) -> Result<(), AppError> {
        let user = &record.user;
        Ok(check(password, &user.username, user.email.as_ref(), Beside::Nothing)?)
    }
}
