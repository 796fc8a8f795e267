use claviger_model::{Slug, VersionName};
use claviger_spec::publish;

use crate::{Actor, App, AppError, UseCase};

impl App {
    /// The OpenAPI document of a version, the latest if none is named, with what each operation needs, in JSON.
    pub(crate) async fn document(
        &self,
        actor: &Actor,
        slug: &Slug,
        version: Option<&VersionName>,
    ) -> Result<String, AppError> {
        self.authorize(actor, UseCase::ApiRead)?;
        let api = self.store.api_by_slug(slug).await?.ok_or_else(|| self.no_api(slug))?;
        let found = match version {
            Some(name) => api.versions.iter().find(|version| version.name == *name),
            None => api.versions.last(),
        };
        let missing = || AppError::not_found("version", &version.map_or("latest", VersionName::as_str));
        let found = found.ok_or_else(missing)?;
        let documents = self.store.documents(api.id).await?;
        let text = documents.get(&found.name).ok_or_else(missing)?;
        let document =
            publish(text, &found.endpoints).map_err(|error| AppError::Invalid(error.to_string()))?;
        Ok(serde_json::to_string_pretty(&document)?)
    }
}
