use claviger_model::{AuditEntry, Time};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

/// An audit entry with its place: 1 is the first, and there are no gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedAuditEntry {
    /// Its place.
    pub number: u64,
    /// The entry.
    pub entry: AuditEntry,
    /// What chains it to the entry before it; none if it is older than the chain.
    pub hash: Option<Vec<u8>>,
}

/// Which entries to list: those that fit everything given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// After this place.
    pub after: u64,
    /// Of the account with this id.
    pub account: Option<String>,
    /// On this object.
    pub object: Option<String>,
    /// Of this action.
    pub action: Option<String>,
    /// From this moment on.
    pub since: Option<Time>,
    /// At most so many.
    pub limit: u32,
}

fn read(fields: &mut Fields<'_>) -> Result<NumberedAuditEntry, StoreError> {
    Ok(NumberedAuditEntry {
        number: fields.count()?,
        entry: AuditEntry {
            at: fields.time()?,
            actor: fields.string()?,
            via: fields.optional_string()?,
            from: fields.optional_string()?,
            action: fields.string()?,
            kind: fields.optional_string()?,
            object: fields.string()?,
            account: fields.optional_string()?,
            request: fields.optional_string()?,
            reason: fields.optional_string()?,
            before: fields.optional_string()?,
            after: fields.optional_string()?,
        },
        hash: fields.optional_bytes()?.map(<[u8]>::to_vec),
    })
}

pub(super) async fn insert(
    on: &mut Conn<'_>,
    number: u64,
    entry: &AuditEntry,
    hash: &[u8],
) -> Result<(), StoreError> {
    let args = [
        number.into(),
        entry.at.into(),
        entry.actor.as_str().into(),
        entry.via.as_deref().into(),
        entry.from.as_deref().into(),
        entry.action.as_str().into(),
        entry.kind.as_deref().into(),
        entry.object.as_str().into(),
        entry.account.as_deref().into(),
        entry.request.as_deref().into(),
        entry.reason.as_deref().into(),
        entry.before.as_deref().into(),
        entry.after.as_deref().into(),
        hash.into(),
    ];
    on.execute(sql::APPEND_AUDIT, &args).await.map(drop)
}

pub(crate) async fn after(
    on: &mut Conn<'_>,
    number: u64,
    limit: u32,
) -> Result<Vec<NumberedAuditEntry>, StoreError> {
    on.all(sql::AUDIT_AFTER, &[number.into(), limit.into()], read).await
}

pub(crate) async fn list(
    mut on: Conn<'_>,
    filter: &AuditFilter,
) -> Result<Vec<NumberedAuditEntry>, StoreError> {
    let statement = match filter {
        AuditFilter { object: Some(_), .. } => sql::AUDIT_OF_OBJECT,
        AuditFilter { account: Some(_), .. } => sql::AUDIT_OF_ACCOUNT,
        _ => sql::AUDIT,
    };
    let args = [
        filter.after.into(),
        filter.account.as_deref().into(),
        filter.object.as_deref().into(),
        filter.action.as_deref().into(),
        filter.since.into(),
        filter.limit.into(),
    ];
    on.all(statement, &args, read).await
}

fn read_place(fields: &mut Fields<'_>) -> Result<i64, StoreError> {
    fields.number()
}

/// The number of the first row, whatever it is.
pub(super) async fn first(on: &mut Conn<'_>) -> Result<Option<i64>, StoreError> {
    on.first(sql::FIRST_AUDIT, &[], read_place).await
}
