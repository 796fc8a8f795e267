//! Users of accounts.

use axum::Json;
use claviger_app::{Admin, NewUser, PeopleCommand, PeopleOutcome, Shown, UseCase, UserView, WhichUser};
use claviger_model::{AccountNumber, EmailAddress, Slug, Standing, UserName, UserState};
use claviger_web::{Caller, Code, Input, Query};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::key_life::Why;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, people};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = changes();
    endpoints.extend([
        Endpoint::get("/v1/users", "listUsers", list)
            .does("List users.", &[UseCase::UserRead])
            .asks::<OfAccount>()
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
        Endpoint::delete("/v1/users/{user}", "removeUser", remove)
            .does("Remove a user. What is theirs ends with them.", &[UseCase::UserRemove])
            .gives_nothing()
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::get("/v1/admins", "listAdmins", admins)
            .does("Show whom to ask for a key.", &[UseCase::AdminRead])
            .gives::<Page<Admin>>(200)
            .fails(&[Code::Invalid]),
    ]);
    endpoints
}

fn changes() -> Vec<Endpoint> {
    let change =
        |endpoint: Endpoint| endpoint.gives::<UserView>(200).fails(&[Code::NotFound, Code::Conflict]);
    vec![
        change(
            Endpoint::post("/v1/users/{user}/disable", "disableUser", disable)
                .does("Let a user do nothing, at once.", &[UseCase::UserDisable])
                .takes::<Why>(),
        ),
        change(
            Endpoint::post("/v1/users/{user}/enable", "enableUser", enable)
                .does("Let a user do again what they could.", &[UseCase::UserEnable])
                .takes::<Why>(),
        ),
        change(
            Endpoint::put("/v1/users/{user}/roles", "setUserRoles", roles)
                .does("Say which roles a user has in an account.", &[UseCase::UserRoles])
                .takes::<Roles>(),
        ),
        change(
            Endpoint::post("/v1/users/{user}/set-password", "setUserPassword", set_password)
                .does("Give a user another password. They are signed out.", &[UseCase::UserRescue])
                .takes::<NewPassword>(),
        ),
        change(
            Endpoint::post("/v1/users/{user}/reset-factors", "resetUserFactors", reset_factors)
                .does("Take the second factor away of a user who lost it.", &[UseCase::UserRescue])
                .takes::<Why>(),
        ),
    ]
}

/// What is listed of which account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct OfAccount {
    /// Of the account with this number; of one's own, if left out.
    pub(crate) account: Option<AccountNumber>,
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

/// The roles of a user.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Roles {
    /// In this account.
    account: AccountNumber,
    /// All of them from now on; without, they belong to the account no more.
    roles: Option<Vec<Slug>>,
}

/// Another password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    /// The password.
    password: Shown,
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

async fn list(caller: Caller, Query(query): Query<OfAccount>) -> Answer<Json<Page<UserView>>> {
    people(&caller, PeopleCommand::List { account: query.account }, |outcome| match outcome {
        PeopleOutcome::Users(users) => Some(Json(Page::whole(users))),
        _ => None,
    })
    .await
}

async fn create(caller: Caller, Input(body): Input<UserBody>) -> Answer<Created<UserView>> {
    let Json(user) = people(&caller, PeopleCommand::Create(body.into()), user).await?;
    Ok(Created(user))
}

async fn show(caller: Caller, Named(which): Named<WhichUser>) -> Answer<Json<UserView>> {
    people(&caller, PeopleCommand::Show { user: which }, user).await
}

async fn remove(caller: Caller, Named(which): Named<WhichUser>) -> Answer<StatusCode> {
    let command = PeopleCommand::Remove { user: which, reason: None };
    people(&caller, command, |_| Some(StatusCode::NO_CONTENT)).await
}

async fn admins(caller: Caller) -> Answer<Json<Page<Admin>>> {
    people(&caller, PeopleCommand::Admins, |outcome| match outcome {
        PeopleOutcome::Admins(admins) => Some(Json(Page::whole(admins))),
        _ => None,
    })
    .await
}

async fn set_state(caller: &Caller, which: WhichUser, state: UserState, why: Why) -> Answer<Json<UserView>> {
    people(caller, PeopleCommand::State { user: which, state, reason: why.reason }, user).await
}

async fn disable(
    caller: Caller,
    Named(which): Named<WhichUser>,
    Input(why): Input<Why>,
) -> Answer<Json<UserView>> {
    set_state(&caller, which, UserState::Disabled, why).await
}

async fn enable(
    caller: Caller,
    Named(which): Named<WhichUser>,
    Input(why): Input<Why>,
) -> Answer<Json<UserView>> {
    set_state(&caller, which, UserState::Active, why).await
}

async fn roles(
    caller: Caller,
    Named(which): Named<WhichUser>,
    Input(body): Input<Roles>,
) -> Answer<Json<UserView>> {
    let command = PeopleCommand::Roles { user: which, account: body.account, roles: body.roles };
    people(&caller, command, user).await
}

async fn set_password(
    caller: Caller,
    Named(which): Named<WhichUser>,
    Input(body): Input<NewPassword>,
) -> Answer<Json<UserView>> {
    people(&caller, PeopleCommand::PasswordSet { user: which, password: body.password }, user).await
}

async fn reset_factors(
    caller: Caller,
    Named(which): Named<WhichUser>,
    Input(why): Input<Why>,
) -> Answer<Json<UserView>> {
    people(&caller, PeopleCommand::FactorReset { user: which, reason: why.reason }, user).await
}
