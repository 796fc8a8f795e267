use async_graphql::{Context, ID, Object};
use claviger_app::{Command, Reveal};
use claviger_model::Span;

use super::super::scalars::Length;
use super::input::{NewApiKey, key_id};
use super::view::{Key, key};
use crate::refused::Refused;
use crate::work::work;

/// Keys, made and replaced.
#[derive(Default)]
pub(crate) struct MakeMutation;

#[Object]
impl MakeMutation {
    /// Makes a key, and shows it this once.
    async fn create_api_key(&self, ctx: &Context<'_>, data: NewApiKey) -> Result<Option<Key>, Refused> {
        let new = data.read(work(ctx)?.app()?)?;
        key(ctx, Command::KeyCreate(new)).await
    }

    /// Shows a key again, where its API's policy makes keys recoverable. The audit says who saw it.
    async fn reveal_key(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Key>, Refused> {
        let command = Command::KeyShow { id: key_id(&id)?, reveal: Reveal::Secret };
        key(ctx, command).await
    }

    /// Makes a key's successor, and answers that.
    async fn rotate_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        #[graphql(desc = "How long both work; not at all, if left out.")] overlap: Option<Length>,
    ) -> Result<Option<Key>, Refused> {
        let overlap = overlap.map_or(Span::ZERO, |length| length.0);
        key(ctx, Command::KeyRotate { id: key_id(&id)?, overlap }).await
    }

    /// Takes a rotation back: the key stays, and its successor is revoked.
    async fn cancel_rotation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The key that was to be replaced.")] id: ID,
        reason: Option<String>,
    ) -> Result<Option<Key>, Refused> {
        key(ctx, Command::KeyRotateCancel { id: key_id(&id)?, reason }).await
    }
}
