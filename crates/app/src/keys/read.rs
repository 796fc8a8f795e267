use claviger_model::{AccountId, ApiId, CredentialId, CredentialKind, CredentialRecord, EnvironmentId, Slug};
use claviger_spec::yaml::closest;
use claviger_store::CredentialFilter;
use secrecy::ExposeSecret;

use super::ROW;
use super::sort::order;
use crate::reach::Reach;
use crate::unit::check_key;
use crate::{Actor, App, AppError, KeyFilter, KeyView, Reveal, Shown, UseCase};

/// The most keys that one command lists or changes.
pub(super) const MOST_KEYS: u32 = 1000;

impl App {
    pub(crate) async fn list_keys(&self, actor: &Actor, filter: KeyFilter) -> Result<Vec<KeyView>, AppError> {
        let reach = self.authorize(actor, UseCase::KeyRead)?;
        self.recorder.flush().await;
        let keys = self.store.credentials(&self.stored_filter(filter, reach).await?).await?;
        Ok(keys.iter().map(|(record, uses)| self.view(record, uses.as_ref())).collect())
    }

    /// The same filter in the words of the store.
    pub(super) async fn stored_filter(
        &self,
        filter: KeyFilter,
        reach: Reach,
    ) -> Result<CredentialFilter, AppError> {
        let account = match &filter.account {
            Some(number) => Some(self.account_id(number, reach).await?),
            None => reach.account(),
        };
        let wanted = match &filter.user {
            Some(user) => Some(self.user_within(user, reach).await?.user.id),
            None => None,
        };
        let limit = filter.limit.unwrap_or(100);
        if !(1..=MOST_KEYS).contains(&limit) {
            return Err(AppError::Invalid(format!("a limit is 1 to {MOST_KEYS}, and {limit} was given")));
        }
        let (order, after) = order(filter.sort, filter.after, account)?;
        Ok(CredentialFilter {
            account,
            user: wanted.or(reach.user()),
            outside: Some(EnvironmentId::PEOPLE),
            api: filter.api.as_ref().map(|slug| self.api_id(slug)).transpose()?,
            state: filter.state.map(|state| (state, self.now())),
            search: filter.search,
            tag: filter.tag,
            owner: filter.owner,
            order,
            after,
            limit,
            ..CredentialFilter::default()
        })
    }

    pub(crate) async fn account_id(
        &self,
        number: &claviger_model::AccountNumber,
        reach: Reach,
    ) -> Result<AccountId, AppError> {
        let account = self.store.account_by_number(number).await?.map(|account| account.id);
        let seen = |id: &AccountId| reach.account().is_none_or(|own| own == *id);
        account.filter(seen).ok_or_else(|| AppError::not_found("account", &number))
    }

    fn api_id(&self, slug: &Slug) -> Result<ApiId, AppError> {
        let snapshot = self.snapshot();
        let found = snapshot.apis().find(|api| api.api.slug == *slug).map(|api| api.api.id);
        found.ok_or_else(|| self.no_api(slug))
    }

    /// There is no such API; perhaps one with a name like it was meant.
    pub(crate) fn no_api(&self, slug: &Slug) -> AppError {
        let snapshot = self.snapshot();
        let known: Vec<_> = snapshot.apis().map(|api| api.api.slug.as_str()).collect();
        match closest(slug.as_str(), &known) {
            Some(near) => AppError::NoApi { name: slug.to_string(), near: near.to_owned() },
            None => AppError::not_found("API", slug),
        }
    }

    pub(crate) async fn show_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        reveal: Reveal,
    ) -> Result<KeyView, AppError> {
        let reach = self.authorize(actor, UseCase::KeyRead)?;
        let record = self.store.credential(id).await?.ok_or_else(|| AppError::not_found("key", &id))?;
        check_key(reach, &record.credential, actor, UseCase::KeyRead)?;
        let view = self.used_view(&record).await?;
        match reveal {
            Reveal::Nothing => Ok(view),
            Reveal::Secret => self.reveal(actor, &record, view).await,
        }
    }

    /// Opens a sealed key, where the policy that holds now lets it be shown. Whoever saw a secret stands in the audit
    /// before they see it.
    async fn reveal(
        &self,
        actor: &Actor,
        record: &CredentialRecord,
        mut view: KeyView,
    ) -> Result<KeyView, AppError> {
        let id = record.credential.id;
        if self.kind(record) == CredentialKind::KeyPair {
            return Err(AppError::Invalid(
                "the secret of a key pair was shown when it was made and is never shown again; make another pair"
                    .into(),
            ));
        }
        let mut unit = self.begin(actor, UseCase::KeyReveal).await?;
        unit.check(&record.credential)?;
        let api = self.api_of(&mut unit, record).await?;
        self.check_worth(&unit, &record.credential, &api)?;
        let recoverable = api.policy.recoverable;
        let sealed = if recoverable { self.store.sealed_key(id).await? } else { None };
        let sealed = sealed.ok_or_else(|| {
            AppError::Invalid(
                "this key was shown when it was made and cannot be shown again; make another one".into(),
            )
        })?;
        unit.audit::<()>(record, None, None).await?;
        let opened = self.vault.open_text(ROW(&id.to_string()), &sealed)?;
        view.key = Some(Shown::new(opened.expose_secret()));
        self.commit(unit, view).await
    }
}
