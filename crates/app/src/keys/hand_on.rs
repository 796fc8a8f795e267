//! Nobody hands on what they do not have: not with a key that they make, and not with one of others that they are shown.

use claviger_model::{
    AccountId, Api, Credential, LoginTokens, Permission, PermissionSet, Standing, User, UserId,
};
use claviger_policy::Snapshot;

use crate::reach::{Reach, forbidden};
use crate::unit::Unit;
use crate::{Actor, App, AppError, NewKey, UseCase};

impl App {
    /// Whether a new key has no permission that its maker lacks. What is one's own never does more than oneself; so
    /// everything is everything that one may.
    pub(super) fn check_handed_on(&self, unit: &Unit, key: &Credential, api: &Api) -> Result<(), AppError> {
        let Some(maker) = maker(&self.snapshot(), unit) else { return Ok(()) };
        let PermissionSet::Only(listed) = &key.permissions else {
            return self.check_worth(unit, key, api);
        };
        let snapshot = self.snapshot();
        match listed.iter().find(|one| !snapshot.user_may(&maker, key.account, one)) {
            Some(lacked) => Err(lacks(lacked)),
            None => Ok(()),
        }
    }

    /// Whether whoever gets to see a key may do everything that the key can do now.
    pub(super) fn check_worth(&self, unit: &Unit, key: &Credential, api: &Api) -> Result<(), AppError> {
        let snapshot = self.snapshot();
        let Some(maker) = maker(&snapshot, unit).filter(|maker| key.user != Some(maker.id)) else {
            return Ok(());
        };
        let owner = key.user.and_then(|user| snapshot.user(user));
        // Where keys are used as login tokens are, this one manages as its user does.
        let manages =
            api.policy.login_tokens == LoginTokens::Accept && key.permissions == PermissionSet::Everything;
        if let Some(owner) = owner.filter(|_| manages) {
            self.check_touchable(unit, owner)?;
        }
        let works = |one: &Permission| {
            let owners = owner.is_none_or(|owner| snapshot.user_may(owner, key.account, one));
            key.permissions.allows(one) && owners
        };
        let endpoints = api.versions.iter().flat_map(|version| &version.endpoints);
        let mut needed = endpoints.flat_map(|endpoint| &endpoint.permissions).filter(|one| works(one));
        match needed.find(|one| !snapshot.user_may(&maker, key.account, one)) {
            Some(lacked) => Err(lacks(lacked)),
            None => Ok(()),
        }
    }
}

fn lacks(permission: &Permission) -> AppError {
    AppError::Lacking(permission.to_string())
}

/// Who makes the key, unless they stand above accounts.
fn maker(snapshot: &Snapshot, unit: &Unit) -> Option<User> {
    let Actor::User { id, .. } = unit.actor() else { return None };
    snapshot.user(*id).filter(|user| user.standing != Standing::Operator).cloned()
}

impl App {
    /// Whose a new key is within its account.
    pub(super) async fn key_owner(
        &self,
        unit: &mut Unit,
        new: &NewKey,
        account: AccountId,
    ) -> Result<Option<UserId>, AppError> {
        let own = match (unit.actor(), unit.reach) {
            (Actor::User { id, .. }, Reach::Account(_) | Reach::Own { .. }) => Some(*id),
            _ => None,
        };
        let Some(wanted) = &new.user else { return Ok(own) };
        let user = unit.find_user(wanted).await?.user;
        let belongs = user.memberships.iter().any(|membership| membership.account == account);
        if !belongs {
            return Err(AppError::not_found("user", wanted));
        }
        let machine = user.standing == Standing::Service && self.manages_others_keys(unit.actor());
        if own.is_none() || own == Some(user.id) || machine {
            return Ok(Some(user.id));
        }
        Err(forbidden(unit.actor(), UseCase::KeyCreate))
    }

    fn manages_others_keys(&self, actor: &Actor) -> bool {
        let reach = self.authorize(actor, UseCase::KeyRead);
        matches!(reach, Ok(Reach::Everything | Reach::Account(_)))
    }
}
