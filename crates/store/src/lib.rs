//! The only home of SQL: SQLite and PostgreSQL behind one text.
//!
//! A [`Store`] reads; a [`Tx`] writes. Every change of what decisions depend on takes the next number of the change log
//! in the transaction that makes it, and a node that has applied the log up to a number knows everything up to it.
//!
//! One statement text serves both engines, so they cannot drift apart: column types are TEXT, BIGINT and BLOB (BYTEA),
//! times are microseconds, ids are texts that sort by age.

mod accounts;
mod apis;
mod arg;
mod audits;
mod changes;
mod credentials;
mod db;
mod error;
mod factors;
mod fields;
mod imported;
mod invitations;
mod json;
mod kept_answers;
mod lines;
mod load;
mod notes;
mod open;
mod passkeys;
mod people;
mod refusals;
mod services;
mod setup;
mod signal;
mod signers;
pub mod sql;
mod sso;
mod store;
mod succession;
mod tx;
mod users;
mod uses;
mod wrapped_keys;

pub use audits::{
    AuditBreak, AuditFilter, AuditMac, AuditPoint, AuditPruned, AuditReport, Breach, HASH_LEN,
    NumberedAuditEntry,
};
pub use credentials::{CredentialFilter, CredentialOrder, Direction, NewCredential, UsedCredential};
pub use error::StoreError;
pub use factors::{Attempts, Once, TotpFactor};
pub use imported::OtherDigest;
pub use invitations::InvitationFilter;
pub use kept_answers::{AskedOnce, Claimed};
pub use open::Location;
pub use passkeys::PasskeyRecord;
pub use setup::SetupLink;
pub use signal::ChangeSignal;
pub use sso::{SsoIdentity, SsoSubject};
pub use store::Store;
pub use tx::Tx;
pub use users::{HasPassword, UserOrder, UserRecord};
pub use wrapped_keys::WrappedKeyRow;
