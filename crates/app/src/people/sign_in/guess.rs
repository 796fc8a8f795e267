//! A password that somebody tried, to sign in or to prove themselves again: both count alike.

use std::net::IpAddr;

use super::SignInError;
use super::attempts::Counted;
use crate::{App, AppError, AuditEvent, Object, UseCase};

/// A guess that was counted, and of which it is not settled yet whether it was right.
pub(in crate::people) struct Guess {
    subject: String,
    client: IpAddr,
    pub(in crate::people) counted: Counted,
}

impl App {
    /// Counts a guess before it is looked at, unless it is to wait.
    pub(in crate::people) async fn guess(&self, subject: String, client: IpAddr) -> Result<Guess, AppError> {
        let counted = self.count_guess(&subject, client).await?;
        Ok(Guess { subject, client, counted })
    }

    /// Takes a guess back that was none, for it only lacked a code, and writes down one that was wrong.
    pub(in crate::people) async fn settle<T>(
        &self,
        guess: Guess,
        came_of_it: Result<T, AppError>,
    ) -> Result<T, AppError> {
        match &came_of_it {
            Err(AppError::SignIn(why @ SignInError::SecondFactorNeeded)) => {
                self.note_failure(&guess, *why).await?;
                self.forgive(guess.counted).await?;
            }
            // It was right when it was done.
            Err(AppError::Kept(_)) => self.forgive(guess.counted).await?,
            Err(AppError::SignIn(why)) => self.note_failure(&guess, *why).await?,
            _ => {}
        }
        came_of_it
    }

    async fn note_failure(&self, guess: &Guess, why: SignInError) -> Result<(), AppError> {
        self.audit_event(AuditEvent {
            actor: format!("address:{}", guess.client),
            action: UseCase::SignInFail.name(),
            object: Object::new("user_name", &guess.subject),
            reason: Some(why.to_string()),
            details: None,
        })
        .await
    }
}
