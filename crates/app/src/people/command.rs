use std::fmt;
use std::str::FromStr;

use claviger_model::{
    AccountNumber, CredentialId, EmailAddress, InvitationId, PasskeyId, Right, RoleAccess, Slug, Standing,
    Time, UserId, UserName, UserState,
};
use serde::{Deserialize, Serialize};

use super::{
    Admin, InvitationView, NewInvitation, NewPasskey, PasskeyAdded, PasskeyOptions, PasskeyView, RoleView,
    SessionSort, SessionView, UserEdit, UserSort, UserView,
};
use crate::{Part, Shown, Tag};

/// A user, by id, user name or e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", from = "String")]
pub enum WhichUser {
    /// By id.
    Id(UserId),
    /// By what they sign in with, in whatever case.
    Handle(String),
}

impl From<String> for WhichUser {
    fn from(text: String) -> Self {
        text.parse().map_or(Self::Handle(text), Self::Id)
    }
}

impl FromStr for WhichUser {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text.to_owned().into())
    }
}

impl From<WhichUser> for String {
    fn from(which: WhichUser) -> Self {
        which.to_string()
    }
}

impl fmt::Display for WhichUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => fmt::Display::fmt(id, f),
            Self::Handle(text) => f.write_str(text),
        }
    }
}

/// Something to do about people.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "people", content = "with", rename_all = "snake_case")]
pub enum PeopleCommand {
    /// Make a user.
    Create(NewUser),
    /// List users.
    List {
        /// Those of this account.
        account: Option<AccountNumber>,
        /// In which order.
        #[serde(default)]
        sort: UserSort,
        /// Which part of them: behind an id, or a user name where they are in the order of those.
        #[serde(default)]
        part: Part<String>,
    },
    /// Show a user.
    Show {
        /// Which.
        user: WhichUser,
    },
    /// Show oneself.
    WhoAmI,
    /// Show who can make keys and manage users in one's account.
    Admins,
    /// Let a user do nothing, or again what they could.
    State {
        /// Which.
        user: WhichUser,
        /// What they can from now on.
        state: UserState,
        /// Why, for the audit.
        reason: Option<String>,
    },
    /// Remove a user, and end everything that is theirs.
    Remove {
        /// Which.
        user: WhichUser,
        /// Why, for the audit.
        reason: Option<String>,
    },
    /// Say which roles a user has in an account.
    Roles {
        /// Which.
        user: WhichUser,
        /// In which account.
        account: AccountNumber,
        /// All of them from now on; none, if they are to belong to it no more.
        roles: Option<Vec<Slug>>,
    },
    /// Change a user.
    Edit {
        /// Which.
        user: WhichUser,
        /// What changes.
        edit: UserEdit,
        /// When they were last changed, as whoever asks knows it: they are changed only if that is so.
        #[serde(default)]
        unchanged_since: Option<Time>,
    },
    /// Change oneself.
    EditOneself {
        /// What changes.
        edit: UserEdit,
        /// When one was last changed, as one knows it: one is changed only if that is so.
        #[serde(default)]
        unchanged_since: Option<Time>,
    },
    /// Invite somebody into an account.
    Invite(NewInvitation),
    /// List the invitations that work still.
    InvitationList {
        /// Into this account.
        account: Option<AccountNumber>,
        /// Which part of them.
        #[serde(default)]
        part: Part<InvitationId>,
    },
    /// Take an invitation back.
    InvitationWithdraw {
        /// Which.
        id: InvitationId,
        /// Why, for the audit.
        reason: Option<String>,
    },
    /// Give a user another password. They are signed out.
    PasswordSet {
        /// Which.
        user: WhichUser,
        /// The new password.
        password: Shown,
    },
    /// Take a user's second factor away, who lost it. They are signed out.
    FactorReset {
        /// Which.
        user: WhichUser,
        /// Why, for the audit.
        reason: Option<String>,
    },
    /// Change one's own password. One is signed out everywhere.
    PasswordChange {
        /// The present password.
        current: Shown,
        /// The new one.
        password: Shown,
    },
    /// Begin to set one-time codes up.
    TotpBegin {
        /// The present password.
        current: Shown,
    },
    /// Have one-time codes asked for from now on.
    TotpConfirm {
        /// A code.
        code: Shown,
    },
    /// Have them asked for no more.
    TotpRemove {
        /// The present password.
        current: Shown,
    },
    /// Something about one's passkeys.
    Passkey(PasskeyCommand),
    /// Get other recovery codes; the earlier ones work no more.
    RecoveryCodes {
        /// The present password.
        current: Shown,
    },
    /// List where one is signed in.
    SessionList {
        /// In which order.
        #[serde(default)]
        sort: SessionSort,
        /// Which part of them.
        #[serde(default)]
        part: Part<CredentialId>,
    },
    /// Sign out.
    SessionRevoke {
        /// There; everywhere, if absent.
        id: Option<CredentialId>,
    },
    /// List the roles of an account, the built-in ones first.
    RoleList {
        /// Which; may be left out by whoever is in one.
        account: Option<AccountNumber>,
        /// Which part of them.
        #[serde(default)]
        part: Part<Slug>,
    },
    /// Show a role.
    RoleShow {
        /// Whose it is; may be left out by whoever is in an account.
        account: Option<AccountNumber>,
        /// Which; built-in ones are everybody's.
        slug: Slug,
    },
    /// Make a role, or change it.
    RolePut(NewRole),
    /// Change a role, if it is as whoever asks knows it.
    RoleChange {
        /// What it is from now on.
        role: NewRole,
        /// What it is, as whoever asks knows it.
        known: Tag,
    },
    /// Remove a role: nobody has it any more.
    RoleRemove {
        /// Whose it is; may be left out by whoever is in an account.
        account: Option<AccountNumber>,
        /// Which.
        slug: Slug,
    },
}

