use claviger_app::{Access, Command, KeyFilter, NewKey, Reveal};
use claviger_model::LifeEvent;

use super::args::{CreateFlags, KeyAction, LifeFlags, ListFlags};
use super::exit::CliError;
use super::import;

pub(super) fn command(action: KeyAction) -> Result<Command, CliError> {
    Ok(match action {
        KeyAction::Import(flags) => return import::command(flags),
        KeyAction::Create(flags) => create(flags),
        KeyAction::List(flags) => list(flags),
        KeyAction::Show { id, reveal } => {
            Command::KeyShow { id, reveal: if reveal { Reveal::Secret } else { Reveal::Nothing } }
        }
        KeyAction::Allow { id, addresses } => Command::KeyAllow { id, addresses },
        KeyAction::Activate(flags) => life(flags, LifeEvent::Activate),
        KeyAction::Disable(flags) => life(flags, LifeEvent::Disable),
        KeyAction::Enable(flags) => life(flags, LifeEvent::Enable),
        KeyAction::Revoke(flags) => life(flags, LifeEvent::Revoke),
    })
}

fn life(flags: LifeFlags, event: LifeEvent) -> Command {
    Command::KeyLife { id: flags.id, event, reason: flags.reason }
}

fn create(flags: CreateFlags) -> Command {
    let access = match flags.scope {
        Some(scope) => Access::Scope(scope),
        None if flags.permissions.is_empty() => Access::default(),
        None => Access::Only(flags.permissions),
    };
    Command::KeyCreate(NewKey {
        account: flags.account,
        api: flags.api,
        environment: flags.environment,
        key_type: flags.key_type,
        label: flags.label,
        access,
        addresses: flags.addresses,
        not_before: flags.not_before,
        lifetime: flags.lifetime,
    })
}

fn list(flags: ListFlags) -> Command {
    let ListFlags { account, api, state, after, limit } = flags;
    Command::KeyList(KeyFilter { account, api, state, after, limit })
}
