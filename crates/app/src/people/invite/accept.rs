use std::net::IpAddr;

use claviger_model::{Digest, Membership, Standing, User, UserId, UserState};

use super::AcceptInvitation;
use crate::accounts::check_name;
use crate::once::or_kept;
use crate::people::UserView;
use crate::people::link::{CameIn, Link};
use crate::people::sign_in::Counted;
use crate::{Actor, App, AppError, UseCase};

impl App {
    /// Makes a user of somebody who was invited, with what they were invited to.
    ///
    /// # Errors
    /// [`AppError::Link`]: nothing of it tells why the link does nothing; [`AppError::Taken`] if somebody has the name or
    /// the address.
    pub async fn accept_invitation(
        &self,
        with: AcceptInvitation,
        client: IpAddr,
    ) -> Result<UserView, AppError> {
        let digest = self.link_digest(Link::Invitation, with.token.expose());
        let object = self.tried_invitation(&digest).await?;
        let tried = self.try_link(Link::Invitation, format!("address:{client}"), client, object).await?;
        let accepted = self.accept(with, &digest, &tried.counted).await;
        let accepted = self.or_kept_for(&digest, accepted).await;
        Ok(or_kept(self.settle_link(tried, accepted).await)?.0)
    }

    async fn accept(
        &self,
        with: AcceptInvitation,
        digest: &Digest,
        counted: &Counted,
    ) -> Result<CameIn, AppError> {
        let known = self.invitation_that_works(digest).await?;
        let AcceptInvitation { username, name, password, .. } = with;
        let name = name.unwrap_or_else(|| username.to_string());
        check_name("name", &name)?;
        let hash = self.first_password(&password, &username, Some(&known.email)).await?;
        let id = UserId::new(self.now(), self.entropy.array());
        let actor = Actor::User { id, account: known.account, token: None, vouched_factor: false };
        let mut unit = self.unchecked(self.begin_level().await?, actor, UseCase::InvitationAccept);
        self.claim_with(&mut unit, digest).await?;
        let invitation = self.redeem(&mut unit, digest).await?;
        let user = User {
            id,
            username,
            email: Some(invitation.email),
            name,
            state: UserState::Active,
            standing: Standing::Member,
            memberships: vec![Membership { account: invitation.account, roles: invitation.roles }],
            second_factor_since: None,
        };
        self.come_in(unit, user, &hash, counted).await
    }
}
