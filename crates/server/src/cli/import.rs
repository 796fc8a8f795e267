//! The command that takes keys over, and its report.

use std::fs::File;
use std::io::Read;

use claviger_app::{Access, ApplyMode, Command, Import, ImportLine, ImportReport, Shown};

use super::args::ImportFlags;
use super::exit::CliError;

/// One byte more than is read: the server says that it is too much.
const MOST_BYTES: u64 = (32 << 20) + 1;

pub(super) fn command(flags: ImportFlags) -> Result<Command, CliError> {
    let file = Shown::new(&read(&flags)?);
    let mode = if flags.dry_run { ApplyMode::DryRun } else { ApplyMode::Commit };
    Ok(Command::KeyImport(Import {
        api: flags.api,
        environment: flags.environment,
        account: flags.account,
        key_type: flags.key_type,
        access: flags.scope.map_or_else(Access::default, Access::Scope),
        addresses: flags.addresses,
        format: flags.format,
        file,
        mode,
    }))
}

fn read(flags: &ImportFlags) -> Result<String, CliError> {
    let mut text = String::new();
    let read = File::open(&flags.file).and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text));
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(CliError::Input(format!("cannot read {}: {error}", flags.file.display()))),
    }
}

/// A line for each row, and their sum.
pub(super) fn report(report: &ImportReport) -> String {
    let ImportReport { imported, present, refused, rows } = report;
    let sum = format!("{imported} imported, {present} already there, {refused} refused.");
    rows.iter().map(line).chain([sum]).collect::<Vec<_>>().join("\n")
}

fn line(row: &ImportLine) -> String {
    let mut text = format!("line {}: {}", row.line, row.outcome.as_str());
    let parts =
        [row.key.map(|key| format!(" as {key}")), row.account.as_ref().map(|of| format!(" for {of}"))];
    text.extend(parts.into_iter().flatten());
    if let Some(note) = &row.note {
        text.push_str(": ");
        text.push_str(note);
    }
    text
}
