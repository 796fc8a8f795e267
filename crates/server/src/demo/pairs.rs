//! The key pairs of an example. Nobody can show a pair's secret again, so the demo keeps those that it made in a file of
//! the data folder: no one else should.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use claviger_app::{Access, App, AppError, Command, KeyView, NewKey, Reveal, Shown};
use claviger_model::{AccountNumber, EmailAddress, Notes, Scope};

use super::keys::{Wanted, key, list, new, read};

/// A pair that an example needs. What is wanted has no permissions: the scope says what it may do.
pub(super) struct WantedPair {
    pub(super) wanted: Wanted,
    pub(super) scope: Scope,
    /// Who answers for it.
    pub(super) owner: &'static str,
}

/// The secrets that the demo made, by the public ids of their pairs.
struct Secrets {
    file: PathBuf,
    by_id: BTreeMap<String, Shown>,
}

impl Secrets {
    fn read(folder: &Path) -> Result<Self, AppError> {
        let file = folder.join("demo-secrets.json");
        let by_id = match fs::read(&file) {
            Ok(text) => serde_json::from_slice(&text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(unusable(&file, &error)),
        };
        Ok(Self { file, by_id })
    }

    /// Written for the owner alone, and as a whole or not at all.
    fn keep(&mut self, view: &KeyView) -> Result<(), AppError> {
        let secret =
            view.secret.clone().ok_or_else(|| AppError::Invalid("a new pair has no secret".into()))?;
        self.by_id.insert(view.id.to_string(), secret);
        let (text, new) = (serde_json::to_vec(&self.by_id)?, self.file.with_extension("new"));
        let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
        let written = written.and_then(|mut file| file.write_all(&text));
        written.and_then(|()| fs::rename(&new, &self.file)).map_err(|error| unusable(&self.file, &error))
    }
}

fn unusable(file: &Path, error: &io::Error) -> AppError {
    AppError::Invalid(format!("cannot keep the demo's secrets in {}: {error}", file.display()))
}

/// The pairs with their secrets, in the order in which they are wanted.
pub(super) async fn have_all<const N: usize>(
    app: &App,
    wanted: &[WantedPair; N],
    folder: &Path,
) -> Result<(Vec<KeyView>, [String; N]), AppError> {
    let mut secrets = Secrets::read(folder)?;
    let mut views = Vec::with_capacity(N);
    for pair in wanted {
        views.push(have(app, pair, &mut secrets).await?);
    }
    let shown = views.iter().filter_map(|view| Some(view.secret.as_ref()?.expose().to_owned()));
    let shown = <[String; N]>::try_from(shown.collect::<Vec<_>>());
    Ok((views, shown.map_err(|_| AppError::Invalid("a pair of the example has no secret".into()))?))
}

/// The pair, with its secret. One whose secret is lost is of no use, and another takes its place.
async fn have(app: &App, pair: &WantedPair, secrets: &mut Secrets) -> Result<KeyView, AppError> {
    let account = read::<AccountNumber>(pair.wanted.account)?;
    let found = list(app, &account).await?.into_iter().find_map(|view| {
        let wanted = view.label.as_deref() == Some(pair.wanted.label);
        let secret = secrets.by_id.get(&view.id.to_string()).filter(|_| wanted)?;
        Some((view.id, secret.clone()))
    });
    if let Some((id, secret)) = found {
        let view = key(app, Command::KeyShow { id, reveal: Reveal::Nothing }).await?;
        return Ok(KeyView { secret: Some(secret), ..view });
    }
    let owners = vec![read::<EmailAddress>(pair.owner)?].into();
    let notes = Notes { owners, ..Notes::default() };
    let new = NewKey { access: Access::Scope(pair.scope), notes, ..new(&pair.wanted, account)? };
    let made = key(app, Command::KeyCreate(new)).await?;
    secrets.keep(&made)?;
    Ok(made)
}
