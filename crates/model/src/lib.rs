//! The nouns that the whole product speaks of.
//!
//! This crate is pure: no clock, no randomness, no files, sockets or runtime. What needs the time is given a
//! [`Time`]; what needs random bits is given them.

mod account;
mod allowlist;
mod ambient;
mod api;
mod audit;
mod change;
mod credential;
mod duration;
mod id;
mod invitation;
mod names;
mod network;
mod notes;
mod permission;
mod person;
mod policy;
mod reason;
mod record;
mod service;
mod signature;
mod time;

pub use account::{Account, SecondFactorRule};
pub use allowlist::{Allowlist, AllowlistError, AllowlistKind, AllowlistRule};
pub use ambient::{Clock, Entropy};
pub use api::{Api, ApiVersion, Endpoint, Environment, Route};
pub use audit::{AuditEntry, CameFrom, Via};
pub use change::{Change, ChangeNumber, NumberedChange};
pub use credential::{
    Credential, CredentialState, Digest, IllegalTransition, KeyOrigin, LifeEvent, ShownState,
};
pub use duration::{Span, SpanError};
pub use id::{
    AccountId, ApiId, CredentialId, EnvironmentId, IdError, InvitationId, PasskeyId, RequestId, UserId,
};
pub use invitation::Invitation;
pub use names::{
    AccountNumber, EmailAddress, FieldName, KeyPrefix, NameError, ParameterName, SchemeWord, Slug, TagName,
    UserName, VersionName,
};
pub use network::network_of;
pub use notes::{Notes, NotesError, OwnerRule, Owners, Tag, TagEdit, TagFilter, TagValue, Tags};
pub use permission::{Permission, PermissionError, PermissionSet, Scope};
pub use person::{BuiltInRole, Membership, Right, Role, RoleAccess, Standing, User, UserState};
pub use policy::{
    Activation, ApiPolicy, BasicUser, CredentialKind, Editable, Format, KeyType, LoginTokens, Mixing,
    Refusals, Scheme, VersionMixing,
};
pub use reason::{Reason, Refused};
pub use record::{
    CheckLine, CredentialRecord, Refusal, Revocation, Rotation, Succession, VersionUse, VersionUses,
};
pub use service::Service;
pub use signature::{Sealed, SignatureAlgorithm, SignatureForm, SignatureRules, Signer};
pub use time::Time;
