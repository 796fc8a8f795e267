//! Services that may ask whether credentials are good.

use axum::Json;
use claviger_app::{Command, NewService, Outcome, Part, ServiceView, UseCase};
use claviger_model::Slug;
use claviger_web::{Caller, Code, Input, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::key_life::Why;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, USUAL, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/services", "listServices", list)
            .does("List the services that may ask, by name.", &[UseCase::ServiceRead])
            .asks::<ServiceQuery>()
            .gives::<Page<ServiceView>>(200),
        Endpoint::post("/v1/services", "createService", create)
            .does("Let a service ask. Its token is shown in this answer.", &[UseCase::ServiceCreate])
            .takes::<ServiceBody>()
            .gives::<ServiceView>(201)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::post("/v1/services/{service}/revoke", "revokeService", revoke)
            .does("End a service's right to ask.", &[UseCase::ServiceRevoke])
            .takes::<Why>()
            .gives::<ServiceView>(200)
            .fails(&[Code::NotFound]),
    ]
}

/// Which part of the services to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ServiceQuery {
    /// After this place: the `next` of the page before.
    after: Option<Slug>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// A service that is to ask.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ServiceBody {
    /// What to call it.
    name: Slug,
    /// The APIs that it may ask about. At least one.
    apis: Vec<Slug>,
}

fn service(outcome: Outcome) -> Option<ServiceView> {
    match outcome {
        Outcome::Service(service) => Some(service),
        _ => None,
    }
}

async fn list(caller: Caller, Query(query): Query<ServiceQuery>) -> Answer<Json<Page<ServiceView>>> {
    let limit = query.limit.unwrap_or(USUAL);
    let command = Command::ServiceList(Part { after: query.after, limit: Some(limit) });
    run(&caller, command, |outcome| match outcome {
        Outcome::Services(services) => Some(Json(Page::of(services, limit, |one| one.name.to_string()))),
        _ => None,
    })
    .await
}

async fn create(caller: Caller, Input(body): Input<ServiceBody>) -> Answer<Created<ServiceView>> {
    let new = NewService { name: body.name, apis: body.apis };
    run(&caller, Command::ServiceCreate(new), service).await.map(Created)
}

async fn revoke(
    caller: Caller,
    Named(name): Named<Slug>,
    Input(why): Input<Why>,
) -> Answer<Json<ServiceView>> {
    run(&caller, Command::ServiceRevoke { name, reason: why.reason }, service).await.map(Json)
}
