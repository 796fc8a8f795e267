use std::collections::BTreeMap;

use claviger_model::{Api, ApiId, ChangeNumber, Slug, VersionName};

use crate::StoreError;
use crate::db::Conn;
use crate::fields::Fields;
use crate::{json, sql};

fn read(fields: &mut Fields<'_>) -> Result<Api, StoreError> {
    let _id = fields.text()?;
    fields.json()
}

fn read_numbered(fields: &mut Fields<'_>) -> Result<(Api, ChangeNumber), StoreError> {
    Ok((read(fields)?, fields.change_number()?))
}

fn read_document(fields: &mut Fields<'_>) -> Result<(VersionName, String), StoreError> {
    Ok((fields.parsed()?, fields.string()?))
}

pub(crate) async fn all(mut on: Conn<'_>) -> Result<Vec<Api>, StoreError> {
    on.all(sql::APIS, &[], read).await
}

pub(crate) async fn all_numbered(mut on: Conn<'_>) -> Result<Vec<(Api, ChangeNumber)>, StoreError> {
    on.all(sql::APIS, &[], read_numbered).await
}

pub(crate) async fn by_id(mut on: Conn<'_>, id: ApiId) -> Result<Option<Api>, StoreError> {
    on.first(sql::API, &[id.into()], read).await
}

pub(crate) async fn by_slug(mut on: Conn<'_>, slug: &Slug) -> Result<Option<Api>, StoreError> {
    on.first(sql::API_BY_SLUG, &[slug.into()], read).await
}

pub(crate) async fn documents(
    mut on: Conn<'_>,
    id: ApiId,
) -> Result<BTreeMap<VersionName, String>, StoreError> {
    let documents = on.all(sql::DOCUMENTS, &[id.into()], read_document).await?;
    Ok(documents.into_iter().collect())
}

pub(crate) async fn put(
    mut on: Conn<'_>,
    api: &Api,
    documents: &BTreeMap<VersionName, String>,
    number: ChangeNumber,
) -> Result<(), StoreError> {
    let args = [api.id.into(), (&api.slug).into(), json::text(api)?.into(), number.into()];
    on.execute(sql::PUT_API, &args).await?;
    on.execute(sql::DELETE_DOCUMENTS, &[api.id.into()]).await?;
    for (version, body) in documents {
        on.execute(sql::INSERT_DOCUMENT, &[api.id.into(), version.into(), body.as_str().into()]).await?;
    }
    Ok(())
}

pub(crate) async fn delete(mut on: Conn<'_>, id: ApiId) -> Result<(), StoreError> {
    match on.execute(sql::DELETE_API, &[id.into()]).await? {
        0 => Err(StoreError::Missing { what: "API" }),
        _ => Ok(()),
    }
}
