use claviger_model::{AccountId, AccountNumber, BuiltInRole, Change, Role, Slug};

use super::view::built_in;
use super::{NewRole, RoleView};
use crate::accounts::check_name;
use crate::unit::Unit;
use crate::{Actor, App, AppError, UseCase};

impl App {
    pub(super) async fn list_roles(
        &self,
        actor: &Actor,
        account: Option<&AccountNumber>,
    ) -> Result<Vec<RoleView>, AppError> {
        let reach = self.authorize(actor, UseCase::RoleRead)?;
        let account = match account {
            Some(number) => Some(self.account_id(number, reach).await?),
            None => reach.account(),
        };
        let own = match account {
            Some(account) => self.store.roles(account).await?,
            None => Vec::new(),
        };
        let built_in = BuiltInRole::ALL.into_iter().filter_map(built_in);
        Ok(built_in.chain(own.iter().map(|role| self.role_view(role))).collect())
    }

    /// Makes a role or changes it. Whoever has it may what it says when this returns, and no more.
    pub(super) async fn put_role(&self, actor: &Actor, new: NewRole) -> Result<RoleView, AppError> {
        if BuiltInRole::from_slug(new.slug.as_str()).is_some() {
            return Err(AppError::Taken { what: "built-in role", name: new.slug.to_string() });
        }
        let name = new.name.unwrap_or_else(|| new.slug.to_string());
        check_name("name", &name)?;
        let mut unit = self.begin(actor, UseCase::RolePut).await?;
        let account = unit.account_within(new.account.as_ref()).await?;
        let before = unit.own_role(account, &new.slug).await?;
        let mut rights = new.rights;
        rights.sort_unstable();
        rights.dedup();
        let role = Role { account, slug: new.slug, name, rights, access: new.access };
        if let Some(giver) = self.giver(&unit, account) {
            for role in before.iter().chain([&role]) {
                giver.check(&role.rights, &role.access)?;
            }
        }
        if before.as_ref() != Some(&role) {
            let number = unit.log(&Change::Role(role.clone())).await?;
            unit.tx.put_role(&role, number).await?;
            unit.audit(&role, before.as_ref(), Some(&role)).await?;
        }
        let view = self.role_view(&role);
        self.commit(unit, view).await
    }

    /// Removes a role. Nobody has it any more when this returns, even if another is made with its slug.
    pub(super) async fn remove_role(
        &self,
        actor: &Actor,
        account: Option<&AccountNumber>,
        slug: &Slug,
    ) -> Result<RoleView, AppError> {
        let mut unit = self.begin(actor, UseCase::RoleRemove).await?;
        let account = unit.account_within(account).await?;
        let role = unit.own_role(account, slug).await?.ok_or_else(|| AppError::not_found("role", slug))?;
        if let Some(giver) = self.giver(&unit, account) {
            giver.check(&role.rights, &role.access)?;
        }
        unit.take_from_everybody(account, slug).await?;
        unit.end_invitations_with(account, slug).await?;
        unit.log(&Change::RoleRemoved { account, slug: slug.clone() }).await?;
        unit.tx.delete_role(account, slug).await?;
        unit.audit(&role, Some(&role), None).await?;
        let view = self.role_view(&role);
        self.commit(unit, view).await
    }
}

impl Unit {
    async fn own_role(&mut self, account: AccountId, slug: &Slug) -> Result<Option<Role>, AppError> {
        Ok(self.tx.roles(account).await?.into_iter().find(|role| role.slug == *slug))
    }

    async fn take_from_everybody(&mut self, account: AccountId, slug: &Slug) -> Result<(), AppError> {
        for before in self.tx.users().await? {
            let mut after = before.clone();
            for membership in after.user.memberships.iter_mut().filter(|one| one.account == account) {
                membership.roles.retain(|role| role != slug);
            }
            if after != before {
                self.keep_user(Some(&before), &mut after).await?;
            }
        }
        Ok(())
    }
}
