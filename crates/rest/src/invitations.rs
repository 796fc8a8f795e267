//! Invitations into accounts.

use axum::Json;
use claviger_app::{
    AcceptInvitation, InvitationView, NewInvitation, Part, PeopleCommand, PeopleOutcome, Shown, UseCase,
    UserView,
};
use claviger_model::{AccountNumber, EmailAddress, InvitationId, Slug, Span, UserName};
use claviger_web::{Anyone, Caller, Code, Input, Problem, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::key_life::Why;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, USUAL, people};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = links();
    endpoints.extend([
        Endpoint::get("/v1/invitations", "listInvitations", list)
            .does("List the invitations that work still, the oldest first.", &[UseCase::InvitationRead])
            .asks::<InvitationQuery>()
            .gives::<Page<InvitationView>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::post("/v1/invitations", "inviteUser", invite)
            .does(
                "Invite somebody into an account. The token is shown in this answer.",
                &[UseCase::InvitationCreate],
            )
            .takes::<InvitationBody>()
            .gives::<InvitationView>(201)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::post("/v1/invitations/{invitation}/withdraw", "withdrawInvitation", withdraw)
            .does("Take an invitation back.", &[UseCase::InvitationWithdraw])
            .takes::<Why>()
            .gives::<InvitationView>(200)
            .fails(&[Code::NotFound]),
    ]);
    endpoints
}

/// What is done with the token of one.
fn links() -> Vec<Endpoint> {
    vec![
        Endpoint::post("/v1/invitations/accept", "acceptInvitation", accept)
            .does("Become a user, by an invitation.", &[UseCase::InvitationAccept, UseCase::InvitationFail])
            .for_everybody()
            .takes::<AcceptBody>()
            .gives::<UserView>(201)
            .fails(&[Code::NotFound, Code::Conflict, Code::Blocked]),
        Endpoint::post("/v1/invitations/join", "joinAccount", join)
            .does(
                "Come into another account, by an invitation.",
                &[UseCase::InvitationJoin, UseCase::InvitationFail],
            )
            .takes::<JoinBody>()
            .gives::<UserView>(200)
            .fails(&[Code::NotFound, Code::Conflict, Code::Blocked]),
    ]
}

/// Which invitations to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InvitationQuery {
    /// Into the account with this number; into one's own, if left out.
    account: Option<AccountNumber>,
    /// After this place: the `next` of the page before.
    after: Option<InvitationId>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// Somebody to invite.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct InvitationBody {
    /// Where they are written to. It is theirs when they accept.
    email: EmailAddress,
    /// Into which account, by number; into one's own, if left out.
    account: Option<AccountNumber>,
    /// Their roles there.
    #[serde(default)]
    roles: Vec<Slug>,
    /// For how long it works, from `1m` to `30d`; `7d`, if left out.
    lifetime: Option<Span>,
}

/// Who somebody who was invited wants to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AcceptBody {
    /// The token of the invitation.
    token: Shown,
    /// What they sign in with.
    username: UserName,
    /// Their name; the user name, if left out.
    name: Option<String>,
    /// Their password.
    password: Shown,
}

/// An invitation of somebody who is a user already.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct JoinBody {
    /// The token of the invitation.
    token: Shown,
}

fn invitation(outcome: PeopleOutcome) -> Option<InvitationView> {
    match outcome {
        PeopleOutcome::Invitation(view) => Some(*view),
        _ => None,
    }
}

async fn list(caller: Caller, Query(query): Query<InvitationQuery>) -> Answer<Json<Page<InvitationView>>> {
    let InvitationQuery { account, after, limit } = query;
    let limit = limit.unwrap_or(USUAL);
    let command = PeopleCommand::InvitationList { account, part: Part { after, limit: Some(limit) } };
    people(&caller, command, |outcome| match outcome {
        PeopleOutcome::Invitations(all) => Some(Json(Page::of(all, limit, |one| one.id.to_string()))),
        _ => None,
    })
    .await
}

async fn invite(caller: Caller, Input(body): Input<InvitationBody>) -> Answer<Created<InvitationView>> {
    let InvitationBody { email, account, roles, lifetime } = body;
    let new = NewInvitation { email, account, roles, lifetime };
    people(&caller, PeopleCommand::Invite(new), invitation).await.map(Created)
}

async fn withdraw(
    caller: Caller,
    Named(id): Named<InvitationId>,
    Input(why): Input<Why>,
) -> Answer<Json<InvitationView>> {
    let command = PeopleCommand::InvitationWithdraw { id, reason: why.reason };
    people(&caller, command, invitation).await.map(Json)
}

async fn accept(anyone: Anyone, Input(body): Input<AcceptBody>) -> Answer<Created<UserView>> {
    let received = anyone.received;
    let AcceptBody { token, username, name, password } = body;
    let with = AcceptInvitation { token, username, name, password };
    let accepting = Box::pin(anyone.app.accept_invitation(with, received.client));
    let accepted = received.origin().scope(accepting).await;
    accepted.map(Created).map_err(|error| Problem::from(error).of(received.id))
}

async fn join(caller: Caller, Input(body): Input<JoinBody>) -> Answer<Json<UserView>> {
    let received = caller.received;
    let joining = Box::pin(caller.app.join_account(&caller.actor, &body.token, received.client));
    let joined = received.origin().scope(joining).await;
    joined.map(Json).map_err(|error| Problem::from(error).of(received.id))
}
