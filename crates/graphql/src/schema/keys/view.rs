use async_graphql::{ComplexObject, Context, ID, SimpleObject};
use claviger_app::{Command, KeyView, PeopleCommand, RotationView, UserView};
use claviger_model::{BuiltInRole, PermissionSet, Slug};

use super::super::scalars::Moment;
use super::super::words::{Algorithm, Kind, State, state};
use crate::refused::{Answer, Field, Refused};
use crate::work::{Work, work};

/// A key or a key pair.
#[derive(SimpleObject)]
#[graphql(complex)]
#[expect(
    clippy::struct_field_names,
    reason = "they are named so by contract C and everywhere in the product"
)]
pub(crate) struct Key {
    /// Its id; of a key pair also what is sent with each signature.
    id: ID,
    /// The key itself, if it was made just now or revealed.
    key: Option<String>,
    /// The signing secret of a key pair, if it was made just now.
    secret: Option<String>,
    /// Its account's number.
    account: String,
    /// The user name of whose it is within the account.
    user: Option<String>,
    /// Its API.
    api: String,
    /// Its environment.
    environment: String,
    /// Its kind, one of those that its API has.
    key_type: String,
    /// Whether it is presented, or signed with.
    kind: Kind,
    /// How a key pair signs.
    algorithm: Option<Algorithm>,
    /// What its owner calls it.
    name: Option<String>,
    /// The last characters of the key, or of a pair's secret.
    hint: String,
    /// What it may do.
    permissions: Permissions,
    /// The addresses and ranges from which it may be used; from everywhere, if there are none.
    addresses: Vec<String>,
    /// Its memo.
    memo: Option<String>,
    /// Who answers for it.
    owners: Vec<String>,
    /// Its tags.
    tags: Vec<Tag>,
    /// When it was made.
    created_at: Moment,
    /// When it was last changed.
    updated_at: Moment,
    /// Before this moment it is refused.
    not_before: Option<Moment>,
    /// From this moment on it is refused.
    expires_at: Option<Moment>,
    /// When it was revoked.
    revoked_at: Option<Moment>,
    /// Why it was revoked.
    revoked_reason: Option<String>,
    /// How it gives way to its successor.
    rotation: Option<Rotation>,
    /// The id of the key that takes its place.
    successor: Option<ID>,
    /// The id of the key whose place it took.
    predecessor: Option<ID>,
    /// How many requests were accepted with it since its successor was made.
    late_uses: u64,
    /// When it was last used, to the minute.
    last_used_at: Option<Moment>,
    /// The versions that it called last, the latest first.
    versions: Vec<VersionUse>,
    /// Whether it called two versions within the window of its API's policy.
    version_mixed: bool,
    /// Whether it can be revealed.
    recoverable: bool,
    /// Until then, refused signatures of a key pair are explained.
    debug_until: Option<Moment>,
    #[graphql(skip)]
    state: String,
}

/// What a key may do.
#[derive(SimpleObject)]
pub(crate) struct Permissions {
    /// Whether it may do all that its API offers.
    everything: bool,
    /// What it may do, if that is not everything.
    only: Option<Vec<String>>,
}

/// A tag.
#[derive(SimpleObject)]
pub(crate) struct Tag {
    /// Its name.
    name: String,
    /// Its value; empty, if it has none.
    value: String,
}

/// How a key gives way to its successor.
#[derive(SimpleObject)]
pub(crate) struct Rotation {
    /// When the successor was made.
    started_at: Moment,
    /// From when on the key is refused.
    ends_at: Moment,
    /// Until then, in seconds, rounded down; 0 once it is over.
    remaining_seconds: u64,
}

/// That a version of an API was called.
#[derive(SimpleObject)]
pub(crate) struct VersionUse {
    /// The version.
    version: String,
    /// The minute of the call.
    at: Moment,
}

/// A role of a key's user.
#[derive(SimpleObject)]
pub(crate) struct KeyRole {
    /// How the role is named to programs.
    id: ID,
    /// Of a role that every account has its name in capitals, such as `ADMIN`; none of an account's own.
    preset: Option<String>,
}

#[ComplexObject]
impl Key {
    /// Its state, by the clock.
    async fn state(&self) -> Answer<State> {
        state(&self.state)
    }

