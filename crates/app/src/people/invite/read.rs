use claviger_model::{AccountId, AccountNumber, InvitationId, Slug};
use claviger_store::InvitationFilter;

use super::InvitationView;
use crate::accounts::check_name;
use crate::unit::Unit;
use crate::{Actor, App, AppError, Part, UseCase};

impl App {
    /// The invitations that work still, the oldest first.
    pub(in crate::people) async fn list_invitations(
        &self,
        actor: &Actor,
        account: Option<&AccountNumber>,
        part: Part<InvitationId>,
    ) -> Result<Vec<InvitationView>, AppError> {
        let reach = self.authorize(actor, UseCase::InvitationRead)?;
        let account = match account {
            Some(number) => Some(self.account_id(number, reach).await?),
            None => reach.account(),
        };
        let filter = InvitationFilter { account, at: self.now(), limit: part.most()?, after: part.after };
        let found = self.store.invitations(&filter).await?;
        Ok(found.iter().map(|invitation| self.invitation_view(invitation)).collect())
    }

    /// Takes an invitation back. It works no more when this returns.
    pub(in crate::people) async fn withdraw_invitation(
        &self,
        actor: &Actor,
        id: InvitationId,
        reason: Option<String>,
    ) -> Result<InvitationView, AppError> {
        reason.as_deref().map(|reason| check_name("reason", reason)).transpose()?;
        let mut unit = self.begin(actor, UseCase::InvitationWithdraw).await?;
        unit.because(reason);
        let (own, now) = (unit.reach.account(), unit.now);
        let found = unit.tx.invitation(id).await?;
        let seen = found.filter(|one| own.is_none_or(|own| own == one.account) && now < one.expires_at);
        let invitation = seen.ok_or_else(|| AppError::not_found("invitation", &id))?;
        let giver = self.giver(&unit, invitation.account);
        unit.check_grantable(giver.as_ref(), invitation.account, &invitation.roles).await?;
        unit.tx.delete_invitation(id).await?;
        unit.audit(&invitation, Some(&invitation), None).await?;
        let view = self.invitation_view(&invitation);
        self.commit(unit, view).await
    }
}

impl Unit {
    /// Ends the invitations that give a role which is removed: another one can be made with its slug.
    pub(in crate::people) async fn end_invitations_with(
        &mut self,
        account: AccountId,
        slug: &Slug,
    ) -> Result<(), AppError> {
        for invitation in self.open_invitations(account).await? {
            if invitation.roles.contains(slug) {
                self.tx.delete_invitation(invitation.id).await?;
                self.audit(&invitation, Some(&invitation), None).await?;
            }
        }
        Ok(())
    }
}
