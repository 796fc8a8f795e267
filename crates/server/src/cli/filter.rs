use std::str::FromStr;

use claviger_app::KeyFilter;
use claviger_model::{AccountNumber, EmailAddress, ShownState, Slug, TagFilter};

use super::args;

/// What a key has to fit to be one of many. As text: a name and a value, such as `state=active`.
#[derive(Debug, Clone)]
pub(super) enum Condition {
    Account(AccountNumber),
    Api(Slug),
    State(ShownState),
    Tag(TagFilter),
    Owner(EmailAddress),
    Search(String),
}

impl FromStr for Condition {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        fn read<T: FromStr<Err: ToString>>(
            value: &str,
            make: fn(T) -> Condition,
        ) -> Result<Condition, String> {
            value.parse().map(make).map_err(|error: T::Err| error.to_string())
        }
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        if value.is_empty() {
            return Err("write NAME=VALUE, such as state=active".to_owned());
        }
        match name {
            "account" => read(value, Self::Account),
            "api" => read(value, Self::Api),
            "state" => args::state(value).map(Self::State),
            "tag" => read(value, Self::Tag),
            "owner" => read(value, Self::Owner),
            "search" => Ok(Self::Search(value.to_owned())),
            _ => Err("one of account, api, state, tag, owner, search".to_owned()),
        }
    }
}

/// The filter that all conditions make together.
///
/// # Errors
/// The name of a condition that is given twice: nothing could fit both, or the second would be lost.
pub(super) fn filter(conditions: Vec<Condition>) -> Result<KeyFilter, &'static str> {
    fn set<T>(place: &mut Option<T>, name: &'static str, value: T) -> Result<(), &'static str> {
        if place.replace(value).is_some() { Err(name) } else { Ok(()) }
    }
    let mut filter = KeyFilter::default();
    for condition in conditions {
        match condition {
            Condition::Account(account) => set(&mut filter.account, "account", account),
            Condition::Api(api) => set(&mut filter.api, "api", api),
            Condition::State(state) => set(&mut filter.state, "state", state),
            Condition::Tag(tag) => set(&mut filter.tag, "tag", tag),
            Condition::Owner(owner) => set(&mut filter.owner, "owner", owner),
            Condition::Search(text) => set(&mut filter.search, "search", text),
        }?;
    }
    Ok(filter)
}