    /// The roles of its user in its account. It never does more than they let it.
    async fn roles(&self, ctx: &Context<'_>) -> Result<Option<Vec<KeyRole>>, Refused> {
        let Some(user) = &self.user else { return Ok(Some(Vec::new())) };
        let user = user_called(work(ctx)?, user).await?;
        let here = user.memberships.into_iter().filter(|membership| membership.account == self.account);
        Ok(Some(here.flat_map(|membership| membership.roles).map(KeyRole::from).collect()))
    }
}

/// Does something that answers a key.
pub(super) async fn key(ctx: &Context<'_>, command: Command) -> Field<Key> {
    Ok(Some(work(ctx)?.key(command).await?.into()))
}

/// Oneself, whom everybody may see, or another.
async fn user_called(work: &Work, name: &str) -> Answer<UserView> {
    let oneself = work.user(PeopleCommand::WhoAmI).await?;
    if oneself.username.as_str() == name {
        return Ok(oneself);
    }
    work.user(PeopleCommand::Show { user: name.to_owned().into() }).await
}

impl From<Slug> for KeyRole {
    fn from(slug: Slug) -> Self {
        Self { preset: preset(slug.as_str()), id: ID(slug.into()) }
    }
}

fn preset(slug: &str) -> Option<String> {
    BuiltInRole::from_slug(slug).map(|role| role.slug().to_ascii_uppercase().replace('-', "_"))
}

impl From<PermissionSet> for Permissions {
    fn from(set: PermissionSet) -> Self {
        match set {
            PermissionSet::Everything => Self { everything: true, only: None },
            PermissionSet::Only(list) => {
                Self { everything: false, only: Some(list.into_iter().map(String::from).collect()) }
            }
        }
    }
}

impl From<RotationView> for Rotation {
    fn from(view: RotationView) -> Self {
        Self {
            started_at: view.started_at.into(),
            ends_at: view.ends_at.into(),
            remaining_seconds: view.remaining_seconds,
        }
    }
}

impl From<KeyView> for Key {
    fn from(view: KeyView) -> Self {
        let id = |id: claviger_model::CredentialId| ID(id.to_string());
        let tags = view.notes.tags.iter();
        Self {
            id: id(view.id),
            key: view.key.map(|key| key.expose().to_owned()),
            secret: view.secret.map(|secret| secret.expose().to_owned()),
            account: view.account,
            user: view.user,
            api: view.api,
            environment: view.environment,
            key_type: view.key_type.into(),
            kind: view.kind.into(),
            algorithm: view.algorithm.map(Into::into),
            name: view.label,
            hint: view.hint,
            permissions: view.permissions.into(),
            addresses: view.allowlist.entries().iter().map(ToString::to_string).collect(),
            memo: view.notes.memo.clone(),
            owners: view.notes.owners.addresses().iter().map(ToString::to_string).collect(),
            tags: tags
                .map(|(name, value)| Tag { name: name.to_string(), value: value.as_str().into() })
                .collect(),
            created_at: view.created_at.into(),
            updated_at: view.updated_at.into(),
            not_before: view.not_before.map(Moment),
            expires_at: view.expires_at.map(Moment),
            revoked_at: view.revoked_at.map(Moment),
            revoked_reason: view.revoked_reason,
            rotation: view.rotation.map(Into::into),
            successor: view.successor.map(id),
            predecessor: view.predecessor.map(id),
            late_uses: view.late_uses,
            last_used_at: view.last_used_at.map(Moment),
            versions: view.versions.into_iter().map(Into::into).collect(),
            version_mixed: view.version_mixed,
            recoverable: view.recoverable,
            debug_until: view.debug_until.map(Moment),
            state: view.state,
        }
    }
}

impl From<claviger_model::VersionUse> for VersionUse {
    fn from(used: claviger_model::VersionUse) -> Self {
        Self { version: used.version.into(), at: used.at.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_that_every_account_has_is_a_preset() {
        assert_eq!(preset("api-administrator").as_deref(), Some("API_ADMINISTRATOR"));
        assert_eq!(preset("admin").as_deref(), Some("ADMIN"));
        assert_eq!(preset("key-clerk"), None);
    }
}
