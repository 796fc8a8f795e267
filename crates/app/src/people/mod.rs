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
mod view;

pub use admins::Admin;
pub use command::{NewRole, NewUser, PeopleCommand, PeopleOutcome, WhichUser};
pub use edit::{EmailEdit, UserEdit};
pub use invite::{AcceptInvitation, InvitationView, NewInvitation};
pub(crate) use link::CameIn;
pub use link::LinkError;
pub use password::PasswordError;
pub(crate) use password::Passwords;
pub use proof::{ProofView, ProveAgain};
pub use setup::{SetUp, SetupOffer};
pub use sign_in::{LoginKind, SecondFactor, SignIn, SignInError, SignInRules, SignedInView};
pub use sort::{SessionSort, UserSort};
pub use view::{RoleView, SessionView, UserView};
