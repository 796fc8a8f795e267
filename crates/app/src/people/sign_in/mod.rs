//! Signing in.

mod attempts;
mod enter;
mod guess;
mod passkey;
mod second;
mod tally;
mod token;

use claviger_model::{AccountNumber, Span, Time};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub(super) use attempts::Counted;
pub(super) use enter::Entering;
pub use passkey::PasskeySignIn;
pub(super) use tally::Way;

use super::{PasskeyAnswer, SessionView, UserView};
use crate::Shown;

/// What somebody signs in with.
#[derive(Debug, Clone, Deserialize)]
pub struct SignIn {
    /// Their user name or e-mail address.
    pub login: String,
    /// Their password.
    pub password: Shown,
    /// What they prove themselves with beside it, if they have to.
    #[serde(default)]
    pub second: Option<SecondFactor>,
    /// For which of their accounts; the first, if left out.
    #[serde(default)]
    pub account: Option<AccountNumber>,
    /// What they get.
    #[serde(default)]
    pub kind: LoginKind,
}

/// What somebody proves themselves with beside their password.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactor {
    /// A one-time code.
    Code(Shown),
    /// A recovery code.
    Recovery(Shown),
    /// What a browser answered for a passkey.
    Passkey(Box<PasskeyAnswer>),
}

/// What somebody gets for signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoginKind {
    /// A token for programs.
    #[default]
    LoginToken,
    /// A session of the portal.
    Session,
}

/// How long what one gets for signing in works, and what one proved by it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRules {
    /// A token for programs; without it, as long as its user exists (contract row C7).
    pub login_tokens: Option<Span>,
    /// A session of the portal.
    pub sessions: Span,
    /// For so long a proof of who somebody is counts for what needs a recent one.
    pub step_up: Span,
}

impl Default for SignInRules {
    fn default() -> Self {
        Self { login_tokens: None, sessions: Span::from_secs(12 * 3600), step_up: Span::from_secs(15 * 60) }
    }
}

/// Somebody who signed in just now.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub struct SignedInView {
    /// Who.
    pub user: UserView,
    /// What they got, with the token.
    pub session: SessionView,
}

/// Why somebody did not sign in. Nothing tells whether there is such a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// There is no such user, or the password is another one.
    #[error("the user name or the password is wrong")]
    Wrong,
    /// The password is right, and is not enough.
    #[error("a one-time code, a passkey or a recovery code is needed as well")]
    SecondFactorNeeded,
    /// The password is right, and the code is not, or was used before.
    #[error("the code is wrong or was used before")]
    SecondFactorWrong,
    /// There is no such passkey, or its answer is wrong, late or a second one.
    #[error(
        "the passkey was not accepted: it is none that works here, or it answers nothing that was asked for this in the \
        last five minutes, or it did so before"
    )]
    PasskeyWrong,
    /// The answer is right, and its counter is not ahead of the one that is known: the passkey was copied.
    #[error(
        "the counter of this passkey is behind, as if there were a copy of its device: remove it, and add another one"
    )]
    PasskeyCloned,
    /// Too many guesses were wrong.
    #[error("too many attempts failed; try again at {until}")]
    Blocked {
        /// From then on the next one is looked at.
        until: Time,
    },
    /// Whoever came with a token has to prove that it is still them.
    #[error(
        "this needs a recent proof that it is still you: sign in again, or send your password, and a code if you use \
        them, or a passkey, to `POST /v1/me/prove`"
    )]
    ProofNeeded,
    /// Whoever came with a key can prove nothing.
    #[error("a key does not prove who uses it: sign in with your password to do this")]
    KeyProvesNothing,
    /// Whoever came with a token has no second factor, and their account asks for one.
    #[error(
        "your account asks everybody for a second factor: set one-time codes up, with `POST /v1/me/totp` and \
        `POST /v1/me/totp/confirm`, or add a passkey, with `POST /v1/me/passkeys/begin` and `POST /v1/me/passkeys`"
    )]
    SecondFactorRequired,
    /// Too many sign in at this moment.
    #[error("too many sign in at this moment; try again soon")]
    Busy,
}
