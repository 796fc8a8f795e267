use claviger_model::{Refusal, RequestId, Time};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, json, sql};

fn read(fields: &mut Fields<'_>) -> Result<Refusal, StoreError> {
    let _id = fields.text()?;
    fields.json()
}

pub(crate) async fn by_request(mut on: Conn<'_>, id: RequestId) -> Result<Option<Refusal>, StoreError> {
    on.first(sql::REFUSAL, &[id.into()], read).await
}

pub(crate) async fn insert(mut on: Conn<'_>, refusals: &[Refusal]) -> Result<(), StoreError> {
    for refusal in refusals {
        let args = [refusal.request.into(), refusal.at.into(), json::text(refusal)?.into()];
        on.execute(sql::INSERT_REFUSAL, &args).await?;
    }
    Ok(())
}

pub(crate) async fn prune(mut on: Conn<'_>, before: Time, keep: u64) -> Result<u64, StoreError> {
    let old = on.execute(sql::PRUNE_OLD_REFUSALS, &[before.into()]).await?;
    let surplus = on.execute(sql::PRUNE_SURPLUS_REFUSALS, &[keep.into()]).await?;
    Ok(old + surplus)
}
