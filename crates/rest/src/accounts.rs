//! Accounts.

use axum::Json;
use claviger_app::{Command, NewAccount, Outcome, Part, UseCase};
use claviger_model::{Account, AccountNumber, SecondFactorRule, Slug};
use claviger_web::{Caller, Code, Input, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::etag::{IfSame, Marked};
use crate::named::Named;
use crate::shown::{Answer, Created, Page, USUAL, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/accounts", "listAccounts", list)
            .does("List accounts by number; one's own, for whoever is in one.", &[UseCase::AccountRead])
            .asks::<AccountQuery>()
            .gives::<Page<Account>>(200),
        Endpoint::post("/v1/accounts", "createAccount", create)
            .does("Make an account.", &[UseCase::AccountCreate])
            .takes::<AccountBody>()
            .gives::<Account>(201)
            .fails(&[Code::Conflict]),
        Endpoint::get("/v1/accounts/{number}", "getAccount", show)
            .does("Show an account.", &[UseCase::AccountRead])
            .gives::<Account>(200)
            .fails(&[Code::NotFound]),
        Endpoint::patch("/v1/accounts/{number}", "updateAccount", update)
            .does("Say whether an account asks its people for a second factor.", &[UseCase::AccountEdit])
            .takes::<AccountChange>()
            .gives::<Account>(200)
            .guards()
            .fails(&[Code::NotFound]),
    ]
}

/// Which part of the accounts to list.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccountQuery {
    /// After this place: the `next` of the page before.
    after: Option<AccountNumber>,
    /// At most so many.
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u32>,
}

/// An account to make.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccountBody {
    /// Its number.
    number: AccountNumber,
    /// Its realm.
    realm: Slug,
    /// Its name.
    name: String,
}

/// What changes of an account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    /// Whether it asks its people for a second factor. Whoever has none can do nothing then but set one up.
    second_factor: SecondFactorRule,
}

async fn list(caller: Caller, Query(query): Query<AccountQuery>) -> Answer<Json<Page<Account>>> {
    let limit = query.limit.unwrap_or(USUAL);
    let command = Command::AccountList(Part { after: query.after, limit: Some(limit) });
    run(&caller, command, |outcome| match outcome {
        Outcome::Accounts(accounts) => Some(Json(Page::of(accounts, limit, |one| one.number.to_string()))),
        _ => None,
    })
    .await
}

fn account(outcome: Outcome) -> Option<Account> {
    match outcome {
        Outcome::Account(account) => Some(account),
        _ => None,
    }
}

async fn show(caller: Caller, Named(number): Named<AccountNumber>) -> Answer<Marked<Account>> {
    run(&caller, Command::AccountShow { account: number }, account).await.map(Marked)
}

async fn update(
    caller: Caller,
    Named(number): Named<AccountNumber>,
    IfSame(known): IfSame,
    Input(body): Input<AccountChange>,
) -> Answer<Marked<Account>> {
    let command = Command::AccountEdit { account: number, second_factor: body.second_factor, known };
    run(&caller, command, account).await.map(Marked)
}

async fn create(caller: Caller, Input(body): Input<AccountBody>) -> Answer<Created<Account>> {
    let AccountBody { number, realm, name } = body;
    let new = NewAccount { number, realm, name };
    run(&caller, Command::AccountCreate(new), account).await.map(Created)
}
