//! The keys of an example: made at the first start, found again by their labels at later ones.

use claviger_app::{Access, Actor, App, AppError, Command, KeyFilter, KeyView, NewKey, Outcome, Reveal};
use claviger_model::{AccountNumber, LifeEvent, Notes, Slug};

pub(super) const OPERATOR: Actor = Actor::Operator { via: "demo" };

/// A key that an example needs.
pub(super) struct Wanted {
    /// By which it is found again.
    pub(super) label: &'static str,
    pub(super) account: &'static str,
    pub(super) api: &'static str,
    pub(super) environment: &'static str,
    /// From where it may be used, separated by commas; from anywhere if empty.
    pub(super) address: &'static str,
    /// What it may do; everything if empty.
    pub(super) permissions: &'static [&'static str],
    /// What happens to it after it was made.
    pub(super) life: Option<LifeEvent>,
}

/// The key, with its secret.
async fn have(app: &App, wanted: &Wanted) -> Result<KeyView, AppError> {
    let account = read::<AccountNumber>(wanted.account)?;
    if let Some(found) = find(app, wanted, &account).await? {
        return key(app, Command::KeyShow { id: found.id, reveal: Reveal::Secret }).await;
    }
    let made = key(app, Command::KeyCreate(new(wanted, account)?)).await?;
    let Some(event) = wanted.life else { return Ok(made) };
    let changed = key(app, Command::KeyLife { id: made.id, event, reason: None }).await?;
    Ok(KeyView { key: made.key, ..changed })
}

/// What is wanted, as what to make.
pub(super) fn new(wanted: &Wanted, account: AccountNumber) -> Result<NewKey, AppError> {
    Ok(NewKey {
        account: Some(account),
        api: read(wanted.api)?,
        environment: Some(read::<Slug>(wanted.environment)?),
        key_type: None,
        label: Some(wanted.label.to_owned()),
        access: access(wanted)?,
        algorithm: None,
        addresses: wanted.address.split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        not_before: None,
        lifetime: None,
        notes: Notes::default(),
        user: None,
    })
}

fn access(wanted: &Wanted) -> Result<Access, AppError> {
    let permissions = wanted.permissions.iter().map(|text| read(text)).collect::<Result<Vec<_>, _>>()?;
    Ok(if permissions.is_empty() { Access::default() } else { Access::Only(permissions) })
}

/// The keys with their secrets, in the order in which they are wanted.
pub(super) async fn have_all<const N: usize>(
    app: &App,
    wanted: &[Wanted; N],
) -> Result<(Vec<KeyView>, [String; N]), AppError> {
    let mut views = Vec::with_capacity(N);
    for wanted in wanted {
        views.push(have(app, wanted).await?);
    }
    let secrets = views.iter().filter_map(|view| Some(view.key.as_ref()?.expose().to_owned()));
    let secrets = <[String; N]>::try_from(secrets.collect::<Vec<_>>());
    let secrets = secrets.map_err(|_| AppError::Invalid("a key of the example cannot be shown".into()))?;
    Ok((views, secrets))
}

/// The same key with its last character changed.
pub(super) fn changed(key: &str) -> String {
    let mut text = key.to_owned();
    let last = text.pop();
    text.push(if last == Some('0') { '1' } else { '0' });
    text
}

async fn find(app: &App, wanted: &Wanted, account: &AccountNumber) -> Result<Option<KeyView>, AppError> {
    let keys = list(app, account).await?;
    // One that was to go on and was ended by a call, or by whoever tried, is replaced.
    let ended = |key: &KeyView| key.state == "revoked" && wanted.life != Some(LifeEvent::Revoke);
    Ok(keys.into_iter().find(|key| key.label.as_deref() == Some(wanted.label) && !ended(key)))
}

/// The account's keys, the newest first.
pub(super) async fn list(app: &App, account: &AccountNumber) -> Result<Vec<KeyView>, AppError> {
    let filter = KeyFilter { account: Some(account.clone()), limit: Some(1000), ..KeyFilter::default() };
    match app.run(&OPERATOR, Command::KeyList(filter)).await? {
        Outcome::Keys(keys) => Ok(keys),
        other => Err(unexpected(&other)),
    }
}

/// The key that comes of a command.
pub(super) async fn key(app: &App, command: Command) -> Result<KeyView, AppError> {
    match app.run(&OPERATOR, command).await? {
        Outcome::Key(key) => Ok(*key),
        other => Err(unexpected(&other)),
    }
}

/// A text of the demo's own as what it means.
pub(super) fn read<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, AppError> {
    text.parse().map_err(|error: T::Err| AppError::Invalid(error.to_string()))
}

pub(super) fn unexpected(outcome: &impl std::fmt::Debug) -> AppError {
    AppError::Invalid(format!("a command of the demo came out as {outcome:?}"))
}
