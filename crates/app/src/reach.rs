//! How far whoever does something gets. The table is in `actor`; this holds somebody against it.

use claviger_model::{AccountId, Credential, Right, Standing, User, UserId, UserState};
use claviger_policy::Snapshot;

use crate::actor::{Need, Proof};
use crate::{Actor, AppError, SignInError, UseCase};

/// What a use case may be about, for whoever does it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everything.
    Everything,
    /// Everything of an account.
    Account(AccountId),
    /// What is one's own, in an account.
    Own {
        /// Whose.
        user: UserId,
        /// Where.
        account: AccountId,
    },
}

/// What is beyond somebody's reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beyond {
    /// They are not told that it exists.
    Unseen,
    /// They know of it and may not.
    Forbidden,
}

impl Reach {
    /// Whether it is within reach.
    pub(crate) fn check(self, credential: &Credential) -> Result<(), Beyond> {
        match self {
            Self::Account(account) | Self::Own { account, .. } if credential.account != account => {
                Err(Beyond::Unseen)
            }
            Self::Own { user, .. } if credential.user != Some(user) => Err(Beyond::Forbidden),
            Self::Everything | Self::Account(_) | Self::Own { .. } => Ok(()),
        }
    }

    /// The account that it ends with.
    pub(crate) const fn account(self) -> Option<AccountId> {
        match self {
            Self::Everything => None,
            Self::Account(account) | Self::Own { account, .. } => Some(account),
        }
    }

    /// The user that it ends with.
    pub(crate) const fn user(self) -> Option<UserId> {
        match self {
            Self::Own { user, .. } => Some(user),
            _ => None,
        }
    }
}

pub(crate) fn forbidden(actor: &Actor, use_case: UseCase) -> AppError {
    AppError::Forbidden { actor: actor.to_string(), use_case: use_case.name() }
}

/// Holds somebody against the table.
///
/// # Errors
/// [`AppError::Forbidden`] if they may not; [`SignInError::KeyProvesNothing`] if they might, had they signed in;
/// [`SignInError::SecondFactorRequired`] if they have to set a second factor up first.
pub(crate) fn reach(snapshot: &Snapshot, actor: &Actor, use_case: UseCase) -> Result<Reach, AppError> {
    check_factor(snapshot, actor, use_case)?;
    let found = match actor {
        Actor::Operator { .. } => (use_case.need() != Need::Server).then_some(Reach::Everything),
        Actor::Server => (use_case.need() == Need::Server).then_some(Reach::Everything),
        Actor::User { id, account, .. } => snapshot
            .user(*id)
            .filter(|user| user.state == UserState::Active)
            .and_then(|user| reach_of_user(snapshot, user, *account, use_case)),
    };
    let found = found.ok_or_else(|| forbidden(actor, use_case))?;
    match actor {
        Actor::User { token: None, .. } if use_case.proof() != Proof::None => {
            Err(SignInError::KeyProvesNothing.into())
        }
        _ => Ok(found),
    }
}

/// Whoever has no second factor in an account that asks for one can do nothing before they set one up. Keys go on, and
/// so do those for whom a provider vouched.
fn check_factor(snapshot: &Snapshot, actor: &Actor, use_case: UseCase) -> Result<(), AppError> {
    let Actor::User { id, account, token: Some(_), vouched_factor: false } = actor else { return Ok(()) };
    let owes = || snapshot.user(*id).is_some_and(|user| snapshot.owes_factor(user, *account));
    if use_case.sets_factor_up() || !owes() {
        return Ok(());
    }
    Err(SignInError::SecondFactorRequired.into())
}

/// How far somebody would get with a use case, did they do it now: for what they began and somebody else ends.
pub(crate) fn reach_in_absence(
    snapshot: &Snapshot,
    id: UserId,
    account: AccountId,
    use_case: UseCase,
) -> Option<Reach> {
    let user = snapshot.user(id).filter(|user| user.state == UserState::Active)?;
    if snapshot.owes_factor(user, account) {
        return None;
    }
    reach_of_user(snapshot, user, account, use_case)
}

fn reach_of_user(snapshot: &Snapshot, user: &User, account: AccountId, use_case: UseCase) -> Option<Reach> {
    if user.standing == Standing::Operator {
        return (use_case.need() != Need::Server).then_some(Reach::Everything);
    }
    if !user.memberships.iter().any(|membership| membership.account == account) {
        return None;
    }
    let rights = snapshot.rights(user, account);
    let has = |right| rights.contains(&right);
    let own = Reach::Own { user: user.id, account };
    let all = Reach::Account(account);
    match use_case.need() {
        Need::Operator | Need::Server => None,
        Need::Anyone => Some(all),
        Need::Right(right) => has(right).then_some(all),
        Need::Users => (has(Right::ReadUsers) || has(Right::ManageUsers)).then_some(all),
        Need::Keys if has(Right::ManageOthersKeys) => Some(all),
        Need::Keys => has(Right::ManageKeys).then_some(own),
    }
}
