use std::path::Path;

use claviger_app::{ApplyMode, Command};
use claviger_catalogue::{Bundle, Mistakes, SourceFile};

use super::args::ApplyFlags;
use super::exit::CliError;

pub(super) fn command(flags: &ApplyFlags) -> Result<Command, CliError> {
    let mistakes = |mistakes: Mistakes| CliError::Input(mistakes.to_string());
    let text = read(&flags.file)?;
    let catalogue = SourceFile { name: flags.file.display().to_string(), text };
    let folder = flags.file.parent().unwrap_or(Path::new("."));
    let named = claviger_catalogue::documents_named(&catalogue).map_err(mistakes)?;
    // A document that cannot be read is left out: the catalogue's reader says where it is named.
    let documents = named.into_iter().filter_map(|name| Some((name.clone(), read(&folder.join(name)).ok()?)));
    let documents = documents.collect();
    let variables = claviger_catalogue::variables_named(&catalogue).map_err(mistakes)?;
    let variables =
        variables.into_iter().filter_map(|name| Some((name.clone(), value(flags, &name)?))).collect();
    let mode = if flags.dry_run { ApplyMode::DryRun } else { ApplyMode::Commit };
    Ok(Command::Apply { bundle: Bundle { catalogue, documents, variables }, mode })
}

fn value(flags: &ApplyFlags, name: &str) -> Option<String> {
    let set = flags.variables.iter().rev().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    set.or_else(|| std::env::var(name).ok())
}

fn read(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path)
        .map_err(|error| CliError::Input(format!("cannot read {}: {error}", path.display())))
}
