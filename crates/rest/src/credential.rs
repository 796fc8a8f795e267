//! The credential with which one comes: what it can do, told to whoever holds it.

use axum::Json;
use claviger_app::{BearerView, UseCase};
use claviger_web::Holder;

use crate::endpoint::Endpoint;
use crate::shown::Answer;

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/credential", "describeCredential", show)
            .does("Show what the key or token with which one comes can do.", &[UseCase::CredentialShow])
            .gives::<BearerView>(200),
    ]
}

async fn show(Holder(bearer): Holder) -> Answer<Json<BearerView>> {
    Ok(Json(bearer))
}
