//! The audit.

use async_graphql::{Context, InputObject, Json, Object, SimpleObject};
use claviger_app::{AuditFilter, AuditView, Command, Outcome};
use serde_json::Value;

use super::scalars::Moment;
use crate::refused::{Refused, read_some};
use crate::work::work;

/// An entry of the audit.
#[derive(SimpleObject)]
pub(crate) struct AuditEntry {
    /// Its place: 1 is the first.
    seq: u64,
    /// When.
    at: Moment,
    /// Who.
    actor: String,
    /// With what they came in.
    via: Option<String>,
    /// From where.
    from: Option<String>,
    /// What was done.
    action: String,
    /// To what kind of thing.
    object_kind: Option<String>,
    /// To which: its id or name.
    object: String,
    /// The id of the account whose thing it is.
    account: Option<String>,
    /// The request that it was done by.
    request_id: Option<String>,
    /// Why.
    reason: Option<String>,
    /// The object before: what it is made of depends on its kind.
    before: Option<Json<Value>>,
    /// The object afterwards.
    after: Option<Json<Value>>,
    /// What chains it to the entry before it, in hexadecimal digits.
    hash: Option<String>,
}

/// Some of the audit, in the order in which it was written.
#[derive(SimpleObject)]
pub(crate) struct AuditEntries {
    /// The entries.
    entries: Vec<AuditEntry>,
    /// What to give as `after` for the next page. The page that has none is the last.
    next: Option<u64>,
}

/// Which entries to list: those that fit everything given.
#[derive(InputObject, Default)]
pub(crate) struct AuditWhere {
    /// On what is the account's that has this number, and on the account.
    account: Option<String>,
    /// On the object with this id or name.
    object: Option<String>,
    /// Of this action.
    action: Option<String>,
    /// From this moment on.
    since: Option<Moment>,
}

impl From<AuditView> for AuditEntry {
    fn from(view: AuditView) -> Self {
        Self {
            seq: view.seq,
            at: view.at.into(),
            actor: view.actor,
            via: view.via,
            from: view.from,
            action: view.action,
            object_kind: view.object.kind,
            object: view.object.id,
            account: view.account,
            request_id: view.request_id,
            reason: view.reason,
            before: view.before.map(Json),
            after: view.after.map(Json),
            hash: view.hash,
        }
    }
}

/// Entries of one page, if nothing else is said.
const PAGE: u32 = 100;

/// The audit, seen.
#[derive(Default)]
pub(crate) struct AuditQuery;

#[Object]
impl AuditQuery {
    /// Who did what, when and from where.
    async fn audit(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where", desc = "Those that fit everything given.")] filter: Option<AuditWhere>,
        #[graphql(desc = "Where the page before ended.")] after: Option<u64>,
        #[graphql(desc = "At most so many; 100 if left out, 1,000 at the most.")] limit: Option<u32>,
    ) -> Result<Option<AuditEntries>, Refused> {
        let (filter, limit) = (filter.unwrap_or_default(), limit.unwrap_or(PAGE));
        let command = Command::AuditList(AuditFilter {
            after: after.unwrap_or_default(),
            account: read_some("account", filter.account.as_ref())?,
            object: filter.object,
            action: filter.action,
            since: filter.since.map(|moment| moment.0),
            limit: Some(limit),
        });
        let Outcome::Audit(views) = work(ctx)?.list(command, limit).await? else {
            return Err(Refused::internal());
        };
        let next = views.last().map(|last| last.seq);
        Ok(Some(AuditEntries { entries: views.into_iter().map(Into::into).collect(), next }))
    }
}
