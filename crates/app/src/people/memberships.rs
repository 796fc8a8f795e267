use claviger_model::{AccountNumber, Membership, Slug};

use super::{UserView, WhichUser};
use crate::{Actor, App, AppError, UseCase};

impl App {
    /// Says which roles a user has in an account. What they and their keys may is narrower when this returns.
    pub(super) async fn set_roles(
        &self,
        actor: &Actor,
        which: &WhichUser,
        account: &AccountNumber,
        roles: Option<Vec<Slug>>,
    ) -> Result<UserView, AppError> {
        let mut unit = self.begin(actor, UseCase::UserRoles).await?;
        let before = unit.find_user(which).await?;
        self.check_touchable(&unit, &before.user)?;
        let account = unit.account_within(Some(account)).await?;
        let giver = self.giver(&unit, account);
        unit.check_grantable(giver.as_ref(), account, roles.as_deref().unwrap_or_default()).await?;
        let mut after = before.clone();
        let memberships = &mut after.user.memberships;
        match (memberships.iter_mut().find(|one| one.account == account), roles) {
            (Some(present), Some(roles)) => present.roles = roles,
            (None, Some(roles)) => memberships.push(Membership { account, roles }),
            (_, None) => memberships.retain(|one| one.account != account),
        }
        if after != before {
            unit.keep_user(Some(&before), &mut after).await?;
        }
        let view = self.user_view(&after, unit.reach);
        self.commit(unit, view).await
    }
}
