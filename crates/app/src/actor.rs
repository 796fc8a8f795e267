use std::fmt;

use claviger_model::{AccountId, CredentialId, Right, UserId};

/// Who does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// Whoever owns the data folder or the process; stands above accounts.
    Operator {
        /// How they came in, such as `local`.
        via: &'static str,
    },
    /// The server itself, at something that a request gave it the occasion for.
    Server,
    /// Somebody who signed in, or whose key stands for them.
    User {
        /// Who.
        id: UserId,
        /// In which of their accounts.
        account: AccountId,
        /// What they got for signing in and came with; nothing, if they came with a key, which proves nothing of them.
        token: Option<CredentialId>,
        /// Whether the provider that signed them in vouched for a second factor.
        vouched_factor: bool,
    },
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Operator { via } => write!(f, "operator:{via}"),
            Self::Server => f.write_str("server"),
            Self::User { id, .. } => write!(f, "user:{id}"),
        }
    }
}

/// What whoever does something needs for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// To stand above accounts.
    Operator,
    /// To be the server itself.
    Server,
    /// To have signed in; it is about oneself, or about what everybody in the account is told.
    Anyone,
    /// This right in the account; it is about the account as a whole.
    Right(Right),
    /// A right about keys: [`Right::ManageKeys`] for one's own, [`Right::ManageOthersKeys`] for all of the account.
    Keys,
    /// To see users: [`Right::ReadUsers`] or [`Right::ManageUsers`].
    Users,
}

/// How somebody who came with a token has to have proved that it is still them, before a use case: a token can be
/// stolen, and a screen left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Not at all.
    None,
    /// By signing in, or again since, lately and on the session with which they came.
    Lately,
    /// The use case asks for it itself, each time; whoever comes with a key is refused.
    Itself,
}

