//! Running other programs, with errors that name them.

use std::process::{Command, ExitCode, ExitStatus, Output};

use crate::error::XtaskError;

/// Cargo itself, in the root of the workspace. It is the one that started this program, if one did.
#[must_use]
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(crate::sources::root());
    command
}

/// Runs the command with its output captured, and wants it to succeed.
pub fn captured(command: &mut Command) -> Result<Output, XtaskError> {
    let output = command.output().map_err(|source| not_started(command, source))?;
    if output.status.success() {
        return Ok(output);
    }
    let printed = [output.stdout, output.stderr].concat();
    Err(XtaskError::Failed { command: text(command), output: String::from_utf8_lossy(&printed).into_owned() })
}

/// Runs the command with its output shown.
pub fn shown(command: &mut Command) -> Result<ExitStatus, XtaskError> {
    command.status().map_err(|source| not_started(command, source))
}

/// Runs the command with its output shown, and wants it to succeed.
pub fn passed(command: &mut Command) -> Result<(), XtaskError> {
    if shown(command)?.success() {
        return Ok(());
    }
    Err(XtaskError::Failed { command: text(command), output: "its output is above".into() })
}

/// The error for a command that could not be started.
#[must_use]
pub fn not_started(command: &Command, source: std::io::Error) -> XtaskError {
    XtaskError::Program { program: command.get_program().to_string_lossy().into_owned(), source }
}

/// The command as a person would type it.
#[must_use]
pub fn text(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// The same exit code for this program. A program ended by a signal has none, and counts as failed.
#[must_use]
pub fn exit_code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    code.map_or(ExitCode::FAILURE, ExitCode::from)
}
