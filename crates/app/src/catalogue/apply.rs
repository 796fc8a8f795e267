use std::collections::BTreeMap;

use claviger_catalogue::{Bundle, Desired, DesiredAccount, DesiredApi};
use claviger_model::{Api, Change, ChangeNumber, NumberedChange, VersionName};
use claviger_policy::Snapshot;
use claviger_store::CredentialFilter;
use serde::Serialize;

use super::desired::Ids;
use super::difference::{Difference, DifferenceKind, lines};
use crate::unit::Unit;
use crate::{Actor, App, AppError, ApplyMode, UseCase};

/// An API with its documents: what is compared.
#[derive(PartialEq, Serialize)]
struct Full<'a> {
    #[serde(flatten)]
    api: &'a Api,
    documents: &'a BTreeMap<VersionName, String>,
}

impl App {
    /// Makes what is there equal to the catalogue and answers what changed, or would change.
    pub(crate) async fn apply(
        &self,
        actor: &Actor,
        bundle: &Bundle,
        mode: ApplyMode,
    ) -> Result<Vec<Difference>, AppError> {
        let desired = claviger_catalogue::read(bundle)?;
        let mut unit = self.begin(actor, UseCase::CatalogueApply).await?;
        // Nobody else can change anything now; what others changed before must be in the snapshot that is tried on.
        self.follow().await?;
        let differences = self.apply_all(&mut unit, desired).await?;
        if mode == ApplyMode::Commit && !differences.is_empty() {
            return self.commit(unit, differences).await;
        }
        Ok(differences)
    }

    async fn apply_all(&self, unit: &mut Unit, desired: Desired) -> Result<Vec<Difference>, AppError> {
        // What would be served is tried on a copy first, so that no catalogue is accepted that cannot be.
        let mut trial = Snapshot::clone(&self.snapshot());
        let ids = Ids { now: unit.now, entropy: &*self.entropy };
        let mut differences = Vec::new();
        for account in desired.accounts {
            differences.extend(unit.apply_account(&ids, account).await?);
        }
        for api in desired.apis {
            differences.extend(self.apply_api(unit, &ids, api, &mut trial).await?);
        }
        match trial.route_conflicts().first() {
            Some(conflict) => Err(conflict.clone().into()),
            None => Ok(differences),
        }
    }

    async fn apply_api(
        &self,
        unit: &mut Unit,
        ids: &Ids<'_>,
        desired: DesiredApi,
        trial: &mut Snapshot,
    ) -> Result<Option<Difference>, AppError> {
        let present = unit.tx.api_by_slug(&desired.slug).await?;
        let documents = desired.documents.clone();
        let api = ids.api(desired, present.as_ref());
        let present_documents = unit.tx.documents(api.id).await?;
        let before = present.as_ref().map(|api| Full { api, documents: &present_documents });
        let after = Full { api: &api, documents: &documents };
        let difference = difference("api", api.slug.as_str(), before.as_ref(), &after)?;
        if difference.is_some() {
            self.check_api(unit, &api, present.as_ref(), trial).await?;
            let number = unit.log(&Change::Api(Box::new(api.clone()))).await?;
            unit.tx.put_api(&api, &documents, number).await?;
            unit.audit(&api, present.as_ref(), Some(&api)).await?;
        }
        Ok(difference)
    }

    /// What the catalogue alone cannot tell: whether it fits what is there.
    async fn check_api(
        &self,
        unit: &mut Unit,
        api: &Api,
        present: Option<&Api>,
        trial: &mut Snapshot,
    ) -> Result<(), AppError> {
        let others = unit.tx.apis().await?;
        if let Some(other) = others.iter().find(|o| o.id != api.id && o.policy.prefix == api.policy.prefix) {
            return Err(AppError::InUse {
                what: "key prefix",
                name: api.policy.prefix.to_string(),
                of: format!("API `{}`", api.slug),
                by: format!("API `{}`", other.slug),
            });
        }
        for lost in present.into_iter().flat_map(|present| &present.environments) {
            if !api.environments.iter().any(|kept| kept.id == lost.id) {
                self.check_unused(api, lost).await?;
            }
        }
        let number = ChangeNumber(trial.number().0 + 1);
        let change = Change::Api(Box::new(api.clone()));
        let compiled = trial.apply(&NumberedChange { number, change });
        compiled.map_err(|error| AppError::Compile { api: api.slug.to_string(), error })
    }

    /// An environment is not taken away from under its credentials.
    async fn check_unused(&self, api: &Api, lost: &claviger_model::Environment) -> Result<(), AppError> {
        let filter = CredentialFilter {
            api: Some(api.id),
            environment: Some(lost.id),
            limit: 1,
            ..CredentialFilter::default()
        };
        if self.store.credentials(&filter).await?.is_empty() {
            return Ok(());
        }
        let (api, lost) = (&api.slug, &lost.slug);
        Err(AppError::Invalid(format!(
            "the environment `{lost}` of `{api}` has credentials and cannot be left out"
        )))
    }
}

impl Unit {
    async fn apply_account(
        &mut self,
        ids: &Ids<'_>,
        desired: DesiredAccount,
    ) -> Result<Option<Difference>, AppError> {
        let present = self.tx.account_by_number(&desired.number).await?;
        let account = ids.account(desired, present.as_ref());
        let difference = difference("account", account.number.as_str(), present.as_ref(), &account)?;
        if difference.is_some() {
            self.put_account(present.as_ref(), &account).await?;
        }
        Ok(difference)
    }
}

fn difference<T: Serialize + PartialEq>(
    what: &str,
    name: &str,
    before: Option<&T>,
    after: &T,
) -> Result<Option<Difference>, AppError> {
    let (kind, lines) = match before {
        Some(before) if before == after => return Ok(None),
        Some(before) => (DifferenceKind::Change, lines(before, after)?),
        None => (DifferenceKind::Create, Vec::new()),
    };
    Ok(Some(Difference { kind, what: what.to_owned(), name: name.to_owned(), lines }))
}
