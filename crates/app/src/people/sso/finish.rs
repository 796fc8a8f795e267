use std::net::IpAddr;

use claviger_model::PasskeyId;
use claviger_model::Slug;
use claviger_store::{Once, SsoIdentity, UserRecord};

use super::begin::failed;
use super::handle::Handle;
use super::place::{Place, put_in};
use super::who::{Who, check_able, check_nowhere_else, subject};
use super::{LoginKind, Newcomers, SsoAnswered, SsoClaims, SsoError, SsoProvider, SsoRefusal};
use crate::once::or_kept;
use crate::people::sign_in::{Counted, Entering, Way};
use crate::people::{SecondFactor, SignedInView};
use crate::unit::Unit;
use crate::{Actor, App, AppError, AuditEvent, Object, Shown, UseCase};

/// What somebody finishes with.
#[derive(Debug, Clone)]
pub struct SsoFinish {
    /// What they got when they began.
    pub handle: Shown,
    /// The code that came back.
    pub code: Shown,
    /// The state that came back.
    pub state: String,
    /// Who says to have given the code (RFC 9207), if anybody does.
    pub issuer: Option<String>,
    /// What they prove themselves with beside it, if they have to.
    pub second: Option<SecondFactor>,
    /// What they get.
    pub kind: LoginKind,
}

/// Somebody of whom a provider said who they are.
struct Vouched<'a> {
    provider: &'a SsoProvider,
    claims: SsoClaims,
    handle: Handle,
    with: &'a SsoFinish,
}

impl App {
    /// Signs somebody in by what came back from a provider.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Sso`] and, of those who have a second factor here, [`AppError::SignIn`].
    pub async fn finish_sso(
        &self,
        provider: &Slug,
        with: SsoFinish,
        client: IpAddr,
    ) -> Result<SignedInView, AppError> {
        let (provider, _) = self.sso_provider(provider)?;
        Way::Sso.tally(self.try_provider(provider, with, client).await)
    }

    async fn try_provider(
        &self,
        provider: &SsoProvider,
        with: SsoFinish,
        client: IpAddr,
    ) -> Result<SignedInView, AppError> {
        let counted = self.count_stranger(client).await?;
        let finished = match self.vouched(provider, &with).await {
            Ok(vouched) => self.let_in(&vouched, client).await,
            Err(error) => Err(error),
        };
        match &finished {
            Err(AppError::Sso(SsoError::Refused(why))) => self.note_refusal(provider, client, why).await?,
            Err(AppError::SignIn(_)) => {}
            _ => self.forgive(counted).await?,
        }
        or_kept(finished)
    }

