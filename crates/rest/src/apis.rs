//! APIs: what is there, what it needs and what keys look like.

use axum::Json;
use axum::response::{IntoResponse, Response};
use claviger_app::{ApiView, Command, EndpointNeeds, EnvironmentView, KeyForm, Outcome, UseCase};
use claviger_model::{Slug, VersionName};
use claviger_web::{Caller, Code, Query};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::endpoint::Endpoint;
use crate::named::Named;
use crate::shown::{Answer, Page, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/apis", "listApis", list)
            .does("List the APIs.", &[UseCase::ApiRead])
            .gives::<Page<ApiView>>(200),
        Endpoint::get("/v1/apis/{api}/environments", "listEnvironments", environments)
            .does("List the environments of an API.", &[UseCase::ApiRead])
            .gives::<Page<EnvironmentView>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::get("/v1/apis/{api}/endpoints", "listEndpoints", endpoints_of)
            .does("Show what each endpoint of an API needs.", &[UseCase::ApiRead])
            .gives::<Page<EndpointNeeds>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::get("/v1/apis/{api}/document", "getApiDocument", document)
            .does("Show the OpenAPI document of an API, with what each operation needs.", &[UseCase::ApiRead])
            .asks::<OfVersion>()
            .gives::<Map<String, Value>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::get("/v1/apis/{api}/key-format", "getKeyFormat", key_format)
            .does("Show what an API's keys look like, for secret scanners.", &[UseCase::ApiRead])
            .gives::<Page<KeyForm>>(200)
            .fails(&[Code::NotFound]),
    ]
}

/// Which document.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct OfVersion {
    /// That of this version; of the latest, if left out.
    version: Option<VersionName>,
}

async fn list(caller: Caller) -> Answer<Json<Page<ApiView>>> {
    run(&caller, Command::ApiList, |outcome| match outcome {
        Outcome::Apis(apis) => Some(Json(Page::whole(apis))),
        _ => None,
    })
    .await
}

async fn environments(caller: Caller, Named(api): Named<Slug>) -> Answer<Json<Page<EnvironmentView>>> {
    run(&caller, Command::EnvironmentList { api }, |outcome| match outcome {
        Outcome::Environments(environments) => Some(Json(Page::whole(environments))),
        _ => None,
    })
    .await
}

async fn endpoints_of(caller: Caller, Named(api): Named<Slug>) -> Answer<Json<Page<EndpointNeeds>>> {
    run(&caller, Command::Permissions { api }, |outcome| match outcome {
        Outcome::Permissions(needs) => Some(Json(Page::whole(needs))),
        _ => None,
    })
    .await
}

/// The document is JSON already.
async fn document(
    caller: Caller,
    Named(api): Named<Slug>,
    Query(query): Query<OfVersion>,
) -> Answer<Response> {
    let command = Command::Document { api, version: query.version };
    run(&caller, command, |outcome| match outcome {
        Outcome::Document(text) => {
            let json = HeaderValue::from_static("application/json");
            Some(([(CONTENT_TYPE, json)], text).into_response())
        }
        _ => None,
    })
    .await
}

async fn key_format(caller: Caller, Named(api): Named<Slug>) -> Answer<Json<Page<KeyForm>>> {
    run(&caller, Command::KeyFormat { api: Some(api) }, |outcome| match outcome {
        Outcome::KeyForms(forms) => Some(Json(Page::whole(forms))),
        _ => None,
    })
    .await
}
