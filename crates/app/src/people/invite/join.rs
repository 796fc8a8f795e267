use std::net::IpAddr;

use claviger_model::{Digest, Membership};

use crate::once::or_kept;
use crate::people::UserView;
use crate::people::link::{CameIn, Link};
use crate::people::sign_in::Counted;
use crate::reach::Reach;
use crate::{Actor, App, AppError, Shown, UseCase};

/// More than anybody needs.
const MOST_ACCOUNTS: usize = 64;

impl App {
    /// Takes somebody who signed in into the account that they were invited to.
    ///
    /// # Errors
    /// [`AppError::Link`]: nothing of it tells why the link does nothing; [`AppError::Taken`] if they belong to the
    /// account already: it is not a way to other roles.
    pub async fn join_account(
        &self,
        actor: &Actor,
        token: &Shown,
        client: IpAddr,
    ) -> Result<UserView, AppError> {
        self.authorize(actor, UseCase::InvitationJoin)?;
        let digest = self.link_digest(Link::Invitation, token.expose());
        let object = self.tried_invitation(&digest).await?;
        let tried = self.try_link(Link::Invitation, actor.to_string(), client, object).await?;
        let joined = self.join(actor, &digest, &tried.counted).await;
        Ok(or_kept(self.settle_link(tried, joined).await)?.0)
    }

    async fn join(&self, actor: &Actor, digest: &Digest, counted: &Counted) -> Result<CameIn, AppError> {
        let mut unit = self.begin(actor, UseCase::InvitationJoin).await?;
        let before = unit.oneself().await?;
        let invitation = self.redeem(&mut unit, digest).await?;
        let memberships = &before.user.memberships;
        if before.user.belongs_to(invitation.account) {
            let name = self.account_number(invitation.account);
            return Err(AppError::Taken { what: "membership in", name });
        }
        if memberships.len() >= MOST_ACCOUNTS {
            return Err(AppError::Invalid(format!("nobody belongs to more than {MOST_ACCOUNTS} accounts")));
        }
        if unit.tx.is_known_by_a_provider(before.user.id).await? {
            // Its word would count there as well.
            return Err(AppError::Invalid(
                "who signs in by a provider belongs to its account alone: accept the invitation as a new user".into(),
            ));
        }
        let mut after = before.clone();
        let (account, roles) = (invitation.account, invitation.roles);
        after.user.memberships.push(Membership { account, roles });
        unit.keep_user(Some(&before), &mut after).await?;
        let now = unit.now;
        counted.succeeded(&mut unit.tx, now).await?;
        let view = self.user_view(&after, Reach::Everything);
        self.commit(unit, CameIn(view)).await
    }
}
