//! Proving that it is still oneself, on a session that is open: before what a stolen token or a screen left alone must
//! not be enough for.

use std::net::IpAddr;

use claviger_model::{CredentialId, Time};
use claviger_store::{Tx, UserRecord};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::sign_in::Counted;
use super::{SecondFactor, SignInError};
use crate::actor::Proof;
use crate::once::or_kept;
use crate::{Actor, App, AppError, Shown, UseCase};

/// With what somebody proves that it is still them.
#[derive(Debug, Clone)]
pub struct ProveAgain {
    /// Their password.
    pub password: Shown,
    /// What they prove themselves with beside it, if they have to.
    pub second: Option<SecondFactor>,
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
    /// Notes that somebody who signed in is still themselves, if password and code are right. A wrong guess counts as
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
        let known = self.store.user(id).await?;
        let proved = match self.held_against(known, with.password).await? {
            Some((known, hash)) => {
                let right = Right { known, hash, second: with.second };
                self.keep_proof(actor, session, right, &guess.counted).await
            }
            None => Err(SignInError::Wrong.into()),
        };
        or_kept(self.settle(guess, proved).await)
    }

    async fn keep_proof(
        &self,
        actor: &Actor,
        session: CredentialId,
        right: Right,
        counted: &Counted,
    ) -> Result<ProofView, AppError> {
        let mut unit = self.begin(actor, UseCase::SessionProve).await?;
        let (id, now) = (right.known.user.id, unit.now);
        // What was changed since the password was looked at counts.
        let record = unit.oneself().await?;
        if unit.tx.password_hash(id).await?.as_deref() != Some(&right.hash) {
            return Err(SignInError::Wrong.into());
        }
        self.use_second_factor(&mut unit, &record, right.second.as_ref()).await?;
        let ended = || AppError::not_found("session", &session);
        unit.tx.proved_at(session).await?.ok_or_else(ended)?;
        unit.tx.put_proof(session, now).await?;
        counted.succeeded(&mut unit.tx, now).await?;
        unit.audit::<()>(id, None, None).await?;
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
        let (Actor::User { token: Some(session), .. }, Proof::Lately) = (actor, use_case.proof()) else {
            return Ok(());
        };
        let counts = |at: Time| self.now() < at.after(self.sign_in.step_up);
        match tx.proved_at(*session).await? {
            Some(at) if counts(at) => Ok(()),
            _ => Err(SignInError::ProofNeeded.into()),
        }
    }
}

/// A password that was right, and what came with it.
struct Right {
    known: UserRecord,
    hash: String,
    second: Option<SecondFactor>,
}
