//! Services that may ask at the door called verify.

use claviger_credential::key;
use claviger_model::{Api, Change, KeyPrefix, Service, Slug};

use crate::accounts::check_name;
use crate::unit::Unit;
use crate::{Actor, App, AppError, NewService, Part, ServiceView, Shown, UseCase};

/// Tokens have the form of keys, so that scanners for leaked secrets find them and logs mask them.
const PREFIX: &str = "svc";

impl App {
    pub(crate) async fn create_service(
        &self,
        actor: &Actor,
        new: NewService,
    ) -> Result<ServiceView, AppError> {
        let mut unit = self.begin(actor, UseCase::ServiceCreate).await?;
        if unit.tx.service(&new.name).await?.is_some() {
            return Err(AppError::Taken { what: "service", name: new.name.to_string() });
        }
        let apis = unit.tx.apis().await?;
        let prefix: KeyPrefix = PREFIX.parse().map_err(|_| AppError::Invalid(PREFIX.into()))?;
        let token = key::generate(&prefix, &new.name, self.entropy.array());
        let service = Service {
            digest: self.vault.digest_key().digest(token.expose().as_bytes()),
            apis: named(&apis, &new.apis)?.into_iter().map(|api| api.id).collect(),
            created_at: unit.now,
            name: new.name,
        };
        let number = unit.log(&Change::Service(service.clone())).await?;
        unit.tx.insert_service(&service, number).await?;
        unit.audit(&service, None, Some(&service)).await?;
        let shown = ServiceView { token: Some(Shown::new(token.expose())), ..view(&service, &apis) };
        self.commit_secret(unit, shown).await
    }

    pub(crate) async fn list_services(
        &self,
        actor: &Actor,
        part: Part<Slug>,
    ) -> Result<Vec<ServiceView>, AppError> {
        self.authorize(actor, UseCase::ServiceRead)?;
        let apis = self.store.apis().await?;
        let services = self.store.services_after(part.after.as_ref(), part.most()?).await?;
        Ok(services.iter().map(|service| view(service, &apis)).collect())
    }

    /// Ends a service. Its token is refused from the next call on, and its name is free again.
    pub(crate) async fn revoke_service(
        &self,
        actor: &Actor,
        name: Slug,
        reason: Option<String>,
    ) -> Result<ServiceView, AppError> {
        if let Some(reason) = &reason {
            check_name("reason", reason)?;
        }
        let mut unit = self.begin(actor, UseCase::ServiceRevoke).await?;
        unit.because(reason.clone());
        let service = unit.service(&name).await?;
        unit.log(&Change::ServiceRemoved(name.clone())).await?;
        unit.tx.delete_service(&name).await?;
        unit.audit(&service, Some(&service), None).await?;
        let (apis, revoked_at) = (unit.tx.apis().await?, Some(unit.now));
        let ended = ServiceView { revoked_at, revoked_reason: reason, ..view(&service, &apis) };
        self.commit(unit, ended).await
    }
}

impl Unit {
    async fn service(&mut self, name: &Slug) -> Result<Service, AppError> {
        self.tx.service(name).await?.ok_or_else(|| AppError::not_found("service", name))
    }
}

/// The APIs with these slugs, each once.
fn named<'a>(apis: &'a [Api], slugs: &[Slug]) -> Result<Vec<&'a Api>, AppError> {
    if slugs.is_empty() {
        return Err(AppError::Invalid("a service that may ask about no API is of no use".into()));
    }
    if let Some(unknown) = slugs.iter().find(|slug| !apis.iter().any(|api| api.slug == **slug)) {
        return Err(AppError::not_found("API", unknown));
    }
    Ok(apis.iter().filter(|api| slugs.contains(&api.slug)).collect())
}

fn view(service: &Service, apis: &[Api]) -> ServiceView {
    let seen = apis.iter().filter(|api| service.sees(api.id));
    ServiceView {
        name: service.name.clone(),
        apis: seen.map(|api| api.slug.clone()).collect(),
        created_at: service.created_at,
        revoked_at: None,
        revoked_reason: None,
        token: None,
    }
}
