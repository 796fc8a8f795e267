//! What the demo made and nobody could show again: the secrets of key pairs and what people sign in with. They are kept in
//! a file of the data folder, which no one else should do.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use claviger_app::{AppError, Shown};

/// The secrets that the demo made, by what they are for.
pub(super) struct Secrets {
    file: PathBuf,
    by_name: BTreeMap<String, Shown>,
}

impl Secrets {
    pub(super) fn read(folder: &Path) -> Result<Self, AppError> {
        let file = folder.join("demo-secrets.json");
        let by_name = match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(unusable(&file, &error)),
        };
        Ok(Self { file, by_name })
    }

    pub(super) fn get(&self, name: &str) -> Option<&Shown> {
        self.by_name.get(name)
    }

    /// Written for the owner alone, and as a whole or not at all.
    pub(super) fn keep(&mut self, name: &str, secret: Shown) -> Result<(), AppError> {
        self.by_name.insert(name.to_owned(), secret);
        let (text, new) = (serde_json::to_vec(&self.by_name)?, self.file.with_extension("new"));
        let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
        let written = written.and_then(|mut file| file.write_all(&text));
        written.and_then(|()| fs::rename(&new, &self.file)).map_err(|error| unusable(&self.file, &error))
    }
}

fn unusable(file: &Path, error: &io::Error) -> AppError {
    AppError::Invalid(format!("cannot keep the demo's secrets in {}: {error}", file.display()))
}
