use claviger_credential::key;
use claviger_model::{
    Account, Activation, Allowlist, Api, Change, ChangeNumber, Credential, CredentialId, CredentialRecord,
    CredentialState, Environment, KeyOrigin, Slug, Span, Time,
};
use claviger_store::NewCredential;

use super::ROW;
use crate::accounts::check_name;
use crate::permissions::granted;
use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyView, NewKey, Shown, UseCase};

/// For whom and for what a key is made.
struct For {
    account: Account,
    api: Api,
    environment: Environment,
}

impl App {
    pub(crate) async fn create_key(&self, actor: &Actor, new: NewKey) -> Result<KeyView, AppError> {
        let mut unit = self.begin(actor, UseCase::KeyCreate).await?;
        let purpose = unit.purpose(&new).await?;
        let key = key::generate(&purpose.api.policy.prefix, &purpose.environment.slug, self.entropy.array());
        let mut record = self.new_record(&new, &purpose, &key, unit.now)?;
        let id = record.credential.id;
        let sealed = self.seal(id, &key, &purpose.api)?;
        record.change = unit.log(&Change::Credential(record.credential.clone())).await?;
        let (api, sealed) = (purpose.api.id, sealed.as_deref());
        unit.tx.insert_credential(NewCredential { record: &record, api, sealed }).await?;
        unit.audit(id, None, Some(&record)).await?;
        match self.commit(unit).await {
            // The key is made, and this is the only time that it is shown.
            Err(AppError::Unseen(why)) => tracing::error!(key = %id, why, "a new key is not known here yet"),
            done => done?,
        }
        let mut view = self.view(&record, None);
        view.key = Some(Shown::new(key.expose()));
        Ok(view)
    }

    fn new_record(
        &self,
        new: &NewKey,
        purpose: &For,
        key: &key::Key,
        now: Time,
    ) -> Result<CredentialRecord, AppError> {
        let policy = &purpose.api.policy;
        let addresses = new.addresses.iter().map(String::as_str);
        if let Some(label) = &new.label {
            check_name(label)?;
        }
        let state = match policy.activation {
            Activation::Immediate => CredentialState::Active,
            Activation::Operator => CredentialState::Pending,
        };
        let credential = Credential {
            id: CredentialId::new(now, self.entropy.array()),
            digest: self.vault.digest_key().digest(key.expose().as_bytes()),
            account: purpose.account.id,
            environment: purpose.environment.id,
            key_type: key_type(&purpose.api, new.key_type.as_ref())?,
            state,
            allowlist: Allowlist::parse(addresses, &policy.allowlist)?,
            permissions: granted(&purpose.api, &new.access)?,
            not_before: new.not_before,
            expires_at: expiry(new, policy.max_lifetime, now)?,
            origin: KeyOrigin::Own,
            successor: None,
        };
        Ok(CredentialRecord {
            credential,
            change: ChangeNumber::default(),
            label: new.label.clone(),
            hint: key.hint(),
            created_at: now,
            updated_at: now,
            revocation: None,
        })
    }

    fn seal(&self, id: CredentialId, key: &key::Key, api: &Api) -> Result<Option<Vec<u8>>, AppError> {
        if !api.policy.recoverable {
            return Ok(None);
        }
        let id = id.to_string();
        Ok(Some(self.vault.seal(ROW(&id), key.expose().as_bytes(), self.entropy.array())?))
    }
}

impl Unit {
    async fn purpose(&mut self, new: &NewKey) -> Result<For, AppError> {
        let account = self.tx.account_by_number(&new.account).await?;
        let api = self.tx.api_by_slug(&new.api).await?.ok_or_else(|| AppError::not_found("API", &new.api))?;
        let environment = environment(&api, new.environment.as_ref())?.clone();
        let account = account.ok_or_else(|| AppError::not_found("account", &new.account))?;
        Ok(For { account, api, environment })
    }
}

pub(super) fn environment<'a>(api: &'a Api, wanted: Option<&Slug>) -> Result<&'a Environment, AppError> {
    let names = || api.environments.iter().map(|one| one.slug.as_str()).collect::<Vec<_>>().join(", ");
    match (wanted, api.environments.as_slice()) {
        (Some(wanted), all) => all.iter().find(|one| one.slug == *wanted).ok_or_else(|| {
            AppError::Invalid(format!("`{}` has no environment `{wanted}`; it has {}", api.slug, names()))
        }),
        (None, [only]) => Ok(only),
        (None, _) => Err(AppError::Invalid(format!("say which environment of `{}`: {}", api.slug, names()))),
    }
}

pub(super) fn key_type(api: &Api, wanted: Option<&Slug>) -> Result<Slug, AppError> {
    let types = &api.policy.key_types;
    let found = match wanted {
        Some(wanted) => types.iter().find(|one| one.slug == *wanted),
        None => types.first(),
    };
    found.map(|one| one.slug.clone()).ok_or_else(|| {
        let names: Vec<_> = types.iter().map(|one| one.slug.as_str()).collect();
        let wanted = wanted.map_or("", Slug::as_str);
        AppError::Invalid(format!("`{}` has no key type `{wanted}`; it has {}", api.slug, names.join(", ")))
    })
}

/// As long as asked for, at most as long as the policy allows; from `not_before` on if that is later.
fn expiry(new: &NewKey, most: Option<Span>, now: Time) -> Result<Option<Time>, AppError> {
    let start = new.not_before.map_or(now, |from| from.max(now));
    match (new.lifetime, most) {
        (Some(Span::ZERO), _) => Err(AppError::Invalid("a key lives longer than no time".into())),
        (Some(wanted), Some(most)) if wanted > most => Err(AppError::Invalid(format!(
            "keys of this API live at most {most}, and {wanted} was asked for"
        ))),
        (Some(span), _) | (None, Some(span)) => Ok(Some(start.after(span))),
        (None, None) => Ok(None),
    }
}
