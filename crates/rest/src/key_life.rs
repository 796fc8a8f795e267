//! What happens to keys in their lives.

use axum::Json;
use claviger_app::{ApplyMode, BulkLine, Chosen, Command, KeyFilter, KeyView, Outcome, UseCase, WhichUser};
use claviger_model::{
    AccountNumber, CredentialId, EmailAddress, LifeEvent, ShownState, Slug, Span, TagFilter,
};
use claviger_web::{Caller, Code, Input, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::keys::key;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    let mut endpoints = lives();
    endpoints.extend([
        Endpoint::post("/v1/keys/{id}/rotate", "rotateKey", rotate)
            .does(
                "Make a key's successor. It is shown in this answer; both work for a while.",
                &[UseCase::KeyRotate],
            )
            .takes::<Rotate>()
            .gives::<KeyView>(201)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::post("/v1/keys/{id}/cancel-rotation", "cancelKeyRotation", cancel)
            .does("Take a rotation back: the successor ends.", &[UseCase::KeyCancel])
            .takes::<Why>()
            .gives::<KeyView>(200)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::post("/v1/keys/{id}/debug", "debugKey", debug)
            .does("Have the refused signatures of a key pair explained for a while.", &[UseCase::KeyDebug])
            .takes::<Debug>()
            .gives::<KeyView>(200)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::post("/v1/keys/bulk", "changeKeys", bulk)
            .does(
                "Let the same happen to many keys, or to none of them.",
                &[UseCase::KeyDisable, UseCase::KeyEnable, UseCase::KeyRevoke],
            )
            .takes::<Bulk>()
            .gives::<Page<BulkLine>>(200)
            .fails(&[Code::NotFound, Code::Conflict]),
    ]);
    endpoints
}

fn lives() -> Vec<Endpoint> {
    let life = |endpoint: Endpoint| {
        endpoint.takes::<Why>().gives::<KeyView>(200).fails(&[Code::NotFound, Code::Conflict])
    };
    vec![
        life(
            Endpoint::post("/v1/keys/{id}/activate", "activateKey", activate)
                .does("Let a pending key work.", &[UseCase::KeyActivate]),
        ),
        life(
            Endpoint::post("/v1/keys/{id}/disable", "disableKey", disable)
                .does("Switch a key off.", &[UseCase::KeyDisable]),
        ),
        life(
            Endpoint::post("/v1/keys/{id}/enable", "enableKey", enable)
                .does("Switch a key on again.", &[UseCase::KeyEnable]),
        ),
        life(
            Endpoint::post("/v1/keys/{id}/revoke", "revokeKey", revoke)
                .does("End a key for good.", &[UseCase::KeyRevoke]),
        ),
    ]
}

/// Why something is done.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    /// For the audit.
    pub(crate) reason: Option<String>,
}

/// How a key gives way to its successor.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Rotate {
    /// How long both work: from nothing to 90 days.
    overlap: Span,
}

/// For how long refused signatures are explained.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Debug {
    /// From now on, at most an hour; no longer, if left out.
    #[serde(rename = "for")]
    span: Option<Span>,
}

/// Many keys, and what happens to them.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Bulk {
    /// Which.
    keys: Which,
    /// What.
    event: LifeEvent,
    /// For the audit.
    reason: Option<String>,
    /// Whether anything is changed.
    mode: ApplyMode,
}

/// Many keys.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Which {
    /// These.
    Ids(Vec<CredentialId>),
    /// All that fit.
    Where(Where),
}

/// Keys that fit everything given.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Where {
    /// Of the account with this number.
    pub(crate) account: Option<AccountNumber>,
    /// For this API.
    pub(crate) api: Option<Slug>,
    /// Shown in this state.
    pub(crate) state: Option<ShownState>,
    /// With this, in whatever case, in id, hint, label, memo, owners or tags.
    pub(crate) search: Option<String>,
    /// With this tag: `name`, or `name=value`.
    pub(crate) tag: Option<String>,
    /// With this owner.
    pub(crate) owner: Option<EmailAddress>,
    /// Of this user.
    pub(crate) user: Option<String>,
}

impl Where {
    /// The same for use cases.
    pub(crate) fn filter(self) -> Result<KeyFilter, Problem> {
        let tag = self.tag.as_deref().map(str::parse::<TagFilter>).transpose();
        Ok(KeyFilter {
            account: self.account,
            api: self.api,
            state: self.state,
            search: self.search,
            tag: tag.map_err(|error| Problem::saying(Code::Invalid, format!("`tag`: {error}.")))?,
            owner: self.owner,
            user: self.user.map(WhichUser::from),
            ..KeyFilter::default()
        })
    }
}

async fn happen(caller: &Caller, id: CredentialId, event: LifeEvent, why: Why) -> Answer<Json<KeyView>> {
    run(caller, Command::KeyLife { id, event, reason: why.reason }, key).await
}

async fn activate(
    caller: Caller,
    Named(id): Named<CredentialId>,
    Input(why): Input<Why>,
) -> Answer<Json<KeyView>> {
    happen(&caller, id, LifeEvent::Activate, why).await
}

async fn disable(
    caller: Caller,
    Named(id): Named<CredentialId>,
    Input(why): Input<Why>,
) -> Answer<Json<KeyView>> {
    happen(&caller, id, LifeEvent::Disable, why).await
}

async fn enable(
    caller: Caller,
    Named(id): Named<CredentialId>,
    Input(why): Input<Why>,
) -> Answer<Json<KeyView>> {
    happen(&caller, id, LifeEvent::Enable, why).await
}

async fn revoke(
    caller: Caller,
    Named(id): Named<CredentialId>,
    Input(why): Input<Why>,
) -> Answer<Json<KeyView>> {
    happen(&caller, id, LifeEvent::Revoke, why).await
}

async fn rotate(
    caller: Caller,
    Named(id): Named<CredentialId>,
    Input(with): Input<Rotate>,
) -> Answer<Created<KeyView>> {
    let Json(key) = run(&caller, Command::KeyRotate { id, overlap: with.overlap }, key).await?;
    Ok(Created(key))
}

async fn cancel(
    caller: Caller,
    Named(id): Named<CredentialId>,
    Input(why): Input<Why>,
) -> Answer<Json<KeyView>> {
    run(&caller, Command::KeyRotateCancel { id, reason: why.reason }, key).await
}

async fn debug(
    caller: Caller,
    Named(id): Named<CredentialId>,
    Input(with): Input<Debug>,
) -> Answer<Json<KeyView>> {
    run(&caller, Command::KeyDebug { id, until: with.span }, key).await
}

async fn bulk(caller: Caller, Input(bulk): Input<Bulk>) -> Answer<Json<Page<BulkLine>>> {
    let chosen = match bulk.keys {
        Which::Ids(ids) => Chosen::Ids(ids),
        Which::Where(which) => {
            Chosen::Where(which.filter().map_err(|problem| problem.of(caller.received.id))?)
        }
    };
    let command = Command::KeyBulk { chosen, event: bulk.event, reason: bulk.reason, mode: bulk.mode };
    run(&caller, command, |outcome| match outcome {
        Outcome::Bulk(lines) => Some(Json(Page::whole(lines))),
        _ => None,
    })
    .await
}
