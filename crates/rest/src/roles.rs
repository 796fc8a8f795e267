//! Roles of accounts.

use axum::Json;
use claviger_app::{NewRole, Part, PeopleCommand, PeopleOutcome, RoleView, UseCase};
use claviger_model::{AccountNumber, Right, RoleAccess, Slug};
use claviger_web::{Caller, Code, Input, Query};
use http::StatusCode;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::etag::{IfSame, Marked};
use crate::named::Named;
use crate::shown::{Answer, Page, USUAL, people};
use crate::users::OfAccount;

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/roles", "listRoles", list)
            .does("List the roles of an account, the built-in ones first.", &[UseCase::RoleRead])
            .asks::<RoleQuery>()
            .gives::<Page<RoleView>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::get("/v1/roles/{role}", "getRole", show)
            .does("Show a role.", &[UseCase::RoleRead])
            .asks::<OfAccount>()
            .gives::<RoleView>(200)
            .fails(&[Code::NotFound]),
        Endpoint::put("/v1/roles/{role}", "putRole", put)
            .does("Make a role, or change it.", &[UseCase::RolePut])
            .takes::<RoleBody>()
            .gives::<RoleView>(200)
            .guards()
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::delete("/v1/roles/{role}", "removeRole", remove)
            .does("Remove a role: nobody has it any more.", &[UseCase::RoleRemove])
            .asks::<OfAccount>()
            .gives_nothing()
            .fails(&[Code::NotFound, Code::Conflict]),
    ]
}

/// Which roles to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RoleQuery {
    /// Of the account with this number; of one's own, if left out.
    account: Option<AccountNumber>,
    /// After this place: the `next` of the page before.
    after: Option<Slug>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
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

async fn list(caller: Caller, Query(query): Query<RoleQuery>) -> Answer<Json<Page<RoleView>>> {
    let RoleQuery { account, after, limit } = query;
    let limit = limit.unwrap_or(USUAL);
    let command = PeopleCommand::RoleList { account, part: Part { after, limit: Some(limit) } };
    people(&caller, command, |outcome| match outcome {
        PeopleOutcome::Roles(roles) => Some(Json(Page::of(roles, limit, |one| one.slug.to_string()))),
        _ => None,
    })
    .await
}

fn role(outcome: PeopleOutcome) -> Option<Marked<RoleView>> {
    match outcome {
        PeopleOutcome::Roles(roles) => roles.into_iter().next().map(Marked),
        _ => None,
    }
}

async fn show(
    caller: Caller,
    Named(slug): Named<Slug>,
    Query(query): Query<OfAccount>,
) -> Answer<Marked<RoleView>> {
    people(&caller, PeopleCommand::RoleShow { account: query.account, slug }, role).await
}

async fn put(
    caller: Caller,
    Named(slug): Named<Slug>,
    IfSame(known): IfSame,
    Input(body): Input<RoleBody>,
) -> Answer<Marked<RoleView>> {
    let RoleBody { account, name, rights, access } = body;
    let new = NewRole { account, slug, name, rights, access };
    let command = match known {
        Some(known) => PeopleCommand::RoleChange { role: new, known },
        None => PeopleCommand::RolePut(new),
    };
    people(&caller, command, role).await
}

async fn remove(
    caller: Caller,
    Named(slug): Named<Slug>,
    Query(query): Query<OfAccount>,
) -> Answer<StatusCode> {
    let command = PeopleCommand::RoleRemove { account: query.account, slug };
    people(&caller, command, |_| Some(StatusCode::NO_CONTENT)).await
}
