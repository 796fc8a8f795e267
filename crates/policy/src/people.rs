//! Users and roles, as far as decisions need them.

use std::sync::Arc;

use claviger_model::{
    AccountId, BuiltInRole, Permission, Right, Role, RoleAccess, Slug, User, UserId, UserState,
};
use imbl::{HashMap, Vector};

/// A user's place: what is known of them, and since which change.
#[derive(Debug, Clone, Default)]
struct Place {
    change: u64,
    user: Option<Arc<User>>,
}

/// A role's place: what is known of it, and since which change.
#[derive(Debug, Clone)]
struct RolePlace {
    change: u64,
    role: Option<Arc<Role>>,
}

/// A role that somebody has.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held<'p> {
    BuiltIn(BuiltInRole),
    Own(&'p Role),
}

impl<'p> Held<'p> {
    pub(crate) fn rights(self) -> &'p [Right] {
        match self {
            Self::BuiltIn(role) => role.rights(),
            Self::Own(role) => &role.rights,
        }
    }

    pub(crate) fn access(self) -> RoleAccess {
        match self {
            Self::BuiltIn(role) => role.access(),
            Self::Own(role) => role.access.clone(),
        }
    }

    fn allows(self, needed: &Permission) -> bool {
        match self {
            Self::BuiltIn(role) => role.access().allows(needed),
            Self::Own(role) => role.access.allows(needed),
        }
    }
}

/// Users by a number that stays the same for as long as this snapshot and its successors live, and the accounts' own
/// roles.
#[derive(Debug, Clone, Default)]
pub(crate) struct People {
    numbers: HashMap<UserId, u32>,
    places: Vector<Place>,
    roles: HashMap<AccountId, HashMap<Slug, RolePlace>>,
}

impl People {
    /// The number of a user, known already or still to come; 0 is nobody.
    pub(crate) fn number(&mut self, id: Option<UserId>) -> u32 {
        let Some(id) = id else { return 0 };
        if let Some(number) = self.numbers.get(&id) {
            return *number;
        }
        self.places.push_back(Place::default());
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.numbers.insert(id, number);
        number
    }

    pub(crate) fn get(&self, number: u32) -> Option<&User> {
        self.places.get((number as usize).checked_sub(1)?)?.user.as_deref()
    }

    pub(crate) fn find(&self, id: UserId) -> Option<&User> {
        self.get(*self.numbers.get(&id)?)
    }

    pub(crate) fn put(&mut self, user: User, change: u64) {
        self.set(user.id, change, Some(Arc::new(user)));
    }

    pub(crate) fn remove(&mut self, id: UserId, change: u64) {
        self.set(id, change, None);
    }

    fn set(&mut self, id: UserId, change: u64, user: Option<Arc<User>>) {
        let number = self.number(Some(id)) as usize;
        if let Some(place) = number.checked_sub(1).and_then(|place| self.places.get_mut(place))
            && place.change < change
        {
            *place = Place { change, user };
        }
    }

    pub(crate) fn put_role(&mut self, role: Role, change: u64) {
        self.set_role(role.account, role.slug.clone(), RolePlace { change, role: Some(Arc::new(role)) });
    }

    pub(crate) fn remove_role(&mut self, account: AccountId, slug: Slug, change: u64) {
        self.set_role(account, slug, RolePlace { change, role: None });
    }

    fn set_role(&mut self, account: AccountId, slug: Slug, place: RolePlace) {
        let roles = self.roles.entry(account).or_default();
        if roles.get(&slug).is_none_or(|known| known.change < place.change) {
            roles.insert(slug, place);
        }
    }

    /// The roles that a user has in an account. Nothing is copied: decisions ask for them.
    pub(crate) fn held<'p>(&'p self, user: &'p User, account: AccountId) -> impl Iterator<Item = Held<'p>> {
        let memberships = user.memberships.iter().filter(move |membership| membership.account == account);
        memberships.flat_map(|membership| &membership.roles).filter_map(move |slug| {
            let built_in = BuiltInRole::from_slug(slug.as_str()).map(Held::BuiltIn);
            built_in.or_else(|| self.role(account, slug).map(Held::Own))
        })
    }

    /// Whether a user may call what needs this permission, in an account.
    pub(crate) fn may(&self, user: &User, account: AccountId, needed: &Permission) -> bool {
        self.held(user, account).any(|role| role.allows(needed))
    }

    /// Whether a user can do anything, and belongs to the account.
    pub(crate) fn lives(user: &User, account: AccountId) -> bool {
        user.state == UserState::Active && user.belongs_to(account)
    }

    /// The users.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &User> {
        self.places.iter().filter_map(|place| place.user.as_deref())
    }

    /// A role of an account's own.
    pub(crate) fn role(&self, account: AccountId, slug: &Slug) -> Option<&Role> {
        self.roles.get(&account)?.get(slug)?.role.as_deref()
    }
}
