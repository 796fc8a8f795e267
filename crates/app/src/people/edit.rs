//! What is noted of a user, and what they sign in with.

use std::str::FromStr;

use claviger_model::{EmailAddress, NameError, Time, User, UserName};
use claviger_store::UserRecord;
use serde::{Deserialize, Serialize};

use super::find::oneself;
use super::{UserView, WhichUser};
use crate::accounts::check_name;
use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError, UseCase};

/// What changes of a user; what is left out stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserEdit {
    /// What they sign in with from now on.
    #[serde(default)]
    pub username: Option<UserName>,
    /// Where they are written to from now on.
    #[serde(default)]
    pub email: Option<EmailEdit>,
    /// Their name from now on.
    #[serde(default)]
    pub name: Option<String>,
}

/// Where somebody is written to from now on. As text, nowhere is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EmailEdit {
    /// Nowhere.
    Nowhere,
    /// There.
    To(EmailAddress),
}

impl FromStr for EmailEdit {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.is_empty() { Ok(Self::Nowhere) } else { text.parse().map(Self::To) }
    }
}

impl UserEdit {
    /// Whether it changes with what somebody signs in.
    const fn is_of_handles(&self) -> bool {
        self.username.is_some() || self.email.is_some()
    }

    fn make(self, user: &mut User) -> Result<(), AppError> {
        if let Some(name) = self.name {
            check_name("name", &name)?;
            user.name = name;
        }
        if let Some(username) = self.username {
            user.username = username;
        }
        match self.email {
            Some(EmailEdit::To(email)) => user.email = Some(email),
            Some(EmailEdit::Nowhere) => user.email = None,
            None => {}
        }
        Ok(())
    }
}

/// Whether a user is as whoever asks knows them.
pub(super) fn check_unchanged(record: &UserRecord, since: Option<Time>) -> Result<(), AppError> {
    if since.is_none_or(|known| known == record.updated_at) {
        return Ok(());
    }
    Err(AppError::Stale { what: "user", name: record.user.username.to_string() })
}

impl App {
    /// Changes somebody. Whoever has more than whoever does it, or belongs to other accounts too, is not changed.
    pub(super) async fn edit_user(
        &self,
        actor: &Actor,
        which: &WhichUser,
        edit: UserEdit,
        unchanged_since: Option<Time>,
    ) -> Result<UserView, AppError> {
        let use_case = if edit.is_of_handles() { UseCase::UserRename } else { UseCase::UserDescribe };
        let mut unit = self.begin(actor, use_case).await?;
        let before = unit.find_user(which).await?;
        self.check_wholly_touchable(&unit, &before.user)?;
        check_unchanged(&before, unchanged_since)?;
        let after = unit.edit(&before, edit).await?;
        let view = self.user_view(&after, unit.reach);
        self.commit(unit, view).await
    }

    /// Changes oneself.
    pub(super) async fn edit_oneself(
        &self,
        actor: &Actor,
        edit: UserEdit,
        unchanged_since: Option<Time>,
    ) -> Result<UserView, AppError> {
        if !edit.is_of_handles() {
            return self.edit_own(actor, UseCase::OwnDescribe, edit, unchanged_since).await;
        }
        // What is taken tells who is here: it counts as a guess, and everything else is none.
        let counted = self.count_proof(oneself(actor)?).await?;
        let edited = self.edit_own(actor, UseCase::OwnRename, edit, unchanged_since).await;
        if !matches!(edited, Err(AppError::Taken { .. })) {
            self.forgive(counted).await?;
        }
        edited
    }

    async fn edit_own(
        &self,
        actor: &Actor,
        use_case: UseCase,
        edit: UserEdit,
        unchanged_since: Option<Time>,
    ) -> Result<UserView, AppError> {
        let mut unit = self.begin(actor, use_case).await?;
        let before = unit.oneself().await?;
        check_unchanged(&before, unchanged_since)?;
        let after = unit.edit(&before, edit).await?;
        let view = self.user_view(&after, Reach::Everything);
        self.commit(unit, view).await
    }
}

impl Unit {
    /// What changes nothing leaves no trace.
    async fn edit(&mut self, before: &UserRecord, edit: UserEdit) -> Result<UserRecord, AppError> {
        let mut after = before.clone();
        edit.make(&mut after.user)?;
        if after != *before {
            self.check_free(&after.user).await?;
            self.keep_user(Some(before), &mut after).await?;
        }
        Ok(after)
    }
}
