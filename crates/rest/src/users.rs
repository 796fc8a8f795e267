//! Users of accounts.

use axum::Json;
use claviger_app::{
    Admin, EmailEdit, NewUser, Part, PeopleCommand, PeopleOutcome, Shown, UseCase, UserEdit, UserSort,
    UserView, WhichUser,
};
use claviger_model::{AccountNumber, EmailAddress, NameError, Slug, Standing, UserName};
use claviger_web::{Caller, Code, Input, Problem, Query};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::etag::{IfMatch, Tagged};
use crate::key_life::Why;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, USUAL, people};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/users", "listUsers", list)
            .does("List users.", &[UseCase::UserRead])
            .asks::<UserQuery>()
            .gives::<Page<UserView>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::post("/v1/users", "createUser", create)
            .does("Make a user.", &[UseCase::UserCreate])
            .takes::<UserBody>()
            .gives::<UserView>(201)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::get("/v1/users/{user}", "getUser", show)
            .does("Show a user.", &[UseCase::UserRead])
            .gives::<UserView>(200)
            .fails(&[Code::NotFound]),
        Endpoint::patch("/v1/users/{user}", "updateUser", update)
            .does(
                "Change the name of a user, or with what they sign in. Everything or nothing is changed.",
                &[UseCase::UserDescribe, UseCase::UserRename],
            )
            .takes::<UserChange>()
            .gives::<UserView>(200)
            .guards()
            .fails(&[Code::NotFound]),
        Endpoint::delete("/v1/users/{user}", "removeUser", remove)
            .does("Remove a user. What is theirs ends with them.", &[UseCase::UserRemove])
            .asks::<Why>()
            .gives_nothing()
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::get("/v1/admins", "listAdmins", admins)
            .does("Show whom to ask for a key.", &[UseCase::AdminRead])
            .gives::<Page<Admin>>(200)
            .fails(&[Code::Invalid]),
    ]
}

/// What is listed of which account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfAccount {
    /// Of the account with this number; of one's own, if left out.
    pub(crate) account: Option<AccountNumber>,
}

/// Which users to list, and in which order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserQuery {
    /// Of the account with this number; of one's own, if left out.
    account: Option<AccountNumber>,
    /// In this order; those who were made first, if left out.
    #[serde(default)]
    sort: UserSort,
    /// After this place: the `next` of the page before, in the same order.
    after: Option<String>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// A user to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserBody {
    /// What they sign in with.
    username: UserName,
    /// Where they are written to.
    email: Option<EmailAddress>,
    /// Their name; the user name, if left out.
    name: Option<String>,
    /// Whether they stand above accounts, or are a machine.
    #[serde(default)]
    standing: Standing,
    /// The account that they belong to.
    account: Option<AccountNumber>,
    /// Their roles there.
    #[serde(default)]
    roles: Vec<Slug>,
    /// What they sign in with; without one, they cannot.
    password: Option<Shown>,
}

/// What changes of a user; the rest stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UserChange {
    /// What they sign in with from now on.
    username: Option<UserName>,
    /// Where they are written to from now on; empty for nowhere.
    email: Option<String>,
    /// Their name from now on.
    name: Option<String>,
}

/// Reads an address, or that there is to be none.
pub(crate) fn email_edit(text: Option<&str>) -> Answer<Option<EmailEdit>> {
    let wrong = |error: NameError| Problem::saying(Code::Invalid, format!("`email`: {error}."));
    text.map(str::parse).transpose().map_err(wrong)
}

impl From<UserBody> for NewUser {
    fn from(body: UserBody) -> Self {
        let UserBody { username, email, name, standing, account, roles, password } = body;
        Self { username, email, name, standing, account, roles, password }
    }
}

/// The user of an outcome.
pub(crate) fn user(outcome: PeopleOutcome) -> Option<Json<UserView>> {
    match outcome {
        PeopleOutcome::User(user) => Some(Json(*user)),
        _ => None,
    }
}

async fn list(caller: Caller, Query(query): Query<UserQuery>) -> Answer<Json<Page<UserView>>> {
    let UserQuery { account, sort, after, limit } = query;
    let limit = limit.unwrap_or(USUAL);
    let command = PeopleCommand::List { account, sort, part: Part { after, limit: Some(limit) } };
    people(&caller, command, |outcome| match outcome {
        PeopleOutcome::Users(users) => Some(Json(Page::of(users, limit, |user| sort.place(user)))),
        _ => None,
    })
    .await
}

async fn create(caller: Caller, Input(body): Input<UserBody>) -> Answer<Created<UserView>> {
    let Json(user) = people(&caller, PeopleCommand::Create(body.into()), user).await?;
    Ok(Created(user))
}

async fn show(caller: Caller, Named(which): Named<WhichUser>) -> Answer<Tagged<UserView>> {
    tagged(people(&caller, PeopleCommand::Show { user: which }, user).await)
}

/// The user with the moment of their last change.
pub(crate) fn tagged(answer: Answer<Json<UserView>>) -> Answer<Tagged<UserView>> {
    answer.map(|Json(user)| Tagged(user.updated_at, user))
}

async fn update(
    caller: Caller,
    Named(which): Named<WhichUser>,
    IfMatch(unchanged_since): IfMatch,
    Input(body): Input<UserChange>,
) -> Answer<Tagged<UserView>> {
    let UserChange { username, email, name } = body;
    let email = email_edit(email.as_deref()).map_err(|problem| problem.of(caller.received.id))?;
    let edit = UserEdit { username, email, name };
    tagged(people(&caller, PeopleCommand::Edit { user: which, edit, unchanged_since }, user).await)
}

async fn remove(
    caller: Caller,
    Named(which): Named<WhichUser>,
    Query(why): Query<Why>,
) -> Answer<StatusCode> {
    let command = PeopleCommand::Remove { user: which, reason: why.reason };
    people(&caller, command, |_| Some(StatusCode::NO_CONTENT)).await
}

async fn admins(caller: Caller) -> Answer<Json<Page<Admin>>> {
    people(&caller, PeopleCommand::Admins, |outcome| match outcome {
        PeopleOutcome::Admins(admins) => Some(Json(Page::whole(admins))),
        _ => None,
    })
    .await
}
