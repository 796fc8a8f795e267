//! Invitations into accounts.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use claviger_app::{
    Command, InvitationView, NewInvitation, Outcome, Part, PeopleCommand, PeopleOutcome, Shown, UserView,
};

use super::scalars::{Length, Moment};
use super::users::User;
use crate::refused::{Field, Refused, read, read_all, read_some};
use crate::work::work;

/// That somebody may come into an account.
#[derive(SimpleObject)]
pub(crate) struct Invitation {
    /// Its id.
    id: ID,
    /// The number of the account.
    account: String,
    /// Where whoever is invited is written to.
    email: String,
    /// The roles that they get.
    roles: Vec<String>,
    /// The id of who invited; absent, if it was whoever owns the data.
    invited_by: Option<ID>,
    /// Since when.
    created_at: Moment,
    /// From this moment on it works no more.
    expires_at: Moment,
    /// What whoever is invited has to be handed, if it was made just now.
    token: Option<String>,
}

/// Somebody to invite.
#[derive(InputObject)]
pub(crate) struct InvitationInput {
    /// Where they are written to. It is theirs when they accept.
    email: String,
    /// The number of the account; one's own, if left out.
    account: Option<String>,
    /// Their roles there.
    #[graphql(default)]
    roles: Vec<String>,
    /// For how long it works, from `1m` to `30d`; `7d`, if left out.
    lifetime: Option<Length>,
}

impl From<InvitationView> for Invitation {
    fn from(view: InvitationView) -> Self {
        Self {
            id: ID(view.id.to_string()),
            account: view.account,
            email: view.email.into(),
            roles: view.roles.into_iter().map(String::from).collect(),
            invited_by: view.invited_by.map(|id| ID(id.to_string())),
            created_at: view.created_at.into(),
            expires_at: view.expires_at.into(),
            token: view.token.map(|token| token.expose().to_owned()),
        }
    }
}

async fn one(ctx: &Context<'_>, command: PeopleCommand) -> Field<Invitation> {
    match work(ctx)?.people(command).await? {
        PeopleOutcome::Invitation(view) => Ok(Some((*view).into())),
        _ => Err(Refused::internal()),
    }
}

/// Invitations of one answer, if nothing else is said.
const USUAL: u32 = 100;

/// Invitations, seen.
#[derive(Default)]
pub(crate) struct InvitationQuery;

#[Object]
impl InvitationQuery {
    /// The invitations that work still, the oldest first.
    async fn invitations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of the account; one's own, if left out.")] account: Option<String>,
        #[graphql(desc = "After this one: the last of the page before.")] after: Option<ID>,
        #[graphql(desc = "At most so many; 100 if left out, 1000 at the most.")] limit: Option<u32>,
    ) -> Result<Option<Vec<Invitation>>, Refused> {
        let limit = limit.unwrap_or(USUAL);
        let account = read_some("account", account.as_ref())?;
        let after = after.map(|after| read("after", &after)).transpose()?;
        let command = PeopleCommand::InvitationList { account, part: Part { after, limit: Some(limit) } };
        match work(ctx)?.list(Command::People(command), limit).await? {
            Outcome::People(PeopleOutcome::Invitations(all)) => {
                Ok(Some(all.into_iter().map(Invitation::from).collect()))
            }
            _ => Err(Refused::internal()),
        }
    }
}

/// Invitations, made and used.
#[derive(Default)]
pub(crate) struct InvitationMutation;

#[Object]
impl InvitationMutation {
    /// Invites somebody into an account, and shows the token this once.
    async fn invite_user(
        &self,
        ctx: &Context<'_>,
        data: InvitationInput,
    ) -> Result<Option<Invitation>, Refused> {
        let new = NewInvitation {
            email: read("email", &data.email)?,
            account: read_some("account", data.account.as_ref())?,
            roles: read_all("roles", &data.roles)?,
            lifetime: data.lifetime.map(|Length(span)| span),
        };
        one(ctx, PeopleCommand::Invite(new)).await
    }

    /// Takes an invitation back.
    async fn withdraw_invitation(
        &self,
        ctx: &Context<'_>,
        id: ID,
        reason: Option<String>,
    ) -> Result<Option<Invitation>, Refused> {
        one(ctx, PeopleCommand::InvitationWithdraw { id: read("id", &id)?, reason }).await
    }

    /// Takes oneself into the account that one was invited to. Whoever is no user yet accepts over REST.
    async fn join_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The token of the invitation.")] token: String,
    ) -> Result<Option<User>, Refused> {
        let joined: UserView = work(ctx)?.join(&Shown::new(&token)).await?;
        Ok(Some(joined.into()))
    }
}
