//! Commands about keys.

use std::collections::BTreeMap;

use claviger_app::{Chosen, Command, KeyEdit, KeyFilter, KeyView, NewKey, Outcome, Reveal};
use claviger_model::{CredentialId, LifeEvent, Owners, TagEdit, TagName, TagValue};
use http::Method;
use serde_json::{Map, Value, json};

use super::call::{Call, Pairs};
use super::error::RemoteError;

/// Keys of one list, if nothing else is said, as on the data folder.
const USUAL: u32 = 100;

/// The request for a command about keys; none, if it is about something else.
pub(super) fn call(command: &Command) -> Result<Option<Call>, RemoteError> {
    let edit = |id: &CredentialId, edit: KeyEdit| Ok(Some(update(*id, &edit)));
    match command {
        Command::KeyCreate(new) => Ok(Some(create(new))),
        Command::KeyList(filter) => Ok(Some(list(filter))),
        Command::KeyShow { id, reveal: Reveal::Nothing } => {
            Ok(Some(Call::one(Method::GET, &["keys", &id.to_string()], one_key)))
        }
        Command::KeyShow { id, reveal: Reveal::Secret } => Ok(Some(act(*id, "reveal"))),
        Command::KeyAllow { id, addresses } => {
            edit(id, KeyEdit { addresses: Some(addresses.clone()), ..KeyEdit::default() })
        }
        Command::KeyOwners { id, owners } => {
            edit(id, KeyEdit { owners: Some(owners.clone()), ..KeyEdit::default() })
        }
        Command::KeyDescribe { id, label, memo } => {
            edit(id, KeyEdit { label: label.clone(), memo: memo.clone(), ..KeyEdit::default() })
        }
        Command::KeyTag { id, edits } => edit(id, KeyEdit { tags: edits.clone(), ..KeyEdit::default() }),
        other => life(other),
    }
}

/// What happens to keys in their lives.
fn life(command: &Command) -> Result<Option<Call>, RemoteError> {
    Ok(Some(match command {
        Command::KeyRotate { id, overlap } => act(*id, "rotate").with(json!({ "overlap": overlap })),
        Command::KeyRotateCancel { id, reason } => {
            act(*id, "cancel-rotation").with(json!({ "reason": reason }))
        }
        Command::KeyDebug { id, until } => act(*id, "debug").with(json!({ "for": until })),
        Command::KeyLife { id, event, reason } => act(*id, word(*event)).with(json!({ "reason": reason })),
        Command::KeyBulk { chosen, event, reason, mode } => {
            let keys = which(chosen)?;
            let body = json!({ "keys": keys, "event": event, "reason": reason, "mode": mode });
            Call::list(Method::POST, &["keys", "bulk"], Outcome::Bulk).with(body)
        }
        _ => return Ok(None),
    }))
}

fn one_key(view: KeyView) -> Outcome {
    Outcome::Key(Box::new(view))
}

const fn word(event: LifeEvent) -> &'static str {
    match event {
        LifeEvent::Activate => "activate",
        LifeEvent::Disable => "disable",
        LifeEvent::Enable => "enable",
        LifeEvent::Revoke => "revoke",
    }
}

fn act(id: CredentialId, what: &str) -> Call {
    Call::one(Method::POST, &["keys", &id.to_string(), what], one_key)
}

fn create(new: &NewKey) -> Call {
    let body = json!({
        "account": new.account,
        "api": new.api,
        "environment": new.environment,
        "key_type": new.key_type,
        "label": new.label,
        "access": new.access,
        "algorithm": new.algorithm,
        "addresses": new.addresses,
        "not_before": new.not_before,
        "lifetime": new.lifetime,
        "user": new.user,
        "memo": new.notes.memo,
        "owners": new.notes.owners.addresses(),
        "tags": new.notes.tags,
    });
    Call::one(Method::POST, &["keys"], one_key).with(body)
}

fn update(id: CredentialId, edit: &KeyEdit) -> Call {
    let (set, removed) = last_edits(&edit.tags);
    let body = json!({
        "label": edit.label,
        "memo": edit.memo,
        "owners": edit.owners.as_ref().map(Owners::addresses),
        "addresses": edit.addresses,
        "set_tags": set,
        "remove_tags": removed,
    });
    Call::one(Method::PATCH, &["keys", &id.to_string()], one_key).with(body)
}

/// Of several changes of one tag the last one counts: the others leave no trace.
fn last_edits(edits: &[TagEdit]) -> (BTreeMap<&TagName, &TagValue>, Vec<&TagName>) {
    let (mut set, mut removed) = (BTreeMap::new(), Vec::new());
    for edit in edits {
        match edit {
            TagEdit::Set(tag) => {
                removed.retain(|name| *name != &tag.name);
                set.insert(&tag.name, &tag.value);
            }
            TagEdit::Remove(name) => {
                set.remove(name);
                removed.push(name);
            }
        }
    }
    (set, removed)
}

fn list(filter: &KeyFilter) -> Call {
    let after = filter.after.as_ref().map(|after| ("after", after.to_string()));
    let call = Call::list(Method::GET, &["keys"], Outcome::Keys).asking(conditions(filter)).asking(after);
    call.at_most(filter.limit.unwrap_or(USUAL))
}

fn conditions(filter: &KeyFilter) -> Pairs {
    let text = |name, value: Option<String>| value.map(|value| (name, value));
    let tag = filter.tag.as_ref().map(|tag| match &tag.value {
        Some(value) => format!("{}={}", tag.name, value.as_str()),
        None => tag.name.to_string(),
    });
    let all = [
        text("account", filter.account.as_ref().map(ToString::to_string)),
        text("api", filter.api.as_ref().map(ToString::to_string)),
        text("state", filter.state.map(|state| state.to_string())),
        text("search", filter.search.clone()),
        text("tag", tag),
        text("owner", filter.owner.as_ref().map(ToString::to_string)),
        text("user", filter.user.as_ref().map(ToString::to_string)),
    ];
    all.into_iter().flatten().collect()
}

fn which(chosen: &Chosen) -> Result<Value, RemoteError> {
    match chosen {
        Chosen::Ids(ids) => Ok(json!({ "ids": ids })),
        Chosen::Where(KeyFilter { limit: Some(_), .. }) => {
            Err(RemoteError::FolderOnly("`--limit` beside `--where`"))
        }
        Chosen::Where(filter) => {
            let conditions = conditions(filter).into_iter();
            let fields: Map<_, _> =
                conditions.map(|(name, value)| (name.to_owned(), Value::String(value))).collect();
            Ok(json!({ "where": fields }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_changes_of_a_tag_the_last_one_counts() {
        let edits = ["+a=1", "-b", "-a", "+b", "+c=1", "+c=2"].map(|text| text.parse().unwrap());
        let (set, removed) = last_edits(&edits);
        let set: Vec<_> = set.into_iter().map(|(name, value)| format!("{name}={}", value.as_str())).collect();
        assert_eq!(set, ["b=", "c=2"]);
        assert_eq!(removed.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn a_tag_alone_and_one_with_a_value_are_told_apart() {
        let with = |tag: &str| KeyFilter { tag: Some(tag.parse().unwrap()), ..KeyFilter::default() };
        assert_eq!(conditions(&with("team")), [("tag", "team".to_owned())]);
        assert_eq!(conditions(&with("team=a=b")), [("tag", "team=a=b".to_owned())]);
        assert_eq!(conditions(&with("team=")), [("tag", "team=".to_owned())]);
    }
}
