use claviger_model::{CredentialId, Rotation, Succession};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, sql};

pub(crate) fn read(fields: &mut Fields<'_>) -> Result<Succession, StoreError> {
    Ok(Succession {
        predecessor: fields.optional_parsed()?,
        rotation: read_rotation(fields)?,
        late_uses: fields.count()?,
    })
}

fn read_rotation(fields: &mut Fields<'_>) -> Result<Option<Rotation>, StoreError> {
    let (started_at, ends_at) = (fields.optional_time()?, fields.optional_time()?);
    let expiry_before = fields.optional_time()?;
    Ok(started_at.zip(ends_at).map(|(started_at, ends_at)| Rotation { started_at, ends_at, expiry_before }))
}

pub(crate) async fn add_late_uses(
    mut on: Conn<'_>,
    counts: impl IntoIterator<Item = (CredentialId, u64)>,
) -> Result<(), StoreError> {
    for (id, count) in counts {
        on.execute(sql::ADD_LATE_USES, &[id.into(), count.into()]).await?;
    }
    Ok(())
}
