//! The key pairs of an example.

use claviger_app::{Access, App, AppError, Command, KeyView, NewKey, Reveal};
use claviger_model::{AccountNumber, EmailAddress, Notes, Scope};

use super::keys::{Wanted, key, list, new, read};
use super::secrets::Secrets;

/// A pair that an example needs. What is wanted has no permissions: the scope says what it may do.
pub(super) struct WantedPair {
    pub(super) wanted: Wanted,
    pub(super) scope: Scope,
    /// Who answers for it.
    pub(super) owner: &'static str,
}

/// The pairs with their secrets, in the order in which they are wanted.
pub(super) async fn have_all<const N: usize>(
    app: &App,
    wanted: &[WantedPair; N],
    secrets: &mut Secrets,
) -> Result<(Vec<KeyView>, [String; N]), AppError> {
    let mut views = Vec::with_capacity(N);
    for pair in wanted {
        views.push(have(app, pair, secrets).await?);
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
        let secret = secrets.get(&view.id.to_string()).filter(|_| wanted)?;
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
    let secret = made.secret.clone().ok_or_else(|| AppError::Invalid("a new pair has no secret".into()))?;
    secrets.keep(&made.id.to_string(), secret)?;
    Ok(made)
}
