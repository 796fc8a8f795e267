use claviger_import::{Expiry, Foreign, Secret, Switch};
use claviger_model::{
    Account, Allowlist, AllowlistError, Change, ChangeNumber, Credential, CredentialId, CredentialRecord,
    CredentialState, Digest, EmailAddress, Notes, Permission, PermissionSet, Succession, Time,
};
use claviger_store::{NewCredential, OtherDigest};

use super::report::Taken;
use super::secret::{Found, found};
use super::{Place, Run};
use crate::accounts::check_name;
use crate::keys::ROW;
use crate::keys::create::first_state;
use crate::keys::notes::check_notes;
use crate::permissions::granted;
use crate::unit::Unit;
use crate::{Access, App, AppError, ApplyMode};

impl App {
    /// Takes one key over. [`AppError::Invalid`] is about this key alone; every other error ends the import.
    pub(super) async fn take(
        &self,
        unit: &mut Unit,
        place: &Place,
        run: &mut Run,
        foreign: &Foreign,
    ) -> Result<Taken, AppError> {
        let account = run.owners.of(&foreign.owner)?;
        let found = found(self.vault.digest_key(), &foreign.secret, &foreign.owner, account, place)?;
        if let Some(key) = unit.known(&found).await? {
            return Ok(Taken::Known { key: Some(key) });
        }
        let (digest, also) = (found.digest, found.also);
        if [Some(digest), also].iter().flatten().any(|one| run.seen.contains(one)) {
            return Ok(Taken::Known { key: None });
        }
        let record = self.foreign_record(place, run, foreign, account, found, unit.now)?;
        self.check_handed_on(unit, &record.credential, &place.api)?;
        let account = account.number.to_string();
        run.seen.extend([Some(digest), also].into_iter().flatten());
        if run.import.mode == ApplyMode::DryRun {
            return Ok(Taken::New { key: None, account });
        }
        let key = Some(record.credential.id);
        self.insert_foreign(unit, place, foreign, (record, also)).await?;
        Ok(Taken::New { key, account })
    }

    fn foreign_record(
        &self,
        place: &Place,
        run: &Run,
        foreign: &Foreign,
        account: &Account,
        found: Found,
        now: Time,
    ) -> Result<CredentialRecord, AppError> {
        if let Some(label) = &foreign.label {
            check_name("label", label)?;
        }
        let credential = Credential {
            id: CredentialId::new(now, self.entropy.array()),
            digest: found.digest,
            account: account.id,
            environment: place.environment.id,
            key_type: place.key_type.clone(),
            state: state(place, foreign.switch),
            allowlist: allowlist(place, run, foreign)?,
            permissions: permissions(place, foreign)?,
            not_before: None,
            expires_at: expiry(place, foreign.expires, now)?,
            origin: found.origin,
            successor: None,
            vouched_factor: false,
            user: None,
        };
        Ok(CredentialRecord {
            credential,
            change: ChangeNumber::default(),
            label: foreign.label.clone(),
            hint: found.hint,
            created_at: now,
            updated_at: now,
            revocation: None,
            notes: notes(place, run, foreign)?,
            succession: Succession::default(),
        })
    }

    async fn insert_foreign(
        &self,
        unit: &mut Unit,
        place: &Place,
        foreign: &Foreign,
        (mut record, also): (CredentialRecord, Option<Digest>),
    ) -> Result<(), AppError> {
        let id = record.credential.id;
        let sealed = match &foreign.secret {
            Secret::Plain(text) if place.api.policy.recoverable => {
                Some(self.vault.seal(ROW(&id.to_string()), text.as_bytes(), self.entropy.array())?)
            }
            _ => None,
        };
        let found_by = record.credential.digest;
        let other = match (&foreign.secret, also) {
            (Secret::Bcrypt(text), _) => Some(OtherDigest { credential: id, found_by, slow: Some(text) }),
            (_, also) => also.map(|found_by| OtherDigest { credential: id, found_by, slow: None }),
        };
        record.change = unit.log(&Change::Credential(record.credential.clone())).await?;
        let new = NewCredential { record: &record, api: place.api.id, sealed: sealed.as_deref() };
        unit.tx.insert_credential(new).await?;
        if let Some(other) = other {
            unit.tx.put_other_digest(other).await?;
        }
        unit.audit(&record, None, Some(&record)).await
    }
}

impl Unit {
    /// The credential that this key is already, in whatever form it was imported.
    async fn known(&mut self, found: &Found) -> Result<Option<CredentialId>, AppError> {
        for digest in [Some(found.digest), found.also].iter().flatten() {
            if let Some(id) = self.tx.credential_by_digest(digest).await? {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }
}

/// A key that was switched off stays so, unless an operator has to see it first anyway.
fn state(place: &Place, switch: Switch) -> CredentialState {
    match (first_state(place.api.policy.activation), switch) {
        (CredentialState::Active, Switch::Off) => CredentialState::Disabled,
        (first, _) => first,
    }
}

fn allowlist(place: &Place, run: &Run, foreign: &Foreign) -> Result<Allowlist, AppError> {
    let given = if foreign.addresses.is_empty() { &run.import.addresses } else { &foreign.addresses };
    let list = Allowlist::parse(given.iter().map(String::as_str), &place.api.policy.allowlist);
    // Most errors would repeat what the file holds.
    list.map_err(|error| match error {
        AllowlistError::WrongNumber { given: 0, .. } => {
            AppError::Invalid("it has no address, and this API wants one: `--allow`".into())
        }
        AllowlistError::WrongNumber { .. } => error.into(),
        _ => AppError::Invalid("its addresses are not what the API's allowlist takes".into()),
    })
}

fn permissions(place: &Place, foreign: &Foreign) -> Result<PermissionSet, AppError> {
    if foreign.permissions.is_empty() {
        return Ok(place.permissions.clone());
    }
    let named: Result<Vec<Permission>, _> = foreign.permissions.iter().map(|text| text.parse()).collect();
    let set = named.ok().and_then(|named| granted(&place.api, &Access::Only(named)).ok());
    set.ok_or_else(|| AppError::Invalid("it has a permission that no endpoint of this API needs".into()))
}

fn notes(place: &Place, run: &Run, foreign: &Foreign) -> Result<Notes, AppError> {
    let named: Result<Vec<EmailAddress>, _> = foreign.owners.iter().map(|text| text.parse()).collect();
    let named = named.map_err(|_| AppError::Invalid("its owners are not e-mail addresses".into()))?;
    let owners = if named.is_empty() { run.import.owners.clone() } else { named };
    let notes = check_notes(Notes { owners: owners.into(), ..Notes::default() }, &place.api.policy);
    notes.map_err(|_| AppError::Invalid("it has too few or too many owners for this API".into()))
}

/// When it ended elsewhere, and never later than the API's policy allows from now on.
fn expiry(place: &Place, expires: Option<Expiry>, now: Time) -> Result<Option<Time>, AppError> {
    let given = expires.map(|expires| match expires {
        Expiry::At(moment) => moment,
        Expiry::In(span) => now.after(span),
    });
    if given.is_some_and(|end| end <= now) {
        return Err(AppError::Invalid("it has expired".into()));
    }
    let most = place.api.policy.max_lifetime.map(|span| now.after(span));
    Ok(given.into_iter().chain(most).min())
}
