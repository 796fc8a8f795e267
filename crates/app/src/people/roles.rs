use claviger_model::{AccountId, AccountNumber, BuiltInRole, Change, Role, Slug};

use super::view::built_in;
use super::{NewRole, RoleView};
use crate::accounts::check_name;
use crate::tag::check_known;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Part, Tag, UseCase};

impl App {
    pub(super) async fn list_roles(
        &self,
        actor: &Actor,
        account: Option<&AccountNumber>,
        part: &Part<Slug>,
    ) -> Result<Vec<RoleView>, AppError> {
        let limit = part.most()?;
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
        let all = built_in.chain(own.iter().map(|role| self.role_view(role)));
        let behind = all.filter(|role| is_behind(role, part.after.as_ref()));
        Ok(behind.take(limit as usize).collect())
    }

    pub(super) async fn show_role(
        &self,
        actor: &Actor,
        account: Option<&AccountNumber>,
        slug: &Slug,
    ) -> Result<RoleView, AppError> {
        let all = self.list_roles(actor, account, &Part::default()).await?;
        let found = all.into_iter().find(|role| role.slug == *slug);
        found.ok_or_else(|| AppError::not_found("role", slug))
    }

    /// Makes a role or changes it. Whoever has it may what it says when this returns, and no more.
    pub(super) async fn put_role(
        &self,
        actor: &Actor,
        new: NewRole,
        known: Option<&Tag>,
    ) -> Result<RoleView, AppError> {
        if BuiltInRole::from_slug(new.slug.as_str()).is_some() {
            return Err(AppError::Taken { what: "built-in role", name: new.slug.to_string() });
        }
        let name = new.name.unwrap_or_else(|| new.slug.to_string());
        check_name("name", &name)?;
        let mut unit = self.begin(actor, UseCase::RolePut).await?;
        let account = unit.account_within(new.account.as_ref()).await?;
        let before = unit.own_role(account, &new.slug).await?;
        let shown = before.as_ref().map(|role| self.role_view(role));
        check_known(known, shown.as_ref(), "role", &new.slug)?;
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

/// Whether a role stands behind this one. Built-in ones have their places before an account's own, which are in the order
/// of their slugs.
fn is_behind(role: &RoleView, after: Option<&Slug>) -> bool {
    let Some(after) = after else { return true };
    let place = |slug: &Slug| BuiltInRole::ALL.into_iter().position(|one| one.slug() == slug.as_str());
    match (place(&role.slug), place(after)) {
        (Some(own), Some(after)) => own > after,
        (None, Some(_)) => true,
        (Some(_), None) => false,
        (None, None) => role.slug > *after,
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
