//! What is asked of whoever sits at the terminal.

use std::io::{BufRead, IsTerminal, Read, Write};

use claviger_app::Shown;

use super::exit::CliError;

/// Longer than any password that is taken.
const MOST_BYTES: u64 = 4096;

/// Where a password comes from; never from an argument, which others on the machine can see.
pub(super) enum Source {
    Terminal,
    StandardInput,
}

pub(super) const fn source(password_stdin: bool) -> Source {
    if password_stdin { Source::StandardInput } else { Source::Terminal }
}

/// A password that is to be: a person gives it twice.
pub(super) fn new_password(source: &Source) -> Result<Shown, CliError> {
    let first = present_password(source)?;
    match source {
        Source::Terminal if hidden("Again: ")? != first => {
            Err(CliError::Input("the two passwords differ".into()))
        }
        _ => Ok(first),
    }
}

/// A password that is there.
pub(super) fn present_password(source: &Source) -> Result<Shown, CliError> {
    match source {
        Source::StandardInput => {
            let mut text = String::new();
            std::io::stdin()
                .take(MOST_BYTES)
                .read_to_string(&mut text)
                .map_err(|error| unreadable(&error))?;
            Ok(Shown::new(text.trim_end_matches(['\n', '\r'])))
        }
        Source::Terminal if !somebody_is_there() => Err(CliError::Input(
            "there is no terminal to ask for the password; --password-stdin reads it".into(),
        )),
        Source::Terminal => hidden("Password: "),
    }
}

/// Whether somebody could answer.
pub(super) fn somebody_is_there() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks for what nobody may read on the screen.
pub(super) fn hidden(question: &str) -> Result<Shown, CliError> {
    rpassword::prompt_password(question).map(|text| Shown::new(&text)).map_err(|error| unreadable(&error))
}

/// Asks for a line. The question goes to standard error: standard output is for what comes of it.
pub(super) fn line(question: &str) -> Result<String, CliError> {
    let _ = write!(std::io::stderr(), "{question}");
    let mut text = String::new();
    std::io::stdin().lock().take(MOST_BYTES).read_line(&mut text).map_err(|error| unreadable(&error))?;
    Ok(text.trim().to_owned())
}

fn unreadable(error: &std::io::Error) -> CliError {
    CliError::Input(format!("cannot read what was asked for: {error}"))
}
