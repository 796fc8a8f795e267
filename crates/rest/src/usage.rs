//! Which keys are used, and how lately. How many requests came is what metrics count.

use axum::Json;
use claviger_app::{Command, KeyFilter, KeyPlace, KeySort, KeyView, Outcome, UseCase};
use claviger_model::{AccountNumber, CredentialId, Slug, Time, VersionUse};
use claviger_web::{Caller, Code, Problem, Query};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::endpoint::Endpoint;
use crate::shown::{Answer, Page, run};

/// Keys of one answer, if nothing else is said.
const USUAL: u32 = 100;

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/usage", "listUsage", list)
            .does("List keys with their last uses, the newest key first.", &[UseCase::KeyRead])
            .asks::<UsageQuery>()
            .gives::<Page<UsageView>>(200)
            .fails(&[Code::NotFound]),
    ]
}

/// The uses of which keys to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UsageQuery {
    /// Of the account with this number.
    account: Option<AccountNumber>,
    /// For this API.
    api: Option<Slug>,
    /// After this place: the `next` of the page before.
    after: Option<String>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// How a key is used.
#[derive(Serialize, JsonSchema)]
struct UsageView {
    /// The id of the key.
    key: CredentialId,
    /// Its label.
    label: Option<String>,
    /// The number of its account.
    account: String,
    /// Whose it is within the account.
    user: Option<String>,
    /// Its API.
    api: String,
    /// The environment of it.
    environment: String,
    /// Its state; `expired` and the like by the clock.
    state: String,
    /// When it was last used, to the minute; never, if absent.
    last_used_at: Option<Time>,
    /// The versions that it called last, the latest first.
    versions: Vec<VersionUse>,
    /// Whether it called two versions within the window of the API's policy.
    version_mixed: bool,
    /// How many requests were accepted with it since its successor was made.
    late_uses: u64,
}

impl From<KeyView> for UsageView {
    fn from(key: KeyView) -> Self {
        Self {
            key: key.id,
            label: key.label,
            account: key.account,
            user: key.user,
            api: key.api,
            environment: key.environment,
            state: key.state,
            last_used_at: key.last_used_at,
            versions: key.versions,
            version_mixed: key.version_mixed,
            late_uses: key.late_uses,
        }
    }
}

async fn list(caller: Caller, Query(query): Query<UsageQuery>) -> Answer<Json<Page<UsageView>>> {
    let limit = query.limit.unwrap_or(USUAL);
    let after =
        query.after.map(|text| text.parse()).transpose().map_err(|error: claviger_app::KeyPlaceError| {
            Problem::saying(Code::Invalid, format!("`after`: {error}.")).of(caller.received.id)
        })?;
    let (sort, limit_of) = (KeySort::default(), Some(limit));
    let filter = KeyFilter {
        account: query.account,
        api: query.api,
        sort,
        after,
        limit: limit_of,
        ..KeyFilter::default()
    };
    run(&caller, Command::KeyList(filter), |outcome| match outcome {
        Outcome::Keys(keys) => {
            let Page { items, next } = Page::of(keys, limit, |key| KeyPlace::of(key, sort).to_string());
            Some(Json(Page { items: items.into_iter().map(UsageView::from).collect(), next }))
        }
        _ => None,
    })
    .await
}
