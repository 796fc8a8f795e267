//! Roles of accounts.

use axum::Json;
use claviger_app::{NewRole, PeopleCommand, PeopleOutcome, RoleView, UseCase};
use claviger_model::{AccountNumber, Right, RoleAccess, Slug};
use claviger_web::{Caller, Code, Input, Query};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::named::Named;
use crate::shown::{Answer, Page, people};
use crate::users::OfAccount;

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/roles", "listRoles", list)
            .does("List the roles of an account, the built-in ones first.", &[UseCase::RoleRead])
            .asks::<OfAccount>()
            .gives::<Page<RoleView>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::put("/v1/roles/{role}", "putRole", put)
            .does("Make a role, or change it.", &[UseCase::RolePut])
            .takes::<RoleBody>()
            .gives::<RoleView>(200)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::delete("/v1/roles/{role}", "removeRole", remove)
            .does("Remove a role: nobody has it any more.", &[UseCase::RoleRemove])
            .asks::<OfAccount>()
            .gives_nothing()
            .fails(&[Code::NotFound, Code::Conflict]),
    ]
}

/// A role.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RoleBody {
    /// Whose, by number; one's own account's, if left out.
    account: Option<AccountNumber>,
    /// How it is named to people; the slug, if left out.
    name: Option<String>,
    /// What it lets people do in the account.
    #[serde(default)]
    rights: Vec<Right>,
    /// What it lets people and their keys call.
    access: RoleAccess,
}

async fn list(caller: Caller, Query(query): Query<OfAccount>) -> Answer<Json<Page<RoleView>>> {
    people(&caller, PeopleCommand::RoleList { account: query.account }, |outcome| match outcome {
        PeopleOutcome::Roles(roles) => Some(Json(Page::whole(roles))),
        _ => None,
    })
    .await
}

async fn put(
    caller: Caller,
    Named(slug): Named<Slug>,
    Input(body): Input<RoleBody>,
) -> Answer<Json<RoleView>> {
    let RoleBody { account, name, rights, access } = body;
    let command = PeopleCommand::RolePut(NewRole { account, slug, name, rights, access });
    people(&caller, command, |outcome| match outcome {
        PeopleOutcome::Roles(roles) => roles.into_iter().next().map(Json),
        _ => None,
    })
    .await
}

async fn remove(
    caller: Caller,
    Named(slug): Named<Slug>,
    Query(query): Query<OfAccount>,
) -> Answer<StatusCode> {
    let command = PeopleCommand::RoleRemove { account: query.account, slug };
    people(&caller, command, |_| Some(StatusCode::NO_CONTENT)).await
}
