use claviger_model::AuditEntry;

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
}

fn read(fields: &mut Fields<'_>) -> Result<NumberedAuditEntry, StoreError> {
    Ok(NumberedAuditEntry {
        number: fields.count()?,
        entry: AuditEntry {
            at: fields.time()?,
            actor: fields.string()?,
            action: fields.string()?,
            object: fields.string()?,
            reason: fields.optional_string()?,
            before: fields.optional_string()?,
            after: fields.optional_string()?,
        },
    })
}

fn read_number(fields: &mut Fields<'_>) -> Result<u64, StoreError> {
    fields.count()
}

/// Numbered like the change log, by the same row: an entry that vanished would leave a gap.
pub(crate) async fn append(mut on: Conn<'_>, entry: &AuditEntry) -> Result<(), StoreError> {
    let number = on.one(sql::NEXT_AUDIT, &[], read_number).await?;
    let args = [
        number.into(),
        entry.at.into(),
        entry.actor.as_str().into(),
        entry.action.as_str().into(),
        entry.object.as_str().into(),
        entry.reason.as_deref().into(),
        entry.before.as_deref().into(),
        entry.after.as_deref().into(),
    ];
    on.execute(sql::APPEND_AUDIT, &args).await.map(drop)
}

pub(crate) async fn after(
    mut on: Conn<'_>,
    number: u64,
    limit: u32,
) -> Result<Vec<NumberedAuditEntry>, StoreError> {
    on.all(sql::AUDIT_AFTER, &[number.into(), limit.into()], read).await
}
