use claviger_model::{
    AccountId, Activation, Allowlist, Api, ChangeNumber, Credential, CredentialId, CredentialRecord,
    CredentialState, Environment, KeyOrigin, KeyType, Slug, Span, Succession, Time,
};

use super::notes::check_notes;
use super::pair::algorithm;
use super::secret::NewSecret;
use crate::accounts::check_name;
use crate::permissions::granted;
use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyView, NewKey, UseCase};

/// For whom and for what a key is made.
struct For {
    account: AccountId,
    api: Api,
    environment: Environment,
}

impl App {
    pub(crate) async fn create_key(&self, actor: &Actor, new: NewKey) -> Result<KeyView, AppError> {
        let mut unit = self.begin(actor, UseCase::KeyCreate).await?;
        let purpose = unit.purpose(&new, |slug| self.no_api(slug)).await?;
        let id = CredentialId::new(unit.now, self.entropy.array());
        let key_type = key_type(&purpose.api, new.key_type.as_ref())?;
        let algorithm = algorithm(&purpose.api, key_type.kind, new.algorithm)?;
        let secret = self.new_secret(id, &purpose.api, &purpose.environment, algorithm)?;
        let key_type = key_type.slug.clone();
        let user = self.key_owner(&mut unit, &new, purpose.account).await?;
        let mut record = new_record(&new, &purpose, (id, key_type), &secret, unit.now)?;
        record.credential.user = user;
        self.check_handed_on(&unit, &record.credential, &purpose.api)?;
        unit.insert_key(&mut record, &purpose.api, &secret).await?;
        self.show_new(unit, &record, secret).await
    }
}

fn new_record(
    new: &NewKey,
    purpose: &For,
    (id, key_type): (CredentialId, Slug),
    secret: &NewSecret,
    now: Time,
) -> Result<CredentialRecord, AppError> {
    let policy = &purpose.api.policy;
    let addresses = new.addresses.iter().map(String::as_str);
    if let Some(label) = &new.label {
        check_name("label", label)?;
    }
    let credential = Credential {
        id,
        digest: secret.digest,
        account: purpose.account,
        environment: purpose.environment.id,
        key_type,
        state: first_state(policy.activation),
        allowlist: Allowlist::parse(addresses, &policy.allowlist)?,
        permissions: granted(&purpose.api, &new.access)?,
        not_before: new.not_before,
        expires_at: expiry(new, policy.max_lifetime, now)?,
        origin: KeyOrigin::Own,
        successor: None,
        vouched_factor: false,
        user: None,
    };
    Ok(CredentialRecord {
        credential,
        change: ChangeNumber::default(),
        label: new.label.clone(),
        hint: secret.hint.clone(),
        created_at: now,
        updated_at: now,
        revocation: None,
        notes: check_notes(new.notes.clone(), policy)?,
        succession: Succession::default(),
    })
}

/// Where a new key begins.
pub(super) const fn first_state(activation: Activation) -> CredentialState {
    match activation {
        Activation::Immediate => CredentialState::Active,
        Activation::Operator => CredentialState::Pending,
    }
}

impl Unit {
    async fn purpose(&mut self, new: &NewKey, no_api: impl Fn(&Slug) -> AppError) -> Result<For, AppError> {
        let account = self.account_within(new.account.as_ref()).await?;
        let api = self.tx.api_by_slug(&new.api).await?.ok_or_else(|| no_api(&new.api))?;
        let environment = environment(&api, new.environment.as_ref())?.clone();
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

pub(super) fn key_type<'a>(api: &'a Api, wanted: Option<&Slug>) -> Result<&'a KeyType, AppError> {
    let types = &api.policy.key_types;
    let found = match wanted {
        Some(wanted) => types.iter().find(|one| one.slug == *wanted),
        None => types.first(),
    };
    found.ok_or_else(|| {
        let names: Vec<_> = types.iter().map(|one| one.slug.as_str()).collect();
        let wanted = wanted.map_or("", Slug::as_str);
        AppError::Invalid(format!("`{}` has no key type `{wanted}`; it has {}", api.slug, names.join(", ")))
    })
}

/// As long as asked for, at most as long as the policy allows; from `not_before` on if that is later.
fn expiry(new: &NewKey, most: Option<Span>, now: Time) -> Result<Option<Time>, AppError> {
    let start = new.not_before.map_or(now, |from| from.max(now));
    match (new.lifetime, most) {
        (Some(Span::ZERO), _) => Err(AppError::Invalid("the lifetime has to be more than 0".into())),
        (Some(wanted), Some(most)) if wanted > most => Err(AppError::Invalid(format!(
            "keys of this API live at most {most}, and {wanted} was asked for"
        ))),
        (Some(span), _) | (None, Some(span)) => Ok(Some(start.after(span))),
        (None, None) => Ok(None),
    }
}
