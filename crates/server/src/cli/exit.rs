use std::io::Write;
use std::process::ExitCode;

use claviger_app::ErrorKind;

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
    /// The audit is not what was written.
    #[error("the audit is broken: {0}")]
    Audit(String),
    /// Something failed inside.
    #[error("{0}")]
    Internal(String),
}

impl CliError {
    /// What a script can go by; 2 is left to wrong usage. See the operators' guide.
    const fn code(&self) -> u8 {
        match self {
            Self::Input(_) | Self::Config(_) => 3,
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
    // Nobody may listen to standard error; the code still tells.
    let _ = writeln!(std::io::stderr(), "claviger: {error}");
    ExitCode::from(error.code())
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
