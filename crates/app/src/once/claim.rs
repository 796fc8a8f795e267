use claviger_model::Digest;
use claviger_store::{AskedOnce, Claimed};
use claviger_vault::Row;
use data_encoding::HEXLOWER;

use super::{Once, OnceKey, Told};
use crate::unit::Unit;
use crate::{Actor, App, AppError, Shown, UseCase};

/// Where an answer is kept.
const ROW: fn(&str) -> Row<'_> = |id| Row { table: "kept_answer", column: "sealed", id };

/// That a request is done by this transaction, and its answer is to be kept with it.
pub(crate) struct Claim(AskedOnce);

impl Claim {
    /// Where its answer is kept.
    fn id(&self) -> String {
        format!("{} {}", self.0.scope, self.0.key)
    }
}

/// Who sent a request: only they are answered the same again. Somebody who signed in once more is somebody else.
fn scope(actor: &Actor) -> String {
    match actor {
        Actor::User { account, token: Some(token), .. } => format!("{actor} {account} {token}"),
        Actor::User { account, token: None, .. } => format!("{actor} {account}"),
        Actor::Operator { .. } | Actor::Server => actor.to_string(),
    }
}

impl App {
    /// Claims the request that is under way, if it is one that is done once.
    ///
    /// # Errors
    /// [`AppError::Kept`] with the answer if it was done before; [`AppError::OtherRequest`] if something else was.
    pub(crate) async fn claim(&self, unit: &mut Unit) -> Result<(), AppError> {
        let scope = scope(unit.actor());
        self.claim_for(unit, scope).await
    }

    /// Whether the request that is under way was done before, for who is known by something that nobody else has.
    ///
    /// # Errors
    /// Those of [`App::claim`].
    pub(crate) async fn check_kept(&self, scope: String) -> Result<(), AppError> {
        if Once::current().is_none() {
            return Ok(());
        }
        let mut unit = self.unchecked(self.store.begin().await?, Actor::Server, UseCase::SignIn);
        self.claim_for(&mut unit, scope).await?;
        Ok(unit.tx.rollback().await?)
    }

    /// The same for whoever is nobody yet, and is known by what they hold: the secret with this digest.
    ///
    /// # Errors
    /// [`AppError::Kept`] and [`AppError::OtherRequest`], as above.
    pub(crate) async fn claim_with(&self, unit: &mut Unit, held: &Digest) -> Result<(), AppError> {
        let scope = format!("holder:{}", HEXLOWER.encode(&held.0));
        self.claim_for(unit, scope).await
    }

    /// The same as [`App::claim`], for who is known by something that nobody else has.
    pub(crate) async fn claim_for(&self, unit: &mut Unit, scope: String) -> Result<(), AppError> {
        let Some(Once { key: OnceKey(key), request }) = Once::current() else { return Ok(()) };
        let claim = Claim(AskedOnce { scope, key, request });
        match unit.tx.claim(&claim.0, unit.now).await? {
            Claimed::First => unit.claim = Some(claim),
            Claimed::OtherRequest => return Err(AppError::OtherRequest),
            Claimed::Done(sealed) => {
                let kept = self.vault.open_text(ROW(&claim.id()), &sealed)?;
                return Err(AppError::Kept(Shown::new(secrecy::ExposeSecret::expose_secret(&kept))));
            }
        }
        Ok(())
    }

    /// Keeps what is answered, if the request is one that is done once.
    pub(crate) async fn keep_told(&self, unit: &mut Unit, told: &impl Told) -> Result<(), AppError> {
        let Some(claim) = unit.claim.take() else { return Ok(()) };
        let told = told.json()?;
        let sealed = self.vault.seal(ROW(&claim.id()), told.as_bytes(), self.entropy.array())?;
        Ok(unit.tx.keep_answer(&claim.0, &sealed).await?)
    }
}
