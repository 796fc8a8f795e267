//! Secrets that somebody is handed and uses once, without having signed in: an invitation, and the first start.
//!
//! Only their digests are kept. Whoever tries one is counted by their address as those are who guess at signing in.

use std::net::IpAddr;

use claviger_credential::key::{self, Key};
use claviger_model::{Digest, KeyPrefix, NameError, Slug, User};
use serde::{Deserialize, Serialize};

use super::UserView;
use super::sign_in::Counted;
use crate::reach::Reach;
use crate::unit::Unit;
use crate::{Actor, App, AppError, AuditEvent, Object, UseCase};

/// Why a link does nothing. Whoever holds it is told the same in any case; the audit says more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// There is none: it never was, was used, or was taken back.
    #[error("this link is not known, or works no more")]
    Unknown,
    /// Its time is over.
    #[error("this link is not known, or works no more")]
    Expired,
    /// Whoever invited could not give now what it gives.
    #[error("this link is not known, or works no more")]
    Inviter,
    /// There is an operator by now.
    #[error("this link is not known, or works no more")]
    OperatorThere,
}

impl LinkError {
    /// For the audit.
    const fn in_full(self) -> &'static str {
        match self {
            Self::Unknown => "it is not known",
            Self::Expired => "its time is over",
            Self::Inviter => "whoever invited cannot give this any more",
            Self::OperatorThere => "there is an operator",
        }
    }
}

/// Whoever came in by a link.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct CameIn(pub(super) UserView);

/// What a secret is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Link {
    /// Coming into an account.
    Invitation,
    /// Being the first operator.
    Setup,
}

impl Link {
    /// What it starts with. It has the form of a key, so that scanners for leaked secrets find it and logs mask it.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Invitation => ("invite", "user"),
            Self::Setup => ("setup", "operator"),
        }
    }

    fn make(self, random: [u8; 32]) -> Result<Key, NameError> {
        let (prefix, middle) = self.words();
        let (prefix, middle): (KeyPrefix, Slug) = (prefix.parse()?, middle.parse()?);
        Ok(key::generate(&prefix, &middle, random))
    }

    /// The use case that an attempt which failed is written down as.
    const fn failing(self) -> UseCase {
        match self {
            Self::Invitation => UseCase::InvitationFail,
            Self::Setup => UseCase::SetupFail,
        }
    }
}

/// Somebody who tries a link.
pub(super) struct Tried {
    pub(super) link: Link,
    /// Who, for the audit.
    pub(super) who: String,
    pub(super) counted: Counted,
    /// What it opens, if it opens something.
    pub(super) object: Object,
}

impl App {
    /// Makes the user whom a link made of somebody, and commits.
    pub(super) async fn come_in(
        &self,
        mut unit: Unit,
        user: User,
        hash: &str,
        counted: &Counted,
    ) -> Result<CameIn, AppError> {
        let record = unit.make_user(user, Some(hash)).await?;
        let now = unit.now;
        counted.succeeded(&mut unit.tx, now).await?;
        let view = self.user_view(&record, Reach::Everything);
        self.commit(unit, CameIn(view)).await
    }

    /// A secret and its digest.
    pub(super) fn new_link(&self, link: Link) -> Result<(Key, Digest), AppError> {
        let made = link.make(self.entropy.array());
        let secret = made.map_err(|error| AppError::Invalid(error.to_string()))?;
        let digest = self.link_digest(link, secret.expose());
        Ok((secret, digest))
    }

    pub(super) fn link_digest(&self, link: Link, secret: &str) -> Digest {
        let (word, _) = link.words();
        self.vault.digest_key().digest(format!("{word} link: {secret}").as_bytes())
    }

    /// Counts somebody who tries a link, before it is looked at.
    pub(super) async fn try_link(
        &self,
        link: Link,
        who: String,
        client: IpAddr,
        object: Object,
    ) -> Result<Tried, AppError> {
        let counted = self.count_stranger(client).await?;
        Ok(Tried { link, who, counted, object })
    }

    /// What was answered before to whoever sends a request once more by which they came in: the link works no more then.
    pub(super) async fn or_kept_for<T>(
        &self,
        digest: &Digest,
        came_of_it: Result<T, AppError>,
    ) -> Result<T, AppError> {
        let Err(AppError::Link(why)) = came_of_it else { return came_of_it };
        let mut unit = self.unchecked(self.store.begin().await?, Actor::Server, UseCase::InvitationAccept);
        self.claim_with(&mut unit, digest).await?;
        Err(why.into())
    }

    /// Takes a guess back that was none, and writes down one that was: a secret that opens nothing, and a name that
    /// somebody has, which could be asked for one after the other.
    pub(super) async fn settle_link<T>(
        &self,
        tried: Tried,
        came_of_it: Result<T, AppError>,
    ) -> Result<T, AppError> {
        match &came_of_it {
            Ok(_) => {}
            Err(AppError::Link(why)) => self.note_link_failure(tried, why.in_full().to_owned()).await?,
            Err(error @ AppError::Taken { .. }) => self.note_link_failure(tried, error.to_string()).await?,
            Err(_) => self.forgive(tried.counted).await?,
        }
        came_of_it
    }

    async fn note_link_failure(&self, tried: Tried, why: String) -> Result<(), AppError> {
        self.audit_event(AuditEvent {
            actor: tried.who,
            action: tried.link.failing().name(),
            object: tried.object,
            reason: Some(why),
            details: None,
        })
        .await
    }
}
