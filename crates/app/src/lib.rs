//! What can be done with Claviger: one use case per file, each of them authorize, change, audit and log in one
//! transaction.
//!
//! The ways in (command line, portal, REST) make a [`Command`], call [`App::run`] and show the [`Outcome`]. None of
//! them contains a rule. When `run` answers, this node's snapshot has the change.

mod accounts;
mod actor;
mod app;
mod audit;
mod bearer;
mod catalogue;
mod command;
mod documents;
mod error;
mod explain;
mod follow;
mod keys;
mod late;
mod load;
mod once;
mod opener;
mod part;
mod people;
mod permissions;
mod reach;
mod recorder;
mod services;
mod shown;
mod slow;
mod start;
mod tag;
mod unit;
mod views;

pub use actor::{Actor, Need, Proof, UseCase};
pub use app::{App, Keep};
pub use audit::{
    AuditBroken, AuditEvent, AuditFilter, AuditNoted, AuditObject, AuditVerified, AuditView, Object, Origin,
};
pub use bearer::{BearerView, CallableView};
pub use catalogue::{Difference, DifferenceKind, Line};
pub use claviger_catalogue::{Bundle, SourceFile};
pub use claviger_import::{ImportFormat, Trust};
pub use claviger_store::ChangeSignal;
pub use command::{
    Access, ApplyMode, Chosen, Command, KeyEdit, KeyFilter, NewAccount, NewKey, NewService, Outcome, Reveal,
};
pub use error::{AppError, ErrorKind};
pub use keys::{Import, ImportLine, ImportOutcome, ImportReport, KeyPlace, KeyPlaceError, KeySort};
pub use once::{Once, OnceKey, OnceKeyError};
pub use part::Part;
pub use people::{
    AcceptInvitation, AccountName, AccountOf, Admin, EmailEdit, EmailLinks, InvitationView, LinkError,
    LoginKind, NewInvitation, NewPasskey, NewRole, NewUser, Newcomers, PasskeyAdded, PasskeyAnswer,
    PasskeyCommand, PasskeyError, PasskeyMade, PasskeyOptions, PasskeySignIn, PasskeyView, PasswordError,
    PeopleCommand, PeopleOutcome, ProofView, ProveAgain, RelyingParty, RelyingPartyError, RoleView, RolesOf,
    SecondFactor, SessionSort, SessionView, SetUp, SetupOffer, SignIn, SignInError, SignInRules,
    SignedInView, Sso, SsoAnswered, SsoAsked, SsoBegun, SsoClaims, SsoClient, SsoError, SsoFailure,
    SsoFinish, SsoLanding, SsoProvider, SsoProviderView, SsoRefusal, UserEdit, UserSort, UserView,
    VouchedFactor, Waiting, WhichUser,
};
pub use recorder::{Recorder, RecorderConfig};
pub use shown::Shown;
pub use slow::{Bcrypt, SlowHash, SlowKeys};
pub use start::{StartError, open_vault};
pub use tag::Tag;
pub use views::{
    ApiView, BulkLine, EndpointNeeds, EnvironmentView, KeyForm, KeyView, RotationView, ServiceView,
};
