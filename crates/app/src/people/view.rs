use claviger_model::{
    AccountId, BuiltInRole, CredentialId, EmailAddress, Right, Role, RoleAccess, Slug, Standing, Time,
    UserId, UserName, UserState,
};
use claviger_store::{HasPassword, UserRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InvitationView, PeopleOutcome};
use crate::reach::Reach;
use crate::{App, Shown};

/// A user, as people are shown them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserView {
    /// Their id.
    pub id: UserId,
    /// What they sign in with.
    pub username: UserName,
    /// Where they are written to.
    pub email: Option<EmailAddress>,
    /// Their name.
    pub name: String,
    /// Whether they can do anything.
    pub state: UserState,
    /// Whether they stand above accounts, or are a machine.
    pub standing: Standing,
    /// The accounts that they belong to, as far as whoever asks sees them.
    pub memberships: Vec<MembershipView>,
    /// Whether they can sign in with a password.
    pub password: bool,
    /// Since when they prove themselves with more than their password: with one-time codes or a passkey.
    pub second_factor_since: Option<Time>,
    /// When they were made.
    pub created_at: Time,
    /// When they were last changed.
    pub updated_at: Time,
    /// When they last signed in.
    pub last_sign_in_at: Option<Time>,
}

/// That a user belongs to an account, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MembershipView {
    /// The account's number.
    pub account: String,
    /// The roles there.
    pub roles: Vec<Slug>,
}

impl From<UserView> for PeopleOutcome {
    fn from(view: UserView) -> Self {
        Self::User(Box::new(view))
    }
}

impl From<InvitationView> for PeopleOutcome {
    fn from(view: InvitationView) -> Self {
        Self::Invitation(Box::new(view))
    }
}

impl From<RoleView> for PeopleOutcome {
    fn from(view: RoleView) -> Self {
        Self::Roles(vec![view])
    }
}

/// A role, as people are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RoleView {
    /// How it is named to programs.
    pub slug: Slug,
    /// How it is named to people.
    pub name: String,
    /// The number of the account whose own it is; none, if every account has it.
    pub account: Option<String>,
    /// What it lets people do in the account.
    pub rights: Vec<Right>,
    /// What it lets people and their keys call.
    pub access: RoleAccess,
}

/// Where somebody is signed in, as they are shown it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionView {
    /// The id of the token; not the token.
    pub id: CredentialId,
    /// `login-token` or `session`.
    pub kind: Slug,
    /// The last characters of the token.
    pub hint: String,
    /// The number of the account.
    pub account: String,
    /// Its state; `expired` by the clock.
    pub state: String,
    /// When they signed in.
    pub created_at: Time,
    /// From this moment on it is refused.
    pub expires_at: Option<Time>,
    /// The token itself, if they signed in just now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<Shown>,
}

impl App {
    pub(super) fn account_number(&self, id: AccountId) -> String {
        let snapshot = self.snapshot();
        snapshot.account(id).map_or_else(|| "(removed)".to_owned(), |account| account.number.to_string())
    }

    /// A user as somebody with this reach sees them.
    pub(super) fn user_view(&self, record: &UserRecord, reach: Reach) -> UserView {
        let user = &record.user;
        let seen = |account: AccountId| reach.account().is_none_or(|own| own == account);
        let memberships = user.memberships.iter().filter(|membership| seen(membership.account));
        UserView {
            id: user.id,
            username: user.username.clone(),
            email: user.email.clone(),
            name: user.name.clone(),
            state: user.state,
            standing: user.standing,
            memberships: memberships
                .map(|membership| MembershipView {
                    account: self.account_number(membership.account),
                    roles: membership.roles.clone(),
                })
                .collect(),
            password: record.password == HasPassword::Set,
            second_factor_since: user.second_factor_since,
            created_at: record.created_at,
            updated_at: record.updated_at,
            last_sign_in_at: record.last_sign_in_at,
        }
    }

    pub(super) fn role_view(&self, role: &Role) -> RoleView {
        RoleView {
            slug: role.slug.clone(),
            name: role.name.clone(),
            account: Some(self.account_number(role.account)),
            rights: role.rights.clone(),
            access: role.access.clone(),
        }
    }
}

/// A role that every account has.
pub(super) fn built_in(role: BuiltInRole) -> Option<RoleView> {
    Some(RoleView {
        slug: role.slug().parse().ok()?,
        name: role.name().to_owned(),
        account: None,
        rights: role.rights().to_vec(),
        access: role.access(),
    })
}
