//! What is asked of a browser that is to use a passkey, and its answer.

use claviger_model::{PasskeyId, Span, UserId};
use claviger_store::{Once, PasskeyRecord};
use serde::Serialize;

use super::challenge::{self, Purpose};
use super::{PasskeyAnswer, PasskeyError, PasskeyOptions, RelyingParty};
use crate::people::find::oneself;
use crate::unit::Unit;
use crate::{Actor, App, AppError, SignInError, UseCase};

/// With which passkey somebody came, for the audit.
#[derive(Debug, Serialize)]
pub(in crate::people) struct Used {
    passkey: PasskeyId,
}

impl From<PasskeyId> for Used {
    fn from(passkey: PasskeyId) -> Self {
        Self { passkey }
    }
}

impl PasskeyAnswer {
    /// Whether the passkey names this user as its own.
    pub(in crate::people) fn is_of(&self, user: UserId) -> bool {
        self.user_handle().is_some_and(|handle| handle == user.as_u128().to_be_bytes())
    }

    /// Whether it says nothing against being this user's.
    fn may_be_of(&self, user: UserId) -> bool {
        self.response.user_handle.is_none() || self.is_of(user)
    }
}

impl App {
    /// Whom passkeys are for.
    pub(in crate::people) fn party(&self) -> Result<&RelyingParty, PasskeyError> {
        self.relying_party.as_ref().ok_or(PasskeyError::NotConfigured)
    }

    pub(super) fn challenge(&self, purpose: Purpose) -> Vec<u8> {
        challenge::make(self.vault.digest_key(), purpose, self.now(), self.entropy.array())
    }

    /// What everybody is asked who wants to sign in. It names nobody.
    pub(in crate::people) fn ask_anybody(&self) -> Result<PasskeyOptions, AppError> {
        self.party()?.request(&[], &self.challenge(Purpose::SignIn))
    }

    /// What somebody is asked who wants to prove that it is still them: for one of their own passkeys.
    pub(in crate::people) async fn ask_for_proof(&self, actor: &Actor) -> Result<PasskeyOptions, AppError> {
        self.authorize(actor, UseCase::SessionProve)?;
        let own = self.store.passkeys(oneself(actor)?).await?;
        let own: Vec<_> = own.into_iter().map(|passkey| passkey.credential_id).collect();
        self.party()?.request(&own, &self.challenge(Purpose::of(actor)))
    }

    /// Takes what a browser answered for a passkey of somebody, in their transaction; it works no more once that is
    /// committed.
    ///
    /// # Errors
    /// [`SignInError`] if it is not right, or was taken before.
    pub(in crate::people) async fn use_passkey(
        &self,
        unit: &mut Unit,
        user: UserId,
        answer: &PasskeyAnswer,
    ) -> Result<PasskeyId, AppError> {
        let (party, wrong) = (self.party()?, || AppError::from(SignInError::PasskeyWrong));
        let named = answer.credential_id().ok_or_else(wrong)?;
        let found = unit.tx.passkey_by_credential(&named).await?;
        let passkey = found.filter(|one| one.user == user && answer.may_be_of(user)).ok_or_else(wrong)?;
        let challenge = self.asked(unit, answer)?;
        // Before the counter is looked at, which is behind when an answer comes again.
        if unit.tx.use_passkey_challenge(&challenge, unit.now).await? == Once::Refused {
            return Err(wrong());
        }
        let credential = party.answered(answer, &challenge, &passkey.credential)?;
        let after = PasskeyRecord { credential, last_used_at: Some(unit.now), ..passkey };
        unit.tx.put_passkey(&after).await?;
        Ok(after.id)
    }

    /// Forgets which challenges were answered that are good for nothing by now, whatever a node's clock says.
    pub(crate) async fn forget_challenges(&self) -> Result<(), AppError> {
        self.store.prune_passkey_challenges(self.now().before(Span::from_days(1))).await?;
        Ok(())
    }

    /// The challenge that was answered, if somebody was asked for it lately, to do what they are about to do.
    pub(in crate::people) fn asked(
        &self,
        unit: &Unit,
        answer: &PasskeyAnswer,
    ) -> Result<Vec<u8>, SignInError> {
        let purpose = Purpose::of(unit.actor());
        let challenge = answer.challenge().filter(|one| self.is_challenge(one, purpose));
        challenge.ok_or(SignInError::PasskeyWrong)
    }

    pub(super) fn is_challenge(&self, challenge: &[u8], purpose: Purpose) -> bool {
        challenge::is_good(self.vault.digest_key(), challenge, purpose, self.now())
    }
}
