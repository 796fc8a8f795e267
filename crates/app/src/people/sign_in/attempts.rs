//! Guesses are counted before they are looked at, by user and address together, by user and by address, in the
//! database: they survive a restart, all nodes count together, and a batch counts as what is in it.
//!
//! A stranger who guesses slows down whoever signs in from where they never did before, by a quarter of an hour at most.
//! From where a user signed in lately, only the guesses from there count.

use std::net::IpAddr;

use claviger_model::{Span, Time, UserId, network_of};
use claviger_store::Attempts;

use super::SignInError;
use crate::{App, AppError};

/// The longest that a guess makes the next one wait.
const LONGEST: Span = Span::from_secs(15 * 60);
/// After so long without a guess, counting begins anew.
const FORGOTTEN_AFTER: Span = Span::from_days(1);
/// For so long it is remembered from where somebody signed in.
const FAMILIAR_FOR: Span = Span::from_days(90);

/// How many wrong guesses are free of delays.
const FREE_FOR_PAIR: u64 = 5;
const FREE_FOR_USER: u64 = 50;
const FREE_FOR_ADDRESS: u64 = 100;

/// Something that guesses are counted by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Counter {
    key: String,
    free: u64,
}

/// A guess that was counted, and is to be forgiven if it was none.
#[derive(Debug)]
pub(in crate::people) struct Counted {
    counters: Vec<(Counter, u64)>,
}

/// Who a guess is about: a user, or what was given for one, digested.
pub(super) fn subject(user: Option<UserId>, digest: &claviger_model::Digest) -> String {
    let half = |bytes: &[[u8; 16]]| bytes.first().map_or(0, |half| u128::from_be_bytes(*half));
    user.map_or_else(|| format!("{:032x}", half(digest.0.as_chunks::<16>().0)), |id| id.to_string())
}

/// How long the next guess waits after so many wrong ones.
fn delay(failures: u64, free: u64) -> Span {
    let Some(over) = failures.checked_sub(free) else { return Span::ZERO };
    let seconds = 1u32.checked_shl(u32::try_from(over).unwrap_or(u32::MAX)).unwrap_or(u32::MAX);
    Span::from_secs(seconds.min(900)).min(LONGEST)
}

impl App {
    /// Counts a guess, unless the next one is to wait.
    ///
    /// # Errors
    /// [`SignInError::Blocked`] if it is: it is not looked at then, and not counted either.
    pub(super) async fn count_guess(&self, subject: &str, client: IpAddr) -> Result<Counted, AppError> {
        let place = network_of(client);
        let counter = |key: String, free| Counter { key, free };
        let pair = counter(format!("user:{subject}|address:{place}"), FREE_FOR_PAIR);
        let mut tx = self.store.begin().await?;
        let now = self.now();
        let known = tx.attempts(&pair.key).await?.and_then(|known| known.succeeded_at);
        let familiar = known.is_some_and(|at| now < at.after(FAMILIAR_FOR));
        let user = (!familiar).then(|| counter(format!("user:{subject}"), FREE_FOR_USER));
        let address = counter(format!("address:{place}"), FREE_FOR_ADDRESS);
        let counters = [Some(pair), user, Some(address)].into_iter().flatten().collect();
        let guess = count(&mut tx, counters, now).await?;
        tx.commit().await?;
        Ok(guess)
    }

    /// Counts a guess of somebody who signed in already: the same for whoever holds their token.
    pub(in crate::people) async fn count_proof(&self, user: UserId) -> Result<Counted, AppError> {
        let counter = Counter { key: format!("proof:{user}"), free: FREE_FOR_PAIR };
        let mut tx = self.store.begin().await?;
        let guess = count(&mut tx, vec![counter], self.now()).await?;
        tx.commit().await?;
        Ok(guess)
    }

