use claviger_model::{Digest, Invitation, Time};

use crate::people::grant::Giver;
use crate::people::link::LinkError;
use crate::reach::{Reach, reach_in_absence};
use crate::unit::Unit;
use crate::{App, AppError, Object, UseCase};

/// An invitation that works at this moment.
fn working(found: Option<Invitation>, now: Time) -> Result<Invitation, LinkError> {
    match found {
        None => Err(LinkError::Unknown),
        Some(invitation) if now < invitation.expires_at => Ok(invitation),
        Some(_) => Err(LinkError::Expired),
    }
}

impl App {
    /// The invitation whose secret has this digest, before anything costly is done for whoever has it.
    pub(super) async fn invitation_that_works(&self, digest: &Digest) -> Result<Invitation, AppError> {
        Ok(working(self.store.invitation_by_digest(digest).await?, self.now())?)
    }

    /// What somebody tries, for the audit: the invitation, or that there is none.
    pub(super) async fn tried_invitation(&self, digest: &Digest) -> Result<Object, AppError> {
        let found = self.store.invitation_by_digest(digest).await?;
        Ok(found.as_ref().map_or_else(|| Object::new("invitation", "unknown"), Object::from))
    }

    /// Uses an invitation up, if whoever invited could give now what it gives: of two that use it, one succeeds.
    pub(super) async fn redeem(&self, unit: &mut Unit, digest: &Digest) -> Result<Invitation, AppError> {
        let invitation = working(unit.tx.invitation_by_digest(digest).await?, unit.now)?;
        unit.tx.account(invitation.account).await?.ok_or(LinkError::Unknown)?;
        let inviter = self.inviter(&invitation)?;
        let given = unit.check_grantable(inviter.as_ref(), invitation.account, &invitation.roles).await;
        match given {
            Err(AppError::Lacking(_) | AppError::NotFound { .. }) => return Err(LinkError::Inviter.into()),
            other => other?,
        }
        unit.tx.delete_invitation(invitation.id).await?;
        unit.audit(&invitation, Some(&invitation), None).await?;
        Ok(invitation)
    }

    /// What whoever invited can give now; everything, if it is nothing.
    fn inviter(&self, invitation: &Invitation) -> Result<Option<Giver>, LinkError> {
        let Invitation { account, invited_by: Some(id), .. } = *invitation else { return Ok(None) };
        let reach = reach_in_absence(&self.snapshot(), id, account, UseCase::InvitationCreate);
        match reach.ok_or(LinkError::Inviter)? {
            Reach::Everything => Ok(None),
            Reach::Account(_) | Reach::Own { .. } => Ok(Some(self.giver_of(id, account))),
        }
    }
}
