//! The first start: whoever reads the console of the server becomes the first operator, by a link that is printed there.

use std::net::IpAddr;

use claviger_model::{Digest, EmailAddress, Span, Standing, Time, User, UserId, UserName, UserState};
use claviger_store::SetupLink;
use serde_json::json;

use super::UserView;
use super::link::{CameIn, Link, LinkError};
use super::sign_in::Counted;
use crate::accounts::check_name;
use crate::once::or_kept;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Object, Shown, UseCase};

/// How long a link works.
const LASTS: Span = Span::from_secs(3600);
/// The only operator there is then belongs to no account.
const NO_ACCOUNT: claviger_model::AccountId = claviger_model::AccountId::from_u128(0);

/// Who the first operator wants to be.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// The secret of the link.
    pub token: Shown,
    /// What they sign in with.
    pub username: UserName,
    /// Where they are written to.
    pub email: Option<EmailAddress>,
    /// Their name; the user name, if left out.
    pub name: Option<String>,
    /// Their password.
    pub password: Shown,
}

/// What whoever started the server is shown, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupOffer {
    /// The secret of the link.
    pub token: Shown,
    /// From this moment on it works no more.
    pub until: Time,
}

fn link() -> Object {
    Object::new("setup", "link")
}

/// Whether this is the digest of the link's secret, and its time is not over.
fn check(link: Option<SetupLink>, digest: &Digest, now: Time) -> Result<(), LinkError> {
    match link.filter(|link| link.digest == *digest) {
        None => Err(LinkError::Unknown),
        Some(link) if now < link.expires_at => Ok(()),
        Some(_) => Err(LinkError::Expired),
    }
}

impl App {
    /// Makes a link by which somebody becomes the first operator, unless there is one. Links from before work no more.
    pub async fn offer_setup(&self) -> Result<Option<SetupOffer>, AppError> {
        let mut unit = self.begin(&Actor::Server, UseCase::SetupOffer).await?;
        if unit.has_operator().await? {
            return Ok(None);
        }
        let (secret, digest) = self.new_link(Link::Setup)?;
        let until = unit.now.after(LASTS);
        unit.tx.put_setup_link(&SetupLink { digest, expires_at: until }).await?;
        unit.audit(link(), None, Some(&json!({ "until": until }))).await?;
        self.commit_untold(unit).await?;
        Ok(Some(SetupOffer { token: Shown::new(secret.expose()), until }))
    }

    /// Makes the first operator of whoever has the link.
    ///
    /// # Errors
    /// [`AppError::Link`]: nothing of it tells why the link does nothing.
    pub async fn set_up(&self, with: SetUp, client: IpAddr) -> Result<UserView, AppError> {
        let digest = self.link_digest(Link::Setup, with.token.expose());
        let tried = self.try_link(Link::Setup, format!("address:{client}"), client, link()).await?;
        let made = self.make_first(with, &digest, &tried.counted).await;
        let made = self.or_kept_for(&digest, made).await;
        Ok(or_kept(self.settle_link(tried, made).await)?.0)
    }

    async fn make_first(&self, with: SetUp, digest: &Digest, counted: &Counted) -> Result<CameIn, AppError> {
        check(self.store.setup_link().await?, digest, self.now())?;
        let SetUp { username, email, name, password, .. } = with;
        let name = name.unwrap_or_else(|| username.to_string());
        check_name("name", &name)?;
        let hash = self.first_password(&password, &username, email.as_ref()).await?;
        let id = UserId::new(self.now(), self.entropy.array());
        let actor = Actor::User { id, account: NO_ACCOUNT, token: None, vouched_factor: false };
        let mut unit = self.unchecked(self.begin_level().await?, actor, UseCase::SetUp);
        self.claim_with(&mut unit, digest).await?;
        check(unit.tx.setup_link().await?, digest, unit.now)?;
        if unit.has_operator().await? {
            return Err(LinkError::OperatorThere.into());
        }
        let user = User {
            id,
            username,
            email,
            name,
            state: UserState::Active,
            standing: Standing::Operator,
            memberships: Vec::new(),
            second_factor_since: None,
        };
        self.come_in(unit, user, &hash, counted).await
    }
}

impl Unit {
    /// Whether there is an operator who is not switched off. One who has lost every way to sign in counts: whoever owns
    /// the data gives them another password.
    async fn has_operator(&mut self) -> Result<bool, AppError> {
        Ok(!self.tx.active_operators().await?.is_empty())
    }
}