    /// Counts a guess of whoever it is: by their address alone, together with guesses at signing in, so that nobody makes
    /// others wait.
    pub(in crate::people) async fn count_stranger(&self, client: IpAddr) -> Result<Counted, AppError> {
        let counter = Counter { key: format!("address:{}", network_of(client)), free: FREE_FOR_ADDRESS };
        let mut tx = self.store.begin().await?;
        let guess = count(&mut tx, vec![counter], self.now()).await?;
        tx.commit().await?;
        Ok(guess)
    }

    /// Begins anew for somebody who proved who they are.
    pub(in crate::people) async fn proved(&self, counted: &Counted) -> Result<(), AppError> {
        let mut tx = self.store.begin().await?;
        counted.succeeded(&mut tx, self.now()).await?;
        Ok(tx.commit().await?)
    }

    /// Takes a guess back that was none.
    pub(in crate::people) async fn forgive(&self, counted: Counted) -> Result<(), AppError> {
        let mut tx = self.store.begin().await?;
        for (counter, failures) in &counted.counters {
            forgive(&mut tx, counter, *failures).await?;
        }
        Ok(tx.commit().await?)
    }

    pub(crate) async fn forget_attempts(&self) -> Result<(), AppError> {
        let now = self.now();
        self.store.prune_sso_answers(now).await?;
        self.store.prune_attempts(now.before(FORGOTTEN_AFTER), now.before(FAMILIAR_FOR)).await?;
        Ok(())
    }
}

async fn count(tx: &mut claviger_store::Tx, counters: Vec<Counter>, now: Time) -> Result<Counted, AppError> {
    let mut known = Vec::with_capacity(counters.len());
    for counter in counters {
        let attempts = tx.attempts(&counter.key).await?;
        let attempts = attempts.unwrap_or(Attempts {
            failures: 0,
            last_failed_at: now,
            blocked_until: now,
            succeeded_at: None,
        });
        if attempts.blocked_until > now {
            return Err(SignInError::Blocked { until: attempts.blocked_until }.into());
        }
        known.push((counter, attempts));
    }
    let mut counted = Vec::with_capacity(known.len());
    for (counter, attempts) in known {
        let forgotten = attempts.last_failed_at.after(FORGOTTEN_AFTER) <= now;
        let failures = if forgotten { 1 } else { attempts.failures.saturating_add(1) };
        let blocked_until = now.after(delay(failures, counter.free));
        let after = Attempts { failures, last_failed_at: now, blocked_until, ..attempts };
        tx.put_attempts(&counter.key, &after).await?;
        counted.push((counter, failures));
    }
    Ok(Counted { counters: counted })
}

async fn forgive(tx: &mut claviger_store::Tx, counter: &Counter, failures: u64) -> Result<(), AppError> {
    let Some(mut attempts) = tx.attempts(&counter.key).await? else { return Ok(()) };
    if attempts.failures == failures {
        // Nobody guessed meanwhile: what it made wait does not.
        attempts.blocked_until = attempts.last_failed_at;
    }
    attempts.failures = attempts.failures.saturating_sub(1);
    Ok(tx.put_attempts(&counter.key, &attempts).await?)
}

impl Counted {
    /// Begins anew for whoever signed in, and remembers from where.
    pub(in crate::people) async fn succeeded(
        &self,
        tx: &mut claviger_store::Tx,
        now: Time,
    ) -> Result<(), AppError> {
        for (counter, failures) in &self.counters {
            if counter.free == FREE_FOR_ADDRESS {
                forgive(tx, counter, *failures).await?;
                continue;
            }
            let familiar = (counter.free == FREE_FOR_PAIR).then_some(now);
            let anew =
                Attempts { failures: 0, last_failed_at: now, blocked_until: now, succeeded_at: familiar };
            tx.put_attempts(&counter.key, &anew).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_a_quarter_of_an_hour() {
        let seconds = |failures| delay(failures, 5).as_micros() / 1_000_000;
        let table = [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (8, 8), (14, 512), (15, 900), (16, 900)];
        for (failures, expected) in table {
            assert_eq!(seconds(failures), expected, "{failures}");
        }
        assert_eq!([40, 1000, u64::MAX].map(seconds), [900; 3]);
    }
}
