//! Proving that it is still oneself, on a session that is open: before what a stolen token or a screen left alone must
//! not be enough for.

use std::net::IpAddr;

use claviger_model::{CredentialId, PasskeyId, Time};
use claviger_store::Tx;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::find::oneself;
use super::passkeys::Used;
use super::sign_in::Counted;
use super::{PasskeyAnswer, SecondFactor, SignInError};
use crate::actor::Proof;
use crate::once::or_kept;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Shown, UseCase};

/// With what somebody proves that it is still them.
#[derive(Debug, Clone)]
pub enum ProveAgain {
    /// As at signing in.
    Password {
        /// Their password.
        password: Shown,
        /// What they prove themselves with beside it, if they have to.
        second: Option<SecondFactor>,
    },
    /// What a browser answered for a passkey, which needs nothing beside it.
    Passkey(Box<PasskeyAnswer>),
}

/// That somebody proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProofView {
    /// When.
    pub proved_at: Time,
    /// From then on, what needs a recent proof needs another one.
    pub until: Time,
}

impl App {
    /// Notes that somebody who signed in is still themselves, if password and code, or the passkey, are right. A wrong guess counts as
    /// one at signing in does.
    ///
    /// # Errors
    /// [`AppError::SignIn`] if it is not proved, or cannot be with a key; [`AppError::Forbidden`] and
    /// [`AppError::Invalid`] for those who cannot have signed in.
    pub async fn prove_again(
        &self,
        actor: &Actor,
        with: ProveAgain,
        client: IpAddr,
    ) -> Result<ProofView, AppError> {
        self.authorize(actor, UseCase::SessionProve)?;
        let Actor::User { id, token: Some(session), .. } = *actor else {
            return Err(AppError::Invalid("this is for somebody who signed in".into()));
        };
        let guess = self.guess(id.to_string(), client).await?;
        let proved = match with {
            ProveAgain::Password { password, second } => {
                self.prove_by_password(actor, session, (password, second), &guess.counted).await
            }
            ProveAgain::Passkey(answer) => {
                self.prove_by_passkey(actor, session, &answer, &guess.counted).await
            }
        };
        or_kept(self.settle(guess, proved).await)
    }

    async fn prove_by_password(
        &self,
        actor: &Actor,
        session: CredentialId,
        (password, second): (Shown, Option<SecondFactor>),
        counted: &Counted,
    ) -> Result<ProofView, AppError> {
        let known = self.store.user(oneself(actor)?).await?;
        let right = self.held_against(known, password).await?;
        let (known, hash) = right.ok_or(SignInError::Wrong)?;
        let mut unit = self.begin(actor, UseCase::SessionProve).await?;
        // What was changed since the password was looked at counts.
        let record = unit.oneself().await?;
        if unit.tx.password_hash(known.user.id).await?.as_deref() != Some(&hash) {
            return Err(SignInError::Wrong.into());
        }
        let passkey = self.use_second_factor(&mut unit, &record, second.as_ref()).await?;
        self.keep_proof(unit, session, passkey, counted).await
    }

    async fn prove_by_passkey(
        &self,
        actor: &Actor,
        session: CredentialId,
        answer: &PasskeyAnswer,
        counted: &Counted,
    ) -> Result<ProofView, AppError> {
        let mut unit = self.begin(actor, UseCase::SessionProve).await?;
        let passkey = self.use_passkey(&mut unit, oneself(actor)?, answer).await?;
        self.keep_proof(unit, session, Some(passkey), counted).await
    }

    async fn keep_proof(
        &self,
        mut unit: Unit,
        session: CredentialId,
        passkey: Option<PasskeyId>,
        counted: &Counted,
    ) -> Result<ProofView, AppError> {
        let (id, now) = (oneself(unit.actor())?, unit.now);
        let ended = || AppError::not_found("session", &session);
        unit.tx.proved_at(session).await?.ok_or_else(ended)?;
        unit.tx.put_proof(session, now).await?;
        counted.succeeded(&mut unit.tx, now).await?;
        unit.audit(id, None, passkey.map(Used::from).as_ref()).await?;
        self.commit(unit, ProofView { proved_at: now, until: now.after(self.sign_in.step_up) }).await
    }

    /// Whether somebody proved lately enough who they are, for a use case that wants it.
    ///
    /// # Errors
    /// [`SignInError::ProofNeeded`] if they did not.
    pub(crate) async fn check_proof(
        &self,
        tx: &mut Tx,
        actor: &Actor,
        use_case: UseCase,
    ) -> Result<(), AppError> {
        match use_case.proof() {
            Proof::Lately => self.check_lately(tx, actor).await,
            Proof::None | Proof::Itself => Ok(()),
        }
    }

    /// Whether somebody who came with a token proved lately enough who they are.
    ///
    /// # Errors
    /// [`SignInError::ProofNeeded`] if they did not.
    pub(crate) async fn check_lately(&self, tx: &mut Tx, actor: &Actor) -> Result<(), AppError> {
        let Actor::User { token: Some(session), .. } = actor else { return Ok(()) };
        let counts = |at: Time| self.now() < at.after(self.sign_in.step_up);
        match tx.proved_at(*session).await? {
            Some(at) if counts(at) => Ok(()),
            _ => Err(SignInError::ProofNeeded.into()),
        }
    }
}
