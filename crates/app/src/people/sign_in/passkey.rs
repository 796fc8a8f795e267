//! Signing in with a passkey and nothing else. Nobody says who they are before it: the passkey does.

use std::net::IpAddr;

use claviger_model::{AccountNumber, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attempts::{Counted, subject};
use super::{Entering, LoginKind, SignInError, SignedInView, Way};
use crate::once::or_kept;
use crate::people::{PasskeyAnswer, PasskeyOptions};
use crate::{App, AppError};

/// With what somebody signs in who has a passkey.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PasskeySignIn {
    /// What the browser answered.
    pub credential: PasskeyAnswer,
    /// For which of their accounts, by number; the first, if left out.
    pub account: Option<AccountNumber>,
    /// What they get.
    #[serde(default)]
    pub kind: LoginKind,
}

impl App {
    /// What to ask the browser of somebody who wants to sign in, with a passkey alone or beside their password.
    /// Everybody is told the same.
    ///
    /// # Errors
    /// [`PasskeyError::NotConfigured`](crate::PasskeyError::NotConfigured).
    pub fn ask_to_sign_in(&self) -> Result<PasskeyOptions, AppError> {
        self.ask_anybody()
    }

    /// Signs somebody in from an address who has a passkey.
    ///
    /// # Errors
    /// [`AppError::SignIn`] if it is not taken.
    pub async fn sign_in_with_passkey(
        &self,
        with: PasskeySignIn,
        client: IpAddr,
    ) -> Result<SignedInView, AppError> {
        self.party()?;
        Way::Passkey.tally(self.try_passkey(with, client).await)
    }

    async fn try_passkey(&self, with: PasskeySignIn, client: IpAddr) -> Result<SignedInView, AppError> {
        let named = with.credential.credential_id().unwrap_or_default();
        let known = self.store.passkey_by_credential(&named).await?.map(|passkey| passkey.user);
        let digest = self.vault.digest_key().digest(&[b"passkey ", named.as_slice()].concat());
        let guess = self.guess(subject(known, &digest), client).await?;
        let entered = match known {
            Some(id) => self.enter_by_passkey(&with, id, &guess.counted).await,
            None => Err(SignInError::PasskeyWrong.into()),
        };
        or_kept(self.settle(guess, entered).await)
    }

    async fn enter_by_passkey(
        &self,
        with: &PasskeySignIn,
        id: UserId,
        counted: &Counted,
    ) -> Result<SignedInView, AppError> {
        let mut unit = self.begin_signing_in(id).await?;
        let record = unit.whoever_enters(id).await?.ok_or(SignInError::PasskeyWrong)?;
        // Nobody named the user: the passkey has to.
        if !with.credential.is_of(id) {
            return Err(SignInError::PasskeyWrong.into());
        }
        // Whoever sends the same again in time is told the same again: nobody else knows the signature.
        self.asked(&unit, &with.credential)?;
        self.claim(&mut unit).await?;
        let passkey = Some(self.use_passkey(&mut unit, id, &with.credential).await?);
        let account = unit.account_to_enter(&record, with.account.as_ref()).await?;
        let counted = Some(counted);
        let entering =
            Entering { account, kind: with.kind, passkey, vouched_factor: false, counted, by: None };
        self.let_enter(unit, record, entering).await
    }
}
