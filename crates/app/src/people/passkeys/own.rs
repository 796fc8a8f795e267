//! One's own passkeys: adding, listing and naming them.

use claviger_model::PasskeyId;
use claviger_store::{Once, PasskeyRecord, UserRecord};

use super::challenge::Purpose;
use super::{NewPasskey, PasskeyAdded, PasskeyError, PasskeyOptions, PasskeyView};
use crate::accounts::check_name;
use crate::people::find::{object, oneself};
use crate::unit::Unit;
use crate::{Actor, App, AppError, Shown, SignInError, UseCase};

/// How many somebody can have.
pub(super) const MOST: usize = 20;

/// What a challenge to add one is for. Whoever comes with a key has no session to bind it to.
fn adding(actor: &Actor) -> Result<Purpose, AppError> {
    match actor {
        Actor::User { id, token: Some(session), .. } => Ok(Purpose::Adding(*id, *session)),
        _ => Err(SignInError::KeyProvesNothing.into()),
    }
}

impl App {
    /// What to ask the browser of somebody who wants to add a passkey to themselves. Nothing is kept of it.
    pub(in crate::people) async fn begin_passkey(&self, actor: &Actor) -> Result<PasskeyOptions, AppError> {
        let mut unit = self.begin(actor, UseCase::PasskeyAdd).await?;
        let (record, own) = unit.room_for_passkey().await?;
        let known = own.into_iter().map(|passkey| passkey.credential_id).collect();
        self.party()?.creation(&record.user, known, &self.challenge(adding(actor)?))
    }

    /// Adds a passkey to oneself. With the first second factor come recovery codes.
    pub(in crate::people) async fn add_passkey(
        &self,
        actor: &Actor,
        new: NewPasskey,
    ) -> Result<PasskeyAdded, AppError> {
        check_name("name", &new.name)?;
        let mut unit = self.begin(actor, UseCase::PasskeyAdd).await?;
        let (before, _) = unit.room_for_passkey().await?;
        let passkey = self.made_passkey(&mut unit, &before, new).await?;
        unit.tx.insert_passkey(&passkey).await?;
        let recovery_codes = self.begin_second_factor(&mut unit, &before).await?;
        let after = unit.keep_factors(&before).await?;
        let view = PasskeyView::from(&passkey);
        unit.audit(object(Some(&before.user), &after.user), None, Some(&view)).await?;
        self.commit_secret(unit, PasskeyAdded { passkey: view, recovery_codes }).await
    }

    /// The passkey that a browser made, if it was asked to.
    async fn made_passkey(
        &self,
        unit: &mut Unit,
        record: &UserRecord,
        new: NewPasskey,
    ) -> Result<PasskeyRecord, AppError> {
        let (party, purpose) = (self.party()?, adding(unit.actor())?);
        let challenge = new.credential.challenge().filter(|one| self.is_challenge(one, purpose));
        let challenge = challenge.ok_or(PasskeyError::NotAsked)?;
        let made = party.made(&record.user, &new.credential, &challenge)?;
        if unit.tx.use_passkey_challenge(&challenge, unit.now).await? == Once::Refused {
            return Err(PasskeyError::NotAsked.into());
        }
        Ok(PasskeyRecord {
            id: PasskeyId::new(unit.now, self.entropy.array()),
            user: record.user.id,
            credential_id: made.credential_id,
            credential: made.credential,
            name: new.name,
            created_at: unit.now,
            last_used_at: None,
        })
    }

    /// What comes with the first second factor: whoever got in by the password alone is out, and there are recovery codes.
    async fn begin_second_factor(
        &self,
        unit: &mut Unit,
        before: &UserRecord,
    ) -> Result<Vec<Shown>, AppError> {
        if before.user.second_factor_since.is_some() {
            return Ok(Vec::new());
        }
        unit.end_other_sessions(before.user.id, "a second factor was set up").await?;
        self.give_recovery_codes(unit, before.user.id).await
    }

    pub(in crate::people) async fn list_passkeys(&self, actor: &Actor) -> Result<Vec<PasskeyView>, AppError> {
        self.authorize(actor, UseCase::PasskeyRead)?;
        let own = self.store.passkeys(oneself(actor)?).await?;
        Ok(own.iter().map(PasskeyView::from).collect())
    }

    pub(in crate::people) async fn name_passkey(
        &self,
        actor: &Actor,
        id: PasskeyId,
        name: String,
    ) -> Result<PasskeyView, AppError> {
        check_name("name", &name)?;
        let mut unit = self.begin(actor, UseCase::PasskeyRename).await?;
        let (record, before) = unit.own_passkey(id).await?;
        let after = PasskeyRecord { name, ..before.clone() };
        unit.tx.put_passkey(&after).await?;
        let (before, after) = (PasskeyView::from(&before), PasskeyView::from(&after));
        unit.audit(object(None, &record.user), Some(&before), Some(&after)).await?;
        self.commit(unit, after).await
    }
}

impl Unit {
    /// Oneself and one's passkeys, if there is room for another one.
    async fn room_for_passkey(&mut self) -> Result<(UserRecord, Vec<PasskeyRecord>), AppError> {
        let record = self.oneself().await?;
        let own = self.tx.passkeys(record.user.id).await?;
        if own.len() >= MOST { Err(PasskeyError::TooMany.into()) } else { Ok((record, own)) }
    }

    /// Oneself, and the passkey of one's own with this id.
    pub(super) async fn own_passkey(
        &mut self,
        id: PasskeyId,
    ) -> Result<(UserRecord, PasskeyRecord), AppError> {
        let record = self.oneself().await?;
        let own = self.tx.passkeys(record.user.id).await?;
        let found = own.into_iter().find(|passkey| passkey.id == id);
        Ok((record, found.ok_or_else(|| AppError::not_found("passkey", &id))?))
    }
}
