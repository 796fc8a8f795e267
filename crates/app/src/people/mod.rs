//! People: users, their roles, and how they prove who they are.

mod admins;
mod command;
mod create;
mod factor;
mod find;
mod grant;
mod life;
mod memberships;
mod passkeys;
mod password;
mod proof;
mod read;
mod recovery;
mod roles;
mod run;
mod sessions;
mod sign_in;
mod sso;
mod view;

pub use admins::Admin;
pub use command::{NewRole, NewUser, PeopleCommand, PeopleOutcome, WhichUser};
pub use passkeys::{
    NewPasskey, PasskeyAdded, PasskeyAnswer, PasskeyError, PasskeyMade, PasskeyOptions, PasskeyView,
    RelyingParty, RelyingPartyError,
};
pub use password::PasswordError;
pub(crate) use password::Passwords;
pub use proof::{ProofView, ProveAgain};
pub use sign_in::{LoginKind, PasskeySignIn, SecondFactor, SignIn, SignInError, SignInRules, SignedInView};
pub use sso::{
    AccountName, AccountOf, EmailLinks, Newcomers, RolesOf, Sso, SsoAnswered, SsoAsked, SsoBegun, SsoClaims,
    SsoClient, SsoError, SsoFailure, SsoFinish, SsoLanding, SsoProvider, SsoProviderView, SsoRefusal,
    VouchedFactor, Waiting,
};
pub use view::{RoleView, SessionView, UserView};
