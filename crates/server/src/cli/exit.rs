use std::io::Write;
use std::process::ExitCode;

use claviger_app::ErrorKind;

use super::remote::RemoteError;
use crate::config::ConfigError;
use crate::control::{ControlError, Failure, FolderError};
use crate::serve::ServeError;

/// Why a command of the command line failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CliError {
    /// The configuration cannot be read.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// What was given cannot be used.
    #[error("{0}")]
    Input(String),
    /// The command was not done.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The server did not answer.
    #[error(transparent)]
    Control(#[from] ControlError),
    /// The server did not start, or the data cannot be opened.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// A server elsewhere did not do it.
    #[error(transparent)]
    Remote(#[from] RemoteError),
    /// The audit is not what was written.
    #[error("the audit is broken: {0}")]
    Audit(String),
    /// Something failed inside.
    #[error("{0}")]
    Internal(String),
}

impl CliError {
    /// What a script can go by; 2 is left to wrong usage. See the operators' guide.
    fn code(&self) -> u8 {
        match self {
            Self::Remote(error) => error.code(),
            Self::Input(_) | Self::Config(_) | Self::Serve(ServeError::Sso(_)) => 3,
            Self::Failed(Failure { kind, .. }) => match kind {
                ErrorKind::Invalid => 3,
                ErrorKind::Forbidden | ErrorKind::Unauthenticated => 7,
                ErrorKind::NotFound => 4,
                ErrorKind::Conflict | ErrorKind::Stale => 5,
                ErrorKind::Busy => 6,
                ErrorKind::Internal => 1,
            },
            Self::Control(_)
            | Self::Serve(ServeError::Folder(FolderError::Held(_) | FolderError::Missing(_))) => 6,
            Self::Audit(_) => 8,
            Self::Serve(_) | Self::Internal(_) => 1,
        }
    }
}

pub(super) fn report(error: &CliError) -> ExitCode {
    warn(&error.to_string());
    ExitCode::from(error.code())
}

/// Says what went wrong. Nobody may listen to standard error; the exit code still tells.
pub(super) fn warn(text: &str) {
    let _ = writeln!(std::io::stderr(), "claviger: {text}");
}

/// Shows whoever is at the console what is no result.
pub(super) fn show(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints a result. Whoever reads may stop reading, as `head` does.
pub(super) fn say(text: &str) -> Result<(), CliError> {
    match writeln!(std::io::stdout(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Internal(error.to_string()))
        }
        _ => Ok(()),
    }
}