/// Makes the enumeration of use cases, their names in the audit and the one table of what each of them needs.
macro_rules! use_cases {
    ($($(#[$doc:meta])* $name:ident = $audited:literal, $need:expr;)*) => {
        /// What can be done: the action of an audit entry.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum UseCase {
            $($(#[$doc])* $name,)*
        }

        impl UseCase {
            /// Every use case.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name in the audit.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $audited,)* }
            }

            /// What whoever does it needs.
            #[must_use]
            pub const fn need(self) -> Need {
                match self { $(Self::$name => $need,)* }
            }
        }
    };
}

use_cases! {
    /// Apply a catalogue, or see what it would change.
    CatalogueApply = "catalogue.apply", Need::Operator;
    /// See accounts and APIs as a catalogue.
    CatalogueExport = "catalogue.export", Need::Operator;
    /// See an API: its endpoints and what they need.
    ApiRead = "api.read", Need::Anyone;
    /// See what the credential with which one comes can do. Having it is enough.
    CredentialShow = "credential.show", Need::Anyone;
    /// Make an account.
    AccountCreate = "account.create", Need::Operator;
    /// See accounts; one's own, if one does not stand above them.
    AccountRead = "account.read", Need::Anyone;
    /// Say whether an account asks its people for a second factor.
    AccountEdit = "account.edit", Need::Right(Right::ManageUsers);
    /// Make a key.
    KeyCreate = "key.create", Need::Right(Right::ManageKeys);
    /// Take keys over that were made elsewhere.
    KeyImport = "key.import", Need::Operator;
    /// Put a digest of ours in the place of a slow one.
    KeyReplaceDigest = "key.replace_digest", Need::Server;
    /// See keys without their secrets.
    KeyRead = "key.read", Need::Keys;
    /// See a key's secret again.
    KeyReveal = "key.reveal", Need::Keys;
    /// Make a key's successor.
    KeyRotate = "key.rotate", Need::Keys;
    /// Take a rotation back.
    KeyCancel = "key.rotate.cancel", Need::Keys;
    /// Change who answers for a key.
    KeyOwners = "key.owners", Need::Keys;
    /// Change the label or the memo of a key.
    KeyDescribe = "key.describe", Need::Keys;
    /// Change several things about a key at once.
    KeyEdit = "key.edit", Need::Keys;
    /// Change the tags of a key.
    KeyTag = "key.tag", Need::Keys;
    /// Change from where a key may be used.
    KeyAllow = "key.allow", Need::Keys;
    /// Let a pending key work.
    KeyActivate = "key.activate", Need::Operator;
    /// Switch a key off.
    KeyDisable = "key.disable", Need::Keys;
    /// Switch a key on again.
    KeyEnable = "key.enable", Need::Keys;
    /// End a key for good.
    KeyRevoke = "key.revoke", Need::Keys;
    /// Have the refused signatures of a pair explained.
    KeyDebug = "key.debug", Need::Keys;
    /// Let a service ask whether credentials are good.
    ServiceCreate = "service.create", Need::Operator;
    /// See the services that may ask.
    ServiceRead = "service.read", Need::Operator;
    /// End a service's right to ask.
    ServiceRevoke = "service.revoke", Need::Operator;
    /// See why a request was refused.
    RefusalRead = "refusal.read", Need::Keys;
    /// See the audit of one's account.
    AuditRead = "audit.read", Need::Right(Right::ReadAudit);
    /// Have the audit proved to be what was written.
    AuditVerify = "audit.verify", Need::Operator;
    /// Remove what is older than the audit has to be kept.
    AuditPrune = "audit.prune", Need::Server;
    /// Make a user.
    UserCreate = "user.create", Need::Right(Right::ManageUsers);
    /// See users.
    UserRead = "user.read", Need::Users;
    /// See who the administrators are.
    AdminRead = "user.admins", Need::Anyone;
    /// See oneself.
    WhoAmI = "user.self", Need::Anyone;
    /// Let a user do nothing.
    UserDisable = "user.disable", Need::Right(Right::ManageUsers);
    /// Let a user do again what they could.
    UserEnable = "user.enable", Need::Right(Right::ManageUsers);
    /// Remove a user.
    UserRemove = "user.remove", Need::Right(Right::ManageUsers);
    /// Give a user roles, or take some away.
    UserRoles = "user.roles", Need::Right(Right::ManageUsers);
    /// Change the name of a user.
    UserDescribe = "user.describe", Need::Right(Right::ManageUsers);
    /// Change with what a user signs in: their user name or their e-mail address.
    UserRename = "user.rename", Need::Right(Right::ManageUsers);
    /// Change one's own name.
    OwnDescribe = "user.self.describe", Need::Anyone;
    /// Change with what one signs in oneself.
    OwnRename = "user.self.rename", Need::Anyone;
    /// Invite somebody into an account.
    InvitationCreate = "invitation.create", Need::Right(Right::ManageUsers);
    /// See who is invited.
    InvitationRead = "invitation.read", Need::Users;
    /// Take an invitation back.
    InvitationWithdraw = "invitation.withdraw", Need::Right(Right::ManageUsers);
    /// Become a user, by an invitation.
    InvitationAccept = "invitation.accept", Need::Anyone;
    /// Come into another account, by an invitation.
    InvitationJoin = "invitation.join", Need::Anyone;
    /// Try an invitation that gives nothing.
    InvitationFail = "invitation.fail", Need::Anyone;
    /// Offer whoever started the server to be the first operator.
    SetupOffer = "setup.offer", Need::Server;
    /// Become the first operator.
    SetUp = "setup", Need::Anyone;
    /// Try a link that makes no operator.
    SetupFail = "setup.fail", Need::Anyone;
    /// Give a user another password, or take their second factor away.
    UserRescue = "user.rescue", Need::Operator;
    /// See the roles of an account.
    RoleRead = "role.read", Need::Anyone;
    /// Make or change a role.
    RolePut = "role.put", Need::Right(Right::ManageRoles);
    /// Remove a role.
    RoleRemove = "role.remove", Need::Right(Right::ManageRoles);
    /// Sign in.
    SignIn = "sign_in", Need::Anyone;
    /// Fail to sign in.
    SignInFail = "sign_in.fail", Need::Anyone;
    /// Have a user known by what a provider calls them.
    UserLink = "user.link", Need::Server;
    /// Change one's own password.
    PasswordChange = "password.change", Need::Anyone;
    /// Set one's own second factor up.
    FactorEnrol = "factor.enrol", Need::Anyone;
    /// Have one's own second factor asked for from now on.
    FactorConfirm = "factor.confirm", Need::Anyone;
    /// Take one's own second factor away.
    FactorRemove = "factor.remove", Need::Anyone;
    /// Add a passkey to oneself.
    PasskeyAdd = "passkey.add", Need::Anyone;
    /// See one's own passkeys.
    PasskeyRead = "passkey.read", Need::Anyone;
    /// Call a passkey of one's own something else.
    PasskeyRename = "passkey.rename", Need::Anyone;
    /// Remove a passkey of one's own.
    PasskeyRemove = "passkey.remove", Need::Anyone;
    /// Get other recovery codes.
    RecoveryCodes = "factor.recovery_codes", Need::Anyone;
    /// See where one is signed in.
    SessionRead = "session.read", Need::Anyone;
    /// Sign out.
    SessionRevoke = "session.revoke", Need::Anyone;
    /// Prove that it is still oneself.
    SessionProve = "session.prove", Need::Anyone;
}

impl UseCase {
    /// How whoever does it has to have proved that it is still them.
    #[must_use]
    pub const fn proof(self) -> Proof {
        match self {
            Self::KeyReveal
            | Self::AccountEdit
            | Self::UserCreate
            | Self::InvitationCreate
            | Self::InvitationJoin
            | Self::UserRoles
            | Self::UserRename
            | Self::OwnRename
            | Self::UserRescue
            | Self::RolePut
            | Self::RoleRemove
            // The password alone is not what a second factor is for.
            | Self::FactorRemove
            | Self::PasskeyAdd
            | Self::PasskeyRename
            | Self::PasskeyRemove
            | Self::RecoveryCodes => Proof::Lately,
            Self::PasswordChange | Self::FactorEnrol | Self::FactorConfirm | Self::SessionProve => {
                Proof::Itself
            }
            _ => Proof::None,
        }
    }

    /// Whether it belongs to setting one's own second factor up: all that is left to those who have none in an account
    /// that asks for it.
    #[must_use]
    pub const fn sets_factor_up(self) -> bool {
        matches!(
            self,
            Self::WhoAmI
                | Self::FactorEnrol
                | Self::FactorConfirm
                | Self::PasskeyAdd
                // A passkey is only added by whoever proved lately who they are.
                | Self::SessionProve
                | Self::SessionRevoke
        )
    }
}
