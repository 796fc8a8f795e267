//! Nobody gives more than they have, and nobody touches who has more.

use claviger_model::{
    AccountId, BuiltInRole, Permission, Right, Role, RoleAccess, Scope, Slug, Standing, User, UserId,
};

use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError};

/// More than anybody needs.
const MOST_ROLES: usize = 32;

/// What somebody can give in an account.
pub(super) struct Giver {
    rights: Vec<Right>,
    accesses: Vec<RoleAccess>,
}

impl Giver {
    /// Whether they have all of this.
    pub(super) fn check(&self, rights: &[Right], access: &RoleAccess) -> Result<(), AppError> {
        if let Some(lacked) = rights.iter().find(|right| !self.rights.contains(right)) {
            return Err(AppError::Lacking(lacked.as_str().to_owned()));
        }
        match access {
            RoleAccess::Scope(scope) if !self.has_scope(*scope) => {
                Err(AppError::Lacking("everything that the role may call".to_owned()))
            }
            RoleAccess::Only(list) => match list.iter().find(|one| !self.may(one)) {
                Some(lacked) => Err(AppError::Lacking(lacked.to_string())),
                None => Ok(()),
            },
            RoleAccess::Scope(_) => Ok(()),
        }
    }

    fn may(&self, permission: &Permission) -> bool {
        self.accesses.iter().any(|access| access.allows(permission))
    }

    fn has_scope(&self, wanted: Scope) -> bool {
        self.accesses.iter().any(|access| match access {
            RoleAccess::Scope(Scope::Admin) => true,
            RoleAccess::Scope(Scope::Developer) => wanted != Scope::Admin,
            RoleAccess::Scope(Scope::ReadOnly) => wanted == Scope::ReadOnly,
            RoleAccess::Only(_) => false,
        })
    }
}

impl App {
    /// What whoever does this can give in an account; everything, if it is nothing.
    pub(super) fn giver(&self, unit: &Unit, account: AccountId) -> Option<Giver> {
        match (unit.actor(), unit.reach) {
            (_, Reach::Everything) => None,
            (Actor::User { id, .. }, _) => Some(self.giver_of(*id, account)),
            _ => Some(Giver { rights: Vec::new(), accesses: Vec::new() }),
        }
    }

    /// What a user of an account can give there.
    pub(super) fn giver_of(&self, id: UserId, account: AccountId) -> Giver {
        let snapshot = self.snapshot();
        let user = snapshot.user(id);
        Giver {
            rights: user.map(|user| snapshot.rights(user, account)).unwrap_or_default(),
            accesses: user.map(|user| snapshot.accesses(user, account)).unwrap_or_default(),
        }
    }

    /// Whether whoever does this may touch this user at all: whom they share an account with and who has no more.
    pub(crate) fn check_touchable(&self, unit: &Unit, user: &User) -> Result<(), AppError> {
        let Some(account) = unit.reach.account() else { return Ok(()) };
        if user.standing == Standing::Operator {
            return Err(AppError::Lacking("operator".to_owned()));
        }
        let Some(giver) = self.giver(unit, account) else { return Ok(()) };
        let snapshot = self.snapshot();
        giver.check(&snapshot.rights(user, account), &RoleAccess::Only(Vec::new()))?;
        snapshot.accesses(user, account).iter().try_for_each(|access| giver.check(&[], access))
    }

    /// The same for what ends or changes a user as a whole, who may belong to other accounts too.
    pub(super) fn check_wholly_touchable(&self, unit: &Unit, user: &User) -> Result<(), AppError> {
        self.check_touchable(unit, user)?;
        let elsewhere = user.memberships.iter().any(|one| Some(one.account) != unit.reach.account());
        if unit.reach.account().is_some() && elsewhere {
            return Err(AppError::Invalid(
                "they belong to other accounts too; take their roles in yours away instead".into(),
            ));
        }
        Ok(())
    }
}

impl Unit {
    /// Whether these roles exist in an account and whoever does this can give them.
    pub(super) async fn check_grantable(
        &mut self,
        giver: Option<&Giver>,
        account: AccountId,
        slugs: &[Slug],
    ) -> Result<(), AppError> {
        if slugs.len() > MOST_ROLES {
            return Err(AppError::Invalid(format!("a user has at most {MOST_ROLES} roles in an account")));
        }
        let own = self.tx.roles(account).await?;
        for slug in slugs {
            let (rights, access) = role(&own, slug)?;
            giver.map_or(Ok(()), |giver| giver.check(&rights, &access))?;
        }
        Ok(())
    }
}

fn role(own: &[Role], slug: &Slug) -> Result<(Vec<Right>, RoleAccess), AppError> {
    if let Some(role) = BuiltInRole::from_slug(slug.as_str()) {
        return Ok((role.rights().to_vec(), role.access()));
    }
    let found = own.iter().find(|role| role.slug == *slug);
    let found = found.ok_or_else(|| AppError::not_found("role", slug))?;
    Ok((found.rights.clone(), found.access.clone()))
}
