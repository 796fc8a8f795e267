//! People: users, what they may do in their accounts, and the roles that say so.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, EmailAddress, Permission, Scope, Slug, Time, UserId, UserName};

/// A person who signs in, or a machine that has keys of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// What they sign in with, unique.
    pub username: UserName,
    /// Where they are written to, unique; they can sign in with it too.
    pub email: Option<EmailAddress>,
    /// Their name, for people.
    pub name: String,
    /// Whether they can do anything.
    pub state: UserState,
    /// Whether they stand above accounts.
    pub standing: Standing,
    /// The accounts that they belong to.
    pub memberships: Vec<Membership>,
    /// Since when they prove themselves with more than their password: with one-time codes or a passkey. Changes from
    /// before accounts could ask for it do not say.
    #[serde(default)]
    pub second_factor_since: Option<Time>,
}

impl User {
    /// Whether they belong to an account.
    #[must_use]
    pub fn belongs_to(&self, account: AccountId) -> bool {
        self.memberships.iter().any(|membership| membership.account == account)
    }
}

/// Whether a user can do anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// They can.
    #[default]
    Active,
    /// Nothing: they cannot sign in, and what they have works no more until they are active again.
    Disabled,
}

/// Whether a user stands above accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They do what their roles in their accounts let them.
    #[default]
    Member,
    /// They do everything, in every account.
    Operator,
    /// A machine: it does not sign in, and has keys.
    Service,
}

/// That a user belongs to an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The account.
    pub account: AccountId,
    /// The roles there, built in or the account's own, by slug.
    pub roles: Vec<Slug>,
}

/// Something that a role lets people do in their account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Make keys, and manage those that one made.
    ManageKeys,
    /// Manage the keys of others.
    ManageOthersKeys,
    /// Invite, disable and remove users, and give them roles.
    ManageUsers,
    /// Make and change the account's own roles.
    ManageRoles,
    /// See who the users are.
    ReadUsers,
    /// See the audit of the account.
    ReadAudit,
}

impl Right {
    /// Every right.
    pub const ALL: [Self; 6] = [
        Self::ManageKeys,
        Self::ManageOthersKeys,
        Self::ManageUsers,
        Self::ManageRoles,
        Self::ReadUsers,
        Self::ReadAudit,
    ];

    /// The word for it, as in catalogues, stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ManageKeys => "manage_keys",
            Self::ManageOthersKeys => "manage_others_keys",
            Self::ManageUsers => "manage_users",
            Self::ManageRoles => "manage_roles",
            Self::ReadUsers => "read_users",
            Self::ReadAudit => "read_audit",
        }
    }
}

/// What a role lets its users call, whatever API it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoleAccess {
    /// By action: everything, all but delete, or read.
    Scope(Scope),
    /// These permissions.
    Only(Vec<Permission>),
}

impl RoleAccess {
    /// Whether it lets this be called.
    #[must_use]
    pub fn allows(&self, needed: &Permission) -> bool {
        match self {
            Self::Scope(scope) => scope.has_action(needed.action()),
            Self::Only(list) => list.contains(needed),
        }
    }
}

/// A role of an account's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Whose.
    pub account: AccountId,
    /// How it is named to programs; none of the built-in ones.
    pub slug: Slug,
    /// How it is named to people.
    pub name: String,
    /// What it lets people do in the account.
    pub rights: Vec<Right>,
    /// What it lets people and their keys call.
    pub access: RoleAccess,
}

/// A role that every account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuiltInRole {
    /// Everything.
    Admin,
    /// Everything about keys.
    ApiAdministrator,
    /// Calls that read, and no keys of one's own.
    Member,
    /// Everything, in the words of contract S.
    FirmAdmin,
}

impl BuiltInRole {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Admin, Self::ApiAdministrator, Self::Member, Self::FirmAdmin];

    /// Its slug.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::ApiAdministrator => "api-administrator",
            Self::Member => "member",
            Self::FirmAdmin => "firm-admin",
        }
    }

    /// How it is named to people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::ApiAdministrator => "API administrator",
            Self::Member => "Member",
            Self::FirmAdmin => "Firm Admin",
        }
    }

    /// The one with this slug.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.slug() == slug)
    }

    /// What it lets people do in the account.
    #[must_use]
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Self::Admin | Self::FirmAdmin => &Right::ALL,
            Self::ApiAdministrator => &[Right::ManageKeys, Right::ManageOthersKeys, Right::ReadUsers],
            Self::Member => &[],
        }
    }

    /// What it lets people and their keys call.
    #[must_use]
    pub const fn access(self) -> RoleAccess {
        match self {
            Self::Admin | Self::FirmAdmin | Self::ApiAdministrator => RoleAccess::Scope(Scope::Admin),
            Self::Member => RoleAccess::Scope(Scope::ReadOnly),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_may_make_keys_have_the_right_to() {
        let may = |role: BuiltInRole| role.rights().contains(&Right::ManageKeys);
        assert_eq!(BuiltInRole::ALL.map(may), [true, true, false, true]);
        for role in BuiltInRole::ALL {
            assert_eq!(BuiltInRole::from_slug(role.slug()), Some(role));
            assert!(role.slug().parse::<Slug>().is_ok());
        }
    }

    #[test]
    fn access_by_scope_is_that_of_s8() {
        let needed = |action: &str| format!("a:b:{action}").parse::<Permission>().unwrap();
        let allowed = |access: &RoleAccess| {
            ["read", "create", "update", "delete", "export"].map(|action| access.allows(&needed(action)))
        };
        assert_eq!(allowed(&RoleAccess::Scope(Scope::Admin)), [true; 5]);
        assert_eq!(allowed(&RoleAccess::Scope(Scope::Developer)), [true, true, true, false, false]);
        assert_eq!(allowed(&BuiltInRole::Member.access()), [true, false, false, false, false]);
        assert_eq!(allowed(&RoleAccess::Only(vec![needed("create")])), [false, true, false, false, false]);
    }

    #[test]
    fn each_right_has_its_word() {
        for right in Right::ALL {
            assert_eq!(serde_json::to_value(right).unwrap(), right.as_str());
        }
    }
}
