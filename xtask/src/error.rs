//! Why a task could not be done.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

/// Why a task could not be done. That a test failed is no such error: the tests' exit code tells it.
#[derive(Debug, thiserror::Error)]
pub enum XtaskError {
    /// Programs that the tests need are not there, and could not be installed.
    #[error("the tests need {missing}, which this machine lacks.\nInstall it, on Debian with:\n  {remedy}")]
    Missing {
        /// What is missing, for people.
        missing: String,
        /// The command that would install it.
        remedy: String,
    },
    /// A program could not be started, or a pipe to it broke.
    #[error("cannot run `{program}`: {source}")]
    Program {
        /// The program.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program said that it failed.
    #[error("`{command}` failed:\n{output}")]
    Failed {
        /// The program and its arguments.
        command: String,
        /// What it printed, as far as it was not shown already.
        output: String,
    },
    /// A file or folder of the workspace cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A source file is not Rust.
    #[error("{}: {source}", path.display())]
    NotRust {
        /// Which.
        path: PathBuf,
        /// Where and why.
        source: syn::Error,
    },
    /// No port of the loopback address is free.
    #[error("no free port on 127.0.0.1: {0}")]
    NoPort(io::Error),
}

impl XtaskError {
    /// 2 when something has to be installed first, else 1.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Missing { .. } => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
