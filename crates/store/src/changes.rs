use claviger_model::{Change, ChangeNumber, NumberedChange, Time};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, json, sql};

fn read(fields: &mut Fields<'_>) -> Result<NumberedChange, StoreError> {
    Ok(NumberedChange { number: fields.change_number()?, change: fields.json()? })
}

fn read_number(fields: &mut Fields<'_>) -> Result<ChangeNumber, StoreError> {
    fields.change_number()
}

/// The counter's row stays locked until the transaction ends, so that numbers follow the order of commits; a
/// transaction that is rolled back gives its numbers back.
pub(crate) async fn record(mut on: Conn<'_>, change: &Change, at: Time) -> Result<ChangeNumber, StoreError> {
    let number = on.one(sql::NEXT_CHANGE, &[], read_number).await?;
    on.execute(sql::APPEND_CHANGE, &[number.into(), at.into(), json::text(change)?.into()]).await?;
    Ok(number)
}

/// Waits for the counter and holds it until the transaction ends.
pub(crate) async fn lock(mut on: Conn<'_>) -> Result<(), StoreError> {
    on.execute(sql::LOCK_CHANGES, &[]).await.map(|_| ())
}

pub(crate) async fn head(mut on: Conn<'_>) -> Result<ChangeNumber, StoreError> {
    on.one(sql::HEAD, &[], read_number).await
}

pub(crate) async fn oldest(mut on: Conn<'_>) -> Result<Option<ChangeNumber>, StoreError> {
    on.first(sql::OLDEST_CHANGE, &[], read_number).await
}

pub(crate) async fn after(
    mut on: Conn<'_>,
    number: ChangeNumber,
    limit: u32,
) -> Result<Vec<NumberedChange>, StoreError> {
    on.all(sql::CHANGES_AFTER, &[number.into(), limit.into()], read).await
}

pub(crate) async fn prune(mut on: Conn<'_>, keep: u64) -> Result<u64, StoreError> {
    on.execute(sql::PRUNE_CHANGES, &[keep.into()]).await
}
