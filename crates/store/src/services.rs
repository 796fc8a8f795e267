use claviger_model::{ChangeNumber, Digest, Service, Slug};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{StoreError, json, sql};

fn read(fields: &mut Fields<'_>) -> Result<Service, StoreError> {
    Ok(Service {
        name: fields.parsed()?,
        digest: read_digest(fields)?,
        apis: fields.json()?,
        created_at: fields.time()?,
    })
}

pub(crate) fn read_digest(fields: &mut Fields<'_>) -> Result<Digest, StoreError> {
    let bytes = fields.bytes()?;
    bytes.try_into().map(Digest).map_err(|_| fields.corrupt("the digest is not 32 bytes long"))
}

fn read_numbered(fields: &mut Fields<'_>) -> Result<(Service, ChangeNumber), StoreError> {
    Ok((read(fields)?, fields.change_number()?))
}

pub(crate) async fn all(mut on: Conn<'_>) -> Result<Vec<Service>, StoreError> {
    on.all(sql::SERVICES, &[], read).await
}

/// Services by name, behind one.
pub(crate) async fn after(
    mut on: Conn<'_>,
    name: Option<&Slug>,
    limit: u32,
) -> Result<Vec<Service>, StoreError> {
    let name = name.map_or("", Slug::as_str);
    on.all(sql::SERVICES_AFTER, &[name.into(), limit.into()], read).await
}

pub(crate) async fn all_numbered(mut on: Conn<'_>) -> Result<Vec<(Service, ChangeNumber)>, StoreError> {
    on.all(sql::SERVICES, &[], read_numbered).await
}

pub(crate) async fn by_name(mut on: Conn<'_>, name: &Slug) -> Result<Option<Service>, StoreError> {
    on.first(sql::SERVICE, &[name.into()], read).await
}

pub(crate) async fn insert(
    mut on: Conn<'_>,
    service: &Service,
    number: ChangeNumber,
) -> Result<(), StoreError> {
    let Service { name, digest, apis, created_at } = service;
    let apis = json::text(apis)?.into();
    let args = [name.into(), digest.0.as_slice().into(), apis, (*created_at).into(), number.into()];
    on.execute(sql::INSERT_SERVICE, &args).await.map(drop)
}

pub(crate) async fn delete(mut on: Conn<'_>, name: &Slug) -> Result<(), StoreError> {
    match on.execute(sql::DELETE_SERVICE, &[name.into()]).await? {
        0 => Err(StoreError::Missing { what: "service" }),
        _ => Ok(()),
    }
}
