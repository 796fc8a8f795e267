//! People of OpenID Connect providers: who is known by which subject, and which sign-ins were answered.

use claviger_model::{AccountId, Slug, Time, UserId};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{Once, Store, StoreError, Tx, sql};

/// What a provider calls somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SsoSubject<'a> {
    /// What the provider is called here.
    pub provider: &'a Slug,
    /// Which provider it is: what is called so may become another one.
    pub issuer: &'a str,
    /// What it calls them. It never calls anybody else so.
    pub subject: &'a str,
}

/// Who is known by a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SsoIdentity {
    /// Who.
    pub user: UserId,
    /// The account in which the provider's claims last gave them a place.
    pub account: AccountId,
}

fn read(fields: &mut Fields<'_>) -> Result<SsoIdentity, StoreError> {
    Ok(SsoIdentity { user: fields.parsed()?, account: fields.parsed()? })
}

async fn identity(mut on: Conn<'_>, of: SsoSubject<'_>) -> Result<Option<SsoIdentity>, StoreError> {
    on.first(sql::SSO_IDENTITY, &[of.provider.into(), of.issuer.into(), of.subject.into()], read).await
}

async fn put_identity(
    mut on: Conn<'_>,
    of: SsoSubject<'_>,
    identity: &SsoIdentity,
    at: Time,
) -> Result<(), StoreError> {
    let SsoIdentity { user, account } = *identity;
    let args =
        [of.provider.into(), of.issuer.into(), of.subject.into(), user.into(), account.into(), at.into()];
    on.execute(sql::PUT_SSO_IDENTITY, &args).await.map(drop)
}

async fn use_answer(mut on: Conn<'_>, id: &str, ends_at: Time) -> Result<Once, StoreError> {
    on.execute(sql::USE_SSO_ANSWER, &[id.into(), ends_at.into()]).await.map(Once::of)
}

impl Tx {
    /// Who is known by this subject.
    pub async fn sso_identity(&mut self, of: SsoSubject<'_>) -> Result<Option<SsoIdentity>, StoreError> {
        identity(self.conn(), of).await
    }

    /// Whether somebody is known by a subject of any provider.
    pub async fn is_known_by_a_provider(&mut self, user: UserId) -> Result<bool, StoreError> {
        Ok(self.conn().first(sql::SSO_IDENTITIES_OF, &[user.into()], read).await?.is_some())
    }

    /// Has somebody known by this subject, or changes their account. Whose it is never changes.
    pub async fn put_sso_identity(
        &mut self,
        of: SsoSubject<'_>,
        identity: &SsoIdentity,
        at: Time,
    ) -> Result<(), StoreError> {
        put_identity(self.conn(), of, identity, at).await
    }

    /// Uses a sign-in that a provider answered, unless it was used before. It is remembered until then.
    pub async fn use_sso_answer(&mut self, id: &str, ends_at: Time) -> Result<Once, StoreError> {
        use_answer(self.conn(), id, ends_at).await
    }
}

impl Store {
    /// Who is known by this subject.
    pub async fn sso_identity(&self, of: SsoSubject<'_>) -> Result<Option<SsoIdentity>, StoreError> {
        identity(self.0.read().await?.conn(), of).await
    }

    /// Forgets the sign-ins that are too old by now anyway.
    pub async fn prune_sso_answers(&self, now: Time) -> Result<u64, StoreError> {
        let mut writing = self.0.write().await?;
        let pruned = writing.conn().execute(sql::PRUNE_SSO_ANSWERS, &[now.into()]).await?;
        writing.commit().await.map(|()| pruned)
    }
}
