//! Whom a provider's subject stands for.

use claviger_model::{Standing, User, UserState};
use claviger_store::{SsoIdentity, SsoSubject, UserRecord};

use super::place::Place;
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
    /// Somebody who is here, and whose address it is.
    Addressed(UserRecord),
    /// Nobody yet.
    New,
}

impl Unit {
    pub(super) async fn who(&mut self, provider: &SsoProvider, claims: &SsoClaims) -> Result<Who, AppError> {
        if let Some(identity) = self.tx.sso_identity(subject(provider, claims)).await? {
            let user = self.tx.user(identity.user).await?;
            let user = user.ok_or_else(|| AppError::not_found("user", &identity.user))?;
            return Ok(Who::Known(user, identity));
        }
        let email = claims.verified_email().filter(|_| provider.email_links == EmailLinks::Verified);
        let Some(email) = email else { return Ok(Who::New) };
        let found = self.tx.user_by_handle(email.as_str()).await?;
        Ok(found.filter(|found| has_email(&found.user, email.as_str())).map_or(Who::New, Who::Addressed))
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

/// Whether somebody can be taken for a provider's subject by their address: who belongs to its account, and to no other
/// one. Whoever says who is who in one account must not say it for another.
pub(super) fn check_linkable(user: &User, place: &Place) -> Result<(), SsoRefusal> {
    match &*user.memberships {
        [only] if only.account == place.account => Ok(()),
        _ => Err(SsoRefusal::Foreign),
    }
}

impl App {
    /// Who is going to sign in, as far as it is known before.
    pub(super) async fn foreseen(
        &self,
        provider: &SsoProvider,
        claims: &SsoClaims,
    ) -> Result<Option<UserRecord>, AppError> {
        if let Some(identity) = self.store.sso_identity(subject(provider, claims)).await? {
            return Ok(self.store.user(identity.user).await?);
        }
        let email = claims.verified_email().filter(|_| provider.email_links == EmailLinks::Verified);
        match email {
            Some(email) => Ok(self.store.user_by_handle(email.as_str()).await?),
            None => Ok(None),
        }
    }
}
