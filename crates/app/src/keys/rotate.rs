use claviger_model::{
    Allowlist, Api, ChangeNumber, Credential, CredentialId, CredentialRecord, CredentialState, Environment,
    KeyOrigin, LifeEvent, Rotation, Span, Succession, Time,
};

use super::create::{first_state, key_type};
use super::notes::check_notes;
use super::secret::NewSecret;
use crate::accounts::check_name;
use crate::unit::Unit;
use crate::{Actor, App, AppError, KeyView, UseCase};

const LONGEST_OVERLAP: Span = Span::from_days(90);

impl App {
    /// Makes a key's successor, which has everything of it but its secret. The key itself works as long as both may,
    /// and not at all when this returns if that is no time.
    pub(crate) async fn rotate_key(
        &self,
        actor: &Actor,
        id: CredentialId,
        overlap: Span,
    ) -> Result<KeyView, AppError> {
        if overlap > LONGEST_OVERLAP {
            return Err(AppError::Invalid(format!(
                "the overlap is at most {LONGEST_OVERLAP}, and {overlap} was asked for"
            )));
        }
        let mut unit = self.begin(actor, UseCase::KeyRotate).await?;
        let before = unit.key(id).await?;
        unit.check_rotatable(&before).await?;
        let api = self.api_of(&mut unit, &before).await?;
        check_notes(before.notes.clone(), &api.policy).map_err(|error| wanting(id, "owners", &error))?;
        check_addresses(&before, &api)?;
        self.check_worth(&unit, &before.credential, &api)?;
        let environment = environment_of(&api, &before)?;
        let new = CredentialId::new(unit.now, self.entropy.array());
        // A kind of key that is gone is not made any more.
        key_type(&api, Some(&before.credential.key_type))?;
        // A pair's successor is a pair that signs in the same way.
        let algorithm = unit.tx.signer(id).await?.map(|signer| signer.algorithm);
        let secret = self.new_secret(new, &api, environment, algorithm)?;
        let mut successor = successor(&before, &api, new, &secret, unit.now);
        let mut after = giving_way(&before, new, overlap, unit.now);
        unit.update_key(&before, &mut after).await?;
        unit.insert_key(&mut successor, &api, &secret).await?;
        self.show_new(unit, &successor, secret).await
    }

    /// Takes a rotation back while both keys work: the successor is revoked, and the key lives as long as before.
    pub(crate) async fn cancel_rotation(
        &self,
        actor: &Actor,
        id: CredentialId,
        reason: Option<String>,
    ) -> Result<KeyView, AppError> {
        reason.as_deref().map(|reason| check_name("reason", reason)).transpose()?;
        let mut unit = self.begin_on_key(actor, UseCase::KeyCancel).await?;
        unit.because(reason.clone());
        let before = unit.key(id).await?;
        let (rotation, successor) = under_way(&before, unit.now)?;
        let successor = unit.key(successor).await?;
        unit.check_not_passed_on(&before, &successor).await?;
        let mut after = before.clone();
        after.credential.expires_at = rotation.expiry_before;
        after.credential.successor = None;
        after.succession.rotation = None;
        after.succession.late_uses = 0;
        unit.update_key(&before, &mut after).await?;
        let reason = reason.unwrap_or_else(|| "the rotation was cancelled".to_owned());
        unit.change_life(&successor, LifeEvent::Revoke, Some(reason)).await?;
        let view = self.view_in(&mut unit, &after).await?;
        self.commit(unit, view).await
    }
}

impl Unit {
    async fn check_rotatable(&mut self, key: &CredentialRecord) -> Result<(), AppError> {
        let now = self.now;
        match key.credential.state {
            CredentialState::Active => {}
            state => return Err(refused(key, format!("is {state}, and only an active key can be rotated"))),
        }
        if let Some(end) = key.credential.expires_at.filter(|end| now >= *end) {
            return Err(refused(key, format!("expired at {end} and cannot be rotated; make another one")));
        }
        match self.live_successor(key).await? {
            Some(successor) => Err(refused(
                key,
                format!(
                    "was rotated already, and `{}` takes its place; rotate that one",
                    successor.credential.id
                ),
            )),
            None => Ok(()),
        }
    }

    /// The successor of a key, unless it was revoked or has expired.
    async fn live_successor(&mut self, key: &CredentialRecord) -> Result<Option<CredentialRecord>, AppError> {
        let Some(id) = key.credential.successor else { return Ok(None) };
        let now = self.now;
        let lives = |record: &CredentialRecord| {
            record.credential.state != CredentialState::Revoked
                && record.credential.expires_at.is_none_or(|end| now < end)
        };
        Ok(self.tx.credential(id).await?.filter(lives))
    }

