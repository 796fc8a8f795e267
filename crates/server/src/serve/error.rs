use std::net::SocketAddr;
use std::path::PathBuf;

use claviger_app::{AppError, RelyingPartyError, StartError};
use claviger_store::StoreError;
use claviger_vault::MasterKeyFileError;

use crate::control::FolderError;

/// Why the server does not start, or a command cannot work on the data folder.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The data cannot be opened.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The master key cannot be read.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyFileError),
    /// The variable is not set, or holds no key.
    #[error("the environment variable {0} does not hold a master key: 64 hexadecimal digits or 44 of base64")]
    MasterKeyVariable(String),
    /// An address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        error: std::io::Error,
    },
    /// People cannot sign in as the configuration says.
    #[error(transparent)]
    Sso(#[from] super::SsoConfigError),
    /// The system refused something.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A certificate or key cannot be used.
    #[error("{}: {why}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
    /// Passkeys cannot work as configured.
    #[error(transparent)]
    Passkeys(#[from] RelyingPartyError),
    /// Metrics cannot be set up.
    #[error("metrics cannot be set up: {0}")]
    Metrics(String),
    /// What the demo needs could not be made.
    #[error(transparent)]
    App(#[from] AppError),
    /// Logs or traces cannot be set up.
    #[error(transparent)]
    Telemetry(#[from] crate::telemetry::TelemetryError),
}
