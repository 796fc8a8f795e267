use claviger_app::{Access, ApplyMode, Chosen, Command, KeyFilter, KeyPlace, KeySort, NewKey, Reveal};
use claviger_model::{LifeEvent, Notes, Permission, Scope, Tag, TagName, Tags};

use super::args::{CreateFlags, KeyAction, LifeFlags, ListFlags, RotateFlags};
use super::exit::CliError;
use super::filter::{Condition, filter};
use super::import;

pub(super) fn command(action: KeyAction) -> Result<Command, CliError> {
    Ok(match action {
        KeyAction::Import(flags) => return import::command(flags),
        KeyAction::Create(flags) => return create(flags),
        KeyAction::List(flags) => list(flags),
        KeyAction::Show { id, reveal } => {
            Command::KeyShow { id, reveal: if reveal { Reveal::Secret } else { Reveal::Nothing } }
        }
        KeyAction::Allow { id, addresses } => Command::KeyAllow { id, addresses },
        KeyAction::Owners { id, owners } => Command::KeyOwners { id, owners: owners.into() },
        KeyAction::Describe(flags) => {
            Command::KeyDescribe { id: flags.id, label: flags.label, memo: flags.memo }
        }
        KeyAction::Tag { id, edits } => Command::KeyTag { id, edits },
        KeyAction::Rotate(flags) => rotate(flags),
        KeyAction::Debug(flags) => {
            Command::KeyDebug { id: flags.id, until: flags.span.filter(|_| !flags.off) }
        }
        KeyAction::Activate(flags) => return life(flags, LifeEvent::Activate),
        KeyAction::Disable(flags) => return life(flags, LifeEvent::Disable),
        KeyAction::Enable(flags) => return life(flags, LifeEvent::Enable),
        KeyAction::Revoke(flags) => return life(flags, LifeEvent::Revoke),
    })
}

fn rotate(flags: RotateFlags) -> Command {
    let RotateFlags { id, overlap, cancel, reason } = flags;
    if cancel { Command::KeyRotateCancel { id, reason } } else { Command::KeyRotate { id, overlap } }
}

/// One key is a command of its own, which answers with the whole of it.
fn life(flags: LifeFlags, event: LifeEvent) -> Result<Command, CliError> {
    let LifeFlags { ids, conditions, limit, dry_run, reason, .. } = flags;
    let mode = if dry_run { ApplyMode::DryRun } else { ApplyMode::Commit };
    if let ([id], ApplyMode::Commit) = (ids.as_slice(), mode) {
        return Ok(Command::KeyLife { id: *id, event, reason });
    }
    let chosen = if conditions.is_empty() {
        Chosen::Ids(ids)
    } else {
        Chosen::Where(KeyFilter { limit, ..read(conditions)? })
    };
    Ok(Command::KeyBulk { chosen, event, reason, mode })
}

fn read(conditions: Vec<Condition>) -> Result<KeyFilter, CliError> {
    filter(conditions).map_err(|name| CliError::Input(format!("`--where {name}=` is given twice")))
}

/// What was asked for, of which nothing is everything.
pub(super) fn access(scope: Option<Scope>, permissions: Vec<Permission>) -> Access {
    match scope {
        Some(scope) => Access::Scope(scope),
        None if permissions.is_empty() => Access::default(),
        None => Access::Only(permissions),
    }
}

fn create(flags: CreateFlags) -> Result<Command, CliError> {
    let access = access(flags.scope, flags.permissions);
    if let Some(name) = twice(&flags.tags) {
        return Err(CliError::Input(format!("the tag `{name}` is given twice")));
    }
    let tags = Tags::of(flags.tags).map_err(|error| CliError::Input(error.to_string()))?;
    Ok(Command::KeyCreate(NewKey {
        account: Some(flags.account),
        api: flags.api,
        environment: flags.environment,
        key_type: flags.key_type,
        algorithm: flags.algorithm,
        label: flags.label,
        access,
        addresses: flags.addresses,
        not_before: flags.not_before,
        lifetime: flags.lifetime,
        notes: Notes { memo: flags.memo, owners: flags.owners.into(), tags },
        user: flags.user,
    }))
}

/// The name of a tag that is given twice: one of the two would be lost.
fn twice(tags: &[Tag]) -> Option<&TagName> {
    let mut names: Vec<_> = tags.iter().map(|tag| &tag.name).collect();
    names.sort_unstable();
    names
        .windows(2)
        .find_map(|pair| if let [one, other] = pair { (one == other).then_some(*one) } else { None })
}

fn list(flags: ListFlags) -> Command {
    let ListFlags { account, api, state, search, tag, owner, user, after, limit } = flags;
    let (sort, after) = (KeySort::default(), after.map(KeyPlace::from));
    Command::KeyList(KeyFilter { account, api, state, search, tag, owner, user, sort, after, limit })
}
