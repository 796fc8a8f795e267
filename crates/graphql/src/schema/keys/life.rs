use async_graphql::{Context, ID, Object};
use claviger_app::Command;
use claviger_model::{CredentialId, LifeEvent};
use claviger_web::{Code, Problem};

use super::input::{KeyWhere, Named, key_id};
use super::view::{Key, key};
use crate::refused::{Field, Refused};
use crate::work::work;

/// Keys, switched on and off and ended. Each counts from the next request on.
#[derive(Default)]
pub(crate) struct LifeMutation;

#[Object]
impl LifeMutation {
    /// Ends a key for good, by its text or its id.
    async fn delete_api_key(&self, ctx: &Context<'_>, r#where: KeyWhere) -> Result<Option<Key>, Refused> {
        match r#where.read()? {
            Named::Id(id) => revoke(ctx, id).await,
            Named::Text(text) => {
                let id = work(ctx)?.app()?.key_id(&text).ok_or_else(no_key)?;
                // Nobody is told the id of a key of another account.
                revoke(ctx, id).await.map_err(|refused| match refused.0.code {
                    Code::NotFound => no_key(),
                    _ => refused,
                })
            }
        }
    }

    /// Lets a pending key work.
    async fn activate_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        reason: Option<String>,
    ) -> Result<Option<Key>, Refused> {
        change(ctx, &id, LifeEvent::Activate, reason).await
    }

    /// Switches a key off.
    async fn disable_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        reason: Option<String>,
    ) -> Result<Option<Key>, Refused> {
        change(ctx, &id, LifeEvent::Disable, reason).await
    }

    /// Switches a key on again.
    async fn enable_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        reason: Option<String>,
    ) -> Result<Option<Key>, Refused> {
        change(ctx, &id, LifeEvent::Enable, reason).await
    }

    /// Ends a key for good.
    async fn revoke_key(
        &self,
        ctx: &Context<'_>,
        id: ID,
        reason: Option<String>,
    ) -> Result<Option<Key>, Refused> {
        change(ctx, &id, LifeEvent::Revoke, reason).await
    }
}

async fn change(ctx: &Context<'_>, id: &ID, event: LifeEvent, reason: Option<String>) -> Field<Key> {
    key(ctx, Command::KeyLife { id: key_id(id)?, event, reason }).await
}

async fn revoke(ctx: &Context<'_>, id: CredentialId) -> Field<Key> {
    key(ctx, Command::KeyLife { id, event: LifeEvent::Revoke, reason: None }).await
}

fn no_key() -> Refused {
    Problem::saying(Code::NotFound, "There is no such key.").into()
}
