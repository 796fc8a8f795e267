use std::fs;
use std::path::Path;

use claviger_app::{Bundle, Command, Outcome};
use claviger_catalogue::{FILE_NAME, Mistakes, documents_named};

use super::connection::{self, Place};
use super::exit::{self, CliError};

/// Writes what is there into a folder: the catalogue, and the documents that it names.
pub(super) async fn to_folder(place: &Place, folder: &Path) -> Result<(), CliError> {
    check_empty(folder)?;
    let Outcome::Exported(bundle) = connection::run(place, Command::Export).await? else {
        return Err(CliError::Internal("something else was answered".into()));
    };
    write(&bundle, folder)?;
    exit::say(&format!("Wrote {}", folder.join(FILE_NAME).display()))
}

/// What is there already is nobody's to be mixed with.
fn check_empty(folder: &Path) -> Result<(), CliError> {
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(CliError::Input(format!("the folder {} is not empty", folder.display())));
    }
    fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))
}

/// Nothing but what the catalogue names is written: names that lead out of the folder are mistakes of a catalogue.
fn write(bundle: &Bundle, folder: &Path) -> Result<(), CliError> {
    let mistakes = |mistakes: Mistakes| CliError::Input(mistakes.to_string());
    for name in documents_named(&bundle.catalogue).map_err(mistakes)? {
        let Some(text) = bundle.documents.get(&name) else { continue };
        let path = folder.join(&name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| unwritable(parent, &error))?;
        fs::write(&path, text).map_err(|error| unwritable(&path, &error))?;
    }
    let path = folder.join(FILE_NAME);
    fs::write(&path, &bundle.catalogue.text).map_err(|error| unwritable(&path, &error))
}

fn unwritable(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Input(format!("cannot write {}: {error}", path.display()))
}
