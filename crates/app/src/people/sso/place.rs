use claviger_model::{Account, AccountId, BuiltInRole, Membership, Slug, User};

use super::{AccountName, AccountOf, RolesOf, SsoClaims, SsoProvider, SsoRefusal};
use crate::AppError;
use crate::unit::Unit;

/// Where somebody has a place by what a provider says, and with which roles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) account: AccountId,
    pub(super) roles: Vec<Slug>,
}

impl Unit {
    /// The place that claims give somebody; why they have none.
    pub(super) async fn claimed_place(
        &mut self,
        provider: &SsoProvider,
        claims: &SsoClaims,
    ) -> Result<Result<Place, SsoRefusal>, AppError> {
        let Some(account) = self.named_account(&provider.account, claims).await? else {
            return Ok(Err(SsoRefusal::NoAccount));
        };
        let own = self.tx.roles(account.id).await?;
        let exists = |slug: &Slug| {
            BuiltInRole::from_slug(slug.as_str()).is_some() || own.iter().any(|role| role.slug == *slug)
        };
        let mut roles = provider.roles.of(claims);
        // A role that the account does not have gives nothing.
        roles.retain(exists);
        let place = Place { account: account.id, roles };
        Ok(if place.roles.is_empty() { Err(SsoRefusal::NoRole) } else { Ok(place) })
    }

    async fn named_account(
        &mut self,
        account: &AccountOf,
        claims: &SsoClaims,
    ) -> Result<Option<Account>, AppError> {
        let (claim, by, only) = match account {
            AccountOf::One(number) => return Ok(self.tx.account_by_number(number).await?),
            AccountOf::Claim { claim, by, only } => (claim, by, only),
        };
        // Who is in several is in none: nothing says which one is meant.
        let [name] = &*claims.texts(claim) else { return Ok(None) };
        let found = match by {
            AccountName::Number => match name.parse() {
                Ok(number) => self.tx.account_by_number(&number).await?,
                Err(_) => None,
            },
            AccountName::Realm => match name.parse() {
                Ok(realm) => self.tx.account_by_realm(&realm).await?,
                Err(_) => None,
            },
        };
        Ok(found.filter(|found| only.is_empty() || only.contains(&found.number)))
    }
}

/// Gives a user the roles of their place, and takes those away that the provider gave and gives no more: here, and where
/// their place was before.
pub(super) fn put_in(user: &mut User, rules: &RolesOf, before: AccountId, place: Option<&Place>) {
    if place.is_none_or(|place| place.account != before) {
        leave(user, rules, before);
    }
    let Some(Place { account, roles }) = place else { return };
    let memberships = &mut user.memberships;
    match memberships.iter_mut().find(|one| one.account == *account) {
        Some(membership) => {
            let others = membership.roles.iter().filter(|role| !rules.governs(role)).cloned();
            let mut all: Vec<_> = others.chain(roles.iter().cloned()).collect();
            all.sort_unstable();
            all.dedup();
            if !same(&all, &membership.roles) {
                membership.roles = all;
            }
        }
        None => memberships.push(Membership { account: *account, roles: roles.clone() }),
    }
}

/// Somebody with no role left belongs to the account no more.
fn leave(user: &mut User, rules: &RolesOf, account: AccountId) {
    for membership in user.memberships.iter_mut().filter(|one| one.account == account) {
        membership.roles.retain(|role| !rules.governs(role));
    }
    user.memberships.retain(|one| one.account != account || !one.roles.is_empty());
}

/// Whether two lists have the same roles, in whatever order.
fn same(one: &[Slug], other: &[Slug]) -> bool {
    one.len() == other.len() && one.iter().all(|role| other.contains(role))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use claviger_model::{Standing, UserId, UserState};

    use super::*;

    const HERE: AccountId = AccountId::from_u128(1);
    const THERE: AccountId = AccountId::from_u128(2);

    fn slugs(words: &[&str]) -> Vec<Slug> {
        words.iter().map(|word| word.parse().unwrap()).collect()
    }

    fn user(memberships: &[(AccountId, &[&str])]) -> User {
        let memberships =
            memberships.iter().map(|(account, roles)| Membership { account: *account, roles: slugs(roles) });
        User {
            id: UserId::from_u128(1),
            username: "ada".parse().unwrap(),
            email: None,
            name: "Ada".into(),
            state: UserState::Active,
            standing: Standing::Member,
            memberships: memberships.collect(),
            second_factor_since: None,
        }
    }

    fn rules() -> RolesOf {
        let values = BTreeMap::from([("a".to_owned(), slugs(&["admin"]))]);
        RolesOf { claim: Some("groups".into()), values, default: slugs(&["member"]) }
    }

    #[test]
    fn governed_roles_are_what_the_claims_say_and_others_stay() {
        let place = |roles| Place { account: HERE, roles: slugs(roles) };
        let mut ada = user(&[(HERE, &["own", "member"])]);
        put_in(&mut ada, &rules(), HERE, Some(&place(&["admin"])));
        assert_eq!(ada, user(&[(HERE, &["admin", "own"])]));
        put_in(&mut ada, &rules(), HERE, Some(&place(&["member"])));
        assert_eq!(ada, user(&[(HERE, &["member", "own"])]));
        put_in(&mut ada, &rules(), HERE, None);
        assert_eq!(ada, user(&[(HERE, &["own"])]));
    }

    #[test]
    fn who_moves_leaves_the_former_account() {
        let place = Place { account: THERE, roles: slugs(&["admin"]) };
        let mut ada = user(&[(HERE, &["admin", "member"])]);
        put_in(&mut ada, &rules(), HERE, Some(&place));
        assert_eq!(ada, user(&[(THERE, &["admin"])]));
        put_in(&mut ada, &rules(), THERE, None);
        assert_eq!(ada, user(&[]));
    }

    #[test]
    fn nothing_is_changed_where_nothing_is_new() {
        let place = Place { account: HERE, roles: slugs(&["admin"]) };
        let before = user(&[(HERE, &["own", "admin"])]);
        let mut after = before.clone();
        put_in(&mut after, &rules(), HERE, Some(&place));
        assert_eq!(after, before);
    }
}
