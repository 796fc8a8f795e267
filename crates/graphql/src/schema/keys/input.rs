use async_graphql::{ID, InputObject};
use claviger_app::{Access, App, KeyEdit, KeyFilter, NewKey};
use claviger_model::{CredentialId, Notes, Owners, Permission, Tag, TagEdit, Tags};

use super::super::scalars::{Length, Moment};
use super::super::words::{Algorithm, Scope, State};
use crate::refused::{Answer, Refused, read, read_all, read_some};

/// A key to make.
#[derive(InputObject)]
pub(crate) struct NewApiKey {
    /// What its owner calls it.
    name: String,
    /// For which API; may be left out where one alone takes login tokens.
    api: Option<String>,
    /// For which of its environments; may be left out where there is one only.
    environment: Option<String>,
    /// Of which kind; the API's first if left out.
    key_type: Option<String>,
    /// How a key pair signs; the first of the API's algorithms if left out.
    algorithm: Option<Algorithm>,
    /// What it may do. Whatever its user may, without this and `scope`.
    permissions: Option<Vec<String>>,
    /// What it may do, by action.
    scope: Option<Scope>,
    /// The addresses and ranges from which it may be used.
    #[graphql(default)]
    addresses: Vec<String>,
    /// Before this moment it is refused.
    not_before: Option<Moment>,
    /// How long it lives; as long as the API's policy allows if left out.
    lifetime: Option<Length>,
    /// Whose, by number; may be left out by whoever is in an account.
    account: Option<String>,
    /// Whose it is within the account, if not one's own: that of a machine.
    user: Option<String>,
    /// A memo.
    memo: Option<String>,
    /// The e-mail addresses of those who answer for it.
    #[graphql(default)]
    owners: Vec<String>,
    /// Its tags.
    #[graphql(default)]
    tags: Vec<TagInput>,
}

/// A tag.
#[derive(InputObject)]
pub(crate) struct TagInput {
    /// Its name.
    name: String,
    /// Its value; empty, if it has none.
    #[graphql(default)]
    value: String,
}

/// What changes about a key. What is left out stays.
#[derive(InputObject)]
pub(crate) struct KeyEditInput {
    /// What its owner calls it; empty for nothing.
    name: Option<String>,
    /// Its memo; empty for none.
    memo: Option<String>,
    /// The e-mail addresses of everyone who answers for it.
    owners: Option<Vec<String>>,
    /// Every address and range from which it may be used.
    addresses: Option<Vec<String>>,
    /// Tags that it has from now on.
    #[graphql(default)]
    set_tags: Vec<TagInput>,
    /// Names of tags that it has no more.
    #[graphql(default)]
    remove_tags: Vec<String>,
}

/// Which key: one of the two.
#[derive(InputObject)]
pub(crate) struct KeyWhere {
    /// By its text.
    key: Option<String>,
    /// By its id.
    id: Option<ID>,
}

/// Which keys to list: those that fit everything given.
#[derive(InputObject, Default)]
pub(crate) struct KeysWhere {
    /// Of the account with this number.
    account: Option<String>,
    /// For this API.
    api: Option<String>,
    /// In this state.
    state: Option<State>,
    /// With this, in whatever case, in id, hint, name, memo, owners or tags.
    search: Option<String>,
    /// With this tag: `name`, or `name=value`.
    tag: Option<String>,
    /// With the owner who has this e-mail address.
    owner: Option<String>,
    /// Of this user: their id, user name or e-mail address.
    user: Option<String>,
}

/// The key that was named by one of two members.
pub(crate) enum Named {
    /// By its text.
    Text(String),
    /// By its id.
    Id(CredentialId),
}

impl KeyWhere {
    pub(crate) fn read(self) -> Answer<Named> {
        match (self.key, self.id) {
            (Some(text), None) => Ok(Named::Text(text)),
            (None, Some(id)) => Ok(Named::Id(key_id(&id)?)),
            _ => Err(Refused::invalid("Say which key: by `key` or by `id`, and not by both.")),
        }
    }
}

pub(crate) fn key_id(id: &ID) -> Answer<CredentialId> {
    read("id", id)
}

impl TagInput {
    pub(crate) fn read(&self) -> Answer<Tag> {
        Ok(Tag { name: read("tags", &self.name)?, value: read("tags", &self.value)? })
    }
}

/// What changes of tags: some are removed, then some are set.
pub(crate) fn tag_edits(remove: &[String], set: &[TagInput]) -> Answer<Vec<TagEdit>> {
    let removed = remove.iter().map(|name| read("tags", name).map(TagEdit::Remove));
    removed.chain(set.iter().map(|tag| tag.read().map(TagEdit::Set))).collect()
}

impl KeyEditInput {
    pub(crate) fn read(self) -> Answer<KeyEdit> {
        let owners = self.owners.map(|owners| read_all("owners", &owners)).transpose()?;
        Ok(KeyEdit {
            label: self.name,
            memo: self.memo,
            owners: owners.map(Owners::from),
            addresses: self.addresses,
            tags: tag_edits(&self.remove_tags, &self.set_tags)?,
        })
    }
}

impl NewApiKey {
    pub(crate) fn read(self, app: &App) -> Answer<NewKey> {
        let api = match read_some("api", self.api.as_ref())? {
            Some(api) => api,
            None => app.api_of_login_tokens().map_err(claviger_web::Problem::from)?,
        };
        let tags: Vec<_> = self.tags.iter().map(TagInput::read).collect::<Answer<_>>()?;
        let invalid = |error: claviger_model::NotesError| Refused::invalid(format!("`tags`: {error}"));
        Ok(NewKey {
            account: read_some("account", self.account.as_ref())?,
            api,
            environment: read_some("environment", self.environment.as_ref())?,
            key_type: read_some("keyType", self.key_type.as_ref())?,
            label: Some(self.name),
            access: access(self.permissions.as_deref(), self.scope)?,
            algorithm: self.algorithm.map(Into::into),
            addresses: self.addresses,
            not_before: self.not_before.map(|moment| moment.0),
            lifetime: self.lifetime.map(|length| length.0),
            notes: Notes {
                memo: self.memo,
                owners: Owners::from(read_all("owners", &self.owners)?),
                tags: Tags::of(tags).map_err(invalid)?,
            },
            user: self.user.map(Into::into),
        })
    }
}

fn access(permissions: Option<&[String]>, scope: Option<Scope>) -> Answer<Access> {
    match (permissions, scope) {
        (Some(_), Some(_)) => Err(Refused::invalid("Send `permissions` or `scope`, and not both.")),
        (Some(list), None) => Ok(Access::Only(read_all::<Permission>("permissions", list)?)),
        (None, Some(scope)) => Ok(Access::Scope(scope.into())),
        (None, None) => Ok(Access::default()),
    }
}

impl KeysWhere {
    pub(crate) fn read(self, after: Option<&ID>, limit: u32) -> Answer<KeyFilter> {
        Ok(KeyFilter {
            account: read_some("account", self.account.as_ref())?,
            api: read_some("api", self.api.as_ref())?,
            state: self.state.map(Into::into),
            search: self.search,
            tag: read_some("tag", self.tag.as_ref())?,
            owner: read_some("owner", self.owner.as_ref())?,
            user: self.user.map(Into::into),
            sort: claviger_app::KeySort::default(),
            after: after.map(|id| read("after", id)).transpose()?,
            limit: Some(limit),
        })
    }
}
