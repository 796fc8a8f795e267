//! Whom a provider's subject stands for.

use claviger_model::{AccountId, Standing, User, UserState};
use claviger_store::{CredentialFilter, HasPassword, SsoIdentity, SsoSubject, UserRecord};

use super::{EmailLinks, SsoClaims, SsoProvider, SsoRefusal};
use crate::unit::Unit;
use crate::{App, AppError};

pub(super) fn subject<'a>(provider: &'a SsoProvider, claims: &'a SsoClaims) -> SsoSubject<'a> {
    SsoSubject { provider: &provider.slug, issuer: &provider.issuer, subject: &claims.subject }
}

/// Whom a subject stands for.
pub(super) enum Who {
    /// Somebody who signed in by this provider before.
    Known(UserRecord, SsoIdentity),
    /// Somebody who was made for it, and whose address it is.
    Awaited(UserRecord),
    /// Nobody yet.
    New,
}

impl Unit {
    /// Whom a subject stands for that has a place in this account.
    pub(super) async fn who(
        &mut self,
        provider: &SsoProvider,
        claims: &SsoClaims,
        account: Option<AccountId>,
    ) -> Result<Who, AppError> {
        if let Some(identity) = self.tx.sso_identity(subject(provider, claims)).await? {
            let user = self.tx.user(identity.user).await?;
            let user = user.ok_or_else(|| AppError::not_found("user", &identity.user))?;
            return Ok(Who::Known(user, identity));
        }
        let email = claims.verified_email().filter(|_| provider.email_links == EmailLinks::Verified);
        let (Some(email), Some(account)) = (email, account) else { return Ok(Who::New) };
        let found = self.tx.user_by_handle(email.as_str()).await?;
        let Some(found) = found.filter(|found| has_email(&found.user, email.as_str())) else {
            return Ok(Who::New);
        };
        Ok(if self.is_awaited(&found, account).await? { Who::Awaited(found) } else { Who::New })
    }

    /// Whether somebody can be taken for a provider's subject by their address: who was made in its account alone, and has
    /// nothing yet to come in with. Nobody verified the address: whoever wrote it could otherwise go on as somebody who
    /// may what the provider says.
    async fn is_awaited(&mut self, known: &UserRecord, account: AccountId) -> Result<bool, AppError> {
        let alone = matches!(&*known.user.memberships, [only] if only.account == account);
        let bare = known.password == HasPassword::None
            && known.user.second_factor_since.is_none()
            && known.last_sign_in_at.is_none();
        if !alone || !bare || known.user.standing != Standing::Member {
            return Ok(false);
        }
        let own = CredentialFilter { user: Some(known.user.id), limit: 1, ..CredentialFilter::default() };
        Ok(self.tx.credentials(&own).await?.is_empty())
    }
}

/// A user name can look like an address.
fn has_email(user: &User, email: &str) -> bool {
    user.email.as_ref().is_some_and(|own| own.as_str().eq_ignore_ascii_case(email))
}

/// Whether somebody can sign in by a provider at all.
pub(super) fn check_able(user: &User) -> Result<(), SsoRefusal> {
    match (user.standing, user.state) {
        // A provider's word would be worth the whole installation.
        (Standing::Operator | Standing::Service, _) => Err(SsoRefusal::Standing),
        (Standing::Member, UserState::Disabled) => Err(SsoRefusal::Disabled),
        (Standing::Member, UserState::Active) => Ok(()),
    }
}

/// Whether somebody belongs to no account but this one. Whoever says who is who in one account must not say it for
/// another.
pub(super) fn check_nowhere_else(user: &User, account: AccountId) -> Result<(), SsoRefusal> {
    let elsewhere = user.memberships.iter().any(|one| one.account != account);
    if elsewhere { Err(SsoRefusal::Foreign) } else { Ok(()) }
}

impl App {
    /// Who is going to sign in, as far as it is known before. Who was never here has no second factor.
    pub(super) async fn foreseen(
        &self,
        provider: &SsoProvider,
        claims: &SsoClaims,
    ) -> Result<Option<UserRecord>, AppError> {
        match self.store.sso_identity(subject(provider, claims)).await? {
            Some(identity) => Ok(self.store.user(identity.user).await?),
            None => Ok(None),
        }
    }
}
