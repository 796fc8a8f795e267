//! One-time codes (RFC 6238): SHA-1, six digits, steps of thirty seconds, one step of drift.

use claviger_model::{Time, UserId};
use claviger_store::{Once, TotpFactor, UserRecord};
use claviger_vault::Row;
use totp_rs::{Builder, Totp};

use super::find::object;
use super::{PeopleOutcome, SignInError, UserView, WhichUser};
use crate::accounts::check_name;
use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Shown, UseCase};

/// What is shown in the app that makes the codes.
const ISSUER: &str = "Claviger";

const ROW: fn(&str) -> Row<'_> = |id| Row { table: "factor_totp", column: "sealed", id };

fn maker(secret: &[u8]) -> Result<Totp, AppError> {
    let broken = |error: totp_rs::TotpError| AppError::Invalid(error.to_string());
    Builder::new().with_secret(secret).build().map_err(broken)
}

fn seconds(now: Time) -> u64 {
    u64::try_from(now.as_micros() / 1_000_000).unwrap_or_default()
}

/// A user name has nothing that would have to be escaped but these.
fn escaped(name: &str) -> String {
    name.replace('+', "%2B").replace('@', "%40")
}

impl App {
    /// Uses a one-time code.
    pub(super) async fn use_totp(
        &self,
        unit: &mut Unit,
        user: UserId,
        code: &str,
        now: Time,
    ) -> Result<Once, AppError> {
        // Whoever has a passkey may have begun to set codes up, which count for nothing before they are confirmed.
        let factor = unit.tx.totp(user).await?.filter(|factor| factor.confirmed_at.is_some());
        let Some(factor) = factor else { return Ok(Once::Refused) };
        match self.step_of(user, &factor, code, now)? {
            Some(step) => Ok(unit.tx.use_totp_step(user, step).await?),
            None => Ok(Once::Refused),
        }
    }

    /// The step that a code belongs to, if it is one of the present, the last or the next step.
    fn step_of(
        &self,
        user: UserId,
        factor: &TotpFactor,
        code: &str,
        now: Time,
    ) -> Result<Option<u64>, AppError> {
        let secret = self.vault.open_sealed(ROW(&user.to_string()), &factor.sealed)?;
        let code: String = code.chars().filter(|one| !one.is_whitespace()).take(16).collect();
        Ok(maker(&secret)?.check(&code, seconds(now)))
    }

    /// Makes what one-time codes are made from. Nothing is asked for before it is confirmed.
    pub(super) async fn begin_totp(&self, actor: &Actor, current: Shown) -> Result<PeopleOutcome, AppError> {
        let (known, _) = self.prove(actor, UseCase::FactorEnrol, current).await?;
        let mut unit = self.begin(actor, UseCase::FactorEnrol).await?;
        let id = known.user.id;
        self.check_beside(&mut unit, actor).await?;
        if unit.tx.totp(id).await?.is_some_and(|factor| factor.confirmed_at.is_some()) {
            return Err(AppError::Taken { what: "second factor of", name: known.user.username.to_string() });
        }
        let secret: [u8; 20] = self.entropy.array();
        let sealed = self.vault.seal(ROW(&id.to_string()), &secret, self.entropy.array())?;
        unit.tx.put_totp(id, &TotpFactor { sealed, confirmed_at: None, last_step: 0 }).await?;
        unit.audit::<()>(id, None, None).await?;
        let text = totp_rs::Secret::from(secret).to_base32();
        let name = escaped(known.user.username.as_str());
        let url = format!("otpauth://totp/{ISSUER}:{name}?secret={text}&issuer={ISSUER}&digits=6&period=30");
        self.commit(unit, PeopleOutcome::Totp { secret: Shown::new(&text), url: Shown::new(&url) }).await
    }

    /// The password alone gives nobody another second factor beside the one that they have.
    async fn check_beside(&self, unit: &mut Unit, actor: &Actor) -> Result<(), AppError> {
        if unit.oneself().await?.user.second_factor_since.is_some() {
            self.check_lately(&mut unit.tx, actor).await?;
        }
        Ok(())
    }

    /// Has one-time codes asked for from now on, and gives recovery codes.
    pub(super) async fn confirm_totp(&self, actor: &Actor, code: &Shown) -> Result<Vec<Shown>, AppError> {
        let counted = self.count_proof(super::find::oneself(actor)?).await?;
        let mut unit = self.begin(actor, UseCase::FactorConfirm).await?;
        self.check_beside(&mut unit, actor).await?;
        let before = unit.oneself().await?;
        let id = before.user.id;
        let factor = unit.tx.totp(id).await?.filter(|factor| factor.confirmed_at.is_none());
        let none = || AppError::Invalid("begin to set one-time codes up first".into());
        let factor = factor.ok_or_else(none)?;
        let step = self.step_of(id, &factor, code.expose(), unit.now)?;
        let last_step = step.ok_or(SignInError::SecondFactorWrong)?;
        let confirmed_at = Some(unit.now);
        unit.tx.put_totp(id, &TotpFactor { confirmed_at, last_step, ..factor }).await?;
        let codes = self.give_recovery_codes(&mut unit, id).await?;
        // Whoever got in by the password alone is out.
        unit.end_other_sessions(id, "a second factor was set up").await?;
        unit.factors_changed(&before).await?;
        let codes = self.commit(unit, codes).await?;
        self.proved(&counted).await?;
        Ok(codes)
    }

    /// Has no codes asked for any more.
    pub(super) async fn remove_totp(&self, actor: &Actor, current: Shown) -> Result<UserView, AppError> {
        self.prove(actor, UseCase::FactorRemove, current.clone()).await?;
        let mut unit = self.begin(actor, UseCase::FactorRemove).await?;
        let before = unit.oneself().await?;
        unit.tx.delete_totp(before.user.id).await?;
        if unit.tx.passkeys(before.user.id).await?.is_empty() {
            Self::check_alone(current.expose(), &before)?;
            unit.tx.delete_factors(before.user.id).await?;
        }
        let after = unit.factors_changed(&before).await?;
        let view = self.user_view(&after, Reach::Everything);
        self.commit(unit, view).await
    }

    /// Takes the second factor away from somebody who lost it. They are signed out.
    pub(super) async fn reset_factors(
        &self,
        actor: &Actor,
        which: &WhichUser,
        reason: Option<String>,
    ) -> Result<UserView, AppError> {
        reason.as_deref().map(|reason| check_name("reason", reason)).transpose()?;
        let mut unit = self.begin(actor, UseCase::UserRescue).await?;
        unit.because(reason);
        let before = unit.find_user(which).await?;
        unit.tx.delete_factors(before.user.id).await?;
        let after = unit.factors_changed(&before).await?;
        unit.end_sessions(before.user.id, "the second factor was taken away").await?;
        let view = self.user_view(&after, Reach::Everything);
        self.commit(unit, view).await
    }
}

impl Unit {
    /// Writes a user whose factors were changed, and the audit entry of it.
    async fn factors_changed(&mut self, before: &UserRecord) -> Result<UserRecord, AppError> {
        let after = self.keep_factors(before).await?;
        self.audit(object(Some(&before.user), &after.user), Some(before), Some(&after)).await?;
        Ok(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let maker = maker(b"12345678901234567890").unwrap();
        let table = [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ];
        for (time, code) in table {
            assert_eq!(maker.check(code, time), Some(time / 30), "{time}");
            assert_eq!(maker.check(code, time + 30), Some(time / 30), "a step late");
            assert_eq!(maker.check(code, time + 60), None, "two steps late");
        }
        assert_eq!(escaped("a+b@c.d"), "a%2Bb%40c.d");
    }
}
