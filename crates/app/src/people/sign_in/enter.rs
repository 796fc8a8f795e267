use std::net::IpAddr;

use claviger_model::{AccountId, AccountNumber, PasskeyId, Standing, UserId, UserState};
use claviger_store::{HasPassword, UserRecord};

use super::attempts::{Counted, subject};
use super::{LoginKind, SignIn, SignInError, SignedInView};
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
        self.let_in(unit, record, Entry { account: with.account.as_ref(), kind: with.kind, passkey, counted })
            .await
    }

    /// Gives somebody who proved who they are what they get for it.
    pub(super) async fn let_in(
        &self,
        mut unit: Unit,
        record: UserRecord,
        entry: Entry<'_>,
    ) -> Result<SignedInView, AppError> {
        let (id, now) = (record.user.id, unit.now);
        let account = unit.account_to_enter(&record, entry.account).await?;
        let (token_record, token) = self.issue_token(&mut unit, &record.user, account, entry.kind).await?;
        unit.tx.put_sign_in(id, now).await?;
        entry.counted.succeeded(&mut unit.tx, now).await?;
        unit.audit(entered(id, account), None, entry.passkey.map(Used::from).as_ref()).await?;
        let mut session = self.session_view(&token_record);
        session.token = Some(Shown::new(token.expose()));
        let record = UserRecord { last_sign_in_at: Some(now), ..record };
        self.commit(unit, SignedInView { user: self.user_view(&record, Reach::Everything), session }).await
    }

    /// A transaction of somebody who is about to be somebody who signed in.
    pub(super) async fn begin_signing_in(&self, id: UserId) -> Result<Unit, AppError> {
        let actor = Actor::User { id, account: NO_ACCOUNT, token: None };
        Ok(self.unchecked(self.store.begin().await?, actor, UseCase::SignIn))
    }
}

/// Who signed in, for the audit of the account that they signed in for.
fn entered(user: UserId, account: AccountId) -> Object {
    let object = Object::from(user);
    if account == NO_ACCOUNT { object } else { object.of(account) }
}

/// How somebody comes in who proved who they are.
pub(super) struct Entry<'e> {
    /// For which account; the first, if none is named.
    pub(super) account: Option<&'e AccountNumber>,
    /// What they get.
    pub(super) kind: LoginKind,
    /// With which passkey, if with one.
    pub(super) passkey: Option<PasskeyId>,
    /// The guess that was right.
    pub(super) counted: &'e Counted,
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
    async fn account_to_enter(
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
