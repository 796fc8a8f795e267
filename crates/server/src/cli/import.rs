//! The command that takes keys over, and its report.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use claviger_app::{ApplyMode, Command, Import, ImportFormat, ImportLine, ImportReport, Shown, Trust};
use claviger_model::{AccountNumber, EmailAddress, Permission, Scope, Slug};

use super::args::scope;
use super::exit::CliError;
use super::keys::access;

/// One byte more than is read: the server says that it is too much.
const MOST_BYTES: u64 = (32 << 20) + 1;

#[derive(Debug, clap::Args)]
pub(super) struct ImportFlags {
    /// The file.
    pub(super) file: PathBuf,
    /// What the file is.
    #[arg(long, value_parser = format, value_name = "plain|sha256|htpasswd|kong|unkey")]
    pub(super) format: ImportFormat,
    /// The slug of the API.
    #[arg(long)]
    pub(super) api: Slug,
    /// The environment; may be left out where there is one only.
    #[arg(long)]
    pub(super) environment: Option<Slug>,
    /// The number of the account of keys of which the file does not say whose they are.
    #[arg(long)]
    pub(super) account: Option<AccountNumber>,
    /// The key type; the API's first if left out.
    #[arg(long = "type")]
    pub(super) key_type: Option<Slug>,
    /// How many of the API's permissions keys get of which the file names none.
    #[arg(long, value_parser = scope, value_name = "admin|developer|read-only")]
    pub(super) scope: Option<Scope>,
    /// An address or CIDR range from which keys may be used of which the file names none; can be repeated.
    #[arg(long = "allow", value_delimiter = ',', value_name = "ADDRESS")]
    pub(super) addresses: Vec<String>,
    /// The e-mail address of somebody who answers for keys of which the file names nobody; can be repeated.
    #[arg(long = "owner", value_delimiter = ',', value_name = "ADDRESS")]
    pub(super) owners: Vec<EmailAddress>,
    /// A permission of keys of which the file names none; can be repeated.
    #[arg(long = "permission", value_delimiter = ',', value_name = "PERMISSION", conflicts_with = "scope")]
    pub(super) permissions: Vec<Permission>,
    /// The keys of a plain file are what they look like, be it digests.
    #[arg(long)]
    pub(super) as_is: bool,
    /// Say what would become of each row, and change nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

fn format(text: &str) -> Result<ImportFormat, String> {
    ImportFormat::from_word(text).ok_or_else(|| "one of plain, sha256, htpasswd, kong, unkey".to_owned())
}

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
