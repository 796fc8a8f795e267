//! Counts how sign-ins came out, for whoever watches over them. Nothing of who.

use metrics::{counter, describe_counter};

use super::SignInError;
use crate::AppError;
use crate::people::SsoError;

const NAME: &str = "claviger_sign_ins_total";

/// By what somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::people) enum Way {
    Password,
    Passkey,
    Sso,
}

impl Way {
    const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Passkey => "passkey",
            Self::Sso => "sso",
        }
    }

    /// Counts what came of it, and passes it on.
    pub(in crate::people) fn tally<T>(self, came_of_it: Result<T, AppError>) -> Result<T, AppError> {
        describe_counter!(NAME, "Sign-ins, by way and by what came of them.");
        let result = came_of_it.as_ref().map_or_else(word, |_| "entered");
        counter!(NAME, "way" => self.word(), "result" => result).increment(1);
        came_of_it
    }
}

fn word(error: &AppError) -> &'static str {
    match error {
        AppError::SignIn(why) => why.word(),
        AppError::Sso(SsoError::Refused(_)) => "refused",
        AppError::Sso(SsoError::Unavailable) => "unavailable",
        _ => "failed",
    }
}

impl SignInError {
    const fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::SecondFactorNeeded => "second_factor_needed",
            Self::SecondFactorWrong => "second_factor_wrong",
            Self::PasskeyWrong => "passkey_wrong",
            Self::PasskeyCloned => "passkey_cloned",
            Self::Blocked { .. } => "blocked",
            Self::Busy => "busy",
            // Nobody who signs in is told these.
            Self::ProofNeeded | Self::KeyProvesNothing | Self::SecondFactorRequired => "failed",
        }
    }
}
