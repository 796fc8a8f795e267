//! Invitations that nobody accepted or withdrew yet.

use claviger_model::{AccountId, Digest, Invitation, InvitationId, Time};

use crate::db::Conn;
use crate::fields::Fields;
use crate::{Store, StoreError, Tx, json, sql};

/// Which invitations to list, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationFilter {
    /// Into this account.
    pub account: Option<AccountId>,
    /// That still work at this moment.
    pub at: Time,
    /// Newer than this one.
    pub after: Option<InvitationId>,
    /// At most so many.
    pub limit: u32,
}

fn read(fields: &mut Fields<'_>) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: fields.parsed()?,
        account: fields.parsed()?,
        email: fields.parsed()?,
        roles: fields.json()?,
        invited_by: fields.optional_parsed()?,
        created_at: fields.time()?,
        expires_at: fields.time()?,
    })
}

async fn list(mut on: Conn<'_>, filter: &InvitationFilter) -> Result<Vec<Invitation>, StoreError> {
    let statement = match filter.account {
        Some(_) => sql::INVITATIONS_OF_ACCOUNT,
        None => sql::INVITATIONS,
    };
    let after = filter.after.map(|id| id.to_string()).unwrap_or_default();
    let args = [after.into(), filter.account.into(), filter.at.into(), filter.limit.into()];
    on.all(statement, &args, read).await
}

async fn by_digest(mut on: Conn<'_>, digest: &Digest) -> Result<Option<Invitation>, StoreError> {
    on.first(sql::INVITATION_BY_DIGEST, &[digest.0.as_slice().into()], read).await
}

async fn insert(mut on: Conn<'_>, invitation: &Invitation, digest: &Digest) -> Result<(), StoreError> {
    let args = [
        invitation.id.into(),
        invitation.account.into(),
        digest.0.as_slice().into(),
        invitation.email.as_str().into(),
        json::text(&invitation.roles)?.into(),
        invitation.invited_by.into(),
        invitation.created_at.into(),
        invitation.expires_at.into(),
    ];
    on.execute(sql::INSERT_INVITATION, &args).await.map(drop)
}

async fn delete(mut on: Conn<'_>, id: InvitationId) -> Result<(), StoreError> {
    match on.execute(sql::DELETE_INVITATION, &[id.into()]).await? {
        0 => Err(StoreError::Missing { what: "invitation" }),
        _ => Ok(()),
    }
}

impl Store {
    /// Invitations that fit.
    pub async fn invitations(&self, filter: &InvitationFilter) -> Result<Vec<Invitation>, StoreError> {
        list(self.0.read().await?.conn(), filter).await
    }

    /// The invitation whose secret has this digest, even if it works no more.
    pub async fn invitation_by_digest(&self, digest: &Digest) -> Result<Option<Invitation>, StoreError> {
        by_digest(self.0.read().await?.conn(), digest).await
    }

    /// Forgets invitations that ended at this moment or before, and says how many it forgot.
    pub async fn prune_invitations(&self, at: Time) -> Result<u64, StoreError> {
        let mut writing = self.0.write().await?;
        let pruned = writing.conn().execute(sql::PRUNE_INVITATIONS, &[at.into()]).await?;
        writing.commit().await.map(|()| pruned)
    }
}

impl Tx {
    /// Invitations that fit.
    pub async fn invitations(&mut self, filter: &InvitationFilter) -> Result<Vec<Invitation>, StoreError> {
        list(self.conn(), filter).await
    }

    /// The invitation with this id, even if it works no more.
    pub async fn invitation(&mut self, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.conn().first(sql::INVITATION, &[id.into()], read).await
    }

    /// The invitation whose secret has this digest, even if it works no more.
    pub async fn invitation_by_digest(&mut self, digest: &Digest) -> Result<Option<Invitation>, StoreError> {
        by_digest(self.conn(), digest).await
    }

    /// Inserts an invitation, and the digest of its secret.
    pub async fn insert_invitation(
        &mut self,
        invitation: &Invitation,
        digest: &Digest,
    ) -> Result<(), StoreError> {
        insert(self.conn(), invitation, digest).await
    }

    /// Removes an invitation: it was accepted, or is to be no more.
    ///
    /// # Errors
    /// [`StoreError::Missing`] when there is none.
    pub async fn delete_invitation(&mut self, id: InvitationId) -> Result<(), StoreError> {
        delete(self.conn(), id).await
    }
}
