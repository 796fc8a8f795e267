//! The command that takes keys over, and its report.

use std::fs::File;
use std::io::Read;

use claviger_app::{ApplyMode, Command, Import, ImportLine, ImportReport, Shown, Trust};

use super::args::ImportFlags;
use super::exit::CliError;
use super::keys::access;

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
        access: access(flags.scope, flags.permissions),
        addresses: flags.addresses,
        owners: flags.owners,
        format: flags.format,
        trust: if flags.as_is { Trust::AsIs } else { Trust::Checked },
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

/// Fails if anything of the file was left out, after the report has been printed.
pub(super) fn verdict(report: &ImportReport) -> Result<(), CliError> {
    match (report.rows.len(), report.refused) {
        (0, _) => Err(CliError::Input("no keys were found; is the file what --format says?".to_owned())),
        (_, 0) => Ok(()),
        (_, 1) => Err(CliError::Input("one row was refused".to_owned())),
        (_, many) => Err(CliError::Input(format!("{many} rows were refused"))),
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
