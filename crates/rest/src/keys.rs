//! Keys: making, finding, showing and changing them.

use axum::Json;
use claviger_app::{
    Access, Command, KeyEdit, KeyFilter, KeyPlace, KeyPlaceError, KeySort, KeyView, NewKey, Outcome, Reveal,
    UseCase, WhichUser,
};
use claviger_model::{
    AccountNumber, CredentialId, EmailAddress, Notes, Owners, ShownState, SignatureAlgorithm, Slug, Span,
    Tag, TagEdit, TagName, Tags, Time,
};
use claviger_web::{Caller, Code, Input, Problem, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::etag::{IfMatch, Tagged};
use crate::key_life::Where;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, USUAL, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/keys", "listKeys", list)
            .does("List keys, the newest first.", &[UseCase::KeyRead])
            .asks::<KeyQuery>()
            .gives::<Page<KeyView>>(200)
            .fails(&[Code::NotFound]),
        Endpoint::post("/v1/keys", "createKey", create)
            .does("Make a key. It is shown in this answer.", &[UseCase::KeyCreate])
            .takes::<KeyBody>()
            .gives::<KeyView>(201)
            .fails(&[Code::NotFound, Code::Conflict]),
        Endpoint::get("/v1/keys/{id}", "getKey", show)
            .does("Show a key without its secret.", &[UseCase::KeyRead])
            .gives::<KeyView>(200)
            .fails(&[Code::NotFound]),
        Endpoint::patch("/v1/keys/{id}", "updateKey", update)
            .does(
                "Change what is noted about a key, or from where it may be used. Everything or nothing is changed.",
                &[UseCase::KeyEdit, UseCase::KeyDescribe, UseCase::KeyOwners, UseCase::KeyAllow, UseCase::KeyTag],
            )
            .takes::<KeyChange>()
            .gives::<KeyView>(200)
            .guards()
            .fails(&[Code::NotFound]),
        Endpoint::post("/v1/keys/{id}/reveal", "revealKey", reveal)
            .does("Show a key again, where its API makes keys recoverable.", &[UseCase::KeyReveal])
            .gives::<KeyView>(200)
            .fails(&[Code::NotFound, Code::Invalid]),
    ]
}

/// Which keys to list: those that fit everything given.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyQuery {
    /// Of the account with this number.
    account: Option<AccountNumber>,
    /// For this API.
    api: Option<Slug>,
    /// Shown in this state.
    state: Option<ShownState>,
    /// With this, in whatever case, in id, hint, label, memo, owners or tags.
    search: Option<String>,
    /// With this tag: `name`, or `name=value`.
    tag: Option<String>,
    /// With this owner.
    owner: Option<EmailAddress>,
    /// Of this user, by id, user name or e-mail address.
    user: Option<String>,
    /// In this order; the newest first, if left out. By label and by end, it is of one account.
    #[serde(default)]
    sort: KeySort,
    /// After this place: the `next` of the page before, in the same order.
    after: Option<String>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// A key to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    /// Whose, by number; one's own account's, if left out.
    account: Option<AccountNumber>,
    /// For which API.
    api: Slug,
    /// For which of its environments; may be left out where there is one only.
    environment: Option<Slug>,
    /// Of which kind; the API's first if left out.
    key_type: Option<Slug>,
    /// What to call it.
    label: Option<String>,
    /// What it may do; whatever the API offers if left out.
    #[serde(default)]
    access: Access,
    /// How a key pair signs; the first of the API's algorithms if left out.
    algorithm: Option<SignatureAlgorithm>,
    /// From where it may be used: addresses and ranges.
    #[serde(default)]
    addresses: Vec<String>,
    /// Before this moment it is refused.
    not_before: Option<Time>,
    /// How long it lives; as long as the API's policy allows if left out.
    lifetime: Option<Span>,
    /// Whose it is within the account; one's own, if left out.
    user: Option<String>,
    /// Some text.
    memo: Option<String>,
    /// Who answers for it.
    #[serde(default)]
    owners: Vec<EmailAddress>,
    /// By what it is found.
    #[serde(default)]
    tags: Tags,
}

