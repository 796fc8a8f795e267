use async_graphql::{Context, ID, Object, SimpleObject};
use claviger_app::{Command, Outcome, Reveal};

use super::input::{KeysWhere, key_id};
use super::view::{Key, key};
use crate::refused::Refused;
use crate::work::work;

/// Keys of one page, if nothing else is said.
const PAGE: u32 = 100;

/// Some of the keys, the newest first.
#[derive(SimpleObject)]
pub(crate) struct Keys {
    /// The keys.
    keys: Vec<Key>,
    /// What to give as `after` for the next page, if there may be one.
    next: Option<ID>,
}

/// Keys, seen.
#[derive(Default)]
pub(crate) struct KeyQuery;

#[Object]
impl KeyQuery {
    /// Keys without their secrets: all of the account, or one's own, as far as one may manage them.
    async fn keys(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where", desc = "Those that fit everything given.")] filter: Option<KeysWhere>,
        #[graphql(desc = "Where the page before ended.")] after: Option<ID>,
        #[graphql(desc = "At most so many; 100 if left out, 1,000 at the most.")] limit: Option<u32>,
    ) -> Result<Option<Keys>, Refused> {
        let limit = limit.unwrap_or(PAGE);
        let filter = filter.unwrap_or_default().read(after.as_ref(), limit)?;
        let Outcome::Keys(views) = work(ctx)?.list(Command::KeyList(filter), limit).await? else {
            return Err(Refused::internal());
        };
        let full = u32::try_from(views.len()).is_ok_and(|found| found >= limit);
        let next = views.last().filter(|_| full).map(|last| ID(last.id.to_string()));
        Ok(Some(Keys { keys: views.into_iter().map(Key::from).collect(), next }))
    }

    /// A key without its secret.
    async fn key(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Key>, Refused> {
        let command = Command::KeyShow { id: key_id(&id)?, reveal: Reveal::Nothing };
        key(ctx, command).await
    }
}
