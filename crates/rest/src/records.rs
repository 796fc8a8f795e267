//! What happened: refusals and the audit.

use axum::Json;
use claviger_app::{AuditFilter, AuditVerified, AuditView, Command, Outcome, UseCase};
use claviger_model::{AccountNumber, Refusal, RequestId, Time};
use claviger_web::{Caller, Code, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::named::Named;
use crate::shown::{Answer, Page, USUAL, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/refusals/{request_id}", "explainRefusal", explain)
            .does("Show why a request was refused.", &[UseCase::RefusalRead])
            .gives::<Refusal>(200)
            .fails(&[Code::NotFound]),
        Endpoint::get("/v1/audit", "listAudit", list)
            .does("List entries of the audit, the oldest first.", &[UseCase::AuditRead])
            .asks::<AuditQuery>()
            .gives::<Page<AuditView>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::post("/v1/audit/verify", "verifyAudit", verify)
            .does(
                "Prove that the audit is what was written, or say where it is not.",
                &[UseCase::AuditVerify],
            )
            .gives::<AuditVerified>(200),
    ]
}

/// Which entries to list: those that fit everything given.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AuditQuery {
    /// After this place: the `next` of the page before.
    #[serde(default)]
    after: u64,
    /// On what is this account's, and on the account.
    account: Option<AccountNumber>,
    /// On the object with this id or name.
    object: Option<String>,
    /// Of this action.
    action: Option<String>,
    /// From this moment on.
    since: Option<Time>,
    /// At most so many. There can be fewer, where they are long.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

async fn explain(caller: Caller, Named(request): Named<RequestId>) -> Answer<Json<Refusal>> {
    run(&caller, Command::Explain { request }, |outcome| match outcome {
        Outcome::Explained(refusal) => Some(Json(*refusal)),
        _ => None,
    })
    .await
}

async fn list(caller: Caller, Query(query): Query<AuditQuery>) -> Answer<Json<Page<AuditView>>> {
    let AuditQuery { after, account, object, action, since, limit } = query;
    let filter = AuditFilter { after, account, object, action, since, limit: Some(limit.unwrap_or(USUAL)) };
    run(&caller, Command::AuditList(filter), |outcome| match outcome {
        // A page can end early, so that only one without entries is the last.
        Outcome::Audit(entries) => Some(Json(Page::of(entries, 1, |entry| entry.seq.to_string()))),
        _ => None,
    })
    .await
}

async fn verify(caller: Caller) -> Answer<Json<AuditVerified>> {
    run(&caller, Command::AuditVerify { noted: None }, |outcome| match outcome {
        Outcome::AuditVerified(verified) => Some(Json(verified)),
        _ => None,
    })
    .await
}
