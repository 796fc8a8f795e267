//! What happens to users: what they may, and whether they may anything.

use axum::Json;
use claviger_app::{PeopleCommand, Shown, UseCase, UserView, WhichUser};
use claviger_model::{AccountNumber, Slug, UserState};
use claviger_web::{Caller, Code, Input};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::key_life::Why;
use crate::named::Named;
use crate::shown::{Answer, people};
use crate::users::user;

pub(crate) fn endpoints() -> Vec<Endpoint> {
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
