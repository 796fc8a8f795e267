//! The control socket: a Unix socket in the data folder, through which the command line talks to the running server.
//!
//! One connection carries one command and its answer, each as one JSON value up to the end of its direction. Whoever
//! may open the socket is an operator: the folder and the socket belong to the owner alone.

mod client;
mod folder;
mod server;

pub use client::{ControlError, connect, send};
pub use folder::{DataFolder, FolderError};
pub(crate) use server::run;
pub use server::serve;

use claviger_app::{ErrorKind, Outcome};
use serde::{Deserialize, Serialize};

/// The longest command or answer, in bytes: a catalogue with its documents has to fit.
const MOST_BYTES: u64 = 64 << 20;

/// What comes back.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It was done.
    Done(Outcome),
    /// It was not, and nothing changed.
    Failed(Failure),
}

/// Why a command was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of error it is.
    pub kind: ErrorKind,
    /// For people.
    pub message: String,
}

impl From<claviger_app::AppError> for Failure {
    fn from(error: claviger_app::AppError) -> Self {
        Self { kind: error.kind(), message: error.to_string() }
    }
}