    /// A successor that was itself rotated has handed the place on.
    async fn check_not_passed_on(
        &mut self,
        key: &CredentialRecord,
        successor: &CredentialRecord,
    ) -> Result<(), AppError> {
        match self.live_successor(successor).await? {
            Some(next) => Err(refused(
                key,
                format!(
                    "has a successor that was rotated in its turn, to `{}`; take that back first",
                    next.credential.id
                ),
            )),
            None => Ok(()),
        }
    }
}

/// A successor is a new key, and what the policy wants of new keys holds for it.
fn check_addresses(key: &CredentialRecord, api: &Api) -> Result<(), AppError> {
    let list = &key.credential.allowlist;
    let entries: Vec<_> = list.entries().iter().map(ToString::to_string).collect();
    let checked = Allowlist::parse(entries.iter().map(String::as_str), &api.policy.allowlist);
    checked.map(drop).map_err(|error| wanting(key.credential.id, "allow", &error))
}

fn wanting(id: CredentialId, command: &str, error: &dyn std::fmt::Display) -> AppError {
    AppError::Invalid(format!(
        "the successor would not be as the API wants it: {error}; see `claviger key {command} {id}`"
    ))
}

fn refused(key: &CredentialRecord, why: String) -> AppError {
    AppError::Rotation { id: key.credential.id, why }
}

/// The rotation that can still be taken back, and the successor.
fn under_way(key: &CredentialRecord, now: Time) -> Result<(Rotation, CredentialId), AppError> {
    let rotation = key.succession.rotation.clone().zip(key.credential.successor);
    let (rotation, successor) = rotation.ok_or_else(|| refused(key, "is not being rotated".into()))?;
    if key.credential.state == CredentialState::Revoked {
        return Err(refused(key, "is revoked, and its rotation cannot be taken back".into()));
    }
    if now >= rotation.ends_at {
        return Err(refused(
            key,
            format!("gave way to its successor at {}, which is over", rotation.ends_at),
        ));
    }
    Ok((rotation, successor))
}

fn environment_of<'a>(api: &'a Api, key: &CredentialRecord) -> Result<&'a Environment, AppError> {
    let found = api.environments.iter().find(|one| one.id == key.credential.environment);
    found.ok_or_else(|| AppError::Invalid("the environment that this key was made for is gone".into()))
}

/// When a key would expire without a successor.
fn own_expiry(key: &CredentialRecord) -> Option<Time> {
    match &key.succession.rotation {
        // It was rotated to a successor that is dead.
        Some(rotation) => rotation.expiry_before,
        None => key.credential.expires_at,
    }
}

/// The key as it is from now on.
fn giving_way(
    before: &CredentialRecord,
    successor: CredentialId,
    overlap: Span,
    now: Time,
) -> CredentialRecord {
    let expiry_before = own_expiry(before);
    let ends_at = expiry_before.map_or(now.after(overlap), |own| own.min(now.after(overlap)));
    let mut after = before.clone();
    after.credential.successor = Some(successor);
    after.credential.expires_at = Some(ends_at);
    after.succession.rotation = Some(Rotation { started_at: now, ends_at, expiry_before });
    after.succession.late_uses = 0;
    after
}

/// The same key made now: it lives as long as the one before was meant to, and at most as long as the policy allows.
/// Where new keys wait for an operator, it waits.
fn successor(
    before: &CredentialRecord,
    api: &Api,
    id: CredentialId,
    secret: &NewSecret,
    now: Time,
) -> CredentialRecord {
    let old = &before.credential;
    let not_before = old.not_before.filter(|start| *start > now);
    let credential = Credential {
        id,
        digest: secret.digest,
        state: first_state(api.policy.activation),
        not_before,
        expires_at: lifetime(before, api.policy.max_lifetime)
            .map(|span| not_before.unwrap_or(now).after(span)),
        origin: KeyOrigin::Own,
        successor: None,
        vouched_factor: false,
        ..old.clone()
    };
    CredentialRecord {
        credential,
        change: ChangeNumber::default(),
        label: before.label.clone(),
        hint: secret.hint.clone(),
        created_at: now,
        updated_at: now,
        revocation: None,
        notes: before.notes.clone(),
        succession: Succession { predecessor: Some(old.id), ..Succession::default() },
    }
}

fn lifetime(key: &CredentialRecord, most: Option<Span>) -> Option<Span> {
    let start = key.credential.not_before.map_or(key.created_at, |start| start.max(key.created_at));
    let own = own_expiry(key).map(|end| end.since(start));
    match (own, most) {
        (Some(own), Some(most)) => Some(own.min(most)),
        (own, most) => own.or(most),
    }
}
