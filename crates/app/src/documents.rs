use claviger_model::{Api, Environment, Slug, VersionName};
use claviger_spec::publish;

use crate::reach::Reach;
use crate::{Actor, ApiView, App, AppError, EnvironmentView, UseCase};

impl App {
    /// The APIs, the oldest first. Where they run is nobody's business but the operators'.
    pub(crate) fn list_apis(&self, actor: &Actor) -> Result<Vec<ApiView>, AppError> {
        self.authorize(actor, UseCase::ApiRead)?;
        let snapshot = self.snapshot();
        let view = |api: &Api| ApiView {
            id: api.id,
            slug: api.slug.clone(),
            name: api.name.clone(),
            versions: api.versions.iter().map(|version| version.name.clone()).collect(),
            environments: api.environments.iter().map(|environment| environment.slug.clone()).collect(),
            policy: api.policy.clone(),
        };
        Ok(snapshot.apis().map(|api| view(&api.api)).collect())
    }

    /// The environments of an API. Where accepted requests go is told to those above accounts.
    pub(crate) fn list_environments(
        &self,
        actor: &Actor,
        api: &Slug,
    ) -> Result<Vec<EnvironmentView>, AppError> {
        let reach = self.authorize(actor, UseCase::ApiRead)?;
        let snapshot = self.snapshot();
        let found = snapshot.apis().find(|compiled| compiled.api.slug == *api);
        let found = found.ok_or_else(|| self.no_api(api))?;
        let above = reach == Reach::Everything;
        let view = |one: &Environment| EnvironmentView {
            id: one.id,
            slug: one.slug.clone(),
            routes: one.routes.clone(),
            upstream: Some(one.upstream.clone()).filter(|_| above),
        };
        Ok(found.api.environments.iter().map(view).collect())
    }

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
