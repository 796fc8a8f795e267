use claviger_model::{Change, UserId, UserState};

use super::find::object;
use super::{UserView, WhichUser};
use crate::accounts::check_name;
use crate::{Actor, App, AppError, UseCase};

impl App {
    /// Lets a user do nothing, or again what they could. What they have works no more when this returns, until they
    /// are active again.
    pub(super) async fn change_user_state(
        &self,
        actor: &Actor,
        which: &WhichUser,
        state: UserState,
        reason: Option<String>,
    ) -> Result<UserView, AppError> {
        reason.as_deref().map(|reason| check_name("reason", reason)).transpose()?;
        let use_case = match state {
            UserState::Active => UseCase::UserEnable,
            UserState::Disabled => UseCase::UserDisable,
        };
        let mut unit = self.begin(actor, use_case).await?;
        unit.because(reason);
        let before = unit.find_user(which).await?;
        self.check_wholly_touchable(&unit, &before.user)?;
        let mut after = before.clone();
        after.user.state = state;
        if after != before {
            unit.keep_user(Some(&before), &mut after).await?;
            unit.end_sessions(after.user.id, "the user was disabled or enabled").await?;
        }
        let view = self.user_view(&after, unit.reach);
        self.commit(unit, view).await
    }

    /// Removes a user. Everything that is theirs is revoked when this returns.
    pub(super) async fn remove_user(
        &self,
        actor: &Actor,
        which: &WhichUser,
        reason: Option<String>,
    ) -> Result<UserView, AppError> {
        reason.as_deref().map(|reason| check_name("reason", reason)).transpose()?;
        let mut unit = self.begin(actor, UseCase::UserRemove).await?;
        unit.because(reason);
        let before = unit.find_user(which).await?;
        self.check_wholly_touchable(&unit, &before.user)?;
        let id: UserId = before.user.id;
        unit.log(&Change::UserRemoved(id)).await?;
        unit.end_everything_of(id, "the user was removed").await?;
        unit.tx.delete_user(id).await?;
        unit.audit(object(None, &before.user), Some(&before), None).await?;
        let view = self.user_view(&before, unit.reach);
        self.commit(unit, view).await
    }
}
