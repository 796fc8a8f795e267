use std::net::IpAddr;

use claviger_model::{AccountId, AccountNumber, PasskeyId, Standing, UserId, UserState};
use claviger_store::{HasPassword, UserRecord};

use super::attempts::{Counted, subject};
use super::{LoginKind, SignIn, SignInError, SignedInView, Way};
use crate::once::or_kept;
use crate::people::passkeys::Used;
use crate::people::password::NOBODYS;
use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Object, Shown, UseCase};

/// That of operators who belong to none.
const NO_ACCOUNT: AccountId = AccountId::from_u128(0);
/// Longer than any user name or address.
const LONGEST_LOGIN: usize = 254;

impl App {
    /// Signs somebody in from an address.
    ///
    /// # Errors
    /// [`AppError::SignIn`]: nothing of it tells whether there is such a user, and it takes as long either way.
    pub async fn sign_in(&self, with: SignIn, client: IpAddr) -> Result<SignedInView, AppError> {
        Way::Password.tally(self.try_password(with, client).await)
    }

    async fn try_password(&self, with: SignIn, client: IpAddr) -> Result<SignedInView, AppError> {
        let login: String = with.login.chars().take(LONGEST_LOGIN).collect();
        let known = self.store.user_by_handle(&login).await?;
        let digest = format!("sign-in {}", login.to_ascii_lowercase());
        let digest = self.vault.digest_key().digest(digest.as_bytes());
        let subject = subject(known.as_ref().map(|known| known.user.id), &digest);
        let guess = self.guess(subject, client).await?;
        let entered = match self.held_against(known, with.password.clone()).await? {
            Some((known, hash)) => self.enter(&with, &known, &hash, &guess.counted).await,
            None => Err(SignInError::Wrong.into()),
        };
        or_kept(self.settle(guess, entered).await)
    }

    /// A user whose password this is, and its digest.
    pub(in crate::people) async fn held_against(
        &self,
        known: Option<UserRecord>,
        password: Shown,
    ) -> Result<Option<(UserRecord, String)>, AppError> {
        let (hash, known) = self.hash_of(known).await?;
        let right = self.passwords.is_right(password, hash.clone()).await?;
        Ok(known.filter(|_| right).map(|known| (known, hash)))
    }

    /// The digest to hold a password against: one that is never right, for those who cannot sign in.
    async fn hash_of(&self, known: Option<UserRecord>) -> Result<(String, Option<UserRecord>), AppError> {
        let able = known.filter(|known| {
            known.user.state == UserState::Active
                && known.user.standing != Standing::Service
                && known.password == HasPassword::Set
        });
        // Asked for nobody as well: it takes as long.
        let id = able.as_ref().map_or(claviger_model::UserId::from_u128(0), |known| known.user.id);
        let hash = self.store.password_hash(id).await?;
        Ok(match hash {
            Some(hash) => (hash, able),
            None => (NOBODYS.to_owned(), None),
        })
    }

    async fn enter(
        &self,
        with: &SignIn,
        known: &UserRecord,
        hash: &str,
        counted: &Counted,
    ) -> Result<SignedInView, AppError> {
        let id = known.user.id;
        let mut unit = self.begin_signing_in(id).await?;
        // What was changed since the password was looked at counts.
        let record = unit.whoever_enters(id).await?.ok_or(SignInError::Wrong)?;
        if unit.tx.password_hash(id).await?.as_deref() != Some(hash) {
            return Err(SignInError::Wrong.into());
        }
        // Not before: by what is kept, nobody learns whether a password is right.
        self.claim(&mut unit).await?;
        let passkey = self.use_second_factor(&mut unit, &record, with.second.as_ref()).await?;
        let account = unit.account_to_enter(&record, with.account.as_ref()).await?;
        let counted = Some(counted);
        let entering =
            Entering { account, kind: with.kind, passkey, vouched_factor: false, counted, by: None };
        self.let_enter(unit, record, entering).await
    }

    /// Gives somebody who proved who they are what they get for it, and commits.
    pub(in crate::people) async fn let_enter(
        &self,
        unit: Unit,
        record: UserRecord,
        entering: Entering<'_>,
    ) -> Result<SignedInView, AppError> {
        let id = record.user.id;
        let Unit { tx, claim, .. } = unit;
        let mut unit = self.unchecked(tx, nobody_yet(id), UseCase::SignIn);
        unit.claim = claim;
        unit.because(entering.by.clone());
        let (token_record, token) = self.issue_token(&mut unit, id, &entering).await?;
        let now = unit.now;
        unit.tx.put_sign_in(id, now).await?;
        if let Some(counted) = entering.counted {
            counted.succeeded(&mut unit.tx, now).await?;
        }
        let used = entering.passkey.map(Used::from);
        unit.audit(entered(id, entering.account), None, used.as_ref()).await?;
        let mut session = self.session_view(&token_record);
        session.token = Some(Shown::new(token.expose()));
        let record = UserRecord { last_sign_in_at: Some(now), ..record };
        self.commit(unit, SignedInView { user: self.user_view(&record, Reach::Everything), session }).await
    }

    /// A transaction of somebody who is about to be somebody who signed in.
    pub(super) async fn begin_signing_in(&self, id: UserId) -> Result<Unit, AppError> {
        Ok(self.unchecked(self.store.begin().await?, nobody_yet(id), UseCase::SignIn))
    }
}

/// Who is about to have signed in.
const fn nobody_yet(id: UserId) -> Actor {
    Actor::User { id, account: NO_ACCOUNT, token: None, vouched_factor: false }
}

/// How somebody who proved who they are enters.
pub(in crate::people) struct Entering<'a> {
    /// For which account.
    pub(in crate::people) account: AccountId,
    /// What they get.
    pub(in crate::people) kind: LoginKind,
    /// With which passkey, if with one.
    pub(in crate::people) passkey: Option<PasskeyId>,
    /// Whether a provider vouched for a second factor.
    pub(in crate::people) vouched_factor: bool,
    /// What is to be forgiven now.
    pub(in crate::people) counted: Option<&'a Counted>,
    /// By what, for the audit, if it was no password.
    pub(in crate::people) by: Option<String>,
}

/// Who signed in, for the audit of the account that they signed in for.
fn entered(user: UserId, account: AccountId) -> Object {
    let object = Object::from(user);
    if account == NO_ACCOUNT { object } else { object.of(account) }
}

impl Unit {
    /// Somebody who may sign in, as they are in this transaction.
    pub(super) async fn whoever_enters(&mut self, id: UserId) -> Result<Option<UserRecord>, AppError> {
        let able = |known: &UserRecord| {
            known.user.state == UserState::Active && known.user.standing != Standing::Service
        };
        Ok(self.tx.user(id).await?.filter(able))
    }

    /// The account that somebody signs in for. Those above accounts need none.
    pub(super) async fn account_to_enter(
        &mut self,
        record: &UserRecord,
        wanted: Option<&AccountNumber>,
    ) -> Result<AccountId, AppError> {
        let mut own = record.user.memberships.iter().map(|membership| membership.account);
        let above = record.user.standing == Standing::Operator;
        let Some(number) = wanted else {
            let none = above.then_some(NO_ACCOUNT);
            return own.next().or(none).ok_or_else(|| SignInError::Wrong.into());
        };
        let found = self.tx.account_by_number(number).await?.map(|account| account.id);
        let found = found.filter(|id| above || own.any(|one| one == *id));
        // Otherwise a right password could be told from a wrong one, without a trace.
        found.ok_or_else(|| SignInError::Wrong.into())
    }
}
