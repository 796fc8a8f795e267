use async_graphql::{Context, ID, Object};
use claviger_app::Command;
use claviger_model::Owners;

use super::super::scalars::{Length, Moment};
use super::input::{KeyEditInput, TagInput, key_id, tag_edits};
use super::view::{Key, key};
use crate::refused::{Refused, read_all};

/// Keys, described and bound.
#[derive(Default)]
pub(crate) struct NoteMutation;

#[Object]
impl NoteMutation {
    /// Changes several things about a key at once.
    async fn edit_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        data: KeyEditInput,
        #[graphql(desc = "Its `updatedAt`, as whoever asks knows it: it is changed only if that is so.")]
        unchanged_since: Option<Moment>,
    ) -> Result<Option<Key>, Refused> {
        let unchanged_since = unchanged_since.map(|moment| moment.0);
        key(ctx, Command::KeyEdit { id: key_id(&id)?, edit: data.read()?, unchanged_since }).await
    }

    /// Changes the name or the memo of a key. What is left out stays; an empty text removes.
    async fn describe_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        name: Option<String>,
        memo: Option<String>,
    ) -> Result<Option<Key>, Refused> {
        key(ctx, Command::KeyDescribe { id: key_id(&id)?, label: name, memo }).await
    }

    /// Sets and removes tags of a key.
    async fn tag_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        #[graphql(default, desc = "Tags that it has from now on.")] set: Vec<TagInput>,
        #[graphql(default, desc = "Names of tags that it has no more.")] remove: Vec<String>,
    ) -> Result<Option<Key>, Refused> {
        let edits = tag_edits(&remove, &set)?;
        key(ctx, Command::KeyTag { id: key_id(&id)?, edits }).await
    }

    /// Says who answers for a key: the e-mail addresses of all of them.
    async fn set_key_owners(
        &self,
        ctx: &Context<'_>,
        id: ID,
        owners: Vec<String>,
    ) -> Result<Option<Key>, Refused> {
        let owners = Owners::from(read_all("owners", &owners)?);
        key(ctx, Command::KeyOwners { id: key_id(&id)?, owners }).await
    }

    /// Says from where a key may be used: all addresses and ranges.
    async fn allow_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        addresses: Vec<String>,
    ) -> Result<Option<Key>, Refused> {
        key(ctx, Command::KeyAllow { id: key_id(&id)?, addresses }).await
    }

    /// Has the refused signatures of a key pair explained for a while.
    async fn debug_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        #[graphql(name = "for", desc = "For how long; no longer, if left out.")] length: Option<Length>,
    ) -> Result<Option<Key>, Refused> {
        let until = length.map(|length| length.0);
        key(ctx, Command::KeyDebug { id: key_id(&id)?, until }).await
    }
}