/// What changes of a key; the rest stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyChange {
    /// The new label; empty for none.
    label: Option<String>,
    /// The new memo; empty for none.
    memo: Option<String>,
    /// Every owner from now on.
    owners: Option<Vec<EmailAddress>>,
    /// Every address and range from now on.
    addresses: Option<Vec<String>>,
    /// Tags that it has from now on, in place of those with the same names.
    #[serde(default)]
    set_tags: Tags,
    /// Tags that it has no more.
    #[serde(default)]
    remove_tags: Vec<TagName>,
}

impl From<KeyBody> for NewKey {
    fn from(body: KeyBody) -> Self {
        Self {
            account: body.account,
            api: body.api,
            environment: body.environment,
            key_type: body.key_type,
            label: body.label,
            access: body.access,
            algorithm: body.algorithm,
            addresses: body.addresses,
            not_before: body.not_before,
            lifetime: body.lifetime,
            notes: Notes { memo: body.memo, owners: Owners::from(body.owners), tags: body.tags },
            user: body.user.map(WhichUser::from),
        }
    }
}

impl From<KeyChange> for KeyEdit {
    fn from(change: KeyChange) -> Self {
        let set = change
            .set_tags
            .iter()
            .map(|(name, value)| TagEdit::Set(Tag { name: name.clone(), value: value.clone() }));
        let removed = change.remove_tags.into_iter().map(TagEdit::Remove);
        Self {
            label: change.label,
            memo: change.memo,
            owners: change.owners.map(Owners::from),
            addresses: change.addresses,
            tags: set.chain(removed).collect(),
        }
    }
}

/// The key of an outcome.
pub(crate) fn key(outcome: Outcome) -> Option<Json<KeyView>> {
    match outcome {
        Outcome::Key(key) => Some(Json(*key)),
        _ => None,
    }
}

async fn list(caller: Caller, Query(query): Query<KeyQuery>) -> Answer<Json<Page<KeyView>>> {
    let limit = query.limit.unwrap_or(USUAL);
    let KeyQuery { account, api, state, search, tag, owner, user, sort, after, limit: _ } = query;
    let wanted = Where { account, api, state, search, tag, owner, user };
    let filter = wanted.filter().map_err(|problem| problem.of(caller.received.id))?;
    let misplaced = |error: KeyPlaceError| Problem::saying(Code::Invalid, format!("`after`: {error}."));
    let after = after.map(|text| text.parse()).transpose();
    let after = after.map_err(|error| misplaced(error).of(caller.received.id))?;
    let filter = KeyFilter { sort, after, limit: Some(limit), ..filter };
    run(&caller, Command::KeyList(filter), |outcome| match outcome {
        Outcome::Keys(keys) => Some(Json(Page::of(keys, limit, |key| KeyPlace::of(key, sort).to_string()))),
        _ => None,
    })
    .await
}

async fn create(caller: Caller, Input(body): Input<KeyBody>) -> Answer<Created<KeyView>> {
    let Json(key) = run(&caller, Command::KeyCreate(body.into()), key).await?;
    Ok(Created(key))
}

async fn show(caller: Caller, Named(id): Named<CredentialId>) -> Answer<Tagged<KeyView>> {
    let Json(key) = run(&caller, Command::KeyShow { id, reveal: Reveal::Nothing }, key).await?;
    Ok(Tagged(key.updated_at, key))
}

async fn update(
    caller: Caller,
    Named(id): Named<CredentialId>,
    IfMatch(unchanged_since): IfMatch,
    Input(change): Input<KeyChange>,
) -> Answer<Tagged<KeyView>> {
    let command = Command::KeyEdit { id, edit: change.into(), unchanged_since };
    let Json(key) = run(&caller, command, key).await?;
    Ok(Tagged(key.updated_at, key))
}

async fn reveal(caller: Caller, Named(id): Named<CredentialId>) -> Answer<Json<KeyView>> {
    run(&caller, Command::KeyShow { id, reveal: Reveal::Secret }, key).await
}
