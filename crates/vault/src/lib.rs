//! Secrets at rest: envelope encryption.
//!
//! A *master key* lives outside the database and seals a few *data keys*, which are stored wrapped. One data key
//! digests credentials, the others seal the secrets that can be shown or used again. So a copy of the database
//! opens nothing, and the master key can be changed without touching a single credential.
//!
//! Nothing here reads the clock or draws random bytes: nonces and new keys come from the caller's entropy.

mod audit_key;
mod cipher;
mod data_key;
mod error;
mod files;
mod master_key;
mod row;
mod source;
mod vault;

pub use audit_key::AuditKey;
pub use data_key::{DataKeyBytes, KeyName, Purpose, WrappedKey};
pub use error::VaultError;
pub use files::{MasterKeyFileError, create_file, load_file};
pub use master_key::{MasterKey, MasterKeyError, from_environment_value};
pub use row::Row;
pub use source::{LocalMasterKey, MasterKeySource, SourceError};
pub use vault::{Vault, rewrap};
