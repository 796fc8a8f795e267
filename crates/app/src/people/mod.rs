//! People: users, their roles, and how they prove who they are.

mod admins;
mod command;
mod create;
mod edit;
mod factor;
mod find;
mod grant;
mod invite;
mod life;
mod link;
mod memberships;
mod passkeys;
mod password;
mod proof;
mod read;
mod recovery;
mod roles;
mod run;
mod sessions;
mod setup;
mod sign_in;
mod sort;
mod sso;
mod view;

pub use admins::Admin;
pub use command::{NewRole, NewUser, PasskeyCommand, PeopleCommand, PeopleOutcome, WhichUser};
pub use edit::{EmailEdit, UserEdit};
pub use invite::{AcceptInvitation, InvitationView, NewInvitation};
pub(crate) use link::CameIn;
pub use link::LinkError;
pub use passkeys::{
    NewPasskey, PasskeyAdded, PasskeyAnswer, PasskeyError, PasskeyMade, PasskeyOptions, PasskeyView,
    RelyingParty, RelyingPartyError,
};
pub use password::PasswordError;
pub(crate) use password::Passwords;
pub use proof::{ProofView, ProveAgain};
pub use setup::{SetUp, SetupOffer};
pub use sign_in::{LoginKind, PasskeySignIn, SecondFactor, SignIn, SignInError, SignInRules, SignedInView};
pub use sort::{SessionSort, UserSort};
pub use sso::{
    AccountName, AccountOf, EmailLinks, Newcomers, RolesOf, Sso, SsoAnswered, SsoAsked, SsoBegun, SsoClaims,
    SsoClient, SsoError, SsoFailure, SsoFinish, SsoLanding, SsoProvider, SsoProviderView, SsoRefusal,
    VouchedFactor, Waiting,
};
pub use view::{RoleView, SessionView, UserView};
