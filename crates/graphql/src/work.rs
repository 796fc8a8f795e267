//! What the fields of a request work with.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::Context;
use claviger_app::{
    Command, KeyView, Outcome, PeopleCommand, PeopleOutcome, ProofView, Shown, SignedInView, UserView,
};
use claviger_web::{Anyone, Caller, Code, Problem};
use tokio::time::{Instant, sleep, sleep_until};

use crate::limits::{Limit, TIME};
use crate::refused::{Answer, Refused};
use crate::sign_in::{LoginInput, ProofInput, Spelling, prove, sign_in};

const SPELLING: Spelling = Spelling { code: "code", recovery: "recoveryCode" };

/// Until when use cases are begun and waited for.
#[derive(Debug, Clone, Copy)]
struct Deadline(Instant);

/// Whoever asks, and how much they may ask for.
pub(crate) struct Work {
    pub(crate) anyone: Anyone,
    /// The same as somebody who signed in, if they did before this request.
    pub(crate) caller: Option<Caller>,
    pub(crate) budget: Budget,
}

/// What all requests of a body have together.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    deadline: Deadline,
    listed: Arc<AtomicUsize>,
}

impl Budget {
    /// That of a body that was read just now.
    pub(crate) fn from_now() -> Self {
        Self { deadline: Deadline(sleep(TIME).deadline()), listed: Arc::default() }
    }

    /// Sets entries of a list aside before it is read: fields are run side by side.
    fn take(&self, entries: usize) -> Answer<()> {
        let before = self.listed.fetch_add(entries, Ordering::Relaxed);
        if before.saturating_add(entries) > Limit::Listed.most() {
            return Err(Problem::from(Limit::Listed.passed()).into());
        }
        Ok(())
    }
}

impl Deadline {
    /// Waits for work that is not begun when the time is over, and given up when it is. A change that is given up is
    /// not made, unless it was being committed.
    async fn keep<T>(self, work: impl Future<Output = Result<T, Problem>>) -> Answer<T> {
        tokio::select! {
            biased;
            () = sleep_until(self.0) => {
                let seconds = TIME.as_secs();
                let detail = format!("The {seconds} seconds that a request may take are over.");
                Err(Problem::saying(Code::Slow, detail).into())
            }
            done = work => Ok(done?),
        }
    }
}

/// The work of the request that a field belongs to.
pub(crate) fn work<'a>(ctx: &Context<'a>) -> Answer<&'a Work> {
    ctx.data_opt::<Work>().ok_or_else(Refused::internal)
}

impl Work {
    fn caller(&self) -> Answer<&Caller> {
        let missing = || Problem::new(Code::Missing).of(self.anyone.received.id);
        Ok(self.caller.as_ref().ok_or_else(missing)?)
    }

    /// Whoever asks, for what is asked of use cases without a command.
    pub(crate) fn app(&self) -> Answer<&claviger_app::App> {
        Ok(&self.caller()?.app)
    }

    /// Does what a command says.
    pub(crate) async fn run(&self, command: Command) -> Answer<Outcome> {
        // Boxed: what every command needs together is large.
        self.budget.deadline.keep(Box::pin(self.caller()?.run(command))).await
    }

    /// The same for one that lists at most so many, or about so many where it has no pages.
    pub(crate) async fn list(&self, command: Command, entries: u32) -> Answer<Outcome> {
        self.budget.take(usize::try_from(entries).unwrap_or(usize::MAX))?;
        self.run(command).await
    }

    /// The same for one that answers a key.
    pub(crate) async fn key(&self, command: Command) -> Answer<KeyView> {
        match self.run(command).await? {
            Outcome::Key(view) => Ok(*view),
            _ => Err(Refused::internal()),
        }
    }

    /// The same for one about people.
    pub(crate) async fn people(&self, command: PeopleCommand) -> Answer<PeopleOutcome> {
        match self.run(Command::People(command)).await? {
            Outcome::People(outcome) => Ok(outcome),
            _ => Err(Refused::internal()),
        }
    }

    /// The same for one that answers a user.
    pub(crate) async fn user(&self, command: PeopleCommand) -> Answer<UserView> {
        match self.people(command).await? {
            PeopleOutcome::User(view) => Ok(*view),
            _ => Err(Refused::internal()),
        }
    }

    /// Notes that whoever asks is still themselves.
    pub(crate) async fn prove(&self, input: ProofInput) -> Answer<ProofView> {
        self.budget.deadline.keep(prove(self.caller()?, input, SPELLING)).await
    }

    /// Takes whoever asks into an account. Each call is one guess.
    pub(crate) async fn join(&self, token: &Shown) -> Answer<UserView> {
        let caller = self.caller()?;
        let received = caller.received;
        let joining = Box::pin(caller.app.join_account(&caller.actor, token, received.client));
        let joining = received.origin().scope(joining);
        let joining = async { joining.await.map_err(|error| Problem::from(error).of(received.id)) };
        self.budget.deadline.keep(joining).await
    }

    /// Signs somebody in. Whoever asks stays who they are.
    pub(crate) async fn sign_in(&self, input: LoginInput) -> Answer<SignedInView> {
        self.budget.deadline.keep(sign_in(&self.anyone, input, SPELLING)).await
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_takes_too_long_is_given_up_and_nothing_is_begun_after() {
        let soon = Deadline(sleep(Duration::from_millis(1)).deadline());
        let Refused(problem) = soon.keep(pending::<Result<(), Problem>>()).await.unwrap_err();
        assert_eq!(problem.code, Code::Slow);
        assert!(problem.detail.unwrap().contains("10 seconds"));
        let late = soon.keep(async { panic!("it is begun") }).await;
        assert_eq!(late.map(|(): ()| ()).unwrap_err().0.code, Code::Slow);
        assert_eq!(Budget::from_now().deadline.keep(ready(Ok(7))).await.unwrap(), 7);
    }
}
