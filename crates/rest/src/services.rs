//! Services that may ask whether credentials are good.

use axum::Json;
use claviger_app::{Command, NewService, Outcome, ServiceView, UseCase};
use claviger_model::Slug;
use claviger_web::{Caller, Code, Input};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::key_life::Why;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/services", "listServices", list)
            .does("List the services that may ask.", &[UseCase::ServiceRead])
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

async fn list(caller: Caller) -> Answer<Json<Page<ServiceView>>> {
    run(&caller, Command::ServiceList, |outcome| match outcome {
        Outcome::Services(services) => Some(Json(Page::whole(services))),
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
