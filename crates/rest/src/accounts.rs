//! Accounts.

use axum::Json;
use claviger_app::{Command, NewAccount, Outcome, UseCase};
use claviger_model::{Account, AccountNumber, SecondFactorRule, Slug};
use claviger_web::{Caller, Code, Input};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::named::Named;
use crate::shown::{Answer, Created, Page, run};

pub(crate) fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::get("/v1/accounts", "listAccounts", list)
            .does("List accounts; one's own, for whoever is in one.", &[UseCase::AccountRead])
            .gives::<Page<Account>>(200),
        Endpoint::post("/v1/accounts", "createAccount", create)
            .does("Make an account.", &[UseCase::AccountCreate])
            .takes::<AccountBody>()
            .gives::<Account>(201)
            .fails(&[Code::Conflict]),
        Endpoint::patch("/v1/accounts/{number}", "updateAccount", update)
            .does("Say whether an account asks its people for a second factor.", &[UseCase::AccountEdit])
            .takes::<AccountChange>()
            .gives::<Account>(200)
            .fails(&[Code::NotFound]),
    ]
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

async fn list(caller: Caller) -> Answer<Json<Page<Account>>> {
    run(&caller, Command::AccountList, |outcome| match outcome {
        Outcome::Accounts(accounts) => Some(Json(Page::whole(accounts))),
        _ => None,
    })
    .await
}

async fn update(
    caller: Caller,
    Named(account): Named<AccountNumber>,
    Input(body): Input<AccountChange>,
) -> Answer<Json<Account>> {
    let AccountChange { second_factor } = body;
    run(&caller, Command::AccountEdit { account, second_factor }, |outcome| match outcome {
        Outcome::Account(account) => Some(Json(account)),
        _ => None,
    })
    .await
}

async fn create(caller: Caller, Input(body): Input<AccountBody>) -> Answer<Created<Account>> {
    let AccountBody { number, realm, name } = body;
    let new = NewAccount { number, realm, name };
    run(&caller, Command::AccountCreate(new), |outcome| match outcome {
        Outcome::Account(account) => Some(Created(account)),
        _ => None,
    })
    .await
}