    /// What the provider says of whoever has the handle.
    async fn vouched<'a>(
        &'a self,
        provider: &'a SsoProvider,
        with: &'a SsoFinish,
    ) -> Result<Vouched<'a>, AppError> {
        let handle =
            self.open_handle(&provider.slug, &with.handle, &with.state).map_err(SsoError::Refused)?;
        // A code works once. Whoever has the handle is told again what they were told, if they ask so.
        self.check_kept(handle.scope()).await?;
        let answered = SsoAnswered {
            code: &with.code,
            issuer: with.issuer.as_deref(),
            nonce: &handle.nonce,
            verifier: &handle.verifier,
            landing: handle.landing,
        };
        let (_, client) = self.sso.find(&provider.slug).ok_or(SsoError::Unavailable)?;
        let claims = client.redeem(&provider.slug, answered, self.now()).await;
        let claims = claims.map_err(|failure| failed(provider, failure))?;
        Ok(Vouched { provider, claims, handle, with })
    }

    /// Lets somebody in. Who has a second factor here proves it, unless the provider vouches for one; a wrong code counts
    /// as one at signing in with a password does.
    async fn let_in(&self, vouched: &Vouched<'_>, client: IpAddr) -> Result<SignedInView, AppError> {
        let foreseen = self.foreseen(vouched.provider, &vouched.claims).await?;
        let has_factor = foreseen.filter(|known| known.user.second_factor_since.is_some());
        match has_factor.filter(|_| !vouched.has_factor()) {
            None => self.enter_by_sso(vouched, None).await,
            Some(known) => {
                let guess = self.guess(known.user.id.to_string(), client).await?;
                let entered = self.enter_by_sso(vouched, Some(&guess.counted)).await;
                self.settle(guess, entered).await
            }
        }
    }

    async fn enter_by_sso(
        &self,
        vouched: &Vouched<'_>,
        counted: Option<&Counted>,
    ) -> Result<SignedInView, AppError> {
        let mut unit = self.unchecked(self.store.begin().await?, Actor::Server, UseCase::UserCreate);
        let by = Some(format!("by `{}`", vouched.provider.slug));
        unit.because(by.clone());
        let Handle { id, ends_at, .. } = &vouched.handle;
        if unit.tx.use_sso_answer(id, *ends_at).await? == Once::Refused {
            return Err(SsoError::Refused(SsoRefusal::Used).into());
        }
        let place = unit.claimed_place(vouched.provider, &vouched.claims).await?;
        let account = place.as_ref().ok().map(|place| place.account);
        let who = unit.who(vouched.provider, &vouched.claims, account).await?;
        let (record, account) = match (who, place) {
            (Who::Known(before, identity), Err(why)) => {
                self.take_away(unit, vouched, before, identity).await?;
                return Err(SsoError::Refused(why).into());
            }
            (_, Err(why)) => return Err(SsoError::Refused(why).into()),
            (who, Ok(place)) => (self.put_in_place(&mut unit, vouched, who, &place).await?, place.account),
        };
        let passkey = self.check_factor(&mut unit, vouched, &record, counted).await?;
        self.claim_for(&mut unit, vouched.handle.scope()).await?;
        let (kind, vouched_factor) = (vouched.with.kind, vouched.has_factor());
        self.let_enter(unit, record, Entering { account, kind, passkey, vouched_factor, counted, by }).await
    }

    /// What the provider gave is theirs no more, though they do not get in: it said so.
    async fn take_away(
        &self,
        mut unit: Unit,
        vouched: &Vouched<'_>,
        before: UserRecord,
        identity: SsoIdentity,
    ) -> Result<(), AppError> {
        let mut after = before.clone();
        put_in(&mut after.user, &vouched.provider.roles, identity.account, None);
        if after == before {
            return Ok(());
        }
        unit.turn_to(UseCase::UserRoles);
        unit.keep_user(Some(&before), &mut after).await?;
        self.commit_untold(unit).await
    }

    /// Whoever it is, with the roles that the provider gives them.
    async fn put_in_place(
        &self,
        unit: &mut Unit,
        vouched: &Vouched<'_>,
        who: Who,
        place: &Place,
    ) -> Result<UserRecord, AppError> {
        let Vouched { provider, claims, .. } = vouched;
        let refused = |why: SsoRefusal| AppError::from(SsoError::Refused(why));
        let (before, former) = match who {
            Who::Known(before, identity) => (before, identity.account),
            Who::Awaited(before) => (before, place.account),
            Who::New if provider.newcomers == Newcomers::Made => {
                let made = self.newcomer(unit, claims, place).await?;
                (made, place.account)
            }
            Who::New => return Err(refused(SsoRefusal::Unknown)),
        };
        check_able(&before.user).map_err(refused)?;
        let mut after = before.clone();
        put_in(&mut after.user, &provider.roles, former, Some(place));
        check_nowhere_else(&after.user, place.account).map_err(refused)?;
        if after != before {
            unit.turn_to(UseCase::UserRoles);
            unit.keep_user(Some(&before), &mut after).await?;
        }
        unit.link(vouched, &after, place).await?;
        Ok(after)
    }

    async fn check_factor(
        &self,
        unit: &mut Unit,
        vouched: &Vouched<'_>,
        record: &UserRecord,
        counted: Option<&Counted>,
    ) -> Result<Option<PasskeyId>, AppError> {
        if vouched.has_factor() || record.user.second_factor_since.is_none() {
            return Ok(None);
        }
        if counted.is_none() {
            // They set one up since it was looked whether they have one: a guess would not be counted.
            return Err(SsoError::Refused(SsoRefusal::Changed).into());
        }
        self.use_second_factor(unit, record, vouched.with.second.as_ref()).await
    }

    async fn note_refusal(
        &self,
        provider: &SsoProvider,
        client: IpAddr,
        why: &SsoRefusal,
    ) -> Result<(), AppError> {
        self.audit_event(AuditEvent {
            actor: format!("address:{client}"),
            action: UseCase::SignInFail.name(),
            object: Object::new("provider", &provider.slug),
            reason: Some(why.to_string()),
            details: None,
        })
        .await
    }
}

impl Vouched<'_> {
    fn has_factor(&self) -> bool {
        self.provider.factor.is_in(&self.claims)
    }
}

impl Unit {
    /// Has somebody known by the provider's subject from now on, and says so the first time.
    async fn link(
        &mut self,
        vouched: &Vouched<'_>,
        record: &UserRecord,
        place: &Place,
    ) -> Result<(), AppError> {
        let subject = subject(vouched.provider, &vouched.claims);
        let identity = SsoIdentity { user: record.user.id, account: place.account };
        let before = self.tx.sso_identity(subject).await?;
        if before == Some(identity) {
            return Ok(());
        }
        self.tx.put_sso_identity(subject, &identity, self.now).await?;
        if before.is_some() {
            return Ok(());
        }
        self.turn_to(UseCase::UserLink);
        let known = serde_json::json!({ "provider": subject.provider, "subject": subject.subject });
        self.audit(Object::from(record.user.id).of(place.account), None, Some(&known)).await
    }
}