/// Something to do about one's passkeys.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "passkey", content = "with", rename_all = "snake_case")]
pub enum PasskeyCommand {
    /// Ask for what a browser needs to make a passkey.
    Begin,
    /// Add the passkey that it made.
    Add(Box<NewPasskey>),
    /// Ask for what a browser needs to prove with a passkey that it is still oneself.
    Challenge,
    /// List one's passkeys.
    List,
    /// Call a passkey something else.
    Rename {
        /// Which.
        id: PasskeyId,
        /// Its name from now on.
        name: String,
    },
    /// Remove a passkey.
    Remove {
        /// Which.
        id: PasskeyId,
        /// The present password, for the last second factor.
        current: Option<Shown>,
    },
}

/// A user to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewUser {
    /// What they sign in with.
    pub username: UserName,
    /// Where they are written to.
    pub email: Option<EmailAddress>,
    /// Their name; the user name, if left out.
    pub name: Option<String>,
    /// Whether they stand above accounts, or are a machine.
    #[serde(default)]
    pub standing: Standing,
    /// The account that they belong to. Only those above accounts can do without one.
    pub account: Option<AccountNumber>,
    /// Their roles there.
    #[serde(default)]
    pub roles: Vec<Slug>,
    /// What they sign in with; without one, they cannot.
    #[serde(default)]
    pub password: Option<Shown>,
}

/// A role to make or change.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NewRole {
    /// Whose it is; may be left out by whoever is in an account.
    pub account: Option<AccountNumber>,
    /// How it is named to programs.
    pub slug: Slug,
    /// How it is named to people; the slug, if left out.
    pub name: Option<String>,
    /// What it lets people do in the account.
    pub rights: Vec<Right>,
    /// What it lets people and their keys call.
    pub access: RoleAccess,
}

/// What came of a command about people.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "people", content = "with", rename_all = "snake_case")]
pub enum PeopleOutcome {
    /// Users.
    Users(Vec<UserView>),
    /// One user.
    User(Box<UserView>),
    /// Invitations.
    Invitations(Vec<InvitationView>),
    /// One of them.
    Invitation(Box<InvitationView>),
    /// Who can make keys and manage users.
    Admins(Vec<Admin>),
    /// Roles.
    Roles(Vec<RoleView>),
    /// Where one is signed in.
    Sessions(Vec<SessionView>),
    /// What one-time codes are made from, shown once.
    Totp {
        /// In base 32.
        secret: Shown,
        /// For an app to scan: `otpauth://totp/…`.
        url: Shown,
    },
    /// What a browser is to be asked.
    PasskeyOptions(PasskeyOptions),
    /// A passkey that was added.
    PasskeyAdded(Box<PasskeyAdded>),
    /// Passkeys.
    Passkeys(Vec<PasskeyView>),
    /// Recovery codes, shown once.
    RecoveryCodes(Vec<Shown>),
}
