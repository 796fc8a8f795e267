use std::net::IpAddr;

use claviger_model::{CredentialId, CredentialRecord, CredentialState, EnvironmentId, LifeEvent, UserId};
use claviger_policy::{CameWith, SignedIn};
use claviger_store::CredentialFilter;

use super::find::oneself;
use super::{SessionSort, SessionView};
use crate::unit::Unit;
use crate::{Actor, App, AppError, Part, UseCase};

const PAGE: u32 = 1000;

fn actor(found: SignedIn) -> Actor {
    let SignedIn { token, with, user, account, vouched_factor } = found;
    Actor::User { id: user, account, token: (with == CameWith::Session).then_some(token), vouched_factor }
}

impl App {
    /// Who signed in and got this token, if it works from this address now.
    #[must_use]
    pub fn actor_of(&self, token: &str, client: IpAddr) -> Option<Actor> {
        self.signed_in(token, client).map(actor)
    }

    /// The same, with the id of the token, by which whoever holds it can sign out.
    #[must_use]
    pub fn signed_in(&self, token: &str, client: IpAddr) -> Option<SignedIn> {
        self.snapshot().signed_in(token, client, self.now())
    }

    /// Who manages with this login token, or with a key that is used as one, and its id.
    #[must_use]
    pub fn manager(&self, credential: &str, client: IpAddr) -> Option<(Actor, CredentialId)> {
        let found = self.snapshot().manager(credential, client, self.now())?;
        Some((actor(found), found.token))
    }

    /// The id of the key with this text. Whether whoever asks may know of it is seen when they do something to it.
    #[must_use]
    pub fn key_id(&self, key: &str) -> Option<CredentialId> {
        self.snapshot().key_id(key)
    }

    pub(super) async fn list_sessions(
        &self,
        actor: &Actor,
        sort: SessionSort,
        part: Part<CredentialId>,
    ) -> Result<Vec<SessionView>, AppError> {
        self.authorize(actor, UseCase::SessionRead)?;
        let (limit, after) = (part.most()?.min(PAGE), part.after);
        let filter = CredentialFilter { order: sort.into(), after, limit, ..sessions_of(oneself(actor)?) };
        let found = self.store.credentials(&filter).await?;
        Ok(found.iter().map(|(record, _)| self.session_view(record)).collect())
    }

    /// Signs oneself out, here or everywhere.
    pub(super) async fn revoke_sessions(
        &self,
        actor: &Actor,
        id: Option<CredentialId>,
    ) -> Result<Vec<SessionView>, AppError> {
        let user = oneself(actor)?;
        let mut unit = self.begin(actor, UseCase::SessionRevoke).await?;
        let ended = match id {
            None => unit.end_sessions(user, "signed out").await?,
            Some(id) => {
                let found = unit.tx.credential(id).await?.filter(|record| is_session_of(record, user));
                let found = found.ok_or_else(|| AppError::not_found("session", &id))?;
                vec![unit.change_life(&found, LifeEvent::Revoke, Some("signed out".to_owned())).await?]
            }
        };
        let ended: Vec<_> = ended.iter().map(|record| self.session_view(record)).collect();
        self.commit(unit, ended).await
    }

    pub(super) fn session_view(&self, record: &CredentialRecord) -> SessionView {
        let credential = &record.credential;
        let over = credential.expires_at.is_some_and(|end| self.now() >= end);
        let state = match credential.state {
            CredentialState::Active if over => "expired",
            state => state.as_str(),
        };
        SessionView {
            id: credential.id,
            kind: credential.key_type.clone(),
            hint: record.hint.clone(),
            account: self.account_number(credential.account),
            state: state.to_owned(),
            created_at: record.created_at,
            expires_at: credential.expires_at,
            token: None,
        }
    }
}

fn is_session_of(record: &CredentialRecord, user: UserId) -> bool {
    record.credential.environment == EnvironmentId::PEOPLE && record.credential.user == Some(user)
}

fn sessions_of(user: UserId) -> CredentialFilter {
    CredentialFilter {
        user: Some(user),
        environment: Some(EnvironmentId::PEOPLE),
        limit: PAGE,
        ..CredentialFilter::default()
    }
}

impl Unit {
    /// Signs a user out everywhere.
    pub(super) async fn end_sessions(
        &mut self,
        user: UserId,
        why: &str,
    ) -> Result<Vec<CredentialRecord>, AppError> {
        self.end_all(&sessions_of(user), None, why).await
    }

    /// Signs a user out everywhere but here.
    pub(super) async fn end_other_sessions(&mut self, user: UserId, why: &str) -> Result<(), AppError> {
        let here = match self.actor() {
            Actor::User { token, .. } => *token,
            _ => None,
        };
        self.end_all(&sessions_of(user), here, why).await.map(drop)
    }

    /// Ends every credential of a user.
    pub(super) async fn end_everything_of(&mut self, user: UserId, why: &str) -> Result<(), AppError> {
        let all = CredentialFilter { environment: None, ..sessions_of(user) };
        self.end_all(&all, None, why).await.map(drop)
    }

    async fn end_all(
        &mut self,
        filter: &CredentialFilter,
        but: Option<CredentialId>,
        why: &str,
    ) -> Result<Vec<CredentialRecord>, AppError> {
        let (mut filter, mut ended) = (filter.clone(), Vec::new());
        loop {
            let page = self.tx.credentials(&filter).await?;
            let Some((last, _)) = page.last() else { return Ok(ended) };
            filter.after = Some(last.credential.id);
            let lives = |one: &CredentialRecord| one.credential.state != CredentialState::Revoked;
            let live = page.iter().filter(|(one, _)| lives(one) && Some(one.credential.id) != but);
            for (record, _) in live {
                ended.push(self.change_life(record, LifeEvent::Revoke, Some(why.to_owned())).await?);
            }
        }
    }
}
